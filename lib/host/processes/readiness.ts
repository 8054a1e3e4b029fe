/**
 * What a signal would do to a service.
 *
 * A program has no handlers at its start, and a SIGHUP that comes before it has one kills it. /proc tells what a process
 * catches, ignores and blocks: a signal that it does none of would kill it. While a service is young it may still get
 * its handler; later it will not. A program that waits in sigwait(3) has its signals blocked.
 *
 * Touches: the clock; /proc, reading.
 * @module
 */
import { isSignal, SIGNAL_NUMBERS } from "../../core/signals.ts";
import { has, signalMasks } from "../linux/proc.ts";
import type { ChildHandle } from "./processes.ts";

/** How long a service is young, in milliseconds. */
export const YOUNG_MS = 10_000;

/** Signals that do nothing to a process without a handler, signal(7). */
const HARMLESS: readonly string[] = ["SIGCHLD", "SIGCONT", "SIGURG", "SIGWINCH"];

/** How long a service has to be seen with every signal blocked, in milliseconds. */
const STEADY_MS = 250;

/** Since when services were seen with every signal blocked, at every look. */
const allBlocked = new WeakMap<ChildHandle, number>();

/** What would come of a signal: `diesYoung` may be another a moment later. */
export type Fate = "survives" | "diesYoung" | "dies";

/** What a signal would do to a service now. */
export function fateOf(service: ChildHandle, signal: string): Fate {
  if (survives(service, signal)) return "survives";
  return performance.now() - service.bornMs > YOUNG_MS ? "dies" : "diesYoung";
}

/** True if a signal does not kill a process. Where that cannot be known: true. */
function survives(service: ChildHandle, signal: string): boolean {
  if (HARMLESS.includes(signal)) return true;
  const masks = signalMasks(service.pid);
  const number = isSignal(signal) ? SIGNAL_NUMBERS[signal] : 0;
  if (masks === undefined || has(masks.caught | masks.ignored, number)) return true;
  // Who means to wait for some signals blocks these. To block all of them, faults included, is also what shells and the C
  // library do for the moment in which they start a program, and then it says nothing.
  if (has(masks.blocked, SIGNAL_NUMBERS.SIGSEGV)) return isSteady(service);
  allBlocked.delete(service);
  return has(masks.blocked, number);
}

function isSteady(service: ChildHandle): boolean {
  const since = allBlocked.get(service) ?? performance.now();
  allBlocked.set(service, since);
  return performance.now() - since >= STEADY_MS;
}
