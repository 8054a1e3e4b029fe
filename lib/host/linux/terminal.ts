/**
 * The terminal on standard input: the service's process group stands in front of it, as a shell's job would.
 *
 * Keys such as Ctrl-Z then stop the service's group and not us, and whoever started us would wait for ever. So when the
 * service stops we stop too, and let it go on when we are continued.
 *
 * Touches: the terminal, process groups and two of our own signal dispositions, through libc.ts.
 * @module
 */
import { SIGNAL_NUMBERS } from "../../core/signals.ts";
import { CallError, type Libc, opaque, signalSet } from "./libc.ts";
import { bitOf } from "./proc.ts";

const { SIGCONT, SIGTSTP, SIGTTIN, SIGTTOU } = SIGNAL_NUMBERS;
const STDIN = 0;
const SIG_BLOCK = 0;
const SIG_SETMASK = 2;

/** The terminal on standard input, where there is one. */
export class Terminal {
  readonly #libc: Libc;

  constructor(libc: Libc) {
    this.#libc = libc;
  }

  /** True if standard input is our terminal and we are in front of it: then the service has to be. */
  isInFront(): boolean {
    return Deno.stdin.isTerminal() && this.#front() === this.#libc.call("getpgrp");
  }

  /** Goes back in front of the terminal when the group that stood there has ended. */
  takeBackFrom(group: number): void {
    if (this.#front() === group) this.#putInFront(this.#libc.call("getpgrp"));
  }

  /** To be called when the service has stopped by a signal: does for its group what a shell would do for a job. */
  follow(group: number, signal: number): void {
    if (signal !== SIGTSTP && signal !== SIGTTIN && signal !== SIGTTOU) return;
    const front = this.#front();
    if (front === undefined) return;
    const ours = this.#libc.call("getpgrp");
    if (front === group) this.#putInFront(ours);
    // It stopped since it was not in front, and now that we are it can be: no reason to stop.
    if (signal === SIGTSTP || front !== ours) this.#stop();
    if (this.#front() === ours) this.#putInFront(group);
    this.#attempt(() => this.#libc.call("kill", -group, SIGCONT));
  }

  /** The group in front; undefined where there is no terminal, or where it has gone. */
  #front(): number | undefined {
    return this.#attempt(() => this.#libc.call("tcgetpgrp", STDIN));
  }

  /** The kernel stops who does this from behind, unless SIGTTOU is blocked. */
  #putInFront(group: number): void {
    const before = opaque();
    this.#libc.check("pthread_sigmask", SIG_BLOCK, signalSet(bitOf(SIGTTOU)), before);
    this.#attempt(() => this.#libc.call("tcsetpgrp", STDIN, group));
    this.#libc.check("pthread_sigmask", SIG_SETMASK, before, null);
  }

  /**
   * Stops our whole group, as the terminal would have done; returns when somebody continues it. Where nobody could, the
   * kernel makes nothing of it and this returns at once: as process 1, or with no shell above us.
   */
  #stop(): void {
    const before = [SIGTSTP, SIGCONT].map((signal) => {
      const handler = opaque();
      this.#libc.call("sigaction", signal, opaque(), handler);
      return { signal, handler };
    });
    this.#libc.call("kill", 0, SIGTSTP);
    for (const { signal, handler } of before) this.#libc.call("sigaction", signal, handler, null);
  }

  /** A terminal that was hung up, or a group that has just ended, is no reason to fail: undefined. */
  #attempt<T>(act: () => T): T | undefined {
    try {
      return act();
    } catch (error) {
      if (error instanceof CallError) return undefined;
      throw error;
    }
  }
}
