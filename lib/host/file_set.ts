/**
 * A set of files with the places that they belong to, in a private folder: whole, or not there.
 *
 * It is written beside an older one, and folders are renamed. What a crash between two renames leaves is found again
 * under its old name. Putting a set in place can be begun anew at any time: it ends with the same files.
 *
 * Touches: the file system.
 * @module
 */
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
      Deno.writeFileSync(`${next}/${i}`, Deno.readFileSync(from), { createNew: true, mode: FILE_MODE });
      return member;
    });
    Deno.writeTextFileSync(`${next}/${LIST}`, JSON.stringify(list), { createNew: true, mode: FILE_MODE });
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

  /** Puts the copies in their places: all of them, or those of some destinations. */
  putInPlace(dests?: readonly string[]): void {
    for (const { member, copy } of this.members()) {
      if (dests === undefined || dests.includes(member.dest)) put(Deno.readFileSync(copy), member);
    }
  }

  remove(): void {
    remove(this.#folder);
    remove(`${this.#folder}.old`);
  }

  #read(): { folder: string; list: Member[] } | undefined {
    for (const folder of [this.#folder, `${this.#folder}.old`]) {
      try {
        return { folder, list: JSON.parse(Deno.readTextFileSync(`${folder}/${LIST}`)) };
      } catch {
        // Not there, or not whole: then the other may be.
      }
    }
    return undefined;
  }
}

/** By a rename, so that nobody sees half a file; in place where the destination is a mount of its own. */
function put(content: Uint8Array, { dest, mode, uid, gid }: Member): void {
  const temporary = `${parentOf(dest)}/.${nameOf(dest)}.${crypto.randomUUID().slice(0, 8)}.new`;
  try {
    Deno.writeFileSync(temporary, content, { createNew: true, mode: FILE_MODE });
    Deno.chmodSync(temporary, mode);
    const { uid: ours, gid: group } = Deno.statSync(temporary);
    if (ours !== uid || group !== gid) Deno.chownSync(temporary, uid, gid);
    Deno.renameSync(temporary, dest);
  } catch (error) {
    remove(temporary);
    if (!(error instanceof Deno.errors.Busy)) throw error;
    Deno.writeFileSync(dest, content);
  }
}

/** The old folder of that name stays under another until the new one is there. */
function takeFolder(from: string, to: string): void {
  const old = `${to}.old`;
  remove(old);
  if (exists(to)) Deno.renameSync(to, old);
  Deno.renameSync(from, to);
  remove(old);
}

function remove(path: string): void {
  try {
    Deno.removeSync(path, { recursive: true });
  } catch {
    // It is not there, which is what was wanted; that it cannot be removed shows in what follows.
  }
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}
