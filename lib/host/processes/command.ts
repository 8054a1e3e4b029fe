/**
 * Running a program to its end: the one way for checks, probes, reloads and what confd is asked.
 *
 * A program has ended when its own process has. What it left behind in its group is killed then, and what has left the
 * group may hold the outputs open for as long as it likes: they are read for a moment longer, and then cut off.
 *
 * Touches: processes through processes.ts; the clock.
 * @module
 */
import { formatDuration } from "../../settings/duration.ts";
import { after, sleep } from "../clock.ts";
import { type Command, type ExitStatus, Process, SpawnError } from "./processes.ts";

/** How much of what a command prints is shown, in characters. */
const SHOWN = 16_384;
/** How long the outputs of a program that has ended are read on, in milliseconds. */
const LAST_OUTPUT_MS = 200;

/** Bounds of {@link runToEnd}. */
export interface RunOptions {
  /** The program is killed then; 0: never. */
  limitMs: number;
  /** Kills the program early. */
  signal: AbortSignal;
  /** Called with what it prints, as it comes; `from`: 0 for its standard output, 1 for its standard error. */
  onText: (text: string, from: number) => void;
  /** Called if its outputs were cut off, since another process still holds them. */
  onCutOff: () => void;
}

/** How a program that was run came to its end. */
export interface RunEnd extends ExitStatus {
  /** True if it was killed at its limit, or early. */
  killed: boolean;
}

/** Runs a program with pipes to its end. Throws {@link SpawnError} where it cannot be started. */
export async function runToEnd(command: Omit<Command, "streams" | "ownGroup">, options: RunOptions): Promise<RunEnd> {
  const { limitMs, signal, onText, onCutOff } = options;
  const process = new Process({ ...command, streams: "pipe", ownGroup: true });
  let killed = false;
  const kill = () => {
    killed = true;
    process.signalGroup("SIGKILL");
  };
  if (signal.aborted) kill();
  signal.addEventListener("abort", kill);
  const callOff = limitMs > 0 ? after(limitMs, kill) : () => {};
  const readers = process.outputs.map((stream) => stream.getReader());
  const read = Promise.all(readers.map((reader, from) => readAll(reader, (text) => onText(text, from))));
  const status = await process.exited;
  callOff();
  signal.removeEventListener("abort", kill);
  process.signalGroup("SIGKILL");
  const whole = await Promise.race([read.then(() => true), sleep(LAST_OUTPUT_MS).then(() => false)]);
  if (!whole) {
    await Promise.all(readers.map((reader) => reader.cancel()));
    onCutOff();
  }
  return { ...status, killed };
}

async function readAll(reader: ReadableStreamDefaultReader<Uint8Array>, onText: (text: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    onText(decoder.decode(next.value, { stream: true }));
  }
  onText(decoder.decode());
}

/** How one of the user's commands is run. */
export interface CommandOptions {
  /** The whole environment. */
  env: Readonly<Record<string, string>>;
  /** 0: none. */
  limitMs: number;
  /** Ends it early. */
  signal: AbortSignal;
  /** Called with each line that it prints, once it has ended. */
  onLine: (line: string) => void;
}

/**
 * Runs a command, without a shell and without input.
 *
 * @returns null if its status is 0, otherwise why that is not so.
 */
export async function runCommand(words: readonly string[], options: CommandOptions): Promise<string | null> {
  const { env, limitMs, onLine, signal } = options;
  const [program, ...args] = words;
  const name = JSON.stringify(program);
  const lines = new Lines();
  let end: RunEnd;
  try {
    end = await runToEnd({ program, args, env }, {
      limitMs,
      signal,
      onText: (text, from) => lines.add(text, from),
      onCutOff: () => lines.addLine("... and what it left running still holds its output, which is cut off here"),
    });
  } catch (error) {
    if (!(error instanceof SpawnError)) throw error;
    return `${name} cannot be started: ${error.message}`;
  }
  lines.all().forEach(onLine);
  if (end.killed && signal.aborted) return `${name} was ended early`;
  if (end.killed) return `${name} was killed after ${formatDuration(limitMs)}`;
  if (end.signal !== null) return `${name} was killed by ${end.signal}`;
  return end.code === 0 ? null : `${name} ended with status ${end.code}`;
}

/** The lines of two outputs in the order in which they came, and only so many. */
class Lines {
  readonly #lines: string[] = [];
  readonly #begun = ["", ""];
  #length = 0;

  add(text: string, from: number): void {
    const room = SHOWN - this.#length;
    this.#length += text.length;
    const parts = (this.#begun[from] + text.slice(0, Math.max(0, room))).split("\n");
    this.#begun[from] = parts.pop()!;
    this.#lines.push(...parts);
  }

  addLine(line: string): void {
    this.#finish();
    this.#lines.push(line);
  }

  all(): string[] {
    this.#finish();
    if (this.#length > SHOWN) this.#lines.push("... and more");
    return this.#lines;
  }

  #finish(): void {
    this.#lines.push(...this.#begun.splice(0, 2, "", "").filter((line) => line !== ""));
  }
}

/** Aborts after a time, or when another does. */
export function deadline(limitMs: number, signal: AbortSignal): AbortSignal {
  if (limitMs === 0) return signal;
  const late = new AbortController();
  after(limitMs, () => late.abort());
  return AbortSignal.any([signal, late.signal]);
}
