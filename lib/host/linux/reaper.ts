/**
 * Waiting for children that the runtime does not know of: the service, and orphans that are handed to process 1 or to a
 * subreaper.
 *
 * A dead child is looked at before it is taken (WNOWAIT), and taken by its number: one that is the runtime's own is left
 * alone, so no status is ever stolen. Nothing is done while nobody dies.
 *
 * Touches: dead children, through libc.ts; the SIGCHLD handler.
 * @module
 */
import { after } from "../clock.ts";
import type { Libc } from "./libc.ts";
import type { ExitStatus } from "../processes/processes.ts";

const P_ALL = 0;
const P_PID = 1;
const WNOHANG = 1;
const WSTOPPED = 2;
const WEXITED = 4;
const WNOWAIT = 0x01000000;
const CLD_EXITED = 1;
const PR_SET_CHILD_SUBREAPER = 36;
/** siginfo_t of a dead child, on 64-bit Linux: numbers of 4 bytes at these places. */
const SI_CODE = 2;
const SI_PID = 4;
const SI_STATUS = 6;
/** How soon to look again when a child of the runtime's own, not yet taken by it, stands before others. */
const AGAIN_MS = 5;

/** What a reaper needs to know. */
export interface ReaperOptions {
  libc: Libc;
  /** True for a child that the runtime itself waits for. */
  isRuntimes: (pid: number) => boolean;
  signalName: (number: number) => string;
}

/** Somebody who waits for a child. */
interface Waiting {
  onEnded: (ending: ExitStatus) => void;
  onStopped: (signal: number) => void;
}

/** Takes dead children. */
export class Reaper {
  readonly #options: ReaperOptions;
  readonly #awaited = new Map<number, Waiting>();
  #callOff = () => {};
  /** How many orphans were taken. */
  orphans = 0;

  constructor(options: ReaperOptions) {
    this.#options = options;
    Deno.addSignalListener("SIGCHLD", () => {
      this.reap();
      this.#look();
    });
  }

  /** Has orphans among our descendants handed to us even where we are not process 1. False: the kernel refused. */
  becomeSubreaper(): boolean {
    return this.#options.libc.prctl(PR_SET_CHILD_SUBREAPER, 1n, 0n, 0n, 0n) === 0;
  }

  /**
   * Resolves when a child of ours that the runtime does not know of has ended. `onStopped` is called each time that a
   * signal has stopped it.
   */
  wait(pid: number, onStopped: (signal: number) => void): Promise<ExitStatus> {
    const { promise, resolve } = Promise.withResolvers<ExitStatus>();
    this.#awaited.set(pid, { onEnded: resolve, onStopped });
    return promise;
  }

  /** Takes every child that is dead by now. */
  reap(): void {
    this.#callOff();
    const { libc, isRuntimes } = this.#options;
    const bytes = new Uint8Array(128);
    const info = new Int32Array(bytes.buffer);
    while (true) {
      info.fill(0);
      const result = libc.waitid(P_ALL, 0, bytes, WEXITED | WNOHANG | WNOWAIT);
      const pid = info[SI_PID];
      if (result !== 0 || pid === 0) return;
      if (isRuntimes(pid)) {
        this.#callOff = after(AGAIN_MS, () => this.reap());
        return;
      }
      if (libc.waitpid(pid, new Uint8Array(4), WNOHANG) !== pid) return;
      this.#tell(pid, info[SI_CODE] === CLD_EXITED, info[SI_STATUS]);
    }
  }

  /** Tells of awaited children that have stopped. */
  #look(): void {
    for (const [pid, { onStopped }] of this.#awaited) {
      const bytes = new Uint8Array(128);
      const info = new Int32Array(bytes.buffer);
      if (this.#options.libc.waitid(P_PID, pid, bytes, WSTOPPED | WNOHANG) !== 0) continue;
      if (info[SI_PID] === pid) onStopped(info[SI_STATUS]);
    }
  }

  #tell(pid: number, exited: boolean, status: number): void {
    const waiting = this.#awaited.get(pid);
    if (waiting === undefined) {
      this.orphans++;
      return;
    }
    this.#awaited.delete(pid);
    const signal = exited ? null : this.#options.signalName(status);
    waiting.onEnded({ code: exited ? status : 128 + status, signal });
  }
}
