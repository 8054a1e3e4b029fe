/**
 * Keys that a test can change, in a file.
 *
 * Touches: files.
 * @module
 */
import type { Folder } from "./sidecar.ts";

/** Somewhere to keep keys. */
export interface Keys {
  /** What the sidecar needs to know of it. */
  readonly env: Record<string, string>;
  /** Sets keys, by path. */
  put(keys: Record<string, string>): Promise<void>;
}

/** Keys in a YAML file, for the backend `file`. */
export class FileKeys implements Keys {
  readonly env: Record<string, string>;
  readonly #folder: Folder;
  readonly #file: string;
  readonly #keys: Record<string, string> = {};

  /** `keep`: the file is there already, with these keys. */
  constructor(folder: Folder, keys: Record<string, string>, { file = "keys.yml", keep = false } = {}) {
    this.#folder = folder;
    this.#file = file;
    this.env = { CONFD_BACKEND: "file", SIDECAR_CONFD_ARGS: `--file=${folder.at(file)}` };
    if (keep) Object.assign(this.#keys, keys);
    else this.put(keys);
  }

  put(keys: Record<string, string>): Promise<void> {
    Object.assign(this.#keys, keys);
    // Flat YAML: `/a` becomes `a`. JSON's strings are YAML's too.
    const lines = Object.entries(this.#keys).map(([key, value]) => `${key.slice(1)}: ${JSON.stringify(value)}\n`);
    this.#folder.write(this.#file, lines.join(""));
    return Promise.resolve();
  }
}
