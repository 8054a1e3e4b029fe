/**
 * A set of files with the places that they belong to, in a private folder: whole, or not there.
 *
 * It is written beside an older one, and folders are renamed. What a crash between two renames leaves is found again
 * under its old name. Putting a set in place can be begun anew at any time: it ends with the same files.
 *
 * What a rename brings into effect is on the disk before it: a power cut finds no set that has lost its content. However
 * many files there are, and however large they are, the event loop goes on between them and memory stays flat.
 *
 * Touches: the file system.
 * @module
 */
import type { Libc } from "../linux/libc.ts";
import { copyInto, copyNew, exists, flush, remove, syncFolder, writeNew } from "./disk.ts";
import { nameOf, parentOf } from "./paths.ts";

/** One file of a set; its copy lies in the set's folder, by its number in the list. */
export interface Member {
  dest: string;
  mode: number;
  uid: number;
  gid: number;
}

/** A member to be, and where its content comes from. */
export interface Source extends Member {
  from: string;
}

const LIST = "files.json";
/** Copies may hold secrets. */
const FOLDER_MODE = 0o700;

/** A set of files in a folder of its own. Its methods throw what the file system throws. */
export class FileSet {
  readonly #folder: string;
  readonly #libc: Libc | undefined;

  /** Nothing is made before there is something to be kept. */
  constructor(folder: string, libc?: Libc) {
    this.#folder = folder;
    this.#libc = libc;
  }

  /** True if there is a copy for each of the destinations. */
  has(dests: readonly string[]): boolean {
    const kept = new Set(this.#read()?.list.map(({ dest }) => dest));
    return kept.size > 0 && dests.every((dest) => kept.has(dest));
  }

  /** True if there is no set. */
  get isEmpty(): boolean {
    return this.#read() === undefined;
  }

  /** Takes copies, all or none. */
  async write(sources: readonly Source[]): Promise<void> {
    const next = `${this.#folder}.new`;
    remove(next);
    Deno.mkdirSync(next, { recursive: true, mode: FOLDER_MODE });
    const copies = sources.map((_, i) => `${next}/${i}`);
    for (const [i, { from }] of sources.entries()) await copyNew(from, copies[i]);
    const list = sources.map(({ dest, mode, uid, gid }): Member => ({ dest, mode, uid, gid }));
    writeNew(`${next}/${LIST}`, new TextEncoder().encode(JSON.stringify(list)));
    await flush([...copies, `${next}/${LIST}`], this.#libc);
    await syncFolder(next);
    await takeFolder(next, this.#folder);
  }

  /** Moves the set, at one stroke. */
  async moveTo(other: FileSet): Promise<void> {
    await takeFolder(this.#folder, other.#folder);
  }

  /** The members, each with the path of its copy. */
  members(): { member: Member; copy: string }[] {
    const set = this.#read();
    if (set === undefined) return [];
    return set.list.map((member, i) => ({ member, copy: `${set.folder}/${i}` }));
  }

  /**
   * Puts the copies in their places: all of them, or those of some destinations. What fails leaves what was there; what
   * `signal` ends is left half-done, as a crash would leave it, for the next start to complete. A set of an earlier run,
   * for some destinations, sets no bit for setuid, setgid or sticky: they were not asked for in this.
   */
  async putInPlace({ dests, signal }: { dests?: readonly string[]; signal?: AbortSignal } = {}): Promise<void> {
    const wanted = new Set(dests);
    const chosen = dests === undefined ? this.members() : this.members()
      .filter(({ member }) => wanted.has(member.dest))
      .map(({ member, copy }) => ({ member: { ...member, mode: member.mode & 0o777 }, copy }));
    const placings = chosen.map(({ member, copy }) => new Placing(member, copy));
    // What is likely to fail, such as a folder that is gone or a full disk, fails before anything is replaced.
    try {
      for (const placing of placings) {
        signal?.throwIfAborted();
        await placing.prepare();
      }
      await flush(placings.map(({ temporary }) => temporary), this.#libc);
      for (const placing of placings) {
        signal?.throwIfAborted();
        await placing.replace();
      }
    } catch (error) {
      if (signal?.aborted) throw error;
      for (const placing of placings) await placing.undo();
      throw error;
    }
    for (const folder of new Set(placings.map(({ member }) => parentOf(member.dest)))) await syncFolder(folder);
    for (const placing of placings) placing.forget();
  }

  /** Those of some destinations that the set has no file for. */
  without(dests: readonly string[]): string[] {
    const kept = new Set(this.members().map(({ member }) => member.dest));
    return dests.filter((dest) => !kept.has(dest));
  }

  /** The older one first: what a crash leaves must not be it. */
  remove(): void {
    removeSet(`${this.#folder}.old`);
    removeSet(this.#folder);
  }

  #read(): { folder: string; list: Member[] } | undefined {
    for (const folder of [this.#folder, `${this.#folder}.old`]) {
      try {
        const list: unknown = JSON.parse(readRegular(`${folder}/${LIST}`));
        if (!Array.isArray(list) || !list.every(isMember)) continue;
        if (!list.every((_, i) => Deno.lstatSync(`${folder}/${i}`).isFile)) continue;
        return { folder, list };
      } catch {
        // Not there, or not whole: then the other may be.
      }
    }
    return undefined;
  }
}

/** To read what is no regular file can last for ever. */
function readRegular(path: string): string {
  if (!Deno.lstatSync(path).isFile) throw new Error(`${path} is not a regular file`);
  return Deno.readTextFileSync(path);
}

function isMember(value: unknown): value is Member {
  const { dest, mode, uid, gid } = (value ?? {}) as Partial<Record<keyof Member, unknown>>;
  return typeof dest === "string" && dest.startsWith("/") && [mode, uid, gid].every((n) => Number.isInteger(n));
}

/** One copy on its way to its place, and the way back. */
class Placing {
  readonly member: Member;
  readonly #copy: string;
  /** Always the same names: what a crash leaves is taken over when the set is put in place again. */
  readonly temporary: string;
  readonly #old: string;
  #before: "unknown" | "none" | "kept" = "unknown";
  #isReplaced = false;

  constructor(member: Member, copy: string) {
    this.member = member;
    this.#copy = copy;
    this.temporary = `${parentOf(member.dest)}/.${nameOf(member.dest)}.sidecar.new`;
    this.#old = `${parentOf(member.dest)}/.${nameOf(member.dest)}.sidecar.old`;
  }

  async prepare(): Promise<void> {
    const { mode, uid, gid, dest } = this.member;
    remove(this.temporary);
    remove(this.#old);
    this.#before = await keepOld(dest, this.#old);
    await copyNew(this.#copy, this.temporary);
    Deno.chmodSync(this.temporary, mode);
    const { uid: ours, gid: group } = Deno.lstatSync(this.temporary);
    if (ours === uid && group === gid) return;
    Deno.chownSync(this.temporary, uid, gid);
    // A change of the owner takes the bits for setuid and setgid away.
    Deno.chmodSync(this.temporary, mode);
  }

  async replace(): Promise<void> {
    await this.#rename(this.temporary);
  }

  async undo(): Promise<void> {
    try {
      if (this.#isReplaced && this.#before === "none") Deno.removeSync(this.member.dest);
      if (this.#isReplaced && this.#before === "kept") await this.#rename(this.#old);
    } catch {
      // The set is still there, to be put in place again.
    }
    this.forget();
  }

  /** What was there is not needed any more. */
  forget(): void {
    remove(this.temporary);
    if (this.#before === "kept") remove(this.#old);
  }

  /** By a rename, so that nobody sees half a file; in place where the destination is a mount of its own. */
  async #rename(from: string): Promise<void> {
    try {
      Deno.renameSync(from, this.member.dest);
      this.#isReplaced = true;
    } catch (error) {
      if ((error as { code?: string }).code !== "EBUSY") throw error;
      this.#isReplaced = true;
      await copyInto(from, this.member.dest);
    }
  }
}

/** Keeps what is in place under another name, for the way back. */
async function keepOld(dest: string, old: string): Promise<"unknown" | "none" | "kept"> {
  let info: Deno.FileInfo;
  try {
    info = Deno.statSync(dest);
  } catch (error) {
    return error instanceof Deno.errors.NotFound ? "none" : "unknown";
  }
  if (!info.isFile) throw new Error(`${dest} is not a regular file, and is not replaced`);
  try {
    Deno.linkSync(dest, old);
    return "kept";
  } catch {
    // A mount of its own, another user's file, or a file system without links: then a copy.
  }
  try {
    await copyNew(dest, old);
    Deno.chmodSync(old, (info.mode ?? 0o600) & 0o7777);
    return "kept";
  } catch {
    remove(old);
    return "unknown";
  }
}

/** A set stays under its old name until the new one is there. */
async function takeFolder(from: string, to: string): Promise<void> {
  const old = `${to}.old`;
  // Where a crash has left the old name alone, that is the one set that there is.
  if (exists(to)) {
    removeSet(old);
    Deno.renameSync(to, old);
  }
  Deno.renameSync(from, to);
  await syncFolder(parentOf(to));
  removeSet(old);
}

/** The list first: a set that has lost some of its copies must not be taken for one. */
function removeSet(folder: string): void {
  remove(`${folder}/${LIST}`);
  remove(folder);
}
