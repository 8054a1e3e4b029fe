/**
 * Reloading the service in the way that the user chose: a signal, a command or an HTTP request. A restart is the core's.
 *
 * Touches: processes and the network; the logger that it is given.
 * @module
 */
import type { ReloadWay } from "../../settings/reload.ts";
import type { Logger } from "../output/logger.ts";
import { request } from "../network/http.ts";
import { deadline, runCommand } from "./command.ts";
import type { ChildHandle } from "./processes.ts";
import { fateOf } from "./readiness.ts";

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

/** Ways that failed, by their names, and why. */
export interface ReloadFailure {
  readonly ways: readonly string[];
  readonly reason: string;
}

/** Reloads in several ways, one after another: one that fails does not keep the others from being tried. */
export async function reloadInWays(
  service: ChildHandle | undefined,
  ways: ReadonlyMap<string, ReloadWay>,
  options: Omit<ReloadOptions, "way">,
): Promise<ReloadFailure | null> {
  const failed: string[] = [];
  const reasons: string[] = [];
  for (const [id, way] of ways) {
    const reason = await reload(service, { ...options, way });
    if (reason === null) continue;
    failed.push(id);
    reasons.push(reason);
  }
  return failed.length === 0 ? null : { ways: failed, reason: reasons.join("; ") };
}

/** Reloads. Resolves with null, or with the reason why it failed. */
export async function reload(service: ChildHandle | undefined, options: ReloadOptions): Promise<string | null> {
  const { way } = options;
  switch (way.by) {
    case "signal":
      return service === undefined ? "it is not running" : signalService(service, way, options.logger);
    case "exec":
      return await runCommand(way.words, {
        ...options,
        onLine: (line) => options.logger.log({ level: "info", msg: `reload: ${line}` }),
      });
    case "http":
      return await request({ method: "POST", url: way.url, signal: deadline(options.limitMs, options.signal) });
    default:
      return null;
  }
}

/** A signal that the service does not expect would kill it. */
function signalService(service: ChildHandle, way: ReloadWay & { by: "signal" }, logger: Logger): string | null {
  const { signal, explicit } = way;
  switch (fateOf(service, signal)) {
    case "survives":
      break;
    case "diesYoung":
      return `it has no handler for ${signal} yet, and would die of it`;
    case "dies": {
      const remedy = "set SIDECAR_RELOAD to restart, to another signal, or to what else makes it read its files";
      if (!explicit) return `it has no handler for ${signal}, and would die of it: ${remedy}`;
      const msg =
        `main program has no handler for ${signal}, and may die of it; it is sent, since SIDECAR_RELOAD names it`;
      logger.log({ level: "warn", msg });
    }
  }
  service.signal(signal);
  return null;
}
