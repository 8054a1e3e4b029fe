/**
 * etcd, and what it is most used for: keys that any confd can watch.
 *
 * Touches: files, processes, the loopback network.
 * @module
 */
import { binaryOf } from "../tools/parts.ts";
import type { Confd } from "./confds.ts";
import { FileKeys, type Keys } from "./keys.ts";
import { freePort } from "./ports.ts";
import { ask, type Command, ServerProcess } from "./server.ts";
import type { Folder } from "./sidecar.ts";

/** A server of etcd, with its v3 interface and an empty store. */
export class Etcd extends ServerProcess {
  readonly env: Record<string, string>;
  protected readonly scheme: "http" | "https" = "http";
  readonly #peerUrl = `http://127.0.0.1:${freePort()}`;

  /** `backend`: what the confd that will read it calls its v3 interface. */
  constructor(folder: Folder, backend: string) {
    super(folder);
    this.env = { CONFD_BACKEND: backend, CONFD_NODE: this.address };
  }

  get url(): string {
    return `${this.scheme}://${this.address}`;
  }

  async put(keys: Record<string, string>): Promise<void> {
    for (const [key, value] of Object.entries(keys)) {
      await this.post("/v3/kv/put", { key: base64(key), value: base64(value) });
    }
  }

  /** Deletes a key. */
  async remove(key: string): Promise<void> {
    await this.post("/v3/kv/deleterange", { key: base64(key) });
  }

  /** Sets many keys, a hundred at a time: for a watcher those are one change. */
  async putMany(keys: Record<string, string>): Promise<void> {
    const puts = Object.entries(keys).map(([key, value]) => ({
      request_put: { key: base64(key), value: base64(value) },
    }));
    for (let at = 0; at < puts.length; at += 100) {
      await this.post("/v3/kv/txn", { success: puts.slice(at, at + 100) });
    }
  }

  /** More words for its command line. */
  protected more(): string[] {
    return [];
  }

  protected command(): Command {
    const args = [
      ["--name", "test"],
      ["--data-dir", this.folder.at(`etcd-${this.port}`)],
      ["--listen-client-urls", this.url],
      ["--advertise-client-urls", this.url],
      ["--listen-peer-urls", this.#peerUrl],
      ["--initial-advertise-peer-urls", this.#peerUrl],
      ["--initial-cluster", `test=${this.#peerUrl}`],
      // What is written outlives a killed process even so; only a power loss would take it.
      ["--unsafe-no-fsync"],
      this.more(),
    ];
    return { program: binaryOf("etcd"), args: args.flat() };
  }

  protected ask(): Promise<string> {
    return ask(`${this.url}/health`);
  }

  protected post(path: string, body: unknown): Promise<string> {
    return ask(this.url + path, { method: "POST", body: JSON.stringify(body) });
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

function base64(text: string): string {
  return new TextEncoder().encode(text).toBase64();
}
