/**
 * A stream read line by line, to wait for lines instead of for time.
 *
 * Touches: the stream that it is given.
 * @module
 */

/** The lines of a stream so far, and those to come. */
export interface Lines {
  /** All lines so far. */
  readonly all: readonly string[];
  /** Resolves when the stream has ended. */
  readonly ended: Promise<void>;
  /**
   * Waits for the next line that matches, after those that earlier calls returned. Rejects at the deadline or when the
   * stream ends without it, with all lines in its message.
   */
  next(pattern: RegExp | string): Promise<string>;
}

/** How a stream is read. */
export interface ReadOptions {
  /** The longest wait for a line. */
  deadlineMs: number;
  /** Ends the reading, for a stream that somebody may hold open for ever. */
  signal?: AbortSignal;
  /** What else a person wants to see when a line does not come. */
  context?: () => string;
}

/** Reads a stream in the background. */
export function readLines(
  stream: ReadableStream<Uint8Array>,
  { deadlineMs, signal, context = () => "" }: ReadOptions,
): Lines {
  const all: string[] = [];
  let cursor = 0;
  let over = false;
  let wake = Promise.withResolvers<void>();
  const tell = () => {
    wake.resolve();
    wake = Promise.withResolvers<void>();
  };
  const ended = (async () => {
    let rest = "";
    try {
      for await (const text of stream.pipeThrough(new TextDecoderStream(), { signal })) {
        const lines = (rest + text).split("\n");
        rest = lines.pop()!;
        all.push(...lines);
        tell();
      }
    } catch (error) {
      if (!signal?.aborted) throw error;
    }
    if (rest !== "") all.push(rest);
    over = true;
    tell();
  })();
  async function next(pattern: RegExp | string): Promise<string> {
    const matches = (line: string) => typeof pattern === "string" ? line.includes(pattern) : pattern.test(line);
    let timer: ReturnType<typeof setTimeout> | undefined;
    let late = false;
    const deadline = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        late = true;
        resolve();
      }, deadlineMs);
    });
    try {
      while (true) {
        while (cursor < all.length) {
          const line = all[cursor++];
          if (matches(line)) return line;
        }
        if (over || late) {
          throw new Error(
            `no line like ${pattern} ${over ? "before the end" : "in time"}; lines were:\n${
              all.join("\n")
            }\n${context()}`,
          );
        }
        await Promise.race([wake.promise, deadline]);
      }
    } finally {
      clearTimeout(timer);
    }
  }
  return { all, ended, next };
}
