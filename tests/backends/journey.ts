/**
 * What a backend has to stand: one journey of a sidecar with a real confd and a real server, and what came of each part.
 *
 * Touches: files, processes and the loopback network, through the support modules.
 * @module
 */
import type { Confd } from "../support/confds.ts";
import type { Lines } from "../support/lines.ts";
import { Scene } from "../support/scene.ts";
import type { Folder, Sidecar } from "../support/sidecar.ts";
import { findBackend } from "../../lib/confd/backends.ts";
import { Network } from "./network.ts";
import type { Server } from "../support/server.ts";

/** The parts of a journey, as the table's columns have them. */
export const PARTS = [
  "first rendering",
  "a change",
  "server restarted",
  "network silent",
  "server away at a stop",
  "server away at the start",
] as const;

/** One part of a journey. */
export type Part = typeof PARTS[number];

/** What came of each part: what the table says of it, or an error. */
export type Outcomes = Map<Part, string | Error>;

/** What a journey needs to know. */
export interface Traveller {
  folder: Folder;
  confd: Confd;
  server: Server;
  /** How a value that was put is seen in what is rendered. */
  seen: (value: string) => string;
  /** Why a part is left out. */
  without: (part: Part) => string | undefined;
}

/** Often enough for a test, and seldom enough to leave a watching confd the time to help itself. */
const INTERVALS = { watched: "3s", polled: "1s" };
/** How long a server is away at most, if confd has nothing to say about it; in milliseconds. */
const AWAY_MS = 2000;
/** confd may find its server again when its own time-outs of half a minute are over. */
const PATIENCE = 3;

/** Travels, to the end, whatever goes wrong on the way. */
export async function travel(traveller: Traveller): Promise<Outcomes> {
  const { server, without, seen } = traveller;
  const outcomes: Outcomes = new Map();
  const attempt = async (part: Part, sidecar: Sidecar, act: () => Promise<void>) => {
    outcomes.set(part, without(part) ?? await outcomeOf(sidecar, act));
  };
  await server.start();
  let last = "one";
  await server.put({ "/key": last });
  const { address, reachedAt } = server;
  await using network = address === undefined ? undefined : new Network(Number(address.split(":")[1]), reachedAt);
  {
    await using sidecar = start(traveller, { name: "first", network });
    const change = async (value: string) => {
      await server.put({ "/key": last = value });
      await shows(sidecar, `HUP: value=${seen(value)}`);
    };
    const part = (name: Part, act: () => Promise<void>) => attempt(name, sidecar, act);
    await part("first rendering", () => shows(sidecar, `start: value=${seen("one")}`));
    await part("a change", () => change("two"));
    await part("server restarted", async () => {
      await server.stop();
      await noticed(sidecar);
      await server.start();
      await change("three");
    });
    await part("network silent", async () => {
      // Whatever has to be made up for after the restart is over by then.
      await change("four");
      network!.fallSilent();
      await change("five");
    });
    await part("server away at a stop", async () => {
      await server.stop();
      sidecar.signal("SIGTERM");
      const status = await sidecar.status();
      if (status !== 0) throw new Error(`the status is ${status}, and the service's is 0`);
    });
  }
  {
    // Without a network that accepts for a server that is away, where there is a choice.
    await using sidecar = start(traveller, { name: "second" });
    await attempt("server away at the start", sidecar, async () => {
      await sidecar.stderr.next("main program waits for confd to render");
      await noticed(sidecar);
      await server.start();
      await shows(sidecar, `start: value=${seen(last)}`);
    });
  }
  return outcomes;
}

interface StartOptions {
  name: string;
  /** What lies between confd and the server. */
  network?: Network;
}

function start({ folder, confd, server }: Traveller, { name, network }: StartOptions): Sidecar {
  const interval = findBackend(server.env.CONFD_BACKEND)!.watchable ? INTERVALS.watched : INTERVALS.polled;
  const template = `value={{getv "${server.keyOf("/key")}"}}\n`;
  const scene = new Scene(folder, {
    confd,
    keys: { env: network === undefined ? server.env : through(network, server) },
    rendered: [{ name: `${name}.conf`, template, keys: [server.root], dest: folder.at(`${name}/service.conf`) }],
  });
  return scene.start({ env: { CONFD_CONFDIR: folder.at(`${name}/confd`), SIDECAR_CONFD_INTERVAL: interval } });
}

/** Whatever names the server names the network instead. */
function through(network: Network, { env, address = "" }: Server): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => [name, value.replaceAll(address, network.address)]),
  );
}

/** What the sidecar had to do about it is in its log. */
async function outcomeOf(sidecar: Sidecar, act: () => Promise<void>): Promise<string | Error> {
  const from = sidecar.stderr.all.length;
  try {
    await act();
    return verdict(sidecar.stderr.all.slice(from));
  } catch (error) {
    return error as Error;
  }
}

/** What the table says of a part that came out well, by what the log says meanwhile. */
export function verdict(log: readonly string[]): string {
  const said = (pattern: RegExp) => log.some((line) => pattern.test(line));
  if (said(/confd missed a change: .* polls its backend/)) return "made up for: missed, so polled";
  if (said(/confd missed a change: /)) return "made up for: missed, so restarted";
  if (said(/supervisor\[\d+\]: starting confd again/)) return "made up for: ended, so started again";
  if (said(/confd has not stopped in one second: killing it/)) return "made up for: hung, so killed";
  return "passed";
}

/** Waits until the service shows something; a deadline that passes is not the last one. */
async function shows({ stdout }: Sidecar, what: string): Promise<void> {
  for (let tries = 1; tries < PATIENCE; tries++) {
    if (await stdout.next(what).then(() => true, () => false)) return;
  }
  await stdout.next(what);
}

/** confd says or does something about a server that is away; or does not, for a while. */
async function noticed({ stderr }: Sidecar): Promise<void> {
  const from = stderr.all.length;
  const until = Date.now() + AWAY_MS;
  while (Date.now() < until && !complains(stderr, from)) await new Promise((resolve) => setTimeout(resolve, 20));
}

function complains({ all }: Lines, from: number): boolean {
  return all.slice(from).some((line) => / (ERROR|FATAL) |confd ended/.test(line));
}
