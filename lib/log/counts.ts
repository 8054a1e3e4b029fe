/**
 * How often things went wrong in a run, for the fields of the log.
 *
 * Pure.
 * @module
 */
import type { Note } from "../core/notes.ts";

/** Counts of one run. */
export interface Counts {
  readonly refusals: number;
  readonly failedReloads: number;
  readonly rollbacks: number;
  /** How often confd has missed a change. */
  readonly missedChanges: number;
}

/** The counts before anything happened. */
export const NOTHING_COUNTED: Counts = { refusals: 0, failedReloads: 0, rollbacks: 0, missedChanges: 0 };

/** The counts after a note. */
export function count(counts: Counts, note: Note): Counts {
  switch (note.is) {
    case "refused":
      return { ...counts, refusals: counts.refusals + 1 };
    case "reloadFailed":
      return { ...counts, failedReloads: counts.failedReloads + 1 };
    case "rolledBack":
      return { ...counts, rollbacks: counts.rollbacks + 1 };
    case "missedChange":
      return { ...counts, missedChanges: counts.missedChanges + 1 };
    default:
      return counts;
  }
}
