/**
 * Template resources for a confd that renders into a private folder.
 *
 * Pure.
 * @module
 */
import { parse, stringify, type TomlTable } from "smol-toml";
import type { TemplateResource } from "./resource.ts";

/**
 * The text of a template resource whose destination lies below `root`, and which has no `reload_cmd`: it would run before
 * the new file is in place. Its `check_cmd` sees the new files of the set; everything else is kept, mode and owner too.
 */
export function stageResource(
  { text, dest }: Pick<TemplateResource, "text" | "dest">,
  dests: readonly string[],
  root: string,
): string {
  const table = parse(text);
  const name = Object.keys(table).find((key) => key.toLowerCase() === "template")!;
  const template = Object.entries(table[name] as TomlTable).flatMap(([key, value]) => {
    if (["dest", "reload_cmd"].includes(key.toLowerCase())) return [];
    const others = dests.filter((other) => other !== dest);
    return [[key, key.toLowerCase() === "check_cmd" ? stageCommand(String(value), others, root) : value]];
  });
  return stringify({ ...table, [name]: { ...Object.fromEntries(template), dest: root + dest } });
}

/**
 * A command for a shell that looks at the new files instead of those destinations that it names. Where confd watches, it
 * renders all resources at the same time, so at the start they are waited for, two seconds at most. If they do not come
 * then, the command looks at the files in place, as it would if nothing were staged.
 */
function stageCommand(command: string, dests: readonly string[], root: string): string {
  const named = dests.filter((dest) => command.includes(dest));
  const moved = named.length > 0 ? mover(named, root)(command) : command;
  if (moved === command) return command;
  const there = named.map((dest) => `test -e '${(root + dest).replaceAll("'", "'\\''")}'`).join(" && ");
  const wait = `until { ${there}; } || test "$_tries" = 20; do sleep 0.1; _tries=$((_tries + 1)); done`;
  return `_tries=0\n${wait}\nif ${there}; then\n${moved}\nelse\n${command}\nfi`;
}

/**
 * Makes a function that turns paths of destinations, and of the folders that they lie in, into paths below `root`: in the
 * words of a check and in the files that it looks at, so that new files which name each other find each other.
 *
 * A folder at the top, such as /etc, stays what it is: too much else lies there.
 */
export function pathMover(dests: readonly string[], root: string): (text: string) => string {
  const folders = dests.map((dest) => dest.slice(0, dest.lastIndexOf("/"))).filter((path) => path.lastIndexOf("/") > 0);
  return mover([...new Set([...dests, ...folders])], root);
}

function mover(paths: readonly string[], root: string): (text: string) => string {
  const longestFirst = paths.toSorted((a, b) => b.length - a.length).map(escape);
  const anywhere = new RegExp(`(?<![\\w./-])(?:${longestFirst.join("|")})(?![\\w-]|\\.\\w)`, "g");
  return (text) => text.replace(anywhere, (path) => root + path);
}

function escape(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}

/** True if a word names a destination, or a folder of one: then the new files are what a check with these words sees. */
export function namesDestination(words: readonly string[], dests: readonly string[]): boolean {
  const move = pathMover(dests, "/elsewhere");
  return dests.length === 0 || words.some((word) => move(word) !== word);
}
