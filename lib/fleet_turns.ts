/**
 * This member's turns in its fleet: what the core asks for, done by the client of the fleet's engine. Loaded only where
 * there is a fleet.
 *
 * Touches: the network, through lib/host/fleet.
 * @module
 */
import type { Contents } from "./core/files.ts";
import type { Event, FleetEffect } from "./core/protocol.ts";
import { memberName } from "./fleet_settings.ts";
import { CLOCK } from "./host/clock.ts";
import type { FleetClient, FleetNews, Listing } from "./host/fleet/client.ts";
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

/** What it works with. */
export interface FleetTurnsParts {
  /** Loads the client, which tells what happens. */
  readonly load: (tell: (news: FleetNews) => void) => Promise<FleetClient>;
  readonly digestOf: (contents: Contents) => Promise<string>;
  readonly tell: (event: Event) => void;
}

/** Asks for turns, and gives them back. */
export class FleetTurns {
  readonly #parts: FleetTurnsParts;
  #loading: Promise<FleetClient> | undefined;
  #client: FleetClient | undefined;
  /** One thing after another: to load the client, and to make a digest, takes a moment. */
  #line: Promise<void> = Promise.resolve();
  /** How many wishes are in that line: what is answered to an older one is not what the core waits for. */
  #wishes = 0;

  constructor(parts: FleetTurnsParts) {
    this.#parts = parts;
  }

  /** Turns as the settings have them. */
  static of(settings: Settings, address: FleetAddress, tell: (event: Event) => void): FleetTurns {
    const load = (tell: (news: FleetNews) => void) => clientOf(settings, address, tell);
    const turns = new FleetTurns({ load, digestOf, tell });
    if (address.engine === "fleetlock") CLOCK.after(TELL_AFTER_MS, () => turns.#then(() => {}));
    return turns;
  }

  /** Ends a turn that is not valid any more: the clock may have gone on while this process stood still. */
  check(): void {
    this.#client?.check();
  }

  perform(effect: FleetEffect): void {
    const isWish = effect.type !== "reportBad";
    if (isWish) this.#wishes++;
    this.#then(async (client) => {
      const act = await this.#actOf(effect);
      // Before the client acts: it may answer at once.
      if (isWish) this.#wishes--;
      act(client);
    });
  }

  async list(): Promise<Listing> {
    return await (await this.#load()).list();
  }

  async close(): Promise<void> {
    await this.#line;
    await this.#client?.close();
  }

  /** Once: a second client would know nothing of the turn that the first one has. */
  #load(): Promise<FleetClient> {
    return this.#loading ??= this.#parts.load((news) => this.#tell(news)).then((client) => this.#client = client);
  }

  /** The client hears of the newer wish after this, and answers that too. */
  #tell(news: FleetNews): void {
    const isOutdated = this.#wishes > 0 && (news.type === "turnGranted" || news.type === "turnRefused");
    if (!isOutdated) this.#parts.tell(news);
  }

  #then(act: (client: FleetClient) => void | Promise<void>): void {
    this.#line = this.#line.then(async () => act(await this.#load()));
  }

  async #actOf(effect: FleetEffect): Promise<(client: FleetClient) => void> {
    const { digestOf } = this.#parts;
    switch (effect.type) {
      case "takeTurn": {
        const digest = await digestOf(effect.contents);
        return (client) => client.take(digest);
      }
      case "keepTurn":
        return (client) => client.keep();
      case "leaveTurn": {
        const success = effect.success && await digestOf(effect.success);
        return (client) => client.leave(success);
      }
      case "reportBad": {
        const digest = await digestOf(effect.contents);
        return (client) => client.reportBad(digest, CAUSES[effect.cause]);
      }
    }
  }
}

async function clientOf(
  settings: Settings,
  address: FleetAddress,
  tell: (news: FleetNews) => void,
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
