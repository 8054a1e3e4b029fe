/**
 * What the HTTP endpoint and the control socket answer to which path.
 *
 * Pure.
 * @module
 */
import type { Command } from "../core/protocol.ts";
import { parseDuration } from "../settings/duration.ts";
import type { Answer } from "./commands.ts";
import { exposition, EXPOSITION_TYPE } from "./exposition.ts";
import { type Door, refusalOfRequest } from "./guard.ts";
import { verboseReadiness } from "./readiness.ts";
import type { Metric } from "./metric.ts";
import type { StatusDocument } from "./document.ts";
import type { FleetQueue } from "./fleet_queue.ts";

/** A request, as far as routes look at it. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: ReadonlyMap<string, string>;
}

/** An answer. */
export interface Answered {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What there is to be told, and done. */
export interface Source {
  /** Finds out what takes its time to be known. */
  readonly prepare: () => Promise<void>;
  readonly document: () => StatusDocument;
  readonly metrics: () => Metric[];
  /** The page, and its headers. */
  readonly page: () => Promise<{ body: string; headers: Readonly<Record<string, string>> }>;
  readonly give: (command: Command) => Promise<Answer>;
  /** Asks the fleet's store who is in the queue; throws where that cannot be known. Undefined: there is no fleet. */
  readonly fleet?: () => Promise<FleetQueue>;
}

const TEXT = "text/plain; charset=utf-8";
/** The longest reason of a hold, in characters. */
const LONGEST_REASON = 200;

const READ: Record<string, (source: Source, query: URLSearchParams) => Answered | Promise<Answered>> = {
  "/livez": () => text(200, "ok\n"),
  "/healthz": () => text(200, "ok\n"),
  "/readyz": ({ document }, query) => readiness(document(), query.has("verbose")),
  "/metrics": ({ metrics }) => ({ status: 200, type: EXPOSITION_TYPE, body: exposition(metrics()) }),
  "/status": ({ document }) => json(200, document()),
  "/": async ({ page }) => ({ status: 200, type: "text/html; charset=utf-8", ...await page() }),
};

const COMMANDS: Record<string, (query: URLSearchParams) => Command | string> = {
  "/reload": () => ({ is: "reload" }),
  "/restart": () => ({ is: "restart" }),
  "/rollback": () => ({ is: "rollBack" }),
  "/release": () => ({ is: "release" }),
  "/hold": hold,
};

/** Answers a request that came in by a door. */
export async function route(asked: Asked, door: Door, source: Source): Promise<Answered> {
  const refusal = refusalOfRequest(asked, door);
  if (refusal !== null) return text(403, `${refusal}\n`);
  const { method, path, query } = asked;
  const read = Object.hasOwn(READ, path) ? READ[path] : undefined;
  if (read !== undefined) {
    if (method !== "GET" && method !== "HEAD") return notAllowed("GET, HEAD", path);
    if (["/metrics", "/status", "/"].includes(path)) await source.prepare();
    return await read(source, query);
  }
  if (path === "/fleet") return await fleetQueue(method, door, source);
  const command = Object.hasOwn(COMMANDS, path) ? COMMANDS[path] : undefined;
  if (command === undefined) return text(404, `there is no ${path}; there are ${Object.keys(READ).join(", ")}\n`);
  if (door.by === "tcp") return text(403, "commands are taken on the control socket alone\n");
  if (method !== "POST") return notAllowed("POST", path);
  const wanted = command(query);
  if (typeof wanted === "string") return json(400, { done: false, says: wanted });
  const answer = await source.give(wanted);
  return json(answer.done ? 200 : 409, answer);
}

/** On the control socket alone: the store is asked anew each time. */
async function fleetQueue(method: string, door: Door, { fleet }: Source): Promise<Answered> {
  if (door.by === "tcp") return text(403, "the fleet is told of on the control socket alone\n");
  if (method !== "GET" && method !== "HEAD") return notAllowed("GET, HEAD", "/fleet");
  if (fleet === undefined) return text(404, "SIDECAR_FLEET is not set: there is no fleet\n");
  try {
    return json(200, await fleet());
  } catch (error) {
    return text(502, `the fleet's store cannot be asked: ${(error as Error).message}\n`);
  }
}

function readiness({ ready, conditions }: StatusDocument, verbose: boolean): Answered {
  const status = ready ? 200 : 503;
  if (verbose) return text(status, verboseReadiness(conditions, ready));
  const missing = conditions.filter(({ is }) => is !== "ok").map(({ name, says }) => `${name} ${says}`);
  return text(status, ready ? "ok\n" : `not ready: ${missing.join("; ")}\n`);
}

function hold(query: URLSearchParams): Command | string {
  const [length, reason] = [query.get("for"), query.get("reason")];
  const forMs = length ? parseDuration(length) : null;
  if (forMs === undefined || forMs === 0) return `for: ${JSON.stringify(length)} is not a duration such as 30m`;
  if (reason !== null && reason.length > LONGEST_REASON) {
    return `reason: ${reason.length} characters are more than ${LONGEST_REASON}`;
  }
  return { is: "hold", forMs, reason: reason || null };
}

function text(status: number, body: string): Answered {
  return { status, type: TEXT, body };
}

function json(status: number, value: unknown): Answered {
  return { status, type: "application/json", body: `${JSON.stringify(value, undefined, 2)}\n` };
}

function notAllowed(allowed: string, path: string): Answered {
  return { ...text(405, `${path} takes ${allowed}\n`), headers: { Allow: allowed } };
}
