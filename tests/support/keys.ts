/**
 * Backends with keys that a test can change: a file, or an etcd of the test's own.
 *
 * Touches: files, processes, the loopback network.
 * @module
 */
import { binaryOf } from "../tools/parts.ts";
import type { Confd } from "./confds.ts";
import { bareEnvironment, type Folder, until } from "./sidecar.ts";

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

/** An etcd server with an empty store. */
export class Etcd implements Keys, AsyncDisposable {
  readonly env: Record<string, string>;
  readonly #url: string;
  readonly #folder: Folder;
  readonly #peerUrl = `http://127.0.0.1:${freePort()}`;
  #process: Deno.ChildProcess | undefined;

  /** `backend`: what the confd that will read it calls its v3 interface. */
  constructor(folder: Folder, backend: string) {
    const address = `127.0.0.1:${freePort()}`;
    this.#url = `http://${address}`;
    this.#folder = folder;
    this.env = { CONFD_BACKEND: backend, CONFD_NODE: backend === "etcdv3" ? address : this.#url };
  }

  /** Starts the server, with the store that it had, and waits until it answers. */
  async start(): Promise<this> {
    this.#process = new Deno.Command(binaryOf("etcd"), {
      args: [
        ["--name", "test"],
        ["--data-dir", this.#folder.at("etcd")],
        ["--listen-client-urls", this.#url],
        ["--advertise-client-urls", this.#url],
        ["--listen-peer-urls", this.#peerUrl],
        ["--initial-advertise-peer-urls", this.#peerUrl],
        ["--initial-cluster", `test=${this.#peerUrl}`],
        // What is written goes away with the test: no need to wait for the disk.
        ["--unsafe-no-fsync"],
      ].flat(),
      env: bareEnvironment(),
      clearEnv: true,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    await until("etcd answers", () => this.#ask("/health").then(() => true, () => false));
    return this;
  }

  async put(keys: Record<string, string>): Promise<void> {
    for (const [key, value] of Object.entries(keys)) {
      await this.#ask("/v3/kv/put", JSON.stringify({ key: base64(key), value: base64(value) }));
    }
  }

  /** Sets many keys, a hundred at a time: for a watcher those are one change. */
  async putMany(keys: Record<string, string>): Promise<void> {
    const puts = Object.entries(keys).map(([key, value]) => ({
      request_put: { key: base64(key), value: base64(value) },
    }));
    for (let at = 0; at < puts.length; at += 100) {
      await this.#ask("/v3/kv/txn", JSON.stringify({ success: puts.slice(at, at + 100) }));
    }
  }

  /** Takes the server away; its store stays. */
  async stop(): Promise<void> {
    this.#process?.kill("SIGKILL");
    await this.#process?.status;
    this.#process = undefined;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #ask(path: string, body?: string): Promise<void> {
    const answer = await fetch(this.#url + path, { method: body === undefined ? "GET" : "POST", body });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`etcd answered ${answer.status} to ${path}: ${text}`);
  }
}

/**
 * Keys that can change as often as a test likes: a file, or an etcd for a confd whose `file` backend panics.
 * `eachConfd` must be told of it with `steadyKeys`.
 */
export async function steadyKeys(
  folder: Folder,
  confd: Confd,
  keys: Record<string, string>,
): Promise<Keys & AsyncDisposable> {
  if (!confd.panics) return Object.assign(new FileKeys(folder, keys), { [Symbol.asyncDispose]: async () => {} });
  const etcd = await new Etcd(folder, confd.etcd).start();
  await etcd.put(keys);
  return etcd;
}

/** A port that was free just now. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

function base64(text: string): string {
  return new TextEncoder().encode(text).toBase64();
}
