/**
 * The last good files: those that the service was last seen to run well on, kept for a way back.
 *
 * Touches: the file system, through file_set.ts.
 * @module
 */
import type { Contents } from "../../core/files.ts";
import type { Libc } from "../linux/libc.ts";
import type { History } from "./history.ts";
import type { Logger } from "../output/logger.ts";
import { contentsOf } from "./destinations.ts";
import { exists, removeFile } from "./disk.ts";
import { FileSet, type Source } from "./file_set.ts";

/** What they are, and where they are kept. */
export interface LastGoodParts {
  /** The private folder. */
  state: string;
  dests: readonly string[];
  /** Those that the service does without. */
  optional: ReadonlySet<string>;
  /** True if files come to their places by being published alone. */
  staged: boolean;
  libc?: Libc;
  logger: Logger;
}

/** The last good files of all destinations. What cannot be done is a warning. */
export class LastGood {
  readonly #files: FileSet;
  readonly #dests: readonly string[];
  readonly #optional: ReadonlySet<string>;
  readonly #staged: boolean;
  readonly #logger: Logger;

  constructor({ state, dests, optional, staged, libc, logger }: LastGoodParts) {
    this.#files = new FileSet(`${state}/last-good`, libc);
    this.#dests = dests;
    this.#optional = optional;
    this.#staged = staged;
    this.#logger = logger;
  }

  /** True if there is one for each destination. */
  isComplete(): boolean {
    return this.#files.has(this.#dests.filter((dest) => !this.#optional.has(dest)));
  }

  /** Keeps what is in place. */
  async keep(): Promise<void> {
    await this.#attempt("the last good files cannot be kept", async () => {
      const there = this.#dests.filter((dest) => !this.#optional.has(dest) || exists(dest));
      await this.#files.write(await Promise.all(there.map(asSource)));
    });
  }

  /** Puts them in place, which `history` is told of; what they hold, or null where that cannot be done. */
  async restore(history?: History): Promise<Contents | null> {
    const putInPlace = async () => {
      await this.#files.putInPlace({ dests: this.#dests });
      // What the service does without, and had not when it was well.
      if (this.#staged) this.#files.without([...this.#optional]).forEach(removeFile);
    };
    if (!await this.#attempt("the last good files cannot be put in place", putInPlace)) return null;
    const contents = await contentsOf(this.#dests);
    await this.#attempt("earlier files cannot be sorted out", async () => await history?.returnTo(contents));
    return contents;
  }

  async #attempt(failure: string, act: () => Promise<void>): Promise<boolean> {
    try {
      await act();
      return true;
    } catch (error) {
      this.#logger.warn(`${failure}: ${(error as Error).message}`);
      return false;
    }
  }
}

/** A destination as it is on disk. */
async function asSource(dest: string): Promise<Source> {
  const { mode, uid, gid } = await Deno.stat(dest);
  return { dest, from: dest, mode: (mode ?? 0o644) & 0o7777, uid: uid ?? 0, gid: gid ?? 0 };
}
