/**
 * One sidecar of a simulated fleet: the core (lib/core) and the member (lib/fleet) as they are, with a confd, a service and
 * a disk that are made up.
 *
 * Pure: all chance comes from a seed, all time from the future that it is given.
 * @module
 */
import { drive } from "../../lib/core/drive.ts";
import type { Contents } from "../../lib/core/files.ts";
import type { Options } from "../../lib/core/options.ts";
import type { ChildName, Effect, Event, FleetEffect, Timer } from "../../lib/core/protocol.ts";
import type { State } from "../../lib/core/supervisor_state.ts";
import { contents, stateOf } from "../support/states.ts";
import { type ClientParts, type News, SimulatedClient } from "./simulated_client.ts";

/** What a configuration does to whoever takes it up, by its name. */
export type Harm = "none" | "check" | "verify" | "reload";

/** What it works with. */
export interface SidecarParts extends Omit<ClientParts, "tell"> {
  readonly options: Partial<Options>;
  /** True if its files speak of its host: nobody else has the same. */
  readonly own: boolean;
  readonly harmOf: (value: string) => Harm;
  /** A change begins: files are to be put in place, or to be loaded where confd has put them in place. */
  readonly onBegin: (sidecar: SimulatedSidecar, set: ReadonlyMap<string, string | null>) => void;
  /** The service is well on this. */
  readonly onSuccess: (value: string) => void;
}

const DESTS = ["/a", "/b"];
/** How long confd takes for the second file after the first one, in milliseconds. */
const BETWEEN_FILES_MS = 300;

/** One sidecar. */
export class SimulatedSidecar {
  readonly #parts: SidecarParts;
  readonly id: string;
  readonly client: SimulatedClient;
  #state: State;
  readonly post: (event: Event) => void;
  readonly #timers = new Map<Timer, object>();
  /** What confd has rendered, what is in place, what the service has loaded, and what is kept. */
  readonly #disk = new Map<string, string | null>(DESTS.map((dest) => [dest, null]));
  #live = new Map<string, string | null>();
  loaded: ReadonlyMap<string, string | null> = new Map();
  #kept: Map<string, string | null> | undefined;
  readonly #history: Map<string, string | null>[] = [];
  readonly #lives = new Map<ChildName, object>();
  #value = "";
  #heard = 0;
  #probe = {};
  /** What the core wants of the fleet, on its way to the client: to make a digest takes a moment. */
  readonly #line: FleetEffect[] = [];
  exited = false;
  /** How often it had asked again before its last step. */
  outdated = 0;

  constructor(parts: SidecarParts) {
    this.#parts = parts;
    this.id = parts.id;
    this.client = new SimulatedClient({ ...parts, tell: (news) => this.#told(news) });
    this.#state = stateOf(Object.fromEntries(this.#disk), parts.options);
    const take = drive(this.#state, {
      perform: (effect) => this.#perform(effect),
      observe: ({ state }) => {
        const { turn } = this.rollout;
        this.outdated = "outdated" in turn ? turn.outdated : 0;
        this.#state = state;
      },
    });
    this.post = (event) => {
      if (this.exited) return;
      this.client.check();
      take(event);
    };
  }

  get rollout(): State["rollout"] {
    return this.#state.rollout;
  }

  get isUp(): boolean {
    return this.client.alive && this.#state.run.is === "up";
  }

  /** True if what a turn is for is under way. */
  get isAtWork(): boolean {
    const { turn, stage } = this.rollout;
    return turn.is === "holding" && turn.begun && ["publishing", "applying", "verifying"].includes(stage.is);
  }

  begin(value: string, number: number): void {
    this.#heard = number;
    this.#value = value;
    this.post({ type: "begun" });
  }

  /** Its confd hears of a change; of newer ones it has heard already. */
  hear(value: string, number: number): void {
    if (number <= this.#heard) return;
    this.#heard = number;
    this.#value = value;
    this.#render();
  }

  // What happens to it. Whatever stands still hears of it when it goes on.

  #after(ms: number, act: () => void): void {
    this.#parts.future.after(ms, () => this.client.whenAwake(act));
  }

  #told(news: News): void {
    // As lib/fleet_turns.ts does it.
    const isOutdated = this.#line.some(({ type }) => type !== "reportBad");
    if (isOutdated && (news.type === "grant" || news.type === "refuse")) return;
    switch (news.type) {
      case "grant":
        return this.post({ type: "turnGranted" });
      case "lose":
        return this.post({ type: "turnLost", reason: news.reason });
      case "refuse":
        return this.post({ type: "turnRefused", reason: news.reason });
    }
  }

  #render(): void {
    if (!this.#lives.has("confd")) return;
    const [value, heard] = [this.#value, this.#heard];
    const { random, own } = this.#parts;
    const content = own ? `${value}@${this.id}` : value;
    let ms = 0;
    for (const dest of DESTS) {
      this.#after(ms, () => this.#lives.has("confd") && this.#heard === heard && this.#write(dest, content));
      ms += random.between(1, BETWEEN_FILES_MS);
    }
  }

  #write(dest: string, value: string | null): void {
    if (this.#disk.get(dest) === value) return;
    this.#disk.set(dest, value);
    this.post({ type: "destinationChanged", dest, content: contents([[dest, value]]).get(dest)! });
  }

  // What the core wants.

  #perform(effect: Effect): void {
    const { random } = this.#parts;
    switch (effect.type) {
      case "spawn":
        return this.#spawn(effect.child);
      case "signal":
        return this.#end(effect.child, random.between(1, 500));
      case "kill":
        return this.#end(effect.child, 5);
      case "arm": {
        const armed = {};
        this.#timers.set(effect.timer, armed);
        this.#after(effect.jitter ? random.between(0, effect.ms) : effect.ms, () => {
          if (this.#timers.get(effect.timer) !== armed) return;
          this.#timers.delete(effect.timer);
          this.post({ type: "timerFired", timer: effect.timer });
        });
        return;
      }
      case "disarm":
        this.#timers.delete(effect.timer);
        return;
      case "dryRun":
        return this.#after(50, () => {
          const inSync = DESTS.filter((dest) => valueOf(this.#disk.get(dest) ?? "") === this.#value);
          this.post({ type: "dryRunEnded", result: { inSync, outOfSync: new Map() } });
        });
      case "publish":
        return this.#publish(effect.checkOnly === true);
      case "reload":
        return this.#reload();
      case "probe":
        return this.#probed();
      case "cancelProbe":
        this.#probe = {};
        return;
      case "keep":
        this.#kept = new Map(this.#read);
        return;
      case "restore":
        return this.#after(600, () => this.#restore(effect.which === "before"));
      case "takeTurn":
      case "keepTurn":
      case "leaveTurn":
      case "reportBad":
        this.#line.push(effect);
        if (this.#line.length === 1) this.#advance();
        return;
      case "exit":
        this.exited = true;
    }
  }

  /** One thing after another. */
  #advance(): void {
    this.#after(this.#parts.random.next() * 3, () => {
      this.#pass(this.#line.shift()!);
      if (this.#line.length > 0) this.#advance();
    });
  }

  #pass(effect: FleetEffect): void {
    switch (effect.type) {
      case "takeTurn":
        return this.client.step({ type: "asked", digest: digestOf(effect.contents) });
      case "keepTurn":
        return this.client.step({ type: "kept" });
      case "leaveTurn":
        return this.client.step({ type: "left", success: effect.success && digestOf(effect.success) });
      case "reportBad":
        return this.client.reportBad(digestOf(effect.contents));
    }
  }

  #spawn(child: ChildName): void {
    this.#lives.set(child, {});
    if (child === "confd") return this.#after(this.#parts.random.between(1, 300), () => this.#render());
    this.loaded = new Map(this.#read);
  }

  #end(child: ChildName, ms: number): void {
    const life = this.#lives.get(child);
    this.#after(ms, () => {
      if (life === undefined || this.#lives.get(child) !== life) return;
      this.#lives.delete(child);
      this.post({ type: "childExited", child, code: 0, signal: null });
    });
  }

  /** The service ends by itself. */
  endService(): void {
    this.#end("service", 0);
  }

  #harmOf(content: string): Harm {
    return this.#parts.harmOf(valueOf(content));
  }

  get #read(): ReadonlyMap<string, string | null> {
    return this.#state.options.staged ? this.#live : this.#disk;
  }

  #publish(checkOnly: boolean): void {
    const set = new Map(this.#disk);
    if (!checkOnly && this.rollout.target === "reload") this.#parts.onBegin(this, set);
    const isBad = [...set.values()].some((value) => value !== null && this.#harmOf(value) === "check");
    this.#after(this.#parts.random.between(1, 500), () => {
      const failure = isBad ? { refused: true, reason: "it is bad" } : null;
      if (failure === null && !checkOnly) {
        this.#live = set;
        this.#history.push(set);
      }
      this.post({ type: "published", contents: contents(set), failure });
    });
  }

  #reload(): void {
    const { staged } = this.#state.options;
    const set = new Map(this.#read);
    const isNews = DESTS.some((dest) => set.get(dest) !== this.loaded.get(dest));
    if (!staged && isNews) this.#parts.onBegin(this, set);
    const fails = [...set.values()].some((value) => this.#harmOf(value!) === "reload");
    const life = this.#lives.get("service");
    this.#after(this.#parts.random.between(1, 1000), () => {
      if (this.#lives.get("service") !== life) return;
      if (!fails) this.loaded = set;
      if (!fails && !this.#state.options.verified) this.#parts.onSuccess(valueOf(set.get("/a")!));
      this.post({ type: "reloadEnded", failure: fails ? "it did not work" : null });
    });
  }

  #probed(): void {
    const probe = this.#probe = {};
    const value = this.loaded.get("/a")!;
    const isWell = this.#harmOf(value) !== "verify";
    this.#after(this.#parts.random.between(1, 500), () => {
      if (this.#probe !== probe) return;
      if (isWell) this.#parts.onSuccess(valueOf(value));
      this.post({ type: "probeEnded", failure: isWell ? null : "it is not well" });
    });
  }

  #restore(before: boolean): void {
    const earlier = before ? this.#history.at(-2) : this.#kept;
    if (before && earlier !== undefined) this.#history.pop();
    if (earlier !== undefined) this.#live = new Map(earlier);
    this.post({ type: "restored", contents: earlier === undefined ? null : contents(earlier) });
  }
}

/** What a file's content says, without the host that it speaks of. */
export function valueOf(content: string): string {
  return content.split("@")[0];
}

/** A set in a word that is the same for the same set. */
export function digestOf(set: Contents): string {
  return [...set].sort().map(([dest, content]) => `${dest}=${content}`).join(" ");
}
