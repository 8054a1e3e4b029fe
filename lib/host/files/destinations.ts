/**
 * The content of destinations: what it is now, and when it changes.
 *
 * Folders are watched, since confd renames a new file into place, and so are the files that exist at the start, since
 * confd writes in place where a file is a bind mount of its own. An event says only that it is time to look; what counts
 * is the digest of the content. Where nothing can be watched, the files are looked at every second.
 *
 * Touches: the file system, reading.
 * @module
 */
import { type Content, type Digest, EMPTY } from "../../core/files.ts";
import { Inotify } from "../linux/inotify.ts";
import type { Libc } from "../linux/libc.ts";
import { after } from "../clock.ts";
import { join, parentOf } from "./paths.ts";

/** How often files that cannot be watched are looked at, in milliseconds. */
const POLL_MS = 1000;
/** Larger files are digested in pieces of this size, in bytes. */
const LARGEST_AT_ONCE = 1 << 20;
/** A file's times say nothing about changes that are this young, in milliseconds: clocks of file systems are coarse. */
const YOUNG_MS = 2000;

/** What is told. */
export interface WatcherOptions {
  /** Undefined: the files are looked at every second. */
  libc?: Libc;
  onChange: (dest: string, content: Content) => void;
  /** A destination has been replaced or written, whether or not its content is another. */
  onTouched: (dest: string) => void;
  /** Watching does not work, and why. */
  onPolling: (reason: string) => void;
}

interface Look {
  digest: Content;
  /** What stat(2) said: identity, size and times. */
  stamp: string;
  /** True if the stamp is old enough to be believed. */
  settled: boolean;
}

/** Looks after a set of destinations. */
export class Watcher {
  readonly #looks = new Map<string, Look>();
  readonly #options: WatcherOptions;
  readonly #busy = new Map<string, { now: Promise<void>; next?: Promise<void> }>();
  #watching: Inotify | undefined;
  readonly #following = new Set<Promise<void>>();
  #callOff = () => {};
  #closed = false;

  constructor(options: WatcherOptions) {
    this.#options = options;
  }

  /** Looks at each destination for the first time, then watches. Returns the digests. */
  async open(dests: readonly string[]): Promise<Map<string, Content>> {
    // Watching comes first: what changes while we look is then not missed.
    for (const dest of dests) this.#looks.set(dest, { digest: null, stamp: "", settled: false });
    this.#watch();
    for (const dest of dests) this.#looks.set(dest, await look(dest));
    return new Map([...this.#looks].map(([dest, { digest }]) => [dest, digest]));
  }

  /** Looks at one destination now, for there is a hint that it changed. Resolves once what is there has been told. */
  check(dest: string): Promise<void> {
    if (!this.#looks.has(dest) || this.#closed) return Promise.resolve();
    const under = this.#busy.get(dest);
    // A look that is under way may have come too early: another follows it, and serves all who ask meanwhile.
    if (under !== undefined) return under.next ??= under.now.then(() => this.check(dest));
    const now = this.#look(dest).finally(() => this.#busy.delete(dest));
    this.#busy.set(dest, { now });
    return now;
  }

  /** Ends the watch. Resolves when nothing of it is left. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#callOff();
    this.#watching?.close();
    this.#watching = undefined;
    await Promise.all(this.#following);
  }

  async #look(dest: string): Promise<void> {
    const before = this.#looks.get(dest)!;
    const after = await look(dest, before);
    if (this.#closed || after === before) return;
    this.#looks.set(dest, after);
    if (after.digest !== before.digest) this.#options.onChange(dest, after.digest);
    else if (after.stamp !== before.stamp) this.#options.onTouched(dest);
  }

  #watch(): void {
    const { libc, onPolling } = this.#options;
    if (libc === undefined) return this.#poll();
    try {
      this.#watching = new Inotify(libc);
    } catch (error) {
      onPolling((error as Error).message);
      return this.#poll();
    }
    const folders = new Set([...this.#looks.keys()].map(parentOf));
    // A file that is a mount of its own is written in place, and its folder does not hear of it.
    for (const dest of this.#looks.keys()) this.#watching.watch(dest);
    const missing = [...folders].filter((folder) => !this.#watching!.watch(folder));
    const following = this.#follow(this.#watching, folders);
    this.#following.add(following);
    following.then(() => this.#following.delete(following));
    if (missing.length > 0) this.#rewatch(this.#watching);
  }

  async #follow(watching: Inotify, folders: ReadonlySet<string>): Promise<void> {
    for await (const { path, name, over } of watching) {
      if (watching !== this.#watching) continue;
      if (path === undefined) this.#checkAll();
      else this.check(name === undefined ? path : join(path, name));
      if (over && folders.has(path!)) this.#rewatch(watching);
    }
  }

  #checkAll(): void {
    for (const dest of this.#looks.keys()) this.check(dest);
  }

  /** A folder is gone, and the watch with it: looks every second until there is one to watch again. */
  #rewatch(watching: Inotify): void {
    this.#watching = undefined;
    watching.close();
    this.#checkAll();
    if (this.#closed) return;
    // While nothing is watched, the timer has to keep the process alive.
    const back = [...this.#looks.keys()].every((dest) => exists(parentOf(dest)));
    if (back) this.#watch();
    else this.#callOff = after(POLL_MS, () => this.#rewatch(watching), { keepsAlive: true });
  }

  #poll(): void {
    this.#callOff = after(POLL_MS, () => {
      this.#checkAll();
      this.#poll();
    }, { keepsAlive: true });
  }
}

/** Looks at a file; returns `before` itself where nothing about the file has changed. */
async function look(dest: string, before?: Look): Promise<Look> {
  try {
    const info = await Deno.stat(dest);
    // To read a FIFO or a device can last for ever: for the service, it is no file.
    if (!info.isFile) throw new Error(`${dest} is not a regular file`);
    const stamp = [info.dev, info.ino, info.size, info.mtime?.getTime(), info.ctime?.getTime()].join(" ");
    const settled = Date.now() - Math.max(info.mtime?.getTime() ?? 0, info.ctime?.getTime() ?? 0) > YOUNG_MS;
    if (before !== undefined && before.stamp === stamp && before.settled) return before;
    return { digest: await digestFile(dest, info.size), stamp, settled };
  } catch {
    // Gone, or not to be read: for the service it is the same.
    return before?.digest === null ? before : { digest: null, stamp: "", settled: false };
  }
}

/** What is in place now; null for what is not there. Throws what else the file system throws. */
export async function contentsOf(dests: readonly string[]): Promise<Map<string, Content>> {
  return new Map(
    await Promise.all(dests.map(async (dest) => {
      return [dest, exists(dest) ? await digestFile(dest) : null] as const;
    })),
  );
}

/**
 * The digest of a file's content. Throws what the file system throws.
 *
 * @param size in bytes, where that is known already.
 */
export async function digestFile(path: string, size?: number): Promise<Digest | typeof EMPTY> {
  if ((size ?? (await Deno.stat(path)).size) > LARGEST_AT_ONCE) return await digestInPieces(path);
  const content = await Deno.readFile(path);
  if (content.length === 0) return EMPTY;
  return new Uint8Array(await crypto.subtle.digest("SHA-256", content)).toHex() as Digest;
}

/** Memory stays flat. The library for it is loaded when there is such a file, since it costs as much as a start. */
async function digestInPieces(path: string): Promise<Digest> {
  using file = await Deno.open(path);
  const { createHash } = await import("node:crypto");
  const hash = createHash("sha256");
  const buffer = new Uint8Array(LARGEST_AT_ONCE);
  for (let read = await file.read(buffer); read !== null; read = await file.read(buffer)) {
    hash.update(buffer.subarray(0, read));
  }
  return hash.digest("hex") as Digest;
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
