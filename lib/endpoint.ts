/**
 * The ways in for those who want to see or steer a run: the HTTP endpoint and the control socket.
 *
 * Touches: the network, through http_server.ts and listeners.ts.
 * @module
 */
import { CLOCK } from "./host/clock.ts";
import { HttpServer, type Listener } from "./host/network/http_server.ts";
import { type Opened, openPort, openSocket, removeSocket } from "./host/network/listeners.ts";
import type { Settings } from "./settings/table.ts";
import type { Door } from "./status/guard.ts";
import { route, type Source } from "./status/routes.ts";

/** A way in. */
export interface Entrance {
  readonly listener: Listener;
  readonly door: Door;
  readonly address: string;
}

/** Opens the port that the user wants; undefined where none is wanted. */
export function openTcp({ listen }: Settings): Entrance | { problem: string } | undefined {
  if (listen === "off") return undefined;
  return asEntrance(openPort(listen), { name: "SIDECAR_LISTEN", door: { by: "tcp", hostname: listen.hostname } });
}

/** Opens the control socket. */
export async function openControl({ socket }: Settings): Promise<Entrance | { problem: string }> {
  return asEntrance(await openSocket(socket), { name: "SIDECAR_SOCKET", door: { by: "socket" } });
}

function asEntrance(opened: Opened, { name, door }: { name: string; door: Door }): Entrance | { problem: string } {
  return "problem" in opened ? { problem: `${name}: ${opened.problem}` } : { ...opened, door };
}

/** Answers who asks, until it is closed. */
export class Endpoint {
  readonly #servers: readonly HttpServer[];
  readonly #sockets: readonly string[];

  constructor(entrances: readonly Entrance[], source: Source) {
    this.#servers = entrances.map(({ listener, door }) =>
      new HttpServer({ listener, handler: (request) => route(request, door, source), clock: CLOCK })
    );
    this.#sockets = entrances.filter(({ door }) => door.by === "socket").map(({ address }) => address);
  }

  /** Ends every connection, and removes the control socket. */
  async close(): Promise<void> {
    this.#sockets.forEach(removeSocket);
    await Promise.all(this.#servers.map((server) => server.close()));
  }
}
