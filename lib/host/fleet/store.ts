/**
 * What a store has to do for a fleet that queues in it, and why it may not have done it.
 *
 * Touches: nothing; types, an error, and the text of values.
 * @module
 */
import type { FleetErrorKind } from "../../core/fleet_report.ts";
import type { Entry } from "../../fleet/member_state.ts";
import type { Awaited, Queue, QueueEntry, Success } from "../../fleet/queue.ts";

/** What a member says of itself. */
export type Self = Pick<QueueEntry, "id" | "n">;

/** What it says of its entry. */
export type Wish = Pick<QueueEntry, "state" | "digest">;

/** A store with a queue. Everything may throw {@link StoreError}. */
export interface FleetStore {
  /** Adds an entry for a set at the end of the queue. It ends by itself where it is not renewed. */
  enter(digest: string, signal: AbortSignal): Promise<Entry>;
  /** The queue as it is, and what is known of a set. */
  look(digest: string, signal: AbortSignal): Promise<Queue>;
  /** Resolves once what is awaited may have happened since a revision, or earlier. */
  watch(awaited: Awaited, since: number, signal: AbortSignal): Promise<void>;
  /** Tells the others what the entry is about. Returns the revision of that. */
  mark(key: string, wish: Wish, signal: AbortSignal): Promise<number>;
  renew(key: string, signal: AbortSignal): Promise<void>;
  /** Takes the entry away, and with it reports what has succeeded, the newest first. Returns the revision of that. */
  leave(key: string, successes: readonly Success[] | null, signal: AbortSignal): Promise<number>;
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
export function entryText({ id, n }: Self, { state, digest }: Wish, since: number): string {
  return JSON.stringify({ id, n, state, digest, since });
}

/** Reads the value of an entry. What somebody else has put there counts as a member that waits. */
export function readEntry(key: string, text: string): QueueEntry {
  const { id, n, state, digest, since } = parseObject(text);
  return {
    key,
    id: typeof id === "string" ? id : key.slice(key.lastIndexOf("/") + 1),
    n: typeof n === "number" && n >= 1 ? n : Infinity,
    state: state === "working" || state === "kept" ? state : "waiting",
    digest: typeof digest === "string" ? digest : "",
    since: typeof since === "number" ? since : 0,
  };
}

/** The value of what has succeeded, as text. */
export function successesText(successes: readonly Success[]): string {
  return JSON.stringify({ sets: successes });
}

/** Reads what has succeeded. The first was written at this revision. */
export function readSuccesses(revision: number, text: string): Success[] {
  const { sets } = parseObject(text);
  return (Array.isArray(sets) ? sets.filter(isSuccess) : []).map((one, i) => i === 0 ? { ...one, revision } : one);
}

function isSuccess(value: Partial<Success> | null): value is Success {
  return typeof value?.revision === "number" && typeof value.granted === "number" &&
    typeof value.announced === "number" && typeof value.digest === "string" && typeof value.id === "string" &&
    typeof value.shared === "boolean";
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
