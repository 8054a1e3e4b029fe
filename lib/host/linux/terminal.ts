/**
 * The terminal on standard input: the service's process group stands in front of it, as a shell's job would.
 *
 * Keys such as Ctrl-Z then stop the service's group and not us, and whoever started us would wait for ever. So when the
 * service stops we stop too, and let it go on when we are continued.
 *
 * Touches: the terminal, process groups and two of our own signal dispositions, through libc.ts.
 * @module
 */
import type { Libc } from "./libc.ts";

const SIGCONT = 18;
const SIGTSTP = 20;
const SIGTTIN = 21;
const SIGTTOU = 22;
const STDIN = 0;
const SIG_BLOCK = 0;
const SIG_SETMASK = 2;
/** More than glibc's sigset_t and struct sigaction. */
const OPAQUE_BYTES = 256;

/** The terminal on standard input, where there is one. */
export class Terminal {
  readonly #libc: Libc;

  constructor(libc: Libc) {
    this.#libc = libc;
  }

  /** True if standard input is our terminal and we are in front of it: then the service has to be. */
  isInFront(): boolean {
    return Deno.stdin.isTerminal() && this.#libc.tcgetpgrp(STDIN) === this.#libc.getpgrp();
  }

  /** Goes back in front of the terminal when the group that stood there has ended. */
  takeBackFrom(group: number): void {
    if (this.#libc.tcgetpgrp(STDIN) === group) putInFront(this.#libc, this.#libc.getpgrp());
  }

  /** To be called when the service has stopped by a signal: does for its group what a shell would do for a job. */
  follow(group: number, signal: number): void {
    if (![SIGTSTP, SIGTTIN, SIGTTOU].includes(signal)) return;
    const libc = this.#libc;
    const front = libc.tcgetpgrp(STDIN);
    if (front === -1) return;
    const ours = libc.getpgrp();
    if (front === group) putInFront(libc, ours);
    // It stopped since it was not in front, and now that we are it can be: no reason to stop.
    if (signal === SIGTSTP || front !== ours) stop(libc);
    if (libc.tcgetpgrp(STDIN) === ours) putInFront(libc, group);
    libc.kill(-group, SIGCONT);
  }
}

/**
 * Stops our whole group, as the terminal would have done; returns when somebody continues it. Where nobody could, the
 * kernel makes nothing of it and this returns at once: as process 1, or with no shell above us.
 */
function stop(libc: Libc): void {
  const before = [SIGTSTP, SIGCONT].map((signal) => {
    const handler = opaque();
    libc.sigaction(signal, opaque(), handler);
    return { signal, handler };
  });
  libc.kill(0, SIGTSTP);
  for (const { signal, handler } of before) libc.sigaction(signal, handler, opaque());
}

/** The kernel stops who does this from behind, unless SIGTTOU is blocked. */
function putInFront(libc: Libc, group: number): void {
  const before = opaque();
  const blocked = new BigUint64Array(OPAQUE_BYTES / 8);
  blocked[0] = 1n << BigInt(SIGTTOU - 1);
  libc.pthread_sigmask(SIG_BLOCK, new Uint8Array(blocked.buffer), before);
  libc.tcsetpgrp(STDIN, group);
  libc.pthread_sigmask(SIG_SETMASK, before, opaque());
}

/** Zeros: as a struct sigaction they stand for SIG_DFL. */
function opaque(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(OPAQUE_BYTES);
}
