/**
 * Standard error, written without ever blocking the sidecar.
 *
 * Whoever reads our standard error may be slow, stuck or gone; a supervisor has to stay awake all the same. Writes are
 * queued and done in the background. The queue has a limit: a writer that can wait asks for `room` first.
 *
 * Touches: standard error.
 * @module
 */
import { concat } from "./bytes.ts";
import { after, sleep } from "../clock.ts";

/** The queue's limit in bytes. */
const LIMIT = 1 << 20;
/** How much is written at once, in bytes: a reader who takes his time must not look like one who takes nothing. */
const PIECE = 1 << 14;
const NEWLINE = 10;
/** How long a reader may take nothing before what cannot wait any longer is dropped, in milliseconds. */
const PATIENCE_MS = 1000;
/** How long to wait before a descriptor that somebody made non-blocking is tried again, in milliseconds. */
const AGAIN_MS = 10;

/** A place for bytes, in order. */
export class Output {
  #queue: Uint8Array[] = [];
  #queued = 0;
  #pumping: Promise<void> | undefined;
  #closed = false;
  /** True once the reader has taken nothing for {@link PATIENCE_MS}, until he takes something again. */
  #stuck = false;
  #waiting: ((woken: true) => void)[] = [];

  /** Queues bytes; they belong to the output from then on. */
  write(bytes: Uint8Array): void {
    if (this.#closed || bytes.length === 0) return;
    this.#queue.push(bytes);
    this.#queued += bytes.length;
    this.#pumping ??= this.#pump();
  }

  /**
   * Resolves with true once there is room, or with false if the reader took nothing for {@link PATIENCE_MS}. Patience is
   * lost once and not for each writer anew: until the reader takes something, nobody waits for him again.
   */
  async room(): Promise<boolean> {
    while (this.#queued >= LIMIT && !this.#closed) {
      if (!this.#stuck) this.#stuck = !await this.#progress(PATIENCE_MS);
      if (this.#stuck) return false;
    }
    return true;
  }

  /** Resolves when all is written, or when `ms` have passed without that. */
  async flush(ms: number): Promise<void> {
    const deadline = performance.now() + ms;
    while (this.#queued > 0 && performance.now() < deadline) await this.#progress(deadline - performance.now());
  }

  /** Resolves with true when something was written, or with false after `ms`. */
  #progress(ms: number): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#waiting.push(resolve);
    const callOff = after(ms, () => resolve(false));
    return promise.finally(callOff);
  }

  async #pump(): Promise<void> {
    while (this.#queue.length > 0) {
      const bytes = concat(this.#queue);
      this.#queue = [];
      await this.#writeAll(bytes);
    }
    this.#pumping = undefined;
  }

  async #writeAll(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      try {
        const piece = pieceOf(bytes.subarray(done));
        const taken = this.#closed ? piece.length : await Deno.stderr.write(piece);
        done += taken;
        this.#queued -= taken;
        this.#stuck = false;
        for (const wake of this.#waiting.splice(0)) wake(true);
      } catch (error) {
        // A closed standard error is no reason to stop looking after the service.
        if (error instanceof Deno.errors.WouldBlock) await again();
        else this.#closed = true;
      }
    }
  }
}

/** The first lines that make up a piece: the service writes to the same place, and between two of ours. */
function pieceOf(bytes: Uint8Array): Uint8Array {
  if (bytes.length <= PIECE) return bytes;
  return bytes.subarray(0, bytes.lastIndexOf(NEWLINE, PIECE - 1) + 1 || PIECE);
}

/** At the end of a run nothing else may keep the process alive. */
function again(): Promise<void> {
  return sleep(AGAIN_MS, { keepsAlive: true });
}
