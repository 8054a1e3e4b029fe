/**
 * The queue of a fleet, as its store shows it, and what follows from it for one member.
 *
 * Members stand in the order in which they came. The first N may go at once, N being the smallest number that one of them
 * has. As long as no member has reported success with this one's change since this one came, that is one: the first turn
 * after a change goes to one member alone, the canary.
 *
 * Where members have the same files, a change is known by the digest of its set, and a success of that is one of the
 * change. Where templates speak of their host, each member has a set of its own, and nothing says which sets are of the same
 * change. So the success of a set that only one member has counts for others whose set nobody else has either, if its turn
 * began after they had come with theirs, and if it came with it after their set before that was over.
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
  /** The set that it is here for. */
  readonly digest: string;
  /** When it came, in milliseconds since 1970, by its own clock: for people alone. */
  readonly since: number;
}

/** The last success that was reported of a set. */
export interface Success {
  /** The store's revision at which it was written; 0 before that. */
  readonly revision: number;
  /** The revisions at which the member had come with the set, and at which its turn had begun. */
  readonly announced: number;
  readonly granted: number;
  /** The set that succeeded, and where. */
  readonly digest: string;
  readonly id: string;
  /** True if more than one member is known to have it. */
  readonly shared: boolean;
}

/** The queue at one revision of the store. */
export interface Queue {
  readonly revision: number;
  /** In the order in which they came. */
  readonly entries: readonly QueueEntry[];
  /** One for each of the last sets, the newest first. */
  readonly successes: readonly Success[];
  /** Why the set that was asked about is known to be bad; null: it is not. */
  readonly bad: string | null;
}

/** A member that looks at the queue. */
export interface Looker {
  readonly key: string;
  /** The revision at which it came with its present set, and the one at which the set before that was over. */
  readonly announced: number;
  readonly before: number;
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

/** How many successes are remembered: enough for groups of members that have the same files. */
const REMEMBERED = 8;

/** Where a member stands; undefined: it is not in the queue. */
export function standingOf(queue: Queue, looker: Looker): Standing | undefined {
  const { entries } = queue;
  const place = entries.findIndex(({ key }) => key === looker.key);
  if (place < 0) return undefined;
  const n = entries.reduce((smallest, { n }) => Math.min(smallest, n), Infinity);
  const limit = hasSucceeded(queue, looker) ? n : 1;
  const ahead = entries.slice(0, Math.min(place, NAMED));
  const awaited = place < limit ? null : awaitedBy(entries[place - 1], place === limit);
  return { place, length: entries.length, limit, n, ahead, awaited };
}

/** The successes to be written down with a new one, as seen by the member that reports it. */
export function withSuccess(
  { entries, successes }: Queue,
  { key, ...own }: Omit<Success, "revision" | "shared"> & { key: string },
): Success[] {
  const { id, digest } = own;
  const before = successes.find((success) => success.digest === digest);
  const shared = isShared(entries, { key, digest }) || (before !== undefined && (before.shared || before.id !== id));
  const others = successes.filter((success) => success !== before);
  return [{ revision: 0, ...own, shared }, ...others].slice(0, REMEMBERED);
}

/** Whether this member's change has succeeded somewhere since the member came with it, as far as that can be known. */
function hasSucceeded({ entries, successes }: Queue, looker: Looker): boolean {
  const since = successes.filter(({ revision }) => revision > looker.announced);
  if (since.some(({ digest }) => digest === looker.digest)) return true;
  const perhaps = since.some(({ granted, announced, shared, digest }) =>
    granted > looker.announced && announced > looker.before && !shared && !isShared(entries, { digest })
  );
  return perhaps && !isShared(entries, looker);
}

/** True if the set is in the queue, besides the entry with this key. */
function isShared(entries: Queue["entries"], { key, digest }: { key?: string; digest: string }): boolean {
  return entries.some((other) => other.digest === digest && other.key !== key);
}

function awaitedBy(before: QueueEntry, isFirst: boolean): Awaited {
  return isFirst || before.state !== "waiting" ? { is: "departure" } : { is: "entry", key: before.key };
}
