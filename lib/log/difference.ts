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
/** A name that is short and plain, what parts it from its value, and something that is a value. */
const NAMED = /^(\s*(?:- +)?["']?[A-Za-z_][\w.-]{0,39}["']?)(\s*[:=]\s*|\s+)(?!=)\S.*$/;

/**
 * Hides all of a line but its indentation and, where it has a name and a value, the name: `password = ***`. A line of
 * which that cannot be told is hidden whole.
 */
export function maskLine(line: string): string {
  if (line.trim() === "") return line;
  const named = NAMED.exec(line);
  return named === null ? /^\s*/.exec(line)![0] + MASK : `${named[1]}${named[2]}${MASK}`;
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
  const lines = hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines }) => [
    `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`,
    ...lines.map((line) => style === "full" ? line : line[0] + maskLine(line.slice(1))),
  ]);
  const shown = lines.slice(0, SHOWN);
  if (lines.length > SHOWN) shown.push(`... and ${lines.length - SHOWN} more lines`);
  return { level: "info", msg: [`what changed in ${dest}:`, ...shown].join("\n"), fields: { dest } };
}
