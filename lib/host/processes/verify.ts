/**
 * Seeing whether the service is well: asked again and again, until it is or time is up.
 *
 * The first question comes a moment after a reload: before that the answer would be about the old configuration, and a
 * service that dies of the new one has died by then.
 *
 * Touches: the clock, processes and the network; the logger that it is given.
 * @module
 */
import { formatDuration } from "../../settings/duration.ts";
import type { VerifyWay } from "../../settings/verify.ts";
import { sleep } from "../clock.ts";
import { deadline, runCommand } from "./command.ts";
import type { Logger } from "../output/logger.ts";

/** How long after a reload the first question comes, in milliseconds. */
const FIRST_MS = 500;
/** How long between two, in milliseconds. */
const AGAIN_MS = 250;

/** What a verification needs. */
export interface VerifyOptions {
  way: VerifyWay;
  /** How long it may take to come true. */
  limitMs: number;
  /** The environment of a command. */
  env: Readonly<Record<string, string>>;
  logger: Logger;
  /** Ends it early. */
  signal: AbortSignal;
}

/** Resolves with null once the service is well, or with the reason why it was not in time. */
export async function verify(options: VerifyOptions): Promise<string | null> {
  const { limitMs, signal } = options;
  const end = performance.now() + limitMs;
  await sleep(Math.min(FIRST_MS, limitMs));
  while (true) {
    const leftMs = Math.max(1, Math.round(end - performance.now()));
    const failure = await ask({ ...options, limitMs: leftMs });
    if (failure === null || signal.aborted) return failure;
    await sleep(AGAIN_MS);
    if (performance.now() >= end) return `${failure}, for ${formatDuration(limitMs)}`;
  }
}

async function ask({ way, limitMs, env, logger, signal }: VerifyOptions): Promise<string | null> {
  switch (way.by) {
    case "exec": {
      const onLine = (line: string) => logger.log({ level: "debug", msg: `verify: ${line}` });
      return await runCommand(way.words, { env, limitMs, signal, onLine });
    }
    case "tcp":
      return await connect(way.hostname, way.port);
    case "http":
      return await get(way.url, deadline(limitMs, signal));
  }
}

async function connect(hostname: string, port: number): Promise<string | null> {
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

async function get(url: string, signal: AbortSignal): Promise<string | null> {
  try {
    const response = await fetch(url, { signal, redirect: "manual" });
    await response.body?.cancel();
    return response.ok ? null : `${url} answered ${response.status}`;
  } catch (error) {
    return signal.aborted ? `${url} did not answer` : `${url}: ${(error as Error).message}`;
  }
}
