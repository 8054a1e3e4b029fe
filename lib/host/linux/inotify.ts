/**
 * Watching files and folders: inotify(7), through the C library.
 *
 * The runtime's own watcher opens what an event names, and so hangs for ever when somebody makes a FIFO in a watched
 * folder; it also tells of our own reading. This one says which of the watched paths something happened to, and the
 * name in it where that is a folder.
 *
 * One thread of the runtime's pool waits in poll(2); that pending call also keeps the process alive.
 *
 * Touches: the kernel, through libc.ts.
 * @module
 */
import { CallError, cString, type Libc } from "./libc.ts";

const NONBLOCK = 0o4000;
const CLOEXEC = 0o2000000;

const MODIFY = 0x2;
const CLOSE_WRITE = 0x8;
const MOVED_FROM = 0x40;
const MOVED_TO = 0x80;
const CREATE = 0x100;
const DELETE = 0x200;
const DELETE_SELF = 0x400;
const MOVE_SELF = 0x800;
const IGNORED = 0x8000;
const Q_OVERFLOW = 0x4000;
/** What is asked for: nothing that reading brings about. */
const MASK = MODIFY | CLOSE_WRITE | MOVED_FROM | MOVED_TO | CREATE | DELETE | DELETE_SELF | MOVE_SELF;
/** Asks for this too where a path is watched already. */
const MASK_ADD = 0x20000000;

/** A head of 16 bytes for each event: watch, mask, cookie, length of the name. */
const HEAD = 16;
const BUFFER_BYTES = 16_384;

/** Something happened. */
export interface Happening {
  /** The watched path; undefined: events were lost, and it may be any. */
  path?: string;
  /** The name below a watched folder. */
  name?: string;
  /** True if the watch is over: what was watched is gone. */
  over: boolean;
}

/** A set of watched paths. */
export class Inotify {
  readonly #libc: Libc;
  readonly #descriptor: number;
  readonly #paths = new Map<number, string>();
  /** A watch of which nothing is to be told: to take it away wakes the waiting thread. */
  readonly #wake: number;
  #closed = false;

  /** Throws where the kernel has none left to give. */
  constructor(libc: Libc) {
    this.#libc = libc;
    try {
      this.#descriptor = libc.call("inotify_init1", NONBLOCK | CLOEXEC);
    } catch (error) {
      throw new Error(`${(error as Error).message}, see /proc/sys/fs/inotify/max_user_instances`);
    }
    this.#wake = libc.call("inotify_add_watch", this.#descriptor, cString("/"), MOVE_SELF);
  }

  /** Watches a path; false where that cannot be done. */
  watch(path: string): boolean {
    try {
      const watch = this.#libc.call("inotify_add_watch", this.#descriptor, cString(path), MASK | MASK_ADD);
      this.#paths.set(watch, path);
      return true;
    } catch (error) {
      if (error instanceof CallError) return false;
      throw error;
    }
  }

  /** Tells what happens, until {@link close}. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Happening> {
    const buffer = new Uint8Array(BUFFER_BYTES);
    while (!this.#closed) {
      await this.#libc.readable([this.#descriptor]);
      if (!this.#closed) yield* this.#decode(buffer.subarray(0, this.#read(buffer)));
    }
    this.#libc.call("close", this.#descriptor);
  }

  #read(buffer: Uint8Array<ArrayBuffer>): number {
    try {
      return this.#libc.call("read", this.#descriptor, buffer, BigInt(buffer.length));
    } catch (error) {
      if (error instanceof CallError && (error.code === "EAGAIN" || error.code === "EINTR")) return 0;
      throw error;
    }
  }

  /** Ends the watch. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#libc.call("inotify_rm_watch", this.#descriptor, this.#wake);
  }

  *#decode(bytes: Uint8Array): Generator<Happening> {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = 0; at < bytes.length;) {
      const mask = view.getUint32(at + 4, true);
      const length = view.getUint32(at + 12, true);
      const name = new TextDecoder().decode(bytes.subarray(at + HEAD, at + HEAD + length)).replace(/\0+$/, "");
      const watch = view.getInt32(at, true);
      const path = this.#paths.get(watch);
      at += HEAD + length;
      if ((mask & Q_OVERFLOW) !== 0) yield { over: false };
      if (path === undefined) continue;
      const over = (mask & (DELETE_SELF | MOVE_SELF | IGNORED)) !== 0;
      if (over) this.#paths.delete(watch);
      yield name === "" ? { path, over } : { path, name, over };
    }
  }
}
