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

/**
 * Types each line into a shell on a terminal, presses some keys that make it tell what it completes, and takes the line away.
 * What it tells goes to a file of its own.
 */
const TYPING = `
zmodload zsh/zpty
keys=$1 count=$2
shift 2
zpty shell "\${(@)argv[1,count]}"
shift count
zpty -r shell said '*READY*'
for line; do
  zpty -w -n shell "$line\${(g:e:)keys}"
  zpty -r shell said '*DONE*'
  zpty -w -n shell $'\\C-U'
done
zpty -d shell
`;

/** Runs a shell that way. */
function typeInto(
  shell: readonly string[],
  { keys, lines, env }: { keys: string; lines: readonly string[]; env: Record<string, string> },
): void {
  run([...LIMIT, binaryOf("zsh"), "-c", TYPING, "typing", keys, String(shell.length), ...shell, ...lines], { env });
}

/** `^[*` puts all completions into the line, and `^T` tells of the line. */
const BASHRC = `
# What bash-completion has for such a case: it completes the program that is the n-th word.
_command_offset() {
  [[ \${COMP_WORDS[$1]} == greet ]] || return
  local known=world
  [[ \${COMP_WORDS[COMP_CWORD]} != -* ]] || known=--loudly
  COMPREPLY=($(compgen -W "$known" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
tell() { printf '%s\\n' "$READLINE_LINE" >>"$FOUND"; echo DONE; }
bind -x '"\\C-t": tell'
PS1=
echo READY
`;

/** bash, by itself on a terminal. */
export function bashCompletes(folder: Folder, lines: readonly string[]): Completed {
  const found = folder.at("found");
  const rc = folder.write("bashrc", `${bashCompletion()}${BASHRC}`);
  const env = { HOME: folder.path, FOUND: found, TERM: "dumb" };
  typeInto(["bash", "--rcfile", rc, "-i"], { keys: "\\e*\\C-T", lines, env });
  const told = Deno.readTextFileSync(found).split("\n");
  return Object.fromEntries(lines.map((line, i) => {
    // The words that bash completes end at a space or a `=`; what stands before a `=` belongs to the option.
    const before = /^.*[ =]/.exec(line)![0];
    const option = /\S+=$/.exec(before)?.[0] ?? "";
    const words = told[i] === line ? [] : told[i].slice(before.length).split(" ").filter((word) => word !== "");
    return [line, words.map((word) => option + word)];
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
tell() { _main_complete; print -r -- . >>$FOUND; print DONE; }
zle -C tell list-choices tell
bindkey '^T' tell
PS1=
print READY
`;

/** zsh, by itself on a terminal. */
export function zshCompletes(folder: Folder, lines: readonly string[]): Completed {
  const found = folder.at("found");
  folder.write("zsh/.zshrc", ZSHRC);
  folder.write("zsh/_confd-sidecar", zshCompletion());
  folder.write("zsh/_greet", "#compdef greet\n_arguments '--loudly[as loud as can be]' '1:whom:(world)'\n");
  const env = { ZDOTDIR: folder.at("zsh"), HOME: folder.path, FOUND: found, TERM: "dumb" };
  typeInto([binaryOf("zsh"), "-i"], { keys: "\\C-T", lines, env });
  const groups = Deno.readTextFileSync(found).split(/^\.\n/m);
  return Object.fromEntries(lines.map((line, i) => [line, linesOf(groups[i])]));
}

function linesOf(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}
