/**
 * The log: entries in, lines on standard error.
 *
 * Touches: the clock, the process number, and the output that it is given.
 * @module
 */
import { type Entry, formatJson, formatText, isShown, type Level } from "../../log/line.ts";
import type { Output } from "./output.ts";

/** An entry, and when it was logged: in milliseconds since 1970. */
export interface KeptEntry {
  readonly entry: Entry;
  readonly at: number;
}

/** Writes entries to an output. */
export class Logger {
  readonly #output: Output;
  readonly #encoder = new TextEncoder();
  /** What the user chose; until that is known, the defaults. */
  level: Level = "info";
  format: "text" | "json" = "text";
  /** Gets each entry that is shown. */
  tap: ((kept: KeptEntry) => void) | undefined;

  constructor(output: Output) {
    this.#output = output;
  }

  log(entry: Entry): void {
    if (!isShown(entry, this.level)) return;
    const format = this.format === "json" ? formatJson : formatText;
    const time = new Date();
    this.#output.write(this.#encoder.encode(format(entry, { time, pid: Deno.pid })));
    this.tap?.({ entry, at: time.getTime() });
  }

  warn(msg: string): void {
    this.log({ level: "warn", msg });
  }
}
