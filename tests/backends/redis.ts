/**
 * Redis, with the events that confd's watch needs or without them, open to all or with a password.
 *
 * Touches: files, processes, the loopback network.
 * @module
 */
import { binaryOf } from "../tools/parts.ts";
import type { Folder } from "../support/sidecar.ts";
import { type Command, ServerProcess } from "../support/server.ts";

/** What a Redis is to be like. */
export interface RedisOptions {
  /** Whether it tells of changes. */
  events: boolean;
  password?: string;
}

/** A server of Redis. */
export class RedisServer extends ServerProcess {
  readonly env: Record<string, string>;
  readonly #settings: string;
  readonly #password: string | undefined;

  constructor(folder: Folder, { events, password }: RedisOptions) {
    super(folder);
    this.#password = password;
    // The client's key is what every confd takes for the password.
    this.env = { CONFD_BACKEND: "redis", CONFD_NODE: this.address, ...(password && { CONFD_CLIENT_KEY: password }) };
    const lines = [
      "bind 127.0.0.1",
      `port ${this.port}`,
      `dir ${folder.path}`,
      // Each change is on disk before it is answered.
      "appendonly yes",
      "appendfsync always",
      'save ""',
      `notify-keyspace-events "${events ? "KEA" : ""}"`,
      ...(password ? [`requirepass ${password}`] : []),
    ];
    this.#settings = folder.write("redis.conf", lines.join("\n") + "\n", 0o600);
  }

  async put(keys: Record<string, string>): Promise<void> {
    for (const [key, value] of Object.entries(keys)) await this.#say("SET", key, value);
  }

  protected command(): Command {
    return { program: binaryOf("redis-server"), args: [this.#settings] };
  }

  protected ask(): Promise<void> {
    return this.#say("PING");
  }

  async #say(...words: string[]): Promise<void> {
    using connection = await Deno.connect({ hostname: "127.0.0.1", port: this.port });
    if (this.#password !== undefined) await exchange(connection, ["AUTH", this.#password]);
    await exchange(connection, words);
  }
}

/** All that is asked here is answered by one short line, `+OK`, `+PONG` or an error. */
async function exchange(connection: Deno.Conn, words: readonly string[]): Promise<void> {
  const lines = [`*${words.length}`, ...words.flatMap((word) => [`$${new TextEncoder().encode(word).length}`, word])];
  await connection.write(new TextEncoder().encode(lines.map((line) => `${line}\r\n`).join("")));
  const buffer = new Uint8Array(1024);
  const answer = new TextDecoder().decode(buffer.subarray(0, await connection.read(buffer) ?? 0));
  if (!answer.startsWith("+")) throw new Error(`Redis answered '${answer.trim()}' to ${words[0]}`);
}
