/**
 * Whether a signal can be sent to a service that may have just been started.
 *
 * A program has no handlers at its start, and a SIGHUP that comes before it has one kills it. So while a service is
 * young, a signal is sent only if it does not kill: /proc tells what the service catches, ignores and blocks. Later it is
 * sent in any case, for not every way to take a signal shows there: a program that waits in sigwait(3) seems to have no
 * handler for ever.
 *
 * Touches: the clock; /proc, reading.
 * @module
 */
import { SIGNAL_NUMBERS } from "../../core/exit_status.ts";
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

/** True if a service is old enough for a signal, or would live through it. */
export function mayBeSent(service: ChildHandle, signal: string): boolean {
  return performance.now() - service.bornMs > YOUNG_MS || survives(service, signal);
}

/** True if a signal does not kill a process. Where that cannot be known: true. */
function survives(service: ChildHandle, signal: string): boolean {
  if (HARMLESS.includes(signal)) return true;
  const masks = signalMasks(service.pid);
  const number = SIGNAL_NUMBERS[signal];
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
