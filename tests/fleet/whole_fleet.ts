/**
 * A small fleet of whole sidecars, as simulated_sidecar.ts has them: changes that come in the middle of others, some of
 * which do harm; operators who want anything at any time; members that die, stop, start, are cut off or stand still.
 *
 * Pure: all chance comes from a seed.
 * @module
 */
import type { Command } from "../../lib/core/protocol.ts";
import { OUTDATED_MOST } from "../../lib/core/fleet_queue.ts";
import { isQuarantined } from "../../lib/core/rollout_state.ts";
import { DEFAULT } from "../../lib/core/ways.ts";
import { Future } from "../support/heap.ts";
import { Random } from "../support/random.ts";
import { digestOf, type Harm, SimulatedSidecar, valueOf } from "./simulated_sidecar.ts";
import { SimulatedStore } from "./simulated_store.ts";
import { contents } from "../support/states.ts";

/** What is simulated. */
export interface WholeOptions {
  readonly members: number;
  readonly n: number;
  readonly staged: boolean;
  /** True if every member has files of its own, which speak of its host. */
  readonly own: boolean;
  /** True if all have been given the same name. */
  readonly sameId: boolean;
  readonly timeoutMs: number;
  /** True if members die, stop, are cut off or stand still. */
  readonly faults: boolean;
  /** True if operators want something now and then. */
  readonly operated: boolean;
}

const TROUBLE_MS = 300_000;
/** How long it may take to come to rest: an entry lives for ten seconds, and a kept turn waits for the next change. */
const REST_MS = 600_000;
const SPREAD_MS = 1500;

/** One fleet. Throws where something is not as it must be. */
export class WholeFleet {
  readonly #options: WholeOptions;
  readonly #random: Random;
  readonly #future = new Future();
  readonly #store = new SimulatedStore(this.#future);
  readonly #sidecars: SimulatedSidecar[] = [];
  #births = 0;
  #changes = 0;
  #value = "";
  #harm = new Map<string, Harm>();
  readonly #begun = new Map<string, Set<SimulatedSidecar>>();
  readonly #succeeded = new Set<string>();
  #calm = false;
  /** Until then no service is well, whatever its configuration. */
  #unwellUntil = 0;
  /** For those who want to know that something has happened. */
  readonly counts = { begun: 0, unasked: 0, commands: 0, faults: 0 };

  constructor(seed: number, options: WholeOptions) {
    this.#random = new Random(seed);
    this.#options = options;
  }

  run(): void {
    this.#change("none");
    for (let i = 0; i < this.#options.members; i++) this.#start();
    this.#runFor(20_000);
    this.#planChange();
    this.#planTrouble();
    this.#runFor(TROUBLE_MS);
    this.#calm = true;
    for (const one of this.#sidecars) if (one.rollout.hold !== null) this.#command(one, { is: "release" });
    this.#runFor(60_000);
    // What an operator has taken back stays refused there.
    if (!this.#options.operated && this.#random.chance(0.3)) this.#changeBack();
    else this.#change("none");
    this.#runFor(REST_MS);
    this.#checkRest();
  }

  #runFor(ms: number): void {
    const end = this.#future.now + ms;
    while (this.#future.step(end)) {
      // Whatever has happened.
      this.#checkWork();
    }
    this.#future.now = end;
  }

  #start(): void {
    const { n, staged, own, sameId, timeoutMs, faults } = this.#options;
    const one: SimulatedSidecar = new SimulatedSidecar({
      id: sameId ? "m" : `m${++this.#births}`,
      own,
      n,
      future: this.#future,
      random: this.#random,
      store: this.#store,
      drift: 1 + this.#random.between(-500, 500) / 1e6,
      losesWatches: faults,
      onLostWatch: () => {},
      options: {
        staged,
        verified: staged,
        verifyTimeoutMs: 2000,
        settleMaxMs: TROUBLE_MS,
        fleet: { timeoutMs },
        reload: { by: "exec" },
        restart: "always",
        restartMax: 5,
      },
      harmOf: (value) => this.#future.now < this.#unwellUntil ? "verify" : this.#harm.get(value)!,
      onBegin: (one, set) => this.#begins(one, set),
      onSuccess: (value) => this.#succeeded.add(value),
    });
    this.#sidecars.push(one);
    one.begin(this.#value, this.#changes);
  }

  get #up(): SimulatedSidecar[] {
    return this.#sidecars.filter(({ isUp }) => isUp);
  }

  #change(harm: Harm): void {
    const value = `v${++this.#changes}`;
    this.#harm.set(value, harm);
    this.#announce(value);
  }

  /** One that has been there already. */
  #changeBack(): void {
    this.#changes++;
    // A service that ends in its turn has its set written down, whatever it ended of.
    const isBad = (value: string) =>
      this.#sidecars.some(({ id }) => {
        const content = this.#options.own ? `${value}@${id}` : value;
        return this.#store.look(digestOf(contents([["/a", content], ["/b", content]]))).bad !== null;
      });
    const earlier = [...this.#succeeded].filter((value) => this.#harm.get(value) === "none" && !isBad(value));
    this.#announce(this.#random.pick(earlier) ?? this.#value);
  }

  #announce(value: string): void {
    const number = this.#changes;
    this.#value = value;
    for (const one of this.#sidecars) {
      this.#future.after(this.#random.between(0, SPREAD_MS), () => one.client.whenAwake(() => one.hear(value, number)));
    }
  }

  #planChange(): void {
    // A few at once, or one after the other has gone a long way.
    this.#future.after(this.#random.pick([500, 1500, 3000, 8000, 20_000]) * this.#random.next() * 2, () => {
      if (this.#calm) return;
      const kinds: (Harm | "back")[] = ["none", "none", "none", "back", "reload"];
      if (this.#options.staged) kinds.push("check", "verify");
      const kind = this.#random.pick(kinds);
      if (kind === "back") this.#changeBack();
      else this.#change(kind);
      this.#planChange();
    });
  }

  #planTrouble(): void {
    this.#future.after(this.#random.between(1, 4000), () => {
      if (this.#calm) return;
      const one = this.#random.pick(this.#up);
      if (one !== undefined && this.#options.operated) this.#operate(one);
      if (one !== undefined && this.#options.faults) this.#trouble(one);
      this.#planTrouble();
    });
  }

  #operate(one: SimulatedSidecar): void {
    const is = this.#random.pick(["reload", "restart", "rollBack", "hold", "release", "release"] as const);
    this.#command(one, is === "hold" ? { is, forMs: this.#random.between(1, 20_000), reason: null } : { is });
  }

  #command(one: SimulatedSidecar, command: Command): void {
    this.counts.commands++;
    one.client.whenAwake(() => one.post({ type: "commanded", command }));
  }

  #trouble(one: SimulatedSidecar): void {
    const { client } = one;
    if (client.connection === "down" || client.isFrozen) return;
    this.counts.faults++;
    const ms = this.#random.between(100, 30_000);
    switch (this.#random.between(0, 6)) {
      case 0:
        client.die();
        return this.#future.after(ms, () => this.#start());
      case 1:
        // For good, but for another one that starts.
        one.post({ type: "signalReceived", signal: "SIGTERM" });
        return this.#future.after(ms, () => this.#start());
      case 2:
        return client.split(ms);
      case 3:
        return client.freeze(ms);
      case 4:
        return one.endService();
      case 5:
        // The store is away.
        for (const { client } of this.#up) if (client.connection === "up") client.split(ms);
        return;
      case 6:
        this.#unwellUntil = this.#future.now + ms;
    }
  }

  // What must be true.

  #begins(one: SimulatedSidecar, set: ReadonlyMap<string, string | null>): void {
    const { turn } = one.rollout;
    const { own, timeoutMs } = this.#options;
    const [value, other] = ["/a", "/b"].map((dest) => valueOf(set.get(dest)!));
    this.counts.begun++;
    // What an operator wants needs no turn.
    if (turn.is === "exempt" || one.rollout.due.has(DEFAULT) || one.rollout.hold !== null) {
      this.counts.unasked++;
      return;
    }
    if (!one.client.hasValidTurn) throw new Error(`${one.id} begins ${value} without a turn (${turn.is})`);
    if (value !== other) throw new Error(`${one.id} begins half of a change: ${value}, ${other}`);
    // Files that change all the time are taken up as they are in the end. What failed is tried again.
    if (one.outdated === OUTDATED_MOST || turn.is === "kept") return;
    const { digest } = one.client.member;
    if (digest !== digestOf(contents(set))) throw new Error(`${one.id} has a turn for ${digest}, and begins ${value}`);
    if (!own && timeoutMs === 0 && !this.#succeeded.has(value)) this.#checkFirst(one, value);
  }

  /** Before the first success one goes alone. A canary that is cut off, dies or is released is followed by another one. */
  #checkFirst(one: SimulatedSidecar, value: string): void {
    const { n, faults, operated } = this.#options;
    const harm = this.#harm.get(value)!;
    const begun = this.#begun.get(value) ?? new Set();
    this.#begun.set(value, begun.add(one));
    const others = [...begun].filter((other) => other !== one);
    const present = others.filter(({ isUp, isAtWork, client }) => isUp && isAtWork && client.hasValidTurn);
    // A reload that failed may succeed elsewhere: others try it too, one after the other.
    const isKnown = !faults && !operated && (harm === "check" || harm === "verify");
    const tooMany = isKnown ? others : present.slice(operated ? n - 1 : 0);
    if (tooMany.length === 0) return;
    throw new Error(`${one.id} begins ${value} (${harm}) after ${tooMany.map(({ id }) => id)}, which had no success`);
  }

  #checkWork(): void {
    const working = this.#sidecars.filter((one) => one.isUp && one.isAtWork && one.client.hasValidTurn);
    if (working.length > this.#options.n) throw new Error(`${working.map(({ id }) => id)} are at work at once`);
  }

  #checkRest(): void {
    for (const one of this.#up) {
      const values = [...one.loaded.values()].map((content) => valueOf(content ?? ""));
      const { turn, stage, trouble } = one.rollout;
      // A set that its service died of is not tried there again, and the fleet may not have heard of it.
      if (isQuarantined(one.rollout) && trouble?.elsewhere === false) continue;
      const what = `${one.id} has ${values}, turn ${turn.is}, stage ${stage.is}, ${one.client.member.stage.is}`;
      if (values.some((value) => value !== this.#value)) throw new Error(`${what}; wanted is ${this.#value}`);
    }
    const { entries } = this.#store.look("");
    if (entries.length > 0) throw new Error(`left in the queue: ${entries.map(({ key, state }) => `${key} ${state}`)}`);
  }
}
