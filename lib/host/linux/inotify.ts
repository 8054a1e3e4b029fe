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
import type { Libc } from "./libc.ts";

const NONBLOCK = 0o4000;
const CLOEXEC = 0o2000000;
const POLLIN = 1;

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

  /** Throws where the kernel has no watch left to give. */
  constructor(libc: Libc) {
    this.#libc = libc;
    this.#descriptor = libc.inotify_init1(NONBLOCK | CLOEXEC);
    if (this.#descriptor < 0) throw new Error("inotify_init1 failed: see /proc/sys/fs/inotify/max_user_instances");
    this.#wake = libc.inotify_add_watch(this.#descriptor, pathOf("/"), MOVE_SELF);
  }

  /** Watches a path; false where that cannot be done. */
  watch(path: string): boolean {
    const watch = this.#libc.inotify_add_watch(this.#descriptor, pathOf(path), MASK | MASK_ADD);
    if (watch >= 0) this.#paths.set(watch, path);
    return watch >= 0;
  }

  /** Tells what happens, until {@link close}. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Happening> {
    const poll = new Uint8Array(8);
    new DataView(poll.buffer).setInt32(0, this.#descriptor, true);
    new DataView(poll.buffer).setInt16(4, POLLIN, true);
    const buffer = new Uint8Array(BUFFER_BYTES);
    while (!this.#closed) {
      await this.#libc.poll(poll, 1n, -1);
      if (this.#closed) break;
      const length = Number(this.#libc.read(this.#descriptor, buffer, BigInt(buffer.length)));
      if (length > 0) yield* this.#decode(buffer.subarray(0, length));
    }
    this.#libc.close(this.#descriptor);
  }

  /** Ends the watch. */
  close(): void {
    this.#closed = true;
    this.#libc.inotify_rm_watch(this.#descriptor, this.#wake);
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

function pathOf(path: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${path}\0`);
}
