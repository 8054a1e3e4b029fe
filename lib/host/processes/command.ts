/**
 * ChildHandle one of the user's commands to its end, within a time limit.
 *
 * Touches: processes through processes.ts.
 * @module
 */
import { Process, SpawnError } from "./processes.ts";

/** How much of what a command prints is shown, in characters. */
const SHOWN = 16_384;

/** How a command is run. */
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
 * Runs a command, without a shell and without input. At the limit it is killed; what it left in its group is at its end.
 *
 * @returns null if its status is 0, otherwise why that is not so.
 */
export async function runCommand(words: readonly string[], options: CommandOptions): Promise<string | null> {
  const { env, limitMs, onLine, signal } = options;
  const [program, ...args] = words;
  const name = JSON.stringify(program);
  let process: Process;
  try {
    process = new Process({ program, args, env, streams: "pipe", ownGroup: true });
  } catch (error) {
    if (!(error instanceof SpawnError)) throw error;
    return `${name} cannot be started: ${error.message}`;
  }
  const limit = deadline(limitMs, signal);
  const kill = () => process.signalGroup("SIGKILL");
  limit.addEventListener("abort", kill);
  const printed = process.outputs.map((stream) => show(stream, onLine));
  const { code, signal: died } = await process.exited;
  const late = limit.aborted;
  limit.removeEventListener("abort", kill);
  kill();
  await Promise.all(printed);
  if (late) return signal.aborted ? `${name} was ended early` : `${name} was killed after ${limitMs} ms`;
  if (died !== null) return `${name} was killed by ${died}`;
  return code === 0 ? null : `${name} ended with status ${code}`;
}

/** Aborts after a time, or when another does. */
export function deadline(limitMs: number, signal: AbortSignal): AbortSignal {
  return limitMs === 0 ? signal : AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
}

/** Shows the lines of a stream, and lets the rest of a long one go. */
async function show(stream: ReadableStream<Uint8Array>, onLine: (line: string) => void): Promise<void> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    if (text.length < SHOWN) text += decoder.decode(chunk, { stream: true });
  }
  const lines = text.slice(0, SHOWN).trimEnd();
  if (lines !== "") lines.split("\n").forEach(onLine);
  if (text.length > SHOWN) onLine("... and more");
}
