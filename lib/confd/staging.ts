/**
 * Template resources for a confd that renders into a private folder.
 *
 * Pure.
 * @module
 */
import { parse, stringify, type TomlTable } from "smol-toml";

/**
 * The text of a template resource whose destination is another, and which has no `reload_cmd`: it would run before the
 * new file is in place. Everything else is kept, `check_cmd`, mode and owner too.
 */
export function stageResource(text: string, dest: string): string {
  const table = parse(text);
  const name = Object.keys(table).find((key) => key.toLowerCase() === "template")!;
  const template = Object.entries(table[name] as TomlTable).filter(([key]) => {
    return !["dest", "reload_cmd"].includes(key.toLowerCase());
  });
  return stringify({ ...table, [name]: { ...Object.fromEntries(template), dest } });
}

/**
 * Makes a function that turns paths of destinations, and of the folders that they lie in, into paths below `root`: in the
 * words of a check and in the files that it looks at, so that new files which name each other find each other.
 *
 * A folder at the top, such as /etc, stays what it is: too much else lies there.
 */
export function pathMover(dests: readonly string[], root: string): (text: string) => string {
  const folders = dests.map((dest) => dest.slice(0, dest.lastIndexOf("/"))).filter((path) => path.lastIndexOf("/") > 0);
  const longestFirst = (a: string, b: string) => b.length - a.length;
  const paths = [...new Set([...dests, ...folders])].sort(longestFirst).map(escape);
  const anywhere = new RegExp(`(?<![\\w./-])(?:${paths.join("|")})(?![\\w-]|\\.\\w)`, "g");
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
