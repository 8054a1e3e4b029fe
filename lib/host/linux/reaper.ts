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
import { signalName } from "../../core/signals.ts";
import { after } from "../clock.ts";
import { CallError, type Libc, opaque } from "./libc.ts";
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
}

/** Somebody who waits for a child. */
interface Waiting {
  onEnded: (ending: ExitStatus) => void;
  onStopped?: (signal: number) => void;
}

/** What waitid(2) says of a child. */
interface Changed {
  pid: number;
  /** True if it ended by itself, and `status` is its exit status; else that is a signal. */
  exited: boolean;
  status: number;
}

/** Takes dead children. */
export class Reaper {
  readonly #options: ReaperOptions;
  readonly #awaited = new Map<number, Waiting>();
  readonly #siginfo = opaque();
  readonly #info = new Int32Array(this.#siginfo.buffer);
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
    try {
      this.#options.libc.call("prctl", PR_SET_CHILD_SUBREAPER, 1n, 0n, 0n, 0n);
      return true;
    } catch (error) {
      if (error instanceof CallError) return false;
      throw error;
    }
  }

  /**
   * Resolves when a child of ours that the runtime does not know of has ended. `onStopped` is called each time that a
   * signal has stopped it, where that matters to somebody.
   */
  wait(pid: number, onStopped?: (signal: number) => void): Promise<ExitStatus> {
    const { promise, resolve } = Promise.withResolvers<ExitStatus>();
    this.#awaited.set(pid, { onEnded: resolve, onStopped });
    return promise;
  }

  /** Takes every child that is dead by now. */
  reap(): void {
    this.#callOff();
    const { libc, isRuntimes } = this.#options;
    for (let dead = this.#waitid(P_ALL, 0, WEXITED | WNOWAIT); dead !== undefined;) {
      const { pid } = dead;
      if (isRuntimes(pid)) {
        this.#callOff = after(AGAIN_MS, () => this.reap());
        return;
      }
      if (libc.call("waitpid", pid, null, WNOHANG) !== pid) return;
      this.#tell(dead);
      dead = this.#waitid(P_ALL, 0, WEXITED | WNOWAIT);
    }
  }

  /** Tells of awaited children that have stopped. */
  #look(): void {
    for (const [pid, { onStopped }] of this.#awaited) {
      if (onStopped === undefined) continue;
      const stopped = this.#waitid(P_PID, pid, WSTOPPED);
      if (stopped !== undefined) onStopped(stopped.status);
    }
  }

  /** A child that has ended or stopped; undefined: there is none. */
  #waitid(which: number, pid: number, what: number): Changed | undefined {
    const info = this.#info;
    info[SI_PID] = 0;
    try {
      this.#options.libc.call("waitid", which, pid, this.#siginfo, what | WNOHANG);
    } catch (error) {
      // ECHILD: there is no child at all.
      if (error instanceof CallError) return undefined;
      throw error;
    }
    if (info[SI_PID] === 0) return undefined;
    return { pid: info[SI_PID], exited: info[SI_CODE] === CLD_EXITED, status: info[SI_STATUS] };
  }

  #tell({ pid, exited, status }: Changed): void {
    const waiting = this.#awaited.get(pid);
    if (waiting === undefined) {
      this.orphans++;
      return;
    }
    this.#awaited.delete(pid);
    const signal = exited ? null : signalName(status);
    waiting.onEnded({ code: exited ? status : 128 + status, signal });
  }
}
