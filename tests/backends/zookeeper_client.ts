/**
 * As much of ZooKeeper's protocol as it takes to set a key.
 *
 * Touches: the loopback network.
 * @module
 */

const CREATE = 1;
const SET = 5;
/** Of those that the server answers with. */
const NO_NODE = -101;
const NODE_EXISTS = -110;
/** All that there are. */
const EVERYTHING = 31;

/** A server that has just been started may accept a connection and then say nothing. */
const PATIENCE_MS = 3000;

/** A session, which ends soon. */
export class ZookeeperClient implements Disposable {
  readonly #connection: Deno.Conn;
  readonly #patience: ReturnType<typeof setTimeout>;
  #last = 0;

  private constructor(connection: Deno.Conn) {
    this.#connection = connection;
    this.#patience = setTimeout(() => connection.close(), PATIENCE_MS);
  }

  /** Opens a session. */
  static async connect(port: number): Promise<ZookeeperClient> {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    const client = new ZookeeperClient(connection);
    try {
      // Version, last transaction seen, patience in milliseconds, session, its password: a new one.
      await client.#send([int(0), long(0), int(10_000), long(0), text("\0".repeat(16))]);
      await client.#receive();
    } catch (error) {
      client[Symbol.dispose]();
      throw error;
    }
    return client;
  }

  /** Sets a key, whether it is there or not, and makes the nodes above it. */
  async put(path: string, value: string): Promise<void> {
    const set = await this.#ask(SET, [text(path), text(value), int(-1)]);
    if (set === 0) return;
    if (set !== NO_NODE) throw new Error(`ZooKeeper answered ${set} to the setting of ${path}`);
    const parent = path.slice(0, path.lastIndexOf("/"));
    if (parent !== "") await this.#create(parent, "");
    await this.#create(path, value);
  }

  async #create(path: string, value: string): Promise<void> {
    const everybody = [int(1), int(EVERYTHING), text("world"), text("anyone")];
    const created = await this.#ask(CREATE, [text(path), text(value), ...everybody, int(0)]);
    if (created === 0 || created === NODE_EXISTS) return;
    throw new Error(`ZooKeeper answered ${created} to the making of ${path}`);
  }

  /** Asks, and returns the error code of the answer. */
  async #ask(type: number, body: readonly Uint8Array[]): Promise<number> {
    await this.#send([int(++this.#last), int(type), ...body]);
    // Number of the question, transaction, error.
    return (await this.#receive()).getInt32(12);
  }

  async #send(parts: readonly Uint8Array[]): Promise<void> {
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    const message = new Uint8Array(await new Blob([int(length), ...parts] as BlobPart[]).arrayBuffer());
    for (let sent = 0; sent < message.length;) sent += await this.#connection.write(message.subarray(sent));
  }

  async #receive(): Promise<DataView> {
    const length = (await this.#read(4)).getInt32(0);
    return await this.#read(length);
  }

  async #read(length: number): Promise<DataView> {
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length;) {
      const count = await this.#connection.read(bytes.subarray(done));
      if (count === null) throw new Error("ZooKeeper hung up");
      done += count;
    }
    return new DataView(bytes.buffer);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#patience);
    try {
      this.#connection.close();
    } catch {
      // Patience has ended already.
    }
  }
}

function int(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, value);
  return bytes;
}

function long(value: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, BigInt(value));
  return bytes;
}

/** A text, or any bytes, with its length before it. */
function text(value: string): Uint8Array {
  const bytes = new TextEncoder().encode(value);
  return new Uint8Array([...int(bytes.length), ...bytes]);
}
