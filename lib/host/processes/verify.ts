/**
 * One try whether the service is well. When to try, and how often, the core decides.
 *
 * Touches: processes and the network; the logger that it is given.
 * @module
 */
import type { VerifyWay } from "../../settings/verify.ts";
import type { Logger } from "../output/logger.ts";
import { request } from "../network/http.ts";
import { runCommand } from "./command.ts";

/** What a probe needs. */
export interface ProbeOptions {
  way: VerifyWay;
  /** The environment of a command. */
  env: Readonly<Record<string, string>>;
  logger: Logger;
  /** Ends it early. */
  signal: AbortSignal;
}

/** Resolves with null if the service is well, or with the reason why it is not. */
export async function probe({ way, env, logger, signal }: ProbeOptions): Promise<string | null> {
  switch (way.by) {
    case "exec": {
      const onLine = (line: string) => logger.log({ level: "debug", msg: `verify: ${line}` });
      return await runCommand(way.words, { env, limitMs: 0, signal, onLine });
    }
    case "tcp":
      return await connect(way, signal);
    case "http":
      return await request({ method: "GET", url: way.url, signal });
  }
}

/** The system's own time-out for a connection is minutes: whoever ends the probe need not wait for it. */
function connect({ hostname, port }: { hostname: string; port: number }, signal: AbortSignal): Promise<string | null> {
  const { promise, resolve } = Promise.withResolvers<string | null>();
  signal.addEventListener("abort", () => resolve(`${hostname}:${port} takes no connection in time`), { once: true });
  tryConnection(hostname, port).then(resolve);
  return promise;
}

async function tryConnection(hostname: string, port: number): Promise<string | null> {
  try {
    using connection = await Deno.connect({ hostname, port });
    // Where nobody listens, a connection can by chance be one with itself.
    const [ours, theirs] = [connection.localAddr, connection.remoteAddr] as Deno.NetAddr[];
    const itself = ours.port === theirs.port && ours.hostname === theirs.hostname;
    return itself ? `${hostname}:${port} takes no connection` : null;
  } catch (error) {
    return `${hostname}:${port} takes no connection (${(error as Error).message})`;
  }
}
