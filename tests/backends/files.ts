/**
 * Backends without a server: files, and the environment.
 *
 * Touches: files in the folder that it is given.
 * @module
 */
import type { Folder } from "../support/sidecar.ts";
import type { Server } from "../support/server.ts";

/** Keys in a file, or in a folder of two. It is away when it does not exist. */
export class FileServer implements Server {
  readonly root = "/";
  readonly env: Record<string, string>;
  readonly #folder: Folder;
  readonly #kind: "YAML" | "JSON" | "folder";
  readonly #path: string;
  readonly #keys: Record<string, string> = {};

  constructor(folder: Folder, kind: "YAML" | "JSON" | "folder") {
    this.#folder = folder;
    this.#kind = kind;
    this.#path = kind === "folder" ? "keys" : `keys.${kind.toLowerCase()}`;
    this.env = { CONFD_BACKEND: "file", SIDECAR_CONFD_ARGS: `--file=${folder.at(this.#path)}` };
  }

  keyOf(path: string): string {
    return path;
  }

  async start(): Promise<this> {
    await this.put({});
    return this;
  }

  put(keys: Record<string, string>): Promise<void> {
    Object.assign(this.#keys, keys);
    const flat = Object.fromEntries(Object.entries(this.#keys).map(([key, value]) => [key.slice(1), value]));
    if (this.#kind === "folder") {
      this.#folder.write("keys/other.yaml", "other: value\n");
      this.#folder.write("keys/own.yaml", yaml(flat));
    } else {
      this.#folder.write(this.#path, this.#kind === "JSON" ? JSON.stringify(flat) : yaml(flat));
    }
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    await Deno.remove(this.#folder.at(this.#path), { recursive: true }).catch(() => {});
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

/** JSON's strings are YAML's too. */
function yaml(keys: Record<string, string>): string {
  return Object.entries(keys).map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`).join("");
}

/** One key in the environment, which is there from the beginning and never changes. */
export class EnvKeys implements Server {
  readonly root = "/";
  readonly env = { CONFD_BACKEND: "env", KEY: "one" };

  keyOf(path: string): string {
    return path;
  }

  start(): Promise<this> {
    return Promise.resolve(this);
  }

  put(): Promise<void> {
    return Promise.resolve();
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}
