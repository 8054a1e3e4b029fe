/**
 * The streak: how many changes in a row came at a poll's interval. A template that changes by itself, as one with the time
 * in it, makes one with each poll, for ever.
 *
 * Pure.
 * @module
 */
import type { Options } from "./options.ts";
import { type Countdown, countdown } from "./turn.ts";

/** That many in a row are no chance. */
const LONG = 5;

/** Changes that followed one another at a poll's interval. */
export interface Streak {
  readonly windows: number;
  /** Until there has been no change for more than an interval, which ends the streak. */
  readonly calm: Countdown;
}

/** One more change. Without polls there is no streak. */
export function prolong(streak: Streak | null, { follow, intervalMs, settleMaxMs }: Options): Streak | null {
  if (follow !== "poll" || intervalMs === 0) return null;
  // It stops counting beyond what is long, for states to stay few.
  const windows = Math.min((streak?.windows ?? 0) + 1, LONG + 1);
  return { windows, calm: countdown(intervalMs * 1.5 + settleMaxMs) };
}

/** True at the change with which a streak becomes long. */
export function hasBecomeLong({ windows }: Streak): boolean {
  return windows === LONG;
}
