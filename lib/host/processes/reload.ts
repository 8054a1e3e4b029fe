/**
 * Reloading the service in the way that the user chose: a signal, a command or an HTTP request. A restart is the core's.
 *
 * Touches: processes and the network; the logger that it is given.
 * @module
 */
import type { ReloadWay } from "../../settings/reload.ts";
import type { Logger } from "../output/logger.ts";
import { deadline, runCommand } from "./command.ts";
import type { ChildHandle } from "./processes.ts";
import { mayBeSent } from "./readiness.ts";

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
export async function reload(service: ChildHandle | undefined, options: ReloadOptions): Promise<string | null> {
  const { way } = options;
  switch (way.by) {
    case "signal":
      return service === undefined ? "it is not running" : signalService(service, way.signal);
    case "exec":
      return await runCommand(way.words, {
        ...options,
        onLine: (line) => options.logger.log({ level: "info", msg: `reload: ${line}` }),
      });
    case "http":
      return await post(way.url, options);
    default:
      return null;
  }
}

/** A signal that comes before the service has its handler would kill it. */
function signalService(service: ChildHandle, signal: string): string | null {
  if (!mayBeSent(service, signal)) return `it has no handler for ${signal} yet, and would die of it`;
  service.signal(signal);
  return null;
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
