/**
 * What a store has to do for a fleet that queues in it, and why it may not have done it.
 *
 * Touches: nothing; types, an error, and the text of values.
 * @module
 */
import type { FleetErrorKind } from "../../core/fleet_report.ts";
import type { Entry } from "../../fleet/member.ts";
import type { Awaited, EntryState, Queue, QueueEntry } from "../../fleet/queue.ts";

/** What a member says of itself. */
export type Self = Pick<QueueEntry, "id" | "n">;

/** A store with a queue. Everything may throw {@link StoreError}. */
export interface FleetStore {
  /** Adds an entry at the end of the queue. It ends by itself where it is not renewed. */
  enter(signal: AbortSignal): Promise<Entry>;
  /** The queue as it is, and what is known of a set. */
  look(digest: string, signal: AbortSignal): Promise<Queue>;
  /** Resolves once what is awaited may have happened since a revision, or earlier. */
  watch(awaited: Awaited, since: number, signal: AbortSignal): Promise<void>;
  /** Tells the others what the entry is about. Returns the revision of that. */
  mark(key: string, state: EntryState, signal: AbortSignal): Promise<number>;
  renew(key: string, signal: AbortSignal): Promise<void>;
  /** Takes the entry away, and with it reports a success. */
  leave(key: string, success: { digest: string; granted: number } | null, signal: AbortSignal): Promise<void>;
  /** Writes down for an hour that a set is bad. */
  reportBad(digest: string, reason: string, signal: AbortSignal): Promise<void>;
}

/** How long an entry lives without being renewed, in milliseconds. Consul refuses less. */
export const TTL_MS = 10_000;
/** How long a set that did harm is remembered, in milliseconds. */
export const BAD_MS = 3_600_000;

/** Why a store has not done what it should. `gone`: it knows the entry no more. */
export class StoreError extends Error {
  override readonly name = "StoreError";
  readonly kind: FleetErrorKind | "gone";

  constructor(kind: FleetErrorKind | "gone", message: string) {
    super(message);
    this.kind = kind;
  }
}

/** The value of an entry, as text. */
export function entryText(self: Self, state: EntryState, since: number): string {
  return JSON.stringify({ id: self.id, n: self.n, state, since });
}

/** Reads the value of an entry. What somebody else has put there counts as a member that waits. */
export function readEntry(key: string, text: string): QueueEntry {
  const { id, n, state, since } = parseObject(text);
  return {
    key,
    id: typeof id === "string" ? id : key.slice(key.lastIndexOf("/") + 1),
    n: typeof n === "number" && n >= 1 ? n : Infinity,
    state: state === "working" || state === "kept" ? state : "waiting",
    since: typeof since === "number" ? since : 0,
  };
}

/** Reads a success; null: it is none. */
export function readSuccess(revision: number, text: string): Queue["success"] {
  const { granted, digest } = parseObject(text);
  return typeof granted === "number" && typeof digest === "string" ? { revision, granted, digest } : null;
}

/** Why a set is bad, where that was written down and is not too long ago; null: it is not known to be. */
export function readBad(text: string, now: number): string | null {
  const { id, reason, until } = parseObject(text);
  if (typeof until === "number" && until < now) return null;
  return `${typeof id === "string" ? id : "another member"} has tried it: ${
    typeof reason === "string" ? reason : "bad"
  }`;
}

/** What is written down of a set that did harm. */
export function badText(id: string, reason: string, now: number): string {
  return JSON.stringify({ id, reason, until: now + BAD_MS });
}

/** The store has no such entry any more. */
export function gone(): StoreError {
  return new StoreError("gone", "it knows the entry no more");
}

/** Text as a store's JSON has it: in base64. */
export function encode(text: string): string {
  return new TextEncoder().encode(text).toBase64();
}

/** The text of a value; a store has none where that is empty. */
export function decode(text: string | null = null): string {
  return text === null ? "" : new TextDecoder().decode(Uint8Array.fromBase64(text));
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value as Record<string, unknown> : {};
  } catch {
    return {};
  }
}
