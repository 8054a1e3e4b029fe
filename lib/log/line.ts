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
  /** One line. */
  msg: string;
  /** What follows it, line by line. */
  more?: readonly string[];
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

/** A line longer than this, in characters, is cut. */
const LONGEST = 4096;
/**
 * What could forge a line, or make a terminal do something: controls but for the tab, separators of lines, and marks that
 * turn the direction of writing.
 */
// deno-lint-ignore no-control-regex
const UNPRINTABLE = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/**
 * `2017/03/10 14:23:46 supervisor[1]: message`, in local time, as Go's log package writes. Warnings and errors say so;
 * more lines of one message are each a line of their own.
 */
export function formatText({ level, msg, more = [] }: Entry, { time, pid }: Stamp): string {
  const two = (n: number) => String(n).padStart(2, "0");
  const date = `${time.getFullYear()}/${two(time.getMonth() + 1)}/${two(time.getDate())}`;
  const clock = `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
  const mark = level === "warn" ? "warning: " : level === "error" ? "error: " : "";
  return [msg, ...more].map((line) => `${date} ${clock} supervisor[${pid}]: ${mark}${printable(cut(line))}\n`).join("");
}

/** One JSON object: `time` (RFC 3339), `level`, `pid`, `msg`, and the event's own fields. */
export function formatJson({ level, msg, more = [], fields }: Entry, { time, pid }: Stamp): string {
  const whole = [msg, ...more].map(cut).join("\n");
  return JSON.stringify({ time: time.toISOString(), level, pid, msg: whole, ...fields }) + "\n";
}

/** Others' control characters, as JSON writes them. */
function printable(line: string): string {
  return line.replace(UNPRINTABLE, (char) => {
    const short = JSON.stringify(char).slice(1, -1);
    return short === char ? `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}` : short;
  });
}

function cut(line: string): string {
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}... and ${line.length - LONGEST} more characters` : line;
}
