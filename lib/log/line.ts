/**
 * The log's lines: text as the Go program wrote them, or one JSON object each.
 *
 * Pure: time and process number come in as values.
 * @module
 */

/** How grave a line is. */
export type Level = "debug" | "info" | "warn" | "error";

/** One thing to be said. */
export interface Entry {
  level: Level;
  msg: string;
  /** The event's own fields, shown in JSON only: the message says the same to a person. */
  fields?: Readonly<Record<string, unknown>>;
}

/** An entry in one line of code. */
export function entry(level: Level, msg: string, fields?: Entry["fields"]): Entry {
  return { level, msg, fields };
}

/** Where and when a line is written. */
export interface Stamp {
  time: Date;
  pid: number;
}

const ORDER: Record<Level, number> = { debug: 0, info: 1, warn: 2, error: 3 };

/** True if a log of that level shows the entry. */
export function isShown(entry: Entry, level: Level): boolean {
  return ORDER[entry.level] >= ORDER[level];
}

/**
 * `2017/03/10 14:23:46 supervisor[1]: message`, in local time, as Go's log package writes. Warnings and errors say so;
 * more lines of one message are each a line of their own.
 */
export function formatText({ level, msg }: Entry, { time, pid }: Stamp): string {
  const two = (n: number) => String(n).padStart(2, "0");
  const date = `${time.getFullYear()}/${two(time.getMonth() + 1)}/${two(time.getDate())}`;
  const clock = `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
  const mark = level === "warn" ? "warning: " : level === "error" ? "error: " : "";
  return msg.split("\n").map((line) => `${date} ${clock} supervisor[${pid}]: ${mark}${line}\n`).join("");
}

/** One JSON object: `time` (RFC 3339), `level`, `pid`, `msg`, and the event's own fields. */
export function formatJson({ level, msg, fields }: Entry, { time, pid }: Stamp): string {
  return JSON.stringify({ time: time.toISOString(), level, pid, msg, ...fields }) + "\n";
}
