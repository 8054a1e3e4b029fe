/**
 * The sets of files that were put in place, the newest first: the present one and a few before it, for the way back that an
 * operator may ask for, and for a start while changes are held.
 *
 * Touches: the file system, through file_set.ts.
 * @module
 */
import type { Contents } from "../../core/files.ts";
import type { Libc } from "../linux/libc.ts";
import { contentsOf, digestFile } from "./destinations.ts";
import { removeFile } from "./disk.ts";
import { FileSet } from "./file_set.ts";

/** How many sets are kept, the present one among them. */
const KEPT = 3;

/** What it is about. */
export interface HistoryParts {
  /** The private folder. */
  state: string;
  dests: readonly string[];
  /** Those that the service does without. */
  optional: ReadonlySet<string>;
  libc?: Libc;
}

/** The sets that were put in place. Its methods throw what the file system throws. */
export class History {
  readonly #folder: string;
  readonly #dests: readonly string[];
  readonly #required: readonly string[];
  readonly #sets: readonly FileSet[];

  constructor({ state, dests, optional, libc }: HistoryParts) {
    this.#folder = `${state}/history`;
    this.#dests = dests;
    this.#required = dests.filter((dest) => !optional.has(dest));
    this.#sets = Array.from({ length: KEPT }, (_, i) => new FileSet(`${this.#folder}/${i}`, libc));
  }

  /** True if there is a set of an earlier run, or this one, that was in place last. */
  get hasPresent(): boolean {
    return this.#sets[0].has(this.#required);
  }

  /** True if there is one that was in place before that. */
  get hasBefore(): boolean {
    return this.#sets[1].has(this.#required);
  }

  /** Takes a set that has been put in place. The same content once more is no other set. */
  async push(set: FileSet, contents: Contents): Promise<void> {
    Deno.mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    if (!await holds(this.#sets[0], contents)) {
      for (let i = KEPT - 1; i > 0; i--) if (!this.#sets[i - 1].isEmpty) await this.#sets[i - 1].moveTo(this.#sets[i]);
    }
    await set.moveTo(this.#sets[0]);
  }

  /** Puts the set that was in place last there again; what it holds. */
  async restorePresent(): Promise<Contents> {
    await this.#sets[0].putInPlace({ dests: this.#dests });
    return await contentsOf(this.#dests);
  }

  /** Puts the set before the present one in place, and forgets the present one; what it holds, or null where there is none. */
  async restoreBefore(): Promise<Contents | null> {
    if (!this.hasBefore) return null;
    await this.#sets[1].putInPlace({ dests: this.#dests });
    // What the service does without, and had not before.
    const newer = this.#sets[0].members().map(({ member }) => member.dest).filter((dest) => this.#dests.includes(dest));
    this.#sets[1].without(newer).forEach(removeFile);
    await this.#forgetPresent();
    return await contentsOf(this.#dests);
  }

  /** Other files than the present set's have been put in place: if an earlier set holds just these, it is the present one. */
  async returnTo(contents: Contents): Promise<void> {
    for (const [age, set] of this.#sets.entries()) {
      if (!await holds(set, contents)) continue;
      for (let i = 0; i < age; i++) await this.#forgetPresent();
      return;
    }
  }

  async #forgetPresent(): Promise<void> {
    this.#sets[0].remove();
    for (let i = 1; i < KEPT; i++) if (!this.#sets[i].isEmpty) await this.#sets[i].moveTo(this.#sets[i - 1]);
  }
}

async function holds(set: FileSet, contents: Contents): Promise<boolean> {
  const members = set.members();
  const count = [...contents.values()].filter((content) => content !== null).length;
  if (count === 0 || members.length !== count) return false;
  for (const { member, copy } of members) if (await digestFile(copy) !== contents.get(member.dest)) return false;
  return true;
}
