/**
 * The last good files: copies of destinations that the service has lived with, kept in the private folder so that they
 * outlive the container where the folder does.
 *
 * A set of copies is whole or not there: it is written beside the old one, and folders are renamed. What a crash between
 * two renames leaves is found again under its old name.
 *
 * Touches: the file system.
 * @module
 */
import { nameOf, parentOf } from "./paths.ts";

/** What is known of one kept file; its copy lies beside, by its place in the list. */
interface Kept {
  dest: string;
  mode: number;
  uid: number;
  gid: number;
}

const LIST = "files.json";
/** Copies may hold secrets. */
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;

/** A folder with one set of copies. */
export class LastGood {
  readonly #folder: string;

  /** `state`: the private folder. Nothing is made before there is something to keep. */
  constructor(state: string) {
    this.#folder = `${state}/last-good`;
  }

  /** True if there is a copy for each of the destinations. */
  has(dests: readonly string[]): boolean {
    const kept = this.#read()?.list.map(({ dest }) => dest) ?? [];
    return dests.every((dest) => kept.includes(dest));
  }

  /** Keeps copies of what is on disk now, all or none. Throws what the file system throws. */
  keep(dests: readonly string[]): void {
    const next = `${this.#folder}.new`;
    const old = `${this.#folder}.old`;
    remove(next);
    Deno.mkdirSync(next, { recursive: true, mode: FOLDER_MODE });
    const list = dests.map((dest, i): Kept => {
      Deno.writeFileSync(`${next}/${i}`, Deno.readFileSync(dest), { createNew: true, mode: FILE_MODE });
      const { mode, uid, gid } = Deno.statSync(dest);
      return { dest, mode: (mode ?? 0o644) & 0o7777, uid: uid ?? 0, gid: gid ?? 0 };
    });
    Deno.writeTextFileSync(`${next}/${LIST}`, JSON.stringify(list), { createNew: true, mode: FILE_MODE });
    remove(old);
    if (exists(this.#folder)) Deno.renameSync(this.#folder, old);
    Deno.renameSync(next, this.#folder);
    remove(old);
  }

  /** Puts the copies in the destinations' places. Throws what the file system throws. */
  restore(dests: readonly string[]): void {
    const set = this.#read();
    if (set === undefined) throw new Error("there are no last good files");
    set.list.forEach((kept, i) => {
      if (dests.includes(kept.dest)) putBack(Deno.readFileSync(`${set.folder}/${i}`), kept);
    });
  }

  #read(): { folder: string; list: Kept[] } | undefined {
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
function putBack(content: Uint8Array, { dest, mode, uid, gid }: Kept): void {
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
