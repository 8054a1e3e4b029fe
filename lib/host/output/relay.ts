/**
 * Passing on what confd prints: whole lines, unchanged, to our standard error, and a look at each on the way.
 *
 * Lines may be of any length and any bytes. A line waits until it is whole, so that it is not torn apart by a line
 * of ours, unless it is longer than {@link LONGEST}. confd is never held up for longer than the output's patience.
 *
 * Touches: the streams and the output that it is given.
 * @module
 */
import { concat } from "./bytes.ts";
import type { Output } from "./output.ts";

/** A line longer than this, in bytes, goes out in pieces: memory has to stay flat. */
const LONGEST = 1 << 20;
/** How much of the end is kept for 'its last lines were', in bytes. */
const TAIL = 4096;
/** How many lines of it are shown. */
const TAIL_LINES = 10;

const NEWLINE = 10;

/** What a relay tells. */
export interface RelayOptions {
  output: Output;
  /** Called with each run of whole lines, decoded. */
  onLines: (text: string) => void;
  /** Called once our standard error is read again, with how many bytes had to be dropped meanwhile. */
  onDropped: (bytes: number) => void;
}

/** Passes streams on, one after another or side by side, and remembers how they ended. */
export class Relay {
  readonly #options: RelayOptions;
  #tail: Uint8Array = new Uint8Array(0);
  #dropped = 0;

  constructor(options: RelayOptions) {
    this.#options = options;
  }

  /** The last lines that were passed on. */
  tail(): string[] {
    const lines = new TextDecoder().decode(this.#tail).split("\n").filter((line) => line !== "");
    return lines.slice(-TAIL_LINES);
  }

  /** Reads a stream to its end. Never throws: a broken stream is an ended one. */
  async run(stream: ReadableStream<Uint8Array>): Promise<void> {
    let held: Uint8Array[] = [];
    let heldBytes = 0;
    // The rest of a line that is too long goes out as it comes.
    let isLong = false;
    const release = async (last?: Uint8Array) => {
      const parts = last === undefined ? held : [...held, last];
      held = [];
      heldBytes = 0;
      await this.#pass(parts, last !== undefined);
    };
    try {
      for await (const chunk of stream) {
        const end = chunk.lastIndexOf(NEWLINE) + 1;
        if (end > 0) {
          await release(chunk.subarray(0, end));
          isLong = false;
        }
        if (end < chunk.length) {
          held.push(chunk.subarray(end));
          heldBytes += chunk.length - end;
        }
        isLong ||= heldBytes > LONGEST;
        if (isLong && held.length > 0) await release();
      }
    } catch {
      // The child is gone and its pipe with it; what it ended with is told by its status.
    }
    if (held.length > 0 || isLong) await release(new Uint8Array([NEWLINE]));
  }

  /** Pieces of a line that is too long are nothing that anybody could read. */
  async #pass(parts: Uint8Array[], areLines: boolean): Promise<void> {
    const { output, onLines, onDropped } = this.#options;
    const bytes = concat(parts);
    this.#tail = bytes.length >= TAIL ? bytes.slice(-TAIL) : concat([this.#tail, bytes]).slice(-TAIL);
    if (areLines) onLines(new TextDecoder().decode(bytes));
    if (!await output.room()) {
      this.#dropped += bytes.length;
      return;
    }
    if (this.#dropped > 0) onDropped(this.#dropped);
    this.#dropped = 0;
    output.write(bytes);
  }
}
