/**
 * This member's turns in its fleet: what the core asks for, done by the client of the fleet's engine. Loaded only where
 * there is a fleet.
 *
 * Touches: the network, through lib/host/fleet.
 * @module
 */
import type { Event, FleetEffect } from "./core/protocol.ts";
import { memberName } from "./fleet_settings.ts";
import { CLOCK } from "./host/clock.ts";
import type { FleetClient, Listing } from "./host/fleet/client.ts";
import type { FleetAddress } from "./settings/fleet.ts";
import type { Settings } from "./settings/table.ts";
import { digestOf } from "./set_digest.ts";

/** What is written down of a set that did harm. The log of the one who wrote it has the details: here they could be secrets. */
const CAUSES: Record<(FleetEffect & { type: "reportBad" })["cause"], string> = {
  check: "it was refused by its check",
  verify: "it failed its verification",
  died: "main program died of it",
};

/** A FleetLock server is told of a start so long after it, in milliseconds: the service comes first. */
const TELL_AFTER_MS = 100;

/** Asks for turns, and gives them back. */
export class FleetTurns {
  readonly #load: () => Promise<FleetClient>;
  #client: FleetClient | undefined;
  /** One thing after another: to load the client, and to make a digest, takes a moment. */
  #line: Promise<void> = Promise.resolve();

  constructor(settings: Settings, address: FleetAddress, tell: (event: Event) => void) {
    this.#load = async () => this.#client ??= await clientOf(settings, address, tell);
    if (address.engine === "fleetlock") CLOCK.after(TELL_AFTER_MS, () => this.#then(() => {}));
  }

  /** Ends a turn that is not valid any more: the clock may have gone on while this process stood still. */
  check(): void {
    this.#client?.check();
  }

  perform(effect: FleetEffect): void {
    this.#then((client) => act(client, effect));
  }

  async list(): Promise<Listing> {
    return await (await this.#load()).list();
  }

  async close(): Promise<void> {
    await this.#line;
    await this.#client?.close();
  }

  #then(act: (client: FleetClient) => void | Promise<void>): void {
    this.#line = this.#line.then(async () => act(await this.#load()));
  }
}

async function act(client: FleetClient, effect: FleetEffect): Promise<void> {
  switch (effect.type) {
    case "takeTurn":
      return client.take(await digestOf(effect.contents));
    case "keepTurn":
      return client.keep();
    case "leaveTurn":
      return client.leave(effect.success === null ? null : await digestOf(effect.success));
    case "reportBad":
      return client.reportBad(await digestOf(effect.contents), CAUSES[effect.cause]);
  }
}

async function clientOf(
  settings: Settings,
  address: FleetAddress,
  tell: (event: Event) => void,
): Promise<FleetClient> {
  const id = memberName(settings);
  const parts = { address, clock: CLOCK, tokenFile: settings.fleetTokenFile };
  if (address.engine === "fleetlock") {
    const { FleetLockClient } = await import("./host/fleet/fleetlock.ts");
    return new FleetLockClient({ ...parts, id, random: Math.random, tell });
  }
  const { QueueClient } = await import("./host/fleet/queue_client.ts");
  const self = { id, n: address.n ?? 1 };
  const store = address.engine === "etcd"
    ? new (await import("./host/fleet/etcd.ts")).EtcdStore(parts, self)
    : new (await import("./host/fleet/consul.ts")).ConsulStore(parts, self);
  return new QueueClient({ store, self, clock: CLOCK, random: Math.random, tell });
}
