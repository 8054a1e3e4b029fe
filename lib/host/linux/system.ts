/**
 * What a process 1 does beside supervising: orphans are handed to us and reaped.
 *
 * Touches: libc.ts, reaper.ts.
 * @module
 */
import { signalName } from "../../core/signals.ts";
import { Libc, opaque } from "./libc.ts";
import { type SignalMask, signalMasks } from "./proc.ts";
import { isRuntimes } from "../processes/processes.ts";
import { receiveOthers } from "./other_signals.ts";
import { Reaper } from "./reaper.ts";
import { Terminal } from "./terminal.ts";

/** The C library, and the reaper that works with it. */
export interface System {
  libc: Libc;
  reaper: Reaper;
  terminal: Terminal;
  /** The signals that we were started with blocked. */
  blocked: SignalMask;
}

/** What the system needs to know. */
export interface SystemOptions {
  /** Called with the name of a signal that the runtime cannot listen for. */
  onSignal: (signal: string) => void;
  library?: string;
}

/** Opens the system; where the C library cannot be opened, says what that means instead. */
export function openSystem({ onSignal, library }: SystemOptions): System | { warning: string } {
  let libc: Libc;
  try {
    libc = new Libc(library);
  } catch (error) {
    return {
      warning:
        `the C library cannot be opened (${
          (error as Error).message
        }): orphans are not reaped, and main program gets an ` +
        "environment without what is not UTF-8, a raised limit of open files, and no terminal to itself",
    };
  }
  const reaper = new Reaper({ libc, isRuntimes });
  if (Deno.pid !== 1) reaper.becomeSubreaper();
  // Those that were handed to us earlier.
  reaper.reap();
  receiveOthers(libc, (signal) => onSignal(signalName(signal)));
  return { libc, reaper, terminal: new Terminal(libc), blocked: unblock(libc) };
}

/** Whoever blocks a signal in us means it for the service: we have to get it, to hand it on. */
function unblock(libc: Libc): SignalMask {
  const blocked = signalMasks("self")?.blocked ?? 0n;
  const SIG_SETMASK = 2;
  libc.check("pthread_sigmask", SIG_SETMASK, opaque(), null);
  return blocked;
}
