/**
 * The last good files: those that the service was last seen to run well on, kept for a way back.
 *
 * Touches: the file system, through file_set.ts.
 * @module
 */
import type { Contents } from "../../core/files.ts";
import type { Logger } from "../output/logger.ts";
import { digestFile } from "./destinations.ts";
import { FileSet, type Source } from "./file_set.ts";

/** The last good files of all destinations. What cannot be done is a warning. */
export class LastGood {
  readonly #files: FileSet;
  readonly #dests: readonly string[];
  readonly #logger: Logger;

  constructor(state: string, dests: readonly string[], logger: Logger) {
    this.#files = new FileSet(`${state}/last-good`);
    this.#dests = dests;
    this.#logger = logger;
  }

  /** True if there is one for each destination. */
  isComplete(): boolean {
    return this.#files.has(this.#dests);
  }

  /** Keeps what is in place. */
  keep(): void {
    this.#attempt("the last good files cannot be kept", () => this.#files.write(this.#dests.map(asSource)));
  }

  /** Puts them in place; what they hold, or null where that cannot be done. */
  async restore(): Promise<Contents | null> {
    const putInPlace = () => this.#files.putInPlace(this.#dests);
    if (!this.#attempt("the last good files cannot be put in place", putInPlace)) return null;
    return new Map(await Promise.all(this.#dests.map(async (dest) => [dest, await digestFile(dest)] as const)));
  }

  #attempt(failure: string, act: () => void): boolean {
    try {
      act();
      return true;
    } catch (error) {
      this.#logger.warn(`${failure}: ${(error as Error).message}`);
      return false;
    }
  }
}

/** A destination as it is on disk. */
function asSource(dest: string): Source {
  const { mode, uid, gid } = Deno.statSync(dest);
  return { dest, from: dest, mode: (mode ?? 0o644) & 0o7777, uid: uid ?? 0, gid: gid ?? 0 };
}
