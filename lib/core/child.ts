/**
 * The life of a program that is started, runs, stops, and is started again: confd, and the service.
 *
 * Theory of operation. A child is absent until it is started. While it runs, it may end by itself, and then it either is
 * absent again or backs off and is started once more; it may be told to stop, and then it is stopping until it has ended,
 * whatever comes next. How often it was started again in a row is kept through all of that, and forgotten once it has run
 * for a minute.
 *
 * A child knows neither what it is for nor why it is stopped: that is supervisor.ts's.
 *
 * Pure.
 * @module
 */
import { backoffMs, STABLE_MS } from "./backoff.ts";
import { type Countdown, countdown } from "./turn.ts";

/** How long a child that was just started is young, in milliseconds. */
export const YOUNG_MS = 1000;

/** A child, in one of the stages of its life. `restarts` counts its ends in a row. */
export type Child =
  /** It was not started yet, or has ended with `status`. */
  | { readonly is: "absent"; readonly status: number | null; readonly restarts: number }
  | {
    readonly is: "running";
    readonly restarts: number;
    /** Until earlier ends are forgotten. */
    readonly stable: Countdown | null;
    /** While its end would be a failed start. */
    readonly young: Countdown | null;
    /** While its end would be the answer to a signal that asks it to quit. */
    readonly quit: Countdown | null;
  }
  /** It was told to stop; `limit`: until it is killed. */
  | { readonly is: "stopping"; readonly restarts: number; readonly limit: Countdown | null }
  /** It ended with `status`, and is started again after the delay. */
  | { readonly is: "backingOff"; readonly status: number; readonly restarts: number; readonly delay: Countdown };

/** A child before its first start. */
export const NEVER_STARTED: Child = { is: "absent", status: null, restarts: 0 };

/** The child has been started. */
export function started({ restarts }: Child): Child {
  return { is: "running", restarts, stable: countdown(STABLE_MS), young: countdown(YOUNG_MS), quit: null };
}

/** The child has been told to stop; `limitMs` null: nothing limits that, for now or at all. */
export function told({ restarts }: Child, limitMs: number | null): Child {
  return { is: "stopping", restarts, limit: limitMs === null ? null : countdown(limitMs) };
}

/** The child has ended and is to be started again, after a while that grows with its restarts. */
export function backOff({ restarts }: Child, status: number): Child & { is: "backingOff" } {
  return { is: "backingOff", status, restarts: restarts + 1, delay: countdown(backoffMs(restarts)) };
}

/** The child has ended. */
export function ended({ restarts }: Child, status: number): Child {
  return { is: "absent", status, restarts };
}

/** A child that runs, with other properties. */
export function whileRunning(child: Child, change: Partial<Child & { is: "running" }>): Child {
  return child.is === "running" ? { ...child, ...change } : child;
}

/** True for a child with a process. */
export function isAlive({ is }: Child): boolean {
  return is === "running" || is === "stopping";
}
