/**
 * A network between confd and its server that can fall silent, as a lost address translation or a dead proxy does: what
 * is connected stays connected and hears nothing any more; who connects anew is heard.
 *
 * Touches: the loopback network.
 * @module
 */

/** Passes connections on to a port of this machine. */
export class Network implements AsyncDisposable {
  readonly #listener: Deno.Listener & { readonly addr: Deno.NetAddr };
  readonly #connections = new Set<Deno.Conn>();
  readonly #pumps = new Set<Promise<void>>();
  readonly #silent = new WeakSet<Deno.Conn>();
  readonly #accepting: Promise<void>;

  /** `at`: where it listens. @default a free port */
  constructor(port: number, at = 0) {
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: at });
    this.#accepting = this.#accept(port);
  }

  get address(): string {
    return `127.0.0.1:${this.#listener.addr.port}`;
  }

  /** From now on those who are connected hear nothing. */
  fallSilent(): void {
    for (const connection of this.#connections) this.#silent.add(connection);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    await this.#accepting;
    for (const connection of this.#connections) close(connection);
    await Promise.all(this.#pumps);
  }

  async #accept(port: number): Promise<void> {
    try {
      for await (const client of this.#listener) {
        const server = await Deno.connect({ hostname: "127.0.0.1", port }).catch(() => undefined);
        if (server === undefined) close(client);
        else this.#join(client, server);
      }
    } catch {
      // Closed.
    }
  }

  #join(client: Deno.Conn, server: Deno.Conn): void {
    this.#connections.add(client).add(server);
    const pump = Promise.all([this.#pump(client, server), this.#pump(server, client)]).then(() => {
      for (const connection of [client, server]) {
        close(connection);
        this.#connections.delete(connection);
      }
    });
    this.#pumps.add(pump);
  }

  /** The end of a silent connection is not passed on either. */
  async #pump(from: Deno.Conn, to: Deno.Conn): Promise<void> {
    const buffer = new Uint8Array(1 << 16);
    try {
      for (let length = await from.read(buffer); length !== null; length = await from.read(buffer)) {
        if (this.#silent.has(from)) continue;
        for (let done = 0; done < length;) done += await to.write(buffer.subarray(done, length));
      }
    } catch {
      // One of the two is gone.
    }
    if (!this.#silent.has(from)) close(to);
  }
}

function close(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // It is closed.
  }
}
