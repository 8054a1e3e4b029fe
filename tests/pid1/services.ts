/**
 * Services for the scenarios: pieces of shell that tell on standard output what reaches them.
 *
 * Touches: the files that they are written to.
 * @module
 */
import { SIGNAL_NUMBERS, type SignalName } from "../../lib/core/signals.ts";
import type { Folder } from "../support/sidecar.ts";

/** A signal's number. */
export function numberOf(signal: string): number {
  return SIGNAL_NUMBERS[signal as SignalName];
}

/** Faults, and what the runtime uses for itself: the sidecar does not forward these. */
export const NOT_FORWARDED = ["SIGILL", "SIGBUS", "SIGFPE", "SIGSEGV", "SIGPIPE"];
const UNCATCHABLE = ["SIGKILL", "SIGSTOP"];

/** Every signal that a service can get from a supervisor. */
export const CATCHABLE = Object.keys(SIGNAL_NUMBERS).filter((name) => ![...UNCATCHABLE, "SIGCHLD"].includes(name));

/**
 * Prints `ready`, then `got SIGNAL` for whatever it gets, and ends with 0 at a signal of `end`: TERM unless told
 * otherwise. A signal that comes close upon another may be told late: a shell looks for them between its commands.
 */
export function catcher(folder: Folder, { end = ["SIGTERM"] }: { end?: readonly string[] } = {}): string[] {
  const numbers = CATCHABLE.map(numberOf).join(" ");
  const traps = CATCHABLE.map((name) =>
    `trap 'echo got ${name}${end.includes(name) ? "; exit 0" : ""}' ${numberOf(name)}`
  );
  // What it waits for does not mind signals that are sent to the whole group.
  return script(
    folder,
    `${traps.join("\n")}
echo ready
while :; do (trap '' ${numbers}; exec sleep 0.1) & wait; done`,
  );
}

/** A script in a file, which dash runs. There, `wait_for CONDITION` waits for what test(1) can say. */
export function script(folder: Folder, text: string): string[] {
  const path = folder.write("service.sh", `wait_for() { while ! test "$@"; do sleep 0.02; done; }\n${text}\n`);
  return ["dash", path];
}
