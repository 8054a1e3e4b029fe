/**
 * The executable as its own client, for images without a shell: asks the sidecar that runs in the same container over its
 * control socket.
 *
 * Touches: the control socket.
 * @module
 */
import { UNAVAILABLE } from "./core/exit_status.ts";
import { after } from "./host/clock.ts";
import { close, readAll, writeAll } from "./host/network/connection.ts";
import type { Report } from "./inspect.ts";
import type { Asking } from "./settings/client.ts";
import { type Environment, readSettings } from "./settings/settings.ts";
import type { Answer } from "./status/commands.ts";
import type { StatusDocument } from "./status/document.ts";
import { type FleetQueue, fleetTable } from "./status/fleet_queue.ts";
import { statusTable } from "./status/table.ts";

/**
 * How long an answer may take, in milliseconds. What a fleet's store says has to be asked of each of its nodes, and what a
 * command begins may last.
 */
const LIMIT_MS: Record<Asking["is"], number> = { healthcheck: 5000, status: 5000, fleet: 30_000, command: Infinity };

/** Asks, and says what came of it. */
export async function ask(asking: Asking, env: Environment): Promise<Report> {
  const { socket } = readSettings(env).settings;
  if (socket === "off") return nobody("SIDECAR_SOCKET=off: there is no control socket to ask at");
  if (socket === undefined) return nobody("SIDECAR_SOCKET is not valid: there is no control socket to ask at");
  try {
    return said(await exchange(socket, asking), asking);
  } catch (error) {
    return nobody(whyNobody(socket, error as Error));
  }
}

function said(reply: Reply, asking: Asking): Report {
  if (asking.is === "healthcheck") return ofHealth(reply);
  // What a sidecar refuses, it refuses in a sentence.
  const { status, body } = reply;
  if (status !== 200 && !body.startsWith("{")) return no([body.trim()]);
  return asking.is === "command" ? ofCommand(reply) : ofDocument(reply, asking);
}

interface Reply {
  status: number;
  body: string;
}

async function exchange(path: string, asking: Asking): Promise<Reply> {
  const target = targetOf(asking);
  const connection = await Deno.connect({ transport: "unix", path });
  const callOff = after(LIMIT_MS[asking.is], () => close(connection));
  const method = asking.is === "command" ? "POST" : "GET";
  await writeAll(connection, new TextEncoder().encode(`${method} ${target} HTTP/1.1\r\nHost: localhost\r\n\r\n`));
  const text = await readAll(connection);
  callOff();
  close(connection);
  const [, status, body] = /^HTTP\/1\.1 (\d{3})[\s\S]*?\r\n\r\n([\s\S]*)$/.exec(text) ?? [];
  if (status === undefined) throw new Error("the answer is not whole");
  return { status: Number(status), body };
}

function ofCommand({ status, body }: Reply): Report {
  const { done, says } = JSON.parse(body) as Answer;
  return done && status === 200 ? well([says]) : no([says]);
}

function targetOf(asking: Asking): string {
  switch (asking.is) {
    case "command":
      return asking.target;
    case "healthcheck":
      return asking.path;
    case "status":
    case "fleet":
      return `/${asking.is}`;
  }
}

function ofDocument({ body }: Reply, { is, json }: Asking & { is: "status" | "fleet" }): Report {
  if (json) return well([body.trimEnd()]);
  const document: unknown = JSON.parse(body);
  const now = Date.now();
  return well(is === "status" ? statusTable(document as StatusDocument, now) : fleetTable(document as FleetQueue, now));
}

function ofHealth({ status, body }: Reply): Report {
  return status === 200 ? well([body.trim()]) : no([body.trim()]);
}

function well(out: string[]): Report {
  return { out, errors: [], status: 0 };
}

function no(errors: string[]): Report {
  return { out: [], errors: errors.map((sentence) => `confd-sidecar: ${sentence}`), status: 1 };
}

function nobody(sentence: string): Report {
  return { ...no([sentence]), status: UNAVAILABLE };
}

function whyNobody(path: string, error: Error): string {
  if (error instanceof Deno.errors.PermissionDenied) {
    return `nobody answers at ${path}: permission denied; ask as the user that the sidecar runs as`;
  }
  if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.ConnectionRefused) {
    return `nobody answers at ${path}: no sidecar runs here, or its SIDECAR_SOCKET, SIDECAR_STATE or CONFD_CONFDIR is another`;
  }
  if (error instanceof SyntaxError) return `what answers at ${path} is no sidecar`;
  return `nobody answers at ${path}: ${error.message}`;
}
