/**
 * The queue of a fleet, as its store shows it, and what follows from it for one member.
 *
 * Members stand in the order in which they came. The first N may go at once, N being the smallest number that one of them
 * has. As long as no member has reported success since this one came, that is one: the first turn after a change goes to
 * one member alone, the canary.
 *
 * Everybody else waits for one thing. The first who may not go waits for somebody to leave; whoever comes after that waits
 * for the one before. A member that leaves therefore wakes one other, and that one, as it goes, the next. The place N before
 * one's own would not do: a member that keeps its turn would keep asleep who waits for it, while other turns are free.
 *
 * Pure.
 * @module
 */

/** What a member does. */
export type EntryState = "waiting" | "working" | "kept";

/** One member in the queue. */
export interface QueueEntry {
  /** Its key in the store, one for each time that it comes. */
  readonly key: string;
  readonly id: string;
  /** How many may go at once, as it was told. */
  readonly n: number;
  readonly state: EntryState;
  /** When it came, in milliseconds since 1970, by its own clock: for people alone. */
  readonly since: number;
}

/** The last success that was reported. */
export interface Success {
  /** The store's revision at which it was written. */
  readonly revision: number;
  /** The revision at which the member's turn had begun. */
  readonly granted: number;
  /** The set that succeeded. */
  readonly digest: string;
}

/** The queue at one revision of the store. */
export interface Queue {
  readonly revision: number;
  /** In the order in which they came. */
  readonly entries: readonly QueueEntry[];
  readonly success: Success | null;
  /** Why the set that was asked about is known to be bad; null: it is not. */
  readonly bad: string | null;
}

/** A member that looks at the queue. */
export interface Looker {
  readonly key: string;
  /** The revision at which it came with its present set. */
  readonly announced: number;
  readonly digest: string;
}

/** What to wait for: that somebody leaves the queue, or that the entry with this key changes. */
export type Awaited = { readonly is: "departure" } | { readonly is: "entry"; readonly key: string };

/** Where a member stands. */
export interface Standing {
  /** From 0. */
  readonly place: number;
  readonly length: number;
  /** How many may go at once now. */
  readonly limit: number;
  /** The smallest number that a member has. */
  readonly n: number;
  /** The first of those before it, {@link NAMED} at most. */
  readonly ahead: readonly QueueEntry[];
  /** What to wait for; null: it may go. */
  readonly awaited: Awaited | null;
}

/** How many of those before a member are named. */
export const NAMED = 10;

/** Where a member stands; undefined: it is not in the queue. */
export function standingOf({ entries, success }: Queue, looker: Looker): Standing | undefined {
  const place = entries.findIndex(({ key }) => key === looker.key);
  if (place < 0) return undefined;
  const n = entries.reduce((smallest, { n }) => Math.min(smallest, n), Infinity);
  const limit = counts(success, looker) ? n : 1;
  const ahead = entries.slice(0, Math.min(place, NAMED));
  const awaited = place < limit ? null : awaitedBy(entries[place - 1], place === limit);
  return { place, length: entries.length, limit, n, ahead, awaited };
}

/**
 * Whether a success is one of this member's change, as far as that can be known: it is newer than the member's coming, and
 * of the same set, or of a turn that began later. Sets differ where templates speak of their host.
 */
function counts(success: Success | null, { announced, digest }: Looker): boolean {
  if (success === null || success.revision <= announced) return false;
  return success.digest === digest || success.granted > announced;
}

function awaitedBy(before: QueueEntry, isFirst: boolean): Awaited {
  return isFirst || before.state !== "waiting" ? { is: "departure" } : { is: "entry", key: before.key };
}
