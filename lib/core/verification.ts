/**
 * Whether the service is well: probed again and again, until it is or time is up.
 *
 * Theory of operation. The first probe comes a moment after a start or a reload: before that the answer would be about
 * the old configuration, and a service that dies of the new one has died by then. A probe that fails is followed by
 * another, after a wait that doubles. One probe that succeeds is enough. At the time-out the last failure stands.
 *
 * Pure.
 * @module
 */
import { type Countdown, countdown, type Turn } from "./turn.ts";

/** How long after a start or a reload the first probe comes, in milliseconds. */
const FIRST_MS = 500;
/** The first and the longest wait after a probe that failed, in milliseconds. */
const WAIT_MS = { first: 100, longest: 2000 };

/** A verification under way. */
export interface Verification {
  /** Until the next probe; null: one is under way. */
  readonly next: Countdown | null;
  /** Until the time-out. */
  readonly limit: Countdown;
  /** How long to wait after the next failure. */
  readonly waitMs: number;
  /** Why the last probe failed. */
  readonly failure: string | null;
}

/** Begins to verify. */
export function beginVerification({ options: { verifyTimeoutMs } }: Turn): Verification {
  return {
    next: countdown(Math.min(FIRST_MS, verifyTimeoutMs)),
    limit: countdown(verifyTimeoutMs),
    waitMs: WAIT_MS.first,
    failure: null,
  };
}

/** It is time for a probe. */
export function probe(verification: Verification, { effects }: Turn): Verification {
  effects.push({ type: "probe" });
  return { ...verification, next: null };
}

/** A probe has failed. */
export function probeFailed(verification: Verification, failure: string): Verification {
  const { waitMs } = verification;
  return { ...verification, next: countdown(waitMs), waitMs: Math.min(waitMs * 2, WAIT_MS.longest), failure };
}

/** Ends a verification before a probe has succeeded; returns why none has. */
export function endVerification({ next, failure }: Verification, { effects }: Turn): string {
  if (next === null) effects.push({ type: "cancelProbe" });
  return failure ?? "it gives no answer";
}
