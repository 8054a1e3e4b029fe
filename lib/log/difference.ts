/**
 * What a change looks like in the log: a unified difference, with values masked unless the user wants to see them.
 *
 * Pure.
 * @module
 */
import type { Entry } from "./line.ts";

/** How a difference is shown. */
export type Style = "masked" | "full";

/** How many lines of one difference are shown. */
const SHOWN = 200;
const MASK = "***";
/** A key that is short and plain, with what parts it from its value, and something that is a value. */
const KEYED = /^(\s*(?:- +)?["']?([A-Za-z_][\w.-]{0,39})["']?)(\s*[:=]\s*)(?!=)\S.*$/;

/** The key of a line; undefined where none can be told from a value. */
function keyOf(line: string): string | undefined {
  return KEYED.exec(line)?.[2];
}

/**
 * Hides all of a line but its indentation and, where it is one of `keys`, its key: `password = ***`. What looks like a
 * key may be a secret, such as a token in a list: only a key that a change leaves as it is can be known for one.
 */
export function maskLine(line: string, keys: ReadonlySet<string>): string {
  if (line.trim() === "") return line;
  const keyed = KEYED.exec(line);
  return keyed !== null && keys.has(keyed[2]) ? `${keyed[1]}${keyed[3]}${MASK}` : /^\s*/.exec(line)![0] + MASK;
}

/** The keys that stand in what was taken away and in what was put there. */
function keptKeys(lines: readonly string[]): Set<string> {
  const keysOf = (sign: string) =>
    new Set(lines.filter((line) => line[0] === sign).map((line) => keyOf(line.slice(1)) ?? ""));
  const gone = keysOf("-");
  return new Set([...keysOf("+")].filter((key) => key !== "" && gone.has(key)));
}

/** A run of lines of a unified difference, each with its sign in front. */
export interface Hunk {
  oldStart: number;
  oldLines: number;
  newStart: number;
  newLines: number;
  lines: string[];
}

/** The entry for a destination's unified difference. */
export function describeDifference(dest: string, hunks: readonly Hunk[], style: Style): Entry {
  const keys = keptKeys(hunks.flatMap(({ lines }) => lines));
  const masked = (line: string) => line[0] === "\\" ? line : line[0] + maskLine(line.slice(1), keys);
  const lines = hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines }) => [
    `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`,
    ...lines.map((line) => style === "full" ? line : masked(line)),
  ]);
  const shown = lines.slice(0, SHOWN);
  if (lines.length > SHOWN) shown.push(`... and ${lines.length - SHOWN} more lines`);
  return { level: "info", msg: `what changed in ${dest}:`, more: shown, fields: { dest } };
}
