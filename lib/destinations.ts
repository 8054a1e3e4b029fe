/**
 * Destinations with all their names: where the service reads a file, where confd writes it, and what confd's log calls it.
 *
 * Pure.
 * @module
 */
import type { TemplateResource } from "./confd/resource.ts";

/** A file that confd renders. */
export interface Destination {
  /** Where the service reads it. */
  readonly dest: string;
  /** Where confd writes it: there, or into a private folder. */
  readonly file: string;
  /** What confd's log calls it. */
  readonly logged: string;
}

/** All destinations of a run. */
export class Destinations {
  readonly #byFile: ReadonlyMap<string, Destination>;
  readonly #byLogged: ReadonlyMap<string, Destination>;

  /** `stage` says where confd writes a destination; undefined: in its place. */
  constructor(resources: readonly TemplateResource[], stage?: (dest: string) => string) {
    const all = resources.map(({ dest, spelled }): Destination => {
      const staged = stage?.(dest);
      return { dest, file: staged ?? dest, logged: staged ?? spelled };
    });
    this.#byFile = new Map(all.map((destination) => [destination.file, destination]));
    this.#byLogged = new Map(all.map((destination) => [destination.logged, destination]));
  }

  /** Where the service reads them. */
  get dests(): string[] {
    return [...this.#byFile.values()].map(({ dest }) => dest);
  }

  /** Where confd writes them. */
  get files(): string[] {
    return [...this.#byFile.keys()];
  }

  /** What confd's log calls them. */
  get logged(): string[] {
    return [...this.#byLogged.keys()];
  }

  /** Where confd writes each. */
  get places(): Map<string, string> {
    return new Map([...this.#byFile.values()].map(({ dest, file }) => [dest, file]));
  }

  /** Where the service reads what confd writes there. */
  destOf(file: string): string {
    return this.#byFile.get(file)!.dest;
  }

  /** The destination that confd's log calls so. */
  byLogged(name: string): Destination | undefined {
    return this.#byLogged.get(name);
  }
}
