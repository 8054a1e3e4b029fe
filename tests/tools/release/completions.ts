/**
 * Completions for bash, zsh and fish, from the same table as `--help`. Behind the program zsh and fish complete
 * what they would for it, and bash completes files.
 *
 * Pure.
 * @module
 */
import { ASKING, OPTIONS } from "../../../lib/settings/manual.ts";

/** Options as they are typed, and what they do. `--hold[=30m]` is `--hold`. */
function options(): [name: string, says: string][] {
  return [...OPTIONS, ...ASKING].map(([term, says]) => [term.split(/[=[ ]/)[0], says]);
}

/** Values that an option may have, behind a `=`. */
const VALUES: Record<string, string> = {
  "--status": "json",
  "--fleet-status": "json",
  "--healthcheck": "live ready",
};

/** For bash-completion. bash takes a `=` for a word of its own. */
export function bashCompletion(): string {
  const names = options().map(([name]) => name);
  const valued = Object.entries(VALUES).map(([name, values]) => `        ${name}) echo "${values}" ;;`);
  return `# bash completion for confd-sidecar
_confd_sidecar_values() {
    case $1 in
${valued.join("\n")}
    esac
}
_confd_sidecar() {
    local cur=\${COMP_WORDS[COMP_CWORD]} option=\${COMP_WORDS[1]}
    if ((COMP_CWORD == 1)); then
        if [[ $cur == -* ]]; then
            mapfile -t COMPREPLY < <(compgen -W "${names.join(" ")}" -- "$cur")
        else
            mapfile -t COMPREPLY < <(compgen -c -- "$cur")
        fi
    elif [[ \${COMP_WORDS[2]} == "=" && $option == -* ]] && ((COMP_CWORD <= 3)); then
        mapfile -t COMPREPLY < <(compgen -W "$(_confd_sidecar_values "$option")" -- "\${cur#=}")
    else
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
    fi
}
complete -F _confd_sidecar confd-sidecar
`;
}

/** For zsh, as a function `_confd-sidecar` in its fpath. */
export function zshCompletion(): string {
  const lines = options().map(([name, says]) =>
    `    '${name}:${says.replaceAll("'", "'\\''").replaceAll(":", "\\:")}'`
  );
  return `#compdef confd-sidecar
_confd_sidecar() {
  local -a options
  options=(
${lines.join("\n")}
  )
  if ((CURRENT == 2)); then
    if [[ $PREFIX == -* ]]; then
      _describe -o option options
    else
      _command_names -e
    fi
  else
    shift words
    ((CURRENT--))
    _normal
  fi
}
_confd_sidecar "$@"
`;
}

/** For fish. */
export function fishCompletion(): string {
  const first = "__fish_is_first_token";
  const lines = options().map(([name, says]) => {
    return `complete -c confd-sidecar -n ${first} -l ${name.slice(2)} -d '${says.replaceAll("'", "\\'")}'`;
  });
  return `# fish completion for confd-sidecar\n${
    lines.join("\n")
  }\ncomplete -c confd-sidecar -n 'not ${first}' -a '(__fish_complete_subcommand)'\n`;
}
