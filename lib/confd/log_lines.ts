/**
 * What confd's log says of destinations. A line is a hint that comes early; the truth is a destination's content.
 *
 * Pure.
 * @module
 */
import type { DryRunResult } from "../core/protocol.ts";
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
 * Reads the answer to `dryRunArguments`: the destinations that are on disk what confd would render, and those that are
 * not.
 *
 * The fork says `in sync`. The classic one says what differs (`D has md5sum ... should be ...`), then for each destination
 * that it rendered `Noop mode enabled. D will not be modified`: one of which nothing differs is in sync, or does not
 * exist. One of which only owner or mode differ is neither: confd may not be able to change that.
 */
export function readDryRun(dialect: Dialect, log: string, dests: readonly string[]): DryRunResult {
  const { same, kept, differing, complaint } = readLines(log);
  const inSync: string[] = [];
  const outOfSync = new Map<string, string>();
  for (const dest of dests) {
    const wanted = differing.get(dest);
    if (same.has(dest)) inSync.push(dest);
    else if (!kept.has(dest) || wanted === OWNER_OR_MODE) continue;
    else if (wanted !== undefined) outOfSync.set(dest, wanted);
    else if (dialect === "classic") inSync.push(dest);
    // The fork would have said that it is in sync: it does not exist.
    else outOfSync.set(dest, "");
  }
  return { inSync, outOfSync, complaint };
}

/** What is said of a destination, as the end of a line. */
const SAID = new RegExp(
  " (?:DEBUG|INFO|WARN|WARNING) (?:" +
    "Target config (?<same>/.*) in sync|" +
    "Noop mode enabled\\. (?<kept>/.*) will not be modified|" +
    "(?<differs>/.*) has (?<what>UID|GID|mode|size|md5sum) .* should be (?<wanted>.*))$",
);
const COMPLAINT = / (?:ERROR|FATAL) (.*)$/;
const OWNER_OR_MODE = "another owner or mode";
/** What is longer is a dump of keys. */
const LONG_LINE = 10_000;

interface Said {
  same: Set<string>;
  kept: Set<string>;
  /** What the content should be: a digest, or a size where the fork stops at that. */
  differing: Map<string, string>;
  complaint?: string;
}

/** Reads each line once: there may be hundreds of them, and of destinations. */
function readLines(log: string): Said {
  const said: Said = { same: new Set(), kept: new Set(), differing: new Map() };
  for (const line of log.split("\n")) {
    if (line.length > LONG_LINE) continue;
    said.complaint = COMPLAINT.exec(line)?.[1] ?? said.complaint;
    const { same, kept, differs, what, wanted } = SAID.exec(line)?.groups ?? {};
    if (same !== undefined) said.same.add(same);
    else if (kept !== undefined) said.kept.add(kept);
    else if (differs === undefined) continue;
    else if (what === "md5sum" || what === "size") said.differing.set(differs, `${what} ${wanted}`);
    else if (!said.differing.has(differs)) said.differing.set(differs, OWNER_OR_MODE);
  }
  return said;
}
