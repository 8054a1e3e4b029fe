/**
 * The log: entries in, lines on standard error.
 *
 * Touches: the clock, the process number, and the output that it is given.
 * @module
 */
import { type Entry, formatJson, formatText, isShown, type Level } from "../../log/line.ts";
import type { Output } from "./output.ts";

/** Writes entries to an output. */
export class Logger {
  readonly #output: Output;
  readonly #encoder = new TextEncoder();
  /** What the user chose; until that is known, the defaults. */
  level: Level = "info";
  format: "text" | "json" = "text";

  constructor(output: Output) {
    this.#output = output;
  }

  log(entry: Entry): void {
    if (!isShown(entry, this.level)) return;
    const format = this.format === "json" ? formatJson : formatText;
    this.#output.write(this.#encoder.encode(format(entry, { time: new Date(), pid: Deno.pid })));
  }
  warn(msg: string): void {
    this.log({ level: "warn", msg });
  }
}
