/**
 * Signals that the runtime cannot listen for, and that would end the sidecar at once and leave confd and the service behind.
 *
 * Real-time signals get the runtime's own handler, which does nothing for a signal that nobody listens for; a handler is
 * not inherited by the programs that we start. SIGILL and SIGFPE are ignored: that holds for those that somebody sends,
 * while the kernel ends a process all the same that makes such a fault itself (force_sig in the kernel's signal.c).
 *
 * Touches: this process's own signal dispositions, through libc.ts.
 * @module
 */
import { SIGNAL_NUMBERS } from "../../core/signals.ts";
import { type Libc, opaque } from "./libc.ts";

const SIG_IGN = 1n;
/** The first that programs may use, as the C library has it: 32 and 33 are its own. */
const REAL_TIME = { first: 34, last: 64 };
const LIBRARYS_OWN = [32, 33];
/** Numbers of rt_sigaction(2), which the C library does not let anybody use for signals of its own. */
const RT_SIGACTION: Readonly<Record<string, bigint>> = { x86_64: 13n, aarch64: 134n };
const SIGSET_BYTES = 8n;

/** Faults that somebody may send, and that are ignored then. */
export const SENT_FAULTS: readonly number[] = [SIGNAL_NUMBERS.SIGILL, SIGNAL_NUMBERS.SIGFPE];

/** Takes care of them. There has to be a listener for SIGTERM. */
export function shield(libc: Libc): void {
  const runtimes = opaque();
  libc.call("sigaction", SIGNAL_NUMBERS.SIGTERM, null, runtimes);
  for (let signal = REAL_TIME.first; signal <= REAL_TIME.last; signal++) libc.call("sigaction", signal, runtimes, null);
  for (const signal of SENT_FAULTS) libc.call("sigaction", signal, ignoring(), null);
  const number = RT_SIGACTION[Deno.build.arch];
  if (number === undefined) return;
  for (const signal of LIBRARYS_OWN) libc.call("syscall", number, BigInt(signal), ignoring(), null, SIGSET_BYTES);
}

/** A struct sigaction, the C library's or the kernel's: in both the handler comes first. */
export function ignoring(): Uint8Array<ArrayBuffer> {
  const action = opaque();
  new DataView(action.buffer).setBigUint64(0, SIG_IGN, true);
  return action;
}
