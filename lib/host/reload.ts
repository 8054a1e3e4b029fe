/**
 * Reloading the service in the way that the user chose: a signal, a command or an HTTP request. A restart is the core's.
 *
 * Touches: processes and the network; the logger that it is given.
 * @module
 */
import type { ReloadWay } from "../settings/reload.ts";
import type { Logger } from "./logger.ts";
import { Process, type Running, SpawnError } from "./processes.ts";
import { mayBeSent } from "./readiness.ts";

/** How much of what a command prints is shown, in characters. */
const SHOWN = 16_384;

/** What a reload needs. */
export interface ReloadOptions {
  way: ReloadWay;
  /** Limit of a command or a request; 0: none. */
  limitMs: number;
  /** The environment of a command. */
  env: Readonly<Record<string, string>>;
  logger: Logger;
  /** Ends the reload early. */
  signal: AbortSignal;
}

/** Reloads. Resolves with null, or with the reason why it failed. */
export async function reload(service: Running | undefined, options: ReloadOptions): Promise<string | null> {
  const { way } = options;
  switch (way.by) {
    case "signal":
      return service === undefined ? "it is not running" : signalService(service, way.signal);
    case "exec":
      return await run(way.words, options);
    case "http":
      return await post(way.url, options);
    default:
      return null;
  }
}

/** A signal that comes before the service has its handler would kill it. */
function signalService(service: Running, signal: string): string | null {
  if (!mayBeSent(service, signal)) return `it has no handler for ${signal} yet, and would die of it`;
  service.signal(signal);
  return null;
}

/** Runs a command to its end; at the limit it is killed, and its whole group with it. */
async function run(words: readonly string[], { env, limitMs, logger, signal }: ReloadOptions): Promise<string | null> {
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
  const printed = process.outputs.map((stream) =>
    show(stream, (line) => logger.log({ level: "info", msg: `reload: ${line}` }))
  );
  const { code, signal: died } = await process.ending;
  kill();
  limit.removeEventListener("abort", kill);
  await Promise.all(printed);
  if (limit.aborted) return `${name} was killed after ${limitMs} ms`;
  if (died !== null) return `${name} was killed by ${died}`;
  return code === 0 ? null : `${name} ended with status ${code}`;
}

/** Shows the lines of a stream, and lets the rest of a long one go. */
async function show(stream: ReadableStream<Uint8Array>, tell: (line: string) => void): Promise<void> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of stream) {
    if (text.length < SHOWN) text += decoder.decode(chunk, { stream: true });
  }
  const lines = text.slice(0, SHOWN).trimEnd();
  if (lines !== "") lines.split("\n").forEach(tell);
  if (text.length > SHOWN) tell("... and more");
}

async function post(url: string, { limitMs, signal }: ReloadOptions): Promise<string | null> {
  try {
    const response = await fetch(url, { method: "POST", signal: deadline(limitMs, signal) });
    await response.body?.cancel();
    return response.ok ? null : `${url} answered ${response.status}`;
  } catch (error) {
    const late = (error as Error).name === "TimeoutError";
    return late ? `${url} did not answer in ${limitMs} ms` : `${url}: ${(error as Error).message}`;
  }
}

function deadline(limitMs: number, signal: AbortSignal): AbortSignal {
  return limitMs === 0 ? signal : AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
}
