/**
 * What confd's log says of destinations. A line is a hint that comes early; the truth is a destination's content.
 *
 * Pure.
 * @module
 */
import type { Dialect } from "./dialect.ts";

/** What a line says of a destination. */
export interface Hint {
  dest: string;
  /** `updated`: it was just written; `inSync`: it was rendered and found equal; `outOfSync`: it will be written. */
  state: "updated" | "inSync" | "outOfSync";
}

const STATES: Record<string, Hint["state"]> = {
  "has been updated": "updated",
  "in sync": "inSync",
  "out of sync": "outOfSync",
};

/** All hints in a piece of confd's log, text or JSON, in their order. */
export function findHints(log: string): Hint[] {
  if (!log.includes("Target config ")) return [];
  // No destination reaches over the next sentence: a long line made of them would be read again and again.
  return [...log.matchAll(/Target config (\/(?:(?!Target config ).)*?) (has been updated|in sync|out of sync)\b/g)]
    .map(([, dest, words]) => ({ dest, state: STATES[words] }));
}

/**
 * Reads the answer to `inquiryArguments`: the destinations that are on disk what confd would render.
 *
 * The fork says `in sync`. The classic one says what differs (`D has md5sum ...`), then for each destination that it
 * rendered `Noop mode enabled. D will not be modified`: one of which nothing differs is in sync. It does not compare a
 * destination that does not exist, so only those that do may be asked for.
 */
export function findInSync(dialect: Dialect, log: string, existing: readonly string[]): string[] {
  const lines = log.split("\n");
  const says = (end: string) => lines.some((line) => line.endsWith(end));
  if (dialect === "fork") return existing.filter((dest) => says(`Target config ${dest} in sync`));
  return existing.filter((dest) => {
    const differs = ["UID", "GID", "mode", "md5sum"].some((what) => log.includes(` ${dest} has ${what} `));
    return says(`Noop mode enabled. ${dest} will not be modified`) && !differs;
  });
}
