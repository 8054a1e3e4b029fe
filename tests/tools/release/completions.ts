/**
 * Completions for bash, zsh and fish, from the same tables as `--help` and the settings. An option is completed as the first
 * word, with its values behind a `=`; then a program, and behind it what the shell would complete for that program.
 *
 * Pure.
 * @module
 */
import { ASKING, OPTIONS } from "../../../lib/settings/manual.ts";
import { SETTINGS } from "../../../lib/settings/table.ts";

/** Options as they are typed, and what they do. `--hold[=30m]` is `--hold`. */
export function options(): [name: string, says: string][] {
  return [...OPTIONS, ...ASKING].map(([term, says]) => [term.split(/[=[ ]/)[0], says]);
}

/** Values that an option may have, behind a `=`. */
export const VALUES: Readonly<Record<string, readonly string[]>> = {
  "--status": ["json"],
  "--fleet-status": ["json"],
  "--healthcheck": ["live", "ready"],
};

/** Words that a program may follow. */
export const BEFORE_PROGRAM = ["--", "--check-config"];

/** Settings that are one of a few words, and these words. */
export function choices(): [name: string, words: readonly string[]][] {
  return Object.values(SETTINGS).flatMap(({ name, choices }) => choices === undefined ? [] : [[name, choices]]);
}

/** For bash. It takes a `=` for a word of its own. */
export function bashCompletion(): string {
  const names = options().map(([name]) => name);
  const valued = Object.entries(VALUES).map(([name, values]) => `        ${name}) echo "${values.join(" ")}" ;;`);
  return `# bash completion for confd-sidecar
_confd_sidecar_values() {
    case $1 in
${valued.join("\n")}
    esac
}
_confd_sidecar() {
    local cur=\${COMP_WORDS[COMP_CWORD]} first=\${COMP_WORDS[1]} program=1
    COMPREPLY=()
    while ((program < COMP_CWORD)); do
        case \${COMP_WORDS[program]} in
        ${BEFORE_PROGRAM.join(" | ")}) ((program++)) ;;
        *) break ;;
        esac
    done
    if ((COMP_CWORD == 1)) && [[ $cur == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "${names.join(" ")}" -- "$cur")
    elif [[ $first == -* && \${COMP_WORDS[2]} == "=" ]]; then
        ((COMP_CWORD > 3)) && return
        mapfile -t COMPREPLY < <(compgen -W "$(_confd_sidecar_values "$first")" -- "\${cur#=}")
    elif ((COMP_CWORD == program)); then
        mapfile -t COMPREPLY < <(compgen -c -- "$cur")
    elif [[ \${COMP_WORDS[program]} == -* ]]; then
        # Nothing may follow such an option.
        return
    elif declare -F _command_offset >/dev/null; then
        # What bash-completion has for the program.
        _command_offset "$program"
    else
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
    fi
}
complete -F _confd_sidecar confd-sidecar
`;
}

/** For zsh, as a function in its fpath. It completes values of settings as well, wherever one is assigned. */
export function zshCompletion(): string {
  const specs = options().map(([name, says]) => {
    const value = name in VALUES ? `::value:(${VALUES[name].join(" ")})` : name === "--hold" ? "::how long:" : "";
    return `    '${name}${value === "" ? "" : "=-"}[${zshQuoted(says)}]${value}'`;
  });
  const assigned = choices().map(([name, words]) => `  -value-,${name},*) compadd ${words.join(" ")}; return ;;`);
  return `#compdef confd-sidecar ${choices().map(([name]) => `-value-,${name},-default-`).join(" ")}
local -i program=2
case $service in
${assigned.join("\n")}
esac
while ((program < CURRENT)) && [[ $words[program] == (${BEFORE_PROGRAM.join("|")}) ]]; do
  ((program++))
done
if ((CURRENT == 2)) && [[ $PREFIX == -* ]]; then
  _arguments \\
${specs.join(" \\\n")}
elif ((CURRENT == program)); then
  _command_names -e
elif [[ $words[program] != -* ]]; then
  shift $((program - 1)) words
  ((CURRENT -= program - 1))
  _normal
fi
`;
}

function zshQuoted(text: string): string {
  return text.replace(/[[\]\\]/g, "\\$&").replaceAll("'", "'\\''");
}

/** For fish. */
export function fishCompletion(): string {
  const first = "test (count (commandline -opc)) -eq 1";
  const lines = options().map(([name, says]) => {
    const values = name in VALUES ? ` -a '${VALUES[name].join(" ")}'` : "";
    return `complete -c confd-sidecar -n '${first}' -l ${name.slice(2)}${values} -d '${fishQuoted(says)}'`;
  });
  return `# fish completion for confd-sidecar
function __confd_sidecar_program -d 'PROGRAM, and the words between it and the cursor'
    set -l words (commandline -opc)
    set -e words[1]
    while set -q words[1]; and contains -- $words[1] ${BEFORE_PROGRAM.join(" ")}
        set -e words[1]
    end
    string escape -- $words
end
function __confd_sidecar_complete -d 'Complete PROGRAM, or what stands behind it'
    set -l words (__confd_sidecar_program)
    if set -q words[1]
        complete -C "$words "(commandline -ct)
    else if not string match -q -- '-*' (commandline -ct)
        complete -C (commandline -ct)
    end
end
complete -c confd-sidecar -f
complete -c confd-sidecar -n 'not string match -q -- "-*" (__confd_sidecar_program)[1]' -a '(__confd_sidecar_complete)'
${lines.join("\n")}
`;
}

function fishQuoted(text: string): string {
  return text.replace(/[\\']/g, "\\$&");
}
