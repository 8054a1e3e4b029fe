/**
 * Signals that the runtime cannot listen for, and that would end the sidecar at once and leave confd and the service behind.
 *
 * SIGILL and SIGFPE are ignored: that holds for those that somebody sends, while the kernel ends a process all the same
 * that makes such a fault itself (force_sig in the kernel's signal.c). So are 32 and 33, which are the C library's own.
 *
 * Real-time signals are received. Their handler is the C library's eventfd_write(3), which may be called from a signal's
 * handler and gets the signal's number as its first argument, and as its second one the address of a siginfo_t. So signal
 * 34 writes to descriptor 34: for each signal there is an eventfd(2) of its number. None of that is inherited by the
 * programs that we start.
 *
 * Touches: this process's own signal dispositions, and its descriptors 34 to 64, through libc.ts.
 * @module
 */
import { SIGNAL_NUMBERS } from "../../core/signals.ts";
import { type Libc, opaque } from "./libc.ts";
import { descriptors } from "./proc.ts";

const SIG_IGN = 1n;
/** Those that programs may use, as the C library has it. */
const REAL_TIME = Array.from({ length: 31 }, (_, i) => 34 + i);
const LIBRARYS_OWN = [32, 33];
/** Numbers of rt_sigaction(2): the C library's sigaction(3) refuses its own signals. */
const RT_SIGACTION: Readonly<Record<string, bigint>> = { x86_64: 13n, aarch64: 134n };
const SIGSET_BYTES = 8n;
const CLOEXEC = 0o2000000;
const NONBLOCK = 0o4000;

/** Faults that somebody may send, and that are ignored then. */
export const SENT_FAULTS: readonly number[] = [SIGNAL_NUMBERS.SIGILL, SIGNAL_NUMBERS.SIGFPE];

/** Takes care of them. There has to be a listener for SIGTERM: its flags serve for real-time signals too. */
export function receiveOthers(libc: Libc, onSignal: (signal: number) => void): void {
  for (const signal of SENT_FAULTS) libc.call("sigaction", signal, withHandler(SIG_IGN), null);
  const number = RT_SIGACTION[Deno.build.arch];
  for (const signal of number === undefined ? [] : LIBRARYS_OWN) {
    libc.call("syscall", number, BigInt(signal), withHandler(SIG_IGN), null, SIGSET_BYTES);
  }
  const runtimes = opaque();
  libc.call("sigaction", SIGNAL_NUMBERS.SIGTERM, null, runtimes);
  const action = withHandler(libc.addressOf("eventfd_write"), runtimes);
  const taken = descriptors();
  const received = REAL_TIME.filter((signal) => !taken.has(signal));
  for (const signal of received) makeDescriptor(libc, signal);
  // Whoever has taken that descriptor is not written to: the runtime's own handler does nothing for such a signal.
  for (const signal of REAL_TIME) {
    libc.call("sigaction", signal, received.includes(signal) ? action : runtimes, null);
  }
  report(libc, received, onSignal);
}

/** A struct sigaction, the C library's or the kernel's: in both the handler comes first. */
export function ignoring(): Uint8Array<ArrayBuffer> {
  return withHandler(SIG_IGN);
}

function withHandler(handler: bigint, like = opaque()): Uint8Array<ArrayBuffer> {
  const action = like.slice();
  new DataView(action.buffer).setBigUint64(0, handler, true);
  return action;
}

/** An eventfd of the number that is wanted. */
function makeDescriptor(libc: Libc, wanted: number): void {
  const made = libc.call("eventfd", 0, CLOEXEC | NONBLOCK);
  if (made === wanted) return;
  libc.call("dup3", made, wanted, CLOEXEC);
  libc.call("close", made);
}

/** Says each time that a signal has come; several that come at once may be one. */
async function report(libc: Libc, signals: readonly number[], onSignal: (signal: number) => void): Promise<void> {
  const count = new Uint8Array(8);
  while (signals.length > 0) {
    for (const signal of await libc.readable(signals)) {
      libc.call("read", signal, count, 8n);
      onSignal(signal);
    }
  }
}
