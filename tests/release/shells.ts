/**
 * What shells complete: each gets the completions as a package brings them, and is asked what it makes of some lines.
 *
 * They know a program of the test's own as well, `greet`, which takes `--loudly` and `world`.
 *
 * Touches: files in the folder that it is given, processes.
 * @module
 */
import type { Folder } from "../support/sidecar.ts";
import { binaryOf } from "../tools/parts.ts";
import { bashCompletion, fishCompletion, zshCompletion } from "../tools/release/completions.ts";
import { run } from "./made.ts";

/** What a shell offers for the last word of each line. */
export type Completed = Record<string, string[]>;

/** Longer than any of them takes. */
const LIMIT = ["timeout", "60"];

/** bash, told of the words of a line as its readline splits them. */
export function bashCompletes(folder: Folder, lines: readonly string[]): Completed {
  const file = folder.write("confd-sidecar.bash", bashCompletion());
  return Object.fromEntries(lines.map((line) => {
    const words = line.split(/ |(=)/).filter((word, i, all) =>
      word !== undefined && (word !== "" || i === all.length - 1)
    );
    const script = `
      # What bash-completion has for such a case: it completes the program that is the n-th word.
      _command_offset() {
        [[ \${COMP_WORDS[$1]} == greet ]] || return
        local known=world
        [[ \${COMP_WORDS[COMP_CWORD]} != -* ]] || known=--loudly
        COMPREPLY=($(compgen -W "$known" -- "\${COMP_WORDS[COMP_CWORD]}"))
      }
      source '${file}'
      COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}) COMP_CWORD=${words.length - 1}
      _confd_sidecar
      printf '%s\\n' "\${COMPREPLY[@]}"`;
    const before = /\S+=(?=\S*$)/.exec(line)?.[0] ?? "";
    return [line, linesOf(run([...LIMIT, "bash", "-c", script])).map((word) => before + word)];
  }));
}

/** fish, which loads completions from where packages put them. */
export function fishCompletes(folder: Folder, lines: readonly string[]): Completed {
  const vendor = "share/fish/vendor_completions.d";
  folder.write(`${vendor}/confd-sidecar.fish`, fishCompletion());
  folder.write(`${vendor}/greet.fish`, "complete -c greet -f -a world\ncomplete -c greet -l loudly\n");
  // It completes nothing for a program that is not there.
  for (const program of ["confd-sidecar", "greet"]) folder.write(`bin/${program}`, "#!/bin/sh\n", 0o755);
  const path = `${folder.at("bin")}:${Deno.env.get("PATH")}`;
  const env = { HOME: folder.at("home"), XDG_DATA_DIRS: folder.at("share"), PATH: path };
  return Object.fromEntries(lines.map((line) => {
    const said = run([...LIMIT, binaryOf("fish"), "-c", 'complete -C "$argv[1]"', line], { env });
    return [line, linesOf(said).map((word) => word.split("\t")[0])];
  }));
}

/** Tells of all that is added to the completions; `^T` is the key for it. */
const ZSHRC = `
fpath=("$ZDOTDIR" $fpath)
autoload -Uz compinit
compinit -D -u
compadd() {
  local -a found
  # Asked for an array, it adds nothing.
  if ((\${@[(I)-[OAD]]})); then builtin compadd "$@"; return; fi
  builtin compadd -A found "$@"
  print -rl -- $IPREFIX$^found >>$FOUND
  builtin compadd "$@"
}
list() { _main_complete; print -r -- . >>$FOUND; print DONE; }
zle -C list list-choices list
bindkey '^T' list
PS1=
print READY
`;

/** Types each line into a zsh on a terminal, asks for its completions, and takes the line away. */
const ZSH_SCRIPT = `
zmodload zsh/zpty
zpty shell $0 -i
zpty -r shell said '*READY*'
for line; do
  zpty -w -n shell "$line"$'\\C-T'
  zpty -r shell said '*DONE*'
  zpty -w -n shell $'\\C-U'
done
zpty -d shell
`;

/** zsh, by itself on a terminal. */
export function zshCompletes(folder: Folder, lines: readonly string[]): Completed {
  const found = folder.at("found");
  folder.write("zsh/.zshrc", ZSHRC);
  folder.write("zsh/_confd-sidecar", zshCompletion());
  folder.write("zsh/_greet", "#compdef greet\n_arguments '--loudly[as loud as can be]' '1:whom:(world)'\n");
  const env = { ZDOTDIR: folder.at("zsh"), HOME: folder.path, FOUND: found, TERM: "dumb" };
  run([...LIMIT, binaryOf("zsh"), "-c", ZSH_SCRIPT, binaryOf("zsh"), ...lines], { env });
  const groups = Deno.readTextFileSync(found).split(/^\.\n/m);
  return Object.fromEntries(lines.map((line, i) => [line, linesOf(groups[i])]));
}

function linesOf(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}
