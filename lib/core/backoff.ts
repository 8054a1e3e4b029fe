/**
 * How long to wait before something that ended is started again.
 *
 * Pure.
 * @module
 */

const FIRST_MS = 1000;
const LONGEST_MS = 60_000;

/** How long a child must have run for its earlier ends to be forgotten. */
export const STABLE_MS = 60_000;

/** The wait before restart number `restarts` (from 0): 1 s, doubling to 60 s. */
export function backoffMs(restarts: number): number {
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(restarts, 16));
}
