/**
 * A simulated fleet: thousands of members on the pure machine (lib/fleet/member.ts), one store, virtual time, and everything
 * that can go wrong between them. Of the core it has what matters here: a turn covers a check, a reload and a
 * verification; a member whose change did harm keeps its turn; nothing begins without a valid one.
 *
 * Pure: all chance comes from a seed.
 * @module
 */
import type { MemberEvent } from "../../lib/fleet/member_state.ts";
import { Future } from "../support/heap.ts";
import { Random } from "../support/random.ts";
import { type ClientParts, type News, SimulatedClient } from "./simulated_client.ts";
import { SimulatedStore, type StoreCounts } from "./simulated_store.ts";

/** What is simulated. */
export interface FleetOptions {
  readonly members: number;
  readonly n: number;
  /** By how many more every third member is told that may go at once. */
  readonly more: number;
  /** Upper bound of the work of one reload, in milliseconds; some take ten times as long. */
  readonly workMs: number;
  /** Within which all members hear of a change, in milliseconds. */
  readonly spreadMs: number;
  /** How many members, in a thousand, meet each of the faults during a wave. */
  readonly faults: number;
  /** Who has the same set: all, each of three groups, or nobody, as where templates speak of their host. */
  readonly sets: "same" | "groups" | "own";
}

/** One change. */
export interface Change {
  /** Every member would fail on it. */
  readonly bad: boolean;
  /** Another one that comes while this one is under way, and after how long, in milliseconds. */
  readonly then?: { readonly change: Change; readonly afterMs: number };
}

/** A bad change is over when nothing has happened for so long: then everybody has looked at the queue again. */
const QUIET_MS = 60_000;

/** What came of one change. */
export interface Wave {
  readonly begunAt: number;
  /** From the change to the last member's success, or to where it stopped, in milliseconds. */
  tookMs: number;
  /** What it would take without any cost. */
  idealMs: number;
  /** The most at work at once. */
  peak: number;
  /** For how long there were more than N, and by how many at most. */
  overMs: number;
  over: number;
  /** How many began a good change before anybody had succeeded with it. */
  alone: number;
  /** How long each member waited for its turn, in milliseconds, in the order in which they came. */
  waits: number[];
  /** Members in the order in which they went, each by its number in the order in which they came. */
  went: number[];
}

/** Faults that happened. */
export interface Faults {
  deaths: number;
  splits: number;
  freezes: number;
  slow: number;
  lostWatches: number;
}

/** A moment for a plot: how many were at work. */
export interface Sample {
  readonly at: number;
  readonly working: number;
}

/** One member, and what it does with its turns. */
class Simulated {
  readonly id: string;
  readonly drift: number;
  readonly client: SimulatedClient;
  /** What it runs on, and what it should. */
  version = 0;
  wanted = 0;
  state: "idle" | "waiting" | "checking" | "working" | "kept" = "idle";
  /** Keeps a turn after trouble, also while it waits for another one. */
  keeps = false;
  cameAt = 0;
  cameAs = 0;

  constructor({ tell, ...parts }: Omit<ClientParts, "tell"> & { tell: (one: Simulated, news: News) => void }) {
    this.id = parts.id;
    this.drift = parts.drift;
    this.client = new SimulatedClient({ ...parts, tell: (news) => tell(this, news) });
  }
}

/** Runs changes through a fleet. Throws where something is not as it must be. */
export class FleetSimulation {
  readonly #options: FleetOptions;
  readonly #random: Random;
  readonly #future = new Future();
  readonly #store = new SimulatedStore(this.#future);
  readonly #members: Simulated[];
  readonly faults: Faults = { deaths: 0, splits: 0, freezes: 0, slow: 0, lostWatches: 0 };
  /** For a plot, where it is asked for. */
  readonly samples: Sample[] = [];
  #changes: Change[] = [];
  #wave: Wave = newWave(0);
  #working = new Map<Simulated, number>();
  #overSince: number | undefined;
  /** Who has begun each change, and which have succeeded. */
  readonly #begun = new Map<number, number>();
  readonly #succeeded = new Set<number>();
  #births = 0;
  #looks = 0;
  #lastDone = 0;
  /** How many have come for the present change. */
  #came = 0;

  constructor(seed: number, options: FleetOptions) {
    this.#options = options;
    this.#random = new Random(seed);
    this.#members = Array.from({ length: options.members }, () => this.#newMember());
  }

  get counts(): StoreCounts {
    return this.#store.counts;
  }

  /** How many have tried each of the bad changes. */
  get triedBad(): number[] {
    return this.#changes.flatMap(({ bad }, i) => bad ? [this.#begun.get(i + 1) ?? 0] : []);
  }

  get now(): number {
    return this.#future.now;
  }

  /** Makes a change, and runs until it has come to its end. */
  run(change: Change): Wave {
    const { members, n, workMs } = this.#options;
    const begun = this.#future.now;
    this.#wave = newWave(begun);
    this.#wave.idealMs = Math.ceil(members / n) * workMs / 2;
    this.#came = 0;
    this.#announce(change);
    const { then } = change;
    if (then !== undefined) this.#future.after(then.afterMs, () => this.#announce(then.change));
    const version = this.#changes.length + (then === undefined ? 0 : 1);
    // What nobody waits for any more may go on for ever: renewals.
    let steps = 0;
    for (let goesOn = true; !this.#isOver(version, then?.change ?? change, goesOn);) {
      goesOn = this.#future.step();
      if (++steps > 3000 * members + 1_000_000) throw new Error(`no end in sight: ${this.#stuck()}`);
    }
    this.#wave.tookMs = this.#lastDone - begun;
    return this.#wave;
  }

  /** Members hear of it one by one. */
  #announce(change: Change): void {
    this.#changes.push(change);
    const version = this.#changes.length;
    for (const one of this.#members) {
      this.#future.after(this.#random.between(0, this.#options.spreadMs), () => this.#hear(one, version));
    }
  }

  #newMember(): Simulated {
    const { n, more } = this.#options;
    const told = ++this.#births % 3 === 0 ? n + more : n;
    return this.#simulated(`m${this.#births}`, told, 1 + this.#random.between(-500, 500) / 1e6);
  }

  #simulated(id: string, n: number, drift: number): Simulated {
    return new Simulated({
      id,
      n,
      drift,
      future: this.#future,
      random: this.#random,
      store: this.#store,
      losesWatches: this.#options.faults > 0,
      onLostWatch: () => this.faults.lostWatches++,
      tell: (one, news) => this.#told(one, news),
    });
  }

  /** A good change is over when all that live have it; a bad one when nothing moves any more. */
  #isOver(version: number, { bad }: Change, goesOn: boolean): boolean {
    // To look at all of them at every step would take longer than all the rest.
    if (goesOn && ++this.#looks % 200 !== 0) return false;
    if (!bad) return this.#members.every(({ version: has, client }) => !client.alive || has === version);
    if (!this.#begun.has(version)) return false;
    const quiet = !goesOn || this.#future.now > this.#wave.begunAt + this.#options.spreadMs + QUIET_MS;
    return quiet && this.#working.size === 0;
  }

  #stuck(): string {
    const late = this.#members.filter(({ state }) => state !== "idle");
    return late.slice(0, 5).map(({ id, state, client, wanted }) => `${id} ${state} ${client.member.stage.is} ${wanted}`)
      .join(
        "; ",
      );
  }

  // One member.

  #hear(one: Simulated, version: number): void {
    if (!one.client.alive || version <= one.wanted) return;
    one.client.whenAwake(() => {
      one.wanted = version;
      one.cameAt = this.#future.now;
      one.cameAs = this.#came++;
      if (one.state === "idle" || one.state === "waiting" || one.state === "kept") this.#want(one);
    });
    this.#planFault(one);
  }

  /** Asks for a turn for what is wanted now. */
  #want(one: Simulated): void {
    one.state = "waiting";
    one.client.step({ type: "asked", digest: this.#digest(one) });
  }

  #digest({ id, wanted }: Simulated, version = wanted): string {
    const whose = { same: "all", groups: Number.parseInt(id.slice(1)) % 3, own: id }[this.#options.sets];
    return `${version} of ${whose}`;
  }

  #told(one: Simulated, news: News): void {
    switch (news.type) {
      case "grant":
        return this.#granted(one);
      case "lose":
        return this.#lost(one);
      case "refuse":
        one.state = one.keeps ? "kept" : "idle";
        // The core answers, after what is being done now.
        this.#future.after(0, () => {
          const event: MemberEvent = one.keeps ? { type: "kept" } : { type: "left", success: null };
          one.client.whenAwake(() => one.state === "waiting" || one.client.step(event));
        });
    }
  }

  // The turn.

  #granted(one: Simulated): void {
    if (!one.client.hasValidTurn) throw new Error(`${one.id} is granted a turn that is over`);
    this.#wave.waits.push(this.#future.now - one.cameAt);
    this.#wave.went.push(one.cameAs);
    this.#check(one);
  }

  #check(one: Simulated): void {
    one.state = "checking";
    const version = one.wanted;
    this.#future.after(this.#random.between(1, 50), () => one.client.whenAwake(() => this.#begin(one, version)));
  }

  /** The guard of the client: what time alone has brought about comes first. */
  #begin(one: Simulated, version: number): void {
    if (one.state !== "checking") return;
    one.client.check();
    if (one.state !== "checking") return;
    if (!one.client.hasValidTurn) throw new Error(`${one.id} begins a reload without a valid turn`);
    one.state = "working";
    const begun = (this.#begun.get(version) ?? 0) + 1;
    this.#begun.set(version, begun);
    const isFirst = !this.#changes[version - 1].bad && !this.#succeeded.has(version);
    if (isFirst) this.#wave.alone = Math.max(this.#wave.alone, begun);
    this.#count(one, +1);
    const slow = this.#options.faults > 0 && this.#random.chance(this.#options.faults / 1000);
    if (slow) this.faults.slow++;
    const ms = this.#random.between(1, this.#options.workMs) * (slow ? 10 : 1);
    // The service works whatever becomes of the sidecar; what comes of it is known when that goes on.
    this.#future.after(ms, () => {
      this.#count(one, -1);
      one.client.whenAwake(() => this.#done(one, version));
    });
  }

  #done(one: Simulated, version: number): void {
    this.#lastDone = this.#future.now;
    if (this.#changes[version - 1].bad) {
      // Another one may be wanted by now.
      const digest = this.#digest(one, version);
      // A turn that was lost meanwhile cannot be kept.
      one.keeps = one.client.member.stage.is === "holding";
      one.state = one.keeps ? "kept" : "idle";
      one.client.step({ type: "kept" });
      one.client.reportBad(digest);
    } else {
      one.version = version;
      this.#succeeded.add(version);
      one.keeps = false;
      one.state = "idle";
      one.client.step({ type: "left", success: this.#digest(one, version) });
    }
    if (one.wanted !== version) this.#want(one);
  }

  /** Nothing begins without a turn: another one is asked for. What is at work goes on. */
  #lost(one: Simulated): void {
    one.keeps = false;
    if (one.state === "kept") one.state = "idle";
    if (one.state !== "checking") return;
    one.state = "waiting";
    this.#future.after(0, () => {
      one.client.whenAwake(() => one.state === "waiting" && this.#want(one));
    });
  }

  #count(one: Simulated, by: 1 | -1): void {
    if (by === 1) this.#working.set(one, this.#future.now);
    else this.#working.delete(one);
    const working = this.#working.size;
    const wave = this.#wave;
    wave.peak = Math.max(wave.peak, working);
    this.samples.push({ at: this.#future.now, working });
    const { n, faults } = this.#options;
    wave.over = Math.max(wave.over, working - n);
    const smallest = Math.min(...[...this.#working.keys()].map(({ client }) => client.member.options.n));
    if (working > smallest && faults === 0) throw new Error(`${working} are at work at once, and ${smallest} may be`);
    if (working > n) this.#checkOverlap(n);
    if (working > n) this.#overSince ??= this.#future.now;
    else if (this.#overSince !== undefined) {
      wave.overMs += this.#future.now - this.#overSince;
      this.#overSince = undefined;
    }
  }

  /** Whoever is too many has lost its turn while it was at work: no more than N have a valid one. */
  #checkOverlap(n: number): void {
    const valid = [...this.#working.keys()].filter(({ client }) => client.alive && client.hasValidTurn);
    if (valid.length > n) throw new Error(`${valid.length} have a turn at once, and ${n} may have one`);
  }

  // Trouble.

  #planFault(one: Simulated): void {
    const { faults, spreadMs } = this.#options;
    if (faults === 0 || this.#changes.at(-1)!.bad || !this.#random.chance(4 * faults / 1000)) return;
    const kind = this.#random.pick(["deaths", "splits", "freezes", "freezes"] as const);
    this.#future.after(this.#random.between(0, spreadMs + 20_000), () => {
      if (!one.client.alive || one.client.connection === "down" || one.client.isFrozen) return;
      this.faults[kind]++;
      const ms = this.#random.between(100, 40_000);
      if (kind === "deaths") this.#die(one, ms);
      else if (kind === "splits") one.client.split(ms);
      else one.client.freeze(ms);
    });
  }

  /** Its process is gone; another one starts on the newest configuration, which needs no turn. */
  #die(one: Simulated, ms: number): void {
    one.client.die();
    const next = this.#simulated(`${one.id}'`, one.client.member.options.n, one.drift);
    this.#future.after(ms, () => {
      next.version = next.wanted = this.#changes.length;
      this.#members.push(next);
    });
  }
}

function newWave(begunAt: number): Wave {
  return { begunAt, tookMs: 0, idealMs: 0, peak: 0, overMs: 0, over: 0, alone: 0, waits: [], went: [] };
}
