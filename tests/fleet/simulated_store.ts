/**
 * A store with a queue, as etcd is one: one order of all requests, revisions, and leases that count from when it was asked.
 *
 * Pure: time comes from the future that it is given.
 * @module
 */
import type { Entry } from "../../lib/fleet/member_state.ts";
import type { Awaited, Queue, QueueEntry, Success } from "../../lib/fleet/queue.ts";
import type { Future } from "../support/heap.ts";

/** How long an entry lives without being renewed, in milliseconds. */
export const TTL_MS = 10_000;

interface Kept {
  entry: QueueEntry;
  expiresAt: number;
}

interface Watch {
  awaited: Awaited;
  stir: () => void;
}

/** What a store has counted. */
export interface StoreCounts {
  reads: number;
  writes: number;
  watches: number;
  wakes: number;
  expired: number;
}

/** One store. */
export class SimulatedStore {
  readonly counts: StoreCounts = { reads: 0, writes: 0, watches: 0, wakes: 0, expired: 0 };
  readonly #future: Future;
  #revision = 1;
  /** In the order of creation. */
  readonly #entries = new Map<string, Kept>();
  readonly #bad = new Map<string, string>();
  #successes: readonly Success[] = [];
  #snapshot: Queue | undefined;
  readonly #ofEntries = new Map<string, Set<Watch>>();
  readonly #ofDepartures = new Set<Watch>();
  /** The last changes of entries, and the last departure, by revision: who begins to watch late misses none. */
  readonly #changed = new Map<string, number>();
  #departed = 0;

  constructor(future: Future) {
    this.#future = future;
  }

  enter({ id, n }: { id: string; n: number }, digest: string): Entry {
    const revision = this.#write();
    const key = `${id}.${revision}`;
    const entry: QueueEntry = { key, id, n, state: "waiting", digest, since: 0 };
    this.#entries.set(key, { entry, expiresAt: this.#future.now + TTL_MS });
    this.#planExpiry(key, TTL_MS);
    return { key, revision, ttlMs: TTL_MS };
  }

  /** Undefined: the entry is not there. */
  mark(key: string, wish: Pick<QueueEntry, "state" | "digest">): number | undefined {
    const kept = this.#entries.get(key);
    if (kept === undefined) return undefined;
    const revision = this.#write();
    kept.entry = { ...kept.entry, ...wish };
    this.#stirEntry(key, revision);
    return revision;
  }

  /** False: the entry is not there. */
  renew(key: string): boolean {
    const kept = this.#entries.get(key);
    if (kept === undefined) return false;
    kept.expiresAt = this.#future.now + TTL_MS;
    return true;
  }

  /** Undefined: the entry is not there. */
  leave(key: string, successes: readonly Success[] | null): number | undefined {
    if (!this.#entries.has(key)) return undefined;
    const revision = this.#write();
    if (successes !== null) this.#successes = successes.map((one, i) => i === 0 ? { ...one, revision } : one);
    this.#remove(key, revision);
    return revision;
  }

  reportBad(digest: string, reason: string): void {
    this.#write();
    this.#bad.set(digest, reason);
  }

  look(digest: string): Queue {
    this.counts.reads++;
    this.#snapshot ??= {
      revision: this.#revision,
      entries: [...this.#entries.values()].map(({ entry }) => entry),
      successes: this.#successes,
      bad: null,
    };
    const bad = this.#bad.get(digest);
    return bad === undefined ? this.#snapshot : { ...this.#snapshot, bad };
  }

  /** Calls `stir` once what is awaited has happened since a revision. Returns what ends that. */
  watch(awaited: Awaited, since: number, stir: () => void): () => void {
    this.counts.watches++;
    const last = awaited.is === "departure" ? this.#departed : this.#changed.get(awaited.key) ?? 0;
    if (last > since) {
      this.counts.wakes++;
      stir();
      return () => {};
    }
    const watch = { awaited, stir };
    const set = awaited.is === "departure" ? this.#ofDepartures : this.#watchesOf(awaited.key);
    set.add(watch);
    return () => set.delete(watch);
  }

  #write(): number {
    this.counts.writes++;
    this.#snapshot = undefined;
    return ++this.#revision;
  }

  #watchesOf(key: string): Set<Watch> {
    const known = this.#ofEntries.get(key) ?? new Set();
    this.#ofEntries.set(key, known);
    return known;
  }

  #remove(key: string, revision: number): void {
    if (!this.#entries.delete(key)) return;
    this.#snapshot = undefined;
    this.#departed = revision;
    this.#stirEntry(key, revision);
    this.#stir(this.#ofDepartures);
  }

  #stirEntry(key: string, revision: number): void {
    this.#changed.set(key, revision);
    this.#stir(this.#watchesOf(key));
  }

  #stir(watches: Set<Watch>): void {
    const all = [...watches];
    watches.clear();
    this.counts.wakes += all.length;
    for (const { stir } of all) stir();
  }

  #planExpiry(key: string, ms: number): void {
    this.#future.after(ms, () => {
      const kept = this.#entries.get(key);
      if (kept === undefined) return;
      const left = kept.expiresAt - this.#future.now;
      if (left > 0) return this.#planExpiry(key, left);
      this.counts.expired++;
      this.#remove(key, this.#write());
    });
  }
}
