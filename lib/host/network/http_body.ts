/**
 * The body of an HTTP answer, piece by piece: RFC 9112, section 6.
 *
 * Touches: connections that it is given.
 * @module
 */

/** How much is read at once, in bytes. */
const PIECE_BYTES = 16_384;
/** The longest line that tells the size of a chunk, in bytes. */
const LONGEST_LINE = 4096;

/** A body as text, as it comes. `first` was read with the head. Throws where it ends too early. */
export async function* bodyOf(
  connection: Deno.Conn,
  headers: ReadonlyMap<string, string>,
  first: Uint8Array,
): AsyncGenerator<string, void> {
  const input = new Input(connection, first);
  const decoder = new TextDecoder();
  const length = headers.get("content-length");
  const pieces = /\bchunked$/i.test(headers.get("transfer-encoding") ?? "")
    ? chunks(input)
    : length === undefined
    ? untilTheEnd(input)
    : exactly(input, Number(length));
  for await (const piece of pieces) yield decoder.decode(piece, { stream: true });
  yield decoder.decode();
}

/** All of it. */
export async function textOf(pieces: AsyncIterable<string>): Promise<string> {
  let text = "";
  for await (const piece of pieces) text += piece;
  return text;
}

/** Bytes from a connection, after those that were read before. */
class Input {
  readonly #connection: Deno.Conn;
  #left: Uint8Array;

  constructor(connection: Deno.Conn, first: Uint8Array) {
    this.#connection = connection;
    this.#left = first;
  }

  /** Some bytes, at most so many; null: there are no more. */
  async some(most: number): Promise<Uint8Array | null> {
    if (this.#left.length === 0) {
      const buffer = new Uint8Array(PIECE_BYTES);
      const read = await this.#connection.read(buffer);
      if (read === null) return null;
      this.#left = buffer.subarray(0, read);
    }
    const taken = this.#left.subarray(0, most);
    this.#left = this.#left.subarray(taken.length);
    return taken;
  }

  /** A line without its end. */
  async line(): Promise<string> {
    let line = "";
    while (!line.endsWith("\n")) {
      const next = await this.some(1);
      if (next === null || line.length > LONGEST_LINE) throw new Error("the answer is not whole");
      line += String.fromCharCode(next[0]);
    }
    return line.trimEnd();
  }
}

async function* untilTheEnd(input: Input): AsyncGenerator<Uint8Array> {
  for (let piece = await input.some(PIECE_BYTES); piece !== null; piece = await input.some(PIECE_BYTES)) yield piece;
}

async function* exactly(input: Input, length: number): AsyncGenerator<Uint8Array> {
  for (let left = length; left > 0;) {
    const piece = await input.some(left);
    if (piece === null) throw new Error("the answer is not whole");
    left -= piece.length;
    yield piece;
  }
}

async function* chunks(input: Input): AsyncGenerator<Uint8Array> {
  for (;;) {
    const size = Number.parseInt(await input.line(), 16);
    if (Number.isNaN(size)) throw new Error("the answer cannot be understood");
    if (size === 0) return;
    yield* exactly(input, size);
    await input.line();
  }
}
