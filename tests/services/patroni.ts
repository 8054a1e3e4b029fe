/**
 * Members of a PostgreSQL cluster as HAProxy and etcd see them: a database that says its member's name and nothing else,
 * Patroni's REST API, and the key that Patroni writes.
 *
 * Touches: the loopback network.
 * @module
 */

/** How a member differs from the plainest one. */
export interface MemberOptions {
  role: "primary" | "replica";
  /** Where it listens. @default "127.0.0.1" */
  host?: string;
  /** User and password in its `conn_url`, as old versions of Patroni write them. */
  credentials?: string;
}

export class Member implements AsyncDisposable {
  readonly name: string;
  role: "primary" | "replica";
  readonly #options: MemberOptions;
  readonly #database: Deno.Listener & { readonly addr: Deno.NetAddr };
  readonly #serving: Promise<void>;
  readonly #api: Deno.HttpServer<Deno.NetAddr>;

  constructor(name: string, options: MemberOptions) {
    this.name = name;
    this.role = options.role;
    this.#options = options;
    const { host: hostname = "127.0.0.1" } = options;
    this.#database = Deno.listen({ hostname, port: 0 });
    this.#serving = this.#serve();
    this.#api = Deno.serve({ hostname, port: 0, onListen: () => {} }, ({ url }) => {
      const status = new URL(url).pathname === `/${this.role}` ? 200 : 503;
      return new Response("", { status, headers: { connection: "close" } });
    });
  }

  /** Where its key stands. */
  get path(): string {
    return `/service/batman/members/${this.name}`;
  }

  /** What Patroni writes of it. */
  get key(): Record<string, string> {
    const { host = "127.0.0.1", credentials } = this.#options;
    const shown = host.includes(":") ? `[${host}]` : host;
    const user = credentials === undefined ? "" : `${credentials}@`;
    const value = {
      conn_url: `postgres://${user}${shown}:${this.#database.addr.port}/postgres`,
      api_url: `http://${shown}:${this.#api.addr.port}/patroni`,
      state: "running",
      role: this.role,
      version: "4.0.4",
      xlog_location: 67108960,
      timeline: 1,
    };
    return { [this.path]: JSON.stringify(value) };
  }

  /** The end of the line that HAProxy's configuration should have for it. */
  get line(): string {
    const { host = "127.0.0.1" } = this.#options;
    const shown = host.includes(":") ? `[${host}]` : host;
    return `server ${this.name} ${shown}:${this.#database.addr.port} check port ${this.#api.addr.port}`;
  }

  async #serve(): Promise<void> {
    try {
      for await (const connection of this.#database) {
        await connection.write(new TextEncoder().encode(this.name)).catch(() => {});
        connection.close();
      }
    } catch {
      // Closed.
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#database.close();
    await this.#serving;
    await this.#api.shutdown();
  }
}

/** Who answers at a port. */
async function whoAnswers(port: number): Promise<string> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port }).catch(() => undefined);
  if (connection === undefined) return "nobody";
  const buffer = new Uint8Array(16);
  const read = await connection.read(buffer).catch(() => null);
  connection.close();
  return read === null ? "nobody" : new TextDecoder().decode(buffer.subarray(0, read));
}

/**
 * Whether no other member answers at a port: one answer says nothing, since HAProxy takes a server that it has not checked
 * yet for one that is up, and goes round all that are.
 */
export async function isAlone(port: number, name: string): Promise<boolean> {
  for (let i = 0; i < 6; i++) if (await whoAnswers(port) !== name) return false;
  return true;
}
