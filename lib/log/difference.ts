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

/** The entry for a destination's unified difference. */
export function tellDifference(dest: string, patch: string, style: Style): Entry {
  const lines = patch.trimEnd().split("\n").filter((line) => !/^(===|---|\+\+\+|\\)/.test(line));
  const shown = lines.slice(0, SHOWN).map((line) =>
    style === "full" || line.startsWith("@@") ? line : line[0] + maskLine(line.slice(1))
  );
  if (lines.length > SHOWN) shown.push(`... and ${lines.length - SHOWN} more lines`);
  return { level: "info", msg: [`what changed in ${dest}:`, ...shown].join("\n"), fields: { dest } };
}
