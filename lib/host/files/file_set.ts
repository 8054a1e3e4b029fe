/**
 * A set of files with the places that they belong to, in a private folder: whole, or not there.
 *
 * It is written beside an older one, and folders are renamed. What a crash between two renames leaves is found again
 * under its old name. Putting a set in place can be begun anew at any time: it ends with the same files.
 *
 * What a rename brings into effect is on the disk before it: a power cut finds no set that has lost its content.
 *
 * Touches: the file system.
 * @module
 */
import { exists, remove } from "./disk.ts";
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
const FILE_MODE = 0o600;

/** A set of files in a folder of its own. Its methods throw what the file system throws. */
export class FileSet {
  readonly #folder: string;

  /** Nothing is made before there is something to be kept. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** True if there is a copy for each of the destinations. */
  has(dests: readonly string[]): boolean {
    const kept = this.#read()?.list.map(({ dest }) => dest) ?? [];
    return kept.length > 0 && dests.every((dest) => kept.includes(dest));
  }

  /** Takes copies, all or none. */
  write(sources: readonly Source[]): void {
    const next = `${this.#folder}.new`;
    remove(next);
    Deno.mkdirSync(next, { recursive: true, mode: FOLDER_MODE });
    const list = sources.map(({ from, ...member }, i): Member => {
      writeNew(`${next}/${i}`, Deno.readFileSync(from));
      return member;
    });
    writeNew(`${next}/${LIST}`, new TextEncoder().encode(JSON.stringify(list)));
    sync(next);
    takeFolder(next, this.#folder);
  }

  /** Moves the set, at one stroke. */
  moveTo(other: FileSet): void {
    takeFolder(this.#folder, other.#folder);
  }

  /** The members, each with the path of its copy. */
  members(): { member: Member; copy: string }[] {
    const set = this.#read();
    if (set === undefined) return [];
    return set.list.map((member, i) => ({ member, copy: `${set.folder}/${i}` }));
  }

  /**
   * Puts the copies in their places: all of them, or those of some destinations. What fails leaves what was there. A set
   * of an earlier run, for some destinations, sets no bit for setuid, setgid or sticky: they were not asked for in this.
   */
  putInPlace(dests?: readonly string[]): void {
    const chosen = dests === undefined ? this.members() : this.members()
      .filter(({ member }) => dests.includes(member.dest))
      .map(({ member, copy }) => ({ member: { ...member, mode: member.mode & 0o777 }, copy }));
    // What is likely to fail, such as a folder that is gone or a full disk, fails before anything is replaced.
    const placings: Placing[] = [];
    try {
      for (const { member, copy } of chosen) placings.push(new Placing(member, Deno.readFileSync(copy)));
      for (const placing of placings) placing.prepare();
      for (const placing of placings) placing.replace();
    } catch (error) {
      for (const placing of placings) placing.undo();
      throw error;
    }
    for (const folder of new Set(placings.map(({ member }) => parentOf(member.dest)))) sync(folder);
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

/** A file as it was. */
type Kept = Omit<Member, "dest"> & { content: Uint8Array };

/** One copy on its way to its place, and the way back. */
class Placing {
  readonly member: Member;
  readonly #content: Uint8Array;
  /** Always the same name: what a crash leaves is taken over when the set is put in place again. */
  readonly #temporary: string;
  #before: Kept | null | undefined;
  #isReplaced = false;

  constructor(member: Member, content: Uint8Array) {
    this.member = member;
    this.#content = content;
    this.#temporary = `${parentOf(member.dest)}/.${nameOf(member.dest)}.sidecar.new`;
  }

  prepare(): void {
    this.#before = existing(this.member.dest);
    this.#write(this.#content, this.member);
  }

  replace(): void {
    this.#rename(this.#content);
  }

  undo(): void {
    remove(this.#temporary);
    if (!this.#isReplaced || this.#before === undefined) return;
    try {
      if (this.#before === null) return Deno.removeSync(this.member.dest);
      this.#write(this.#before.content, this.#before);
      this.#rename(this.#before.content);
    } catch {
      // The set is still there, to be put in place again.
    }
  }

  #write(content: Uint8Array, { mode, uid, gid }: Omit<Member, "dest">): void {
    remove(this.#temporary);
    writeNew(this.#temporary, content);
    Deno.chmodSync(this.#temporary, mode);
    const { uid: ours, gid: group } = Deno.statSync(this.#temporary);
    if (ours === uid && group === gid) return;
    Deno.chownSync(this.#temporary, uid, gid);
    // A change of the owner takes the bits for setuid and setgid away.
    Deno.chmodSync(this.#temporary, mode);
  }

  /** By a rename, so that nobody sees half a file; in place where the destination is a mount of its own. */
  #rename(content: Uint8Array): void {
    try {
      Deno.renameSync(this.#temporary, this.member.dest);
      this.#isReplaced = true;
    } catch (error) {
      if ((error as { code?: string }).code !== "EBUSY") throw error;
      this.#isReplaced = true;
      writeAndSync(this.member.dest, content, { write: true, truncate: true });
      remove(this.#temporary);
    }
  }
}

/** A file as it is; null where there is none, undefined where it may not be read. */
function existing(path: string): Kept | null | undefined {
  try {
    const { isFile, mode, uid, gid } = Deno.statSync(path);
    if (!isFile) throw new NotRegular(`${path} is not a regular file, and is not replaced`);
    return { content: Deno.readFileSync(path), mode: (mode ?? FILE_MODE) & 0o7777, uid: uid ?? 0, gid: gid ?? 0 };
  } catch (error) {
    if (error instanceof NotRegular) throw error;
    return error instanceof Deno.errors.NotFound ? null : undefined;
  }
}

class NotRegular extends Error {}

/** A set stays under its old name until the new one is there. */
function takeFolder(from: string, to: string): void {
  const old = `${to}.old`;
  // Where a crash has left the old name alone, that is the one set that there is.
  if (exists(to)) {
    removeSet(old);
    Deno.renameSync(to, old);
  }
  Deno.renameSync(from, to);
  sync(parentOf(to));
  removeSet(old);
}

/** The list first: a set that has lost some of its copies must not be taken for one. */
function removeSet(folder: string): void {
  remove(`${folder}/${LIST}`);
  remove(folder);
}

function writeNew(path: string, content: Uint8Array): void {
  writeAndSync(path, content, { write: true, createNew: true, mode: FILE_MODE });
}

function writeAndSync(path: string, content: Uint8Array, options: Deno.OpenOptions): void {
  using file = Deno.openSync(path, options);
  for (let done = 0; done < content.length;) done += file.writeSync(content.subarray(done));
  file.syncSync();
}

/** Brings the names in a folder to the disk. */
function sync(folder: string): void {
  try {
    using file = Deno.openSync(folder);
    file.syncSync();
  } catch {
    // Some file systems, and folders that may be written but not read, do not have that.
  }
}
