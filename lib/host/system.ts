/**
 * What a process 1 does beside supervising: orphans are handed to us and reaped.
 *
 * Touches: libc.ts, reaper.ts.
 * @module
 */
import { signalName } from "../core/exit_status.ts";
import { type Libc, openLibc } from "./libc.ts";
import { isRuntimes } from "./processes.ts";
import { Reaper } from "./reaper.ts";

/** The C library, and the reaper that works with it. */
export interface System {
  libc: Libc;
  reaper: Reaper;
}

/** Opens the system; where the C library cannot be opened, says what that means instead. */
export function openSystem(library?: string): System | { warning: string } {
  const { libc, reason } = openLibc(library);
  if (libc === undefined) {
    return {
      warning: `the C library cannot be opened (${reason}): orphans are not reaped, and main program gets an ` +
        "environment without what is not UTF-8, a raised limit of open files, and no terminal to itself",
    };
  }
  const reaper = new Reaper({ libc, isRuntimes, signalName });
  if (Deno.pid !== 1) reaper.becomeSubreaper();
  return { libc, reaper };
}
