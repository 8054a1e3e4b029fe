/**
 * A simulated machine for the core: virtual time, a confd, a service, a backend, and everything that can go wrong.
 *
 * Pure: all chance comes from a seed, all time from the queue of what is to happen.
 * @module
 */
import { drive } from "../../lib/core/drive.ts";
import { EMPTY } from "../../lib/core/files.ts";
import type { Options } from "../../lib/core/options.ts";
import type { ChildName as Child, Command, DryRunResult, Effect, Event, Timer } from "../../lib/core/protocol.ts";
import { isQuarantined, missingOrEmpty, needsReload } from "../../lib/core/rollout_state.ts";
import { initialState, type State } from "../../lib/core/supervisor_state.ts";
import { wayOf } from "../../lib/core/ways.ts";
import { Random } from "../support/random.ts";
import { content as contentOf, contents } from "../support/states.ts";
import { Onlooker } from "./onlooker.ts";

/** What came of one simulated run. */
export interface Outcome {
  simulatedMs: number;
  transitions: number;
  faults: number;
  reloads: number;
  serviceStarts: number;
  exit: number | undefined;
}

/** The longest that the watcher is late. */
const WATCH_MS = 5;
/** A confd that polls every minute has a dry run every ten, and has missed a change if a file is out of date for more than a minute. */
const REST_MS = 1_500_000;
const DESTS = ["/etc/a", "/etc/b", "/etc/c"];
/** How some files are brought to the service, where that is not the way of the rest. */
const NO_WAYS: Options["reloads"] = new Map();
const SOME_WAYS: Options["reloads"] = new Map([["/etc/a", { id: "http", by: "http" }], ["/etc/b", {
  id: "none",
  by: "none",
}]]);

interface Planned {
  at: number;
  order: number;
  act: () => void;
}

/** One world. Its assertions throw with what is wrong; the caller adds the seed. */
export class Simulation {
  readonly #random: Random;
  readonly #options: Options;
  readonly #outcome: Outcome = {
    simulatedMs: 0,
    transitions: 0,
    faults: 0,
    reloads: 0,
    serviceStarts: 0,
    exit: undefined,
  };
  #now = 0;
  #order = 0;
  #plan: Planned[] = [];
  readonly #timers = new Map<Timer, Planned>();
  readonly #lives = new Map<Child, number>();
  #births = 0;
  #backend = 0;
  /** A life of confd in which it does not hear what its backend says. */
  #stale: number | undefined;
  readonly #disk = new Map<string, string | null>();
  #loaded = new Map<string, string | null>();
  #probes = 0;
  /** Counts what was asked of the fleet: an older answer is none. */
  #turns = 0;
  /** A service that is not well seldom recovers. */
  #unwell = false;
  #live = new Map<string, string | null>();
  /** What was in place, the present set last. */
  readonly #history: Map<string, string | null>[] = [];
  /** True if there is an operator, who wants anything at any time. */
  readonly #operated: boolean;
  #kept: Map<string, string | null> | undefined;
  #lastReload = -Infinity;
  #lastChange = 0;
  #state: State;
  readonly #post: (event: Event) => void;
  readonly onlooker: Onlooker;
  #calm = false;

  constructor(seed: number) {
    this.#random = new Random(seed);
    this.#options = this.#drawOptions();
    this.#operated = this.#random.chance(0.5);
    if (this.#random.chance(0.5)) this.#kept = new Map(DESTS.map((dest) => [dest, "kept from before"]));
    for (const dest of DESTS) this.#disk.set(dest, this.#random.chance(0.3) ? "stale" : null);
    this.#state = initialState(this.#options, contents(this.#disk), { hasBackup: this.#kept !== undefined });
    this.#post = drive(this.#state, {
      perform: (effect) => this.#perform(effect),
      observe: (transition) => {
        this.#state = transition.state;
        this.#outcome.transitions++;
        this.onlooker.observe(transition, this.#now);
      },
    });
    this.onlooker = new Onlooker(this.#state, this.#post);
  }

  /** Runs for `ms` of virtual time with faults, then lets the world come to rest, looks, and stops it. */
  async run(ms: number): Promise<Outcome> {
    this.#post({ type: "begun" });
    this.#planTrouble();
    this.#runUntil(ms);
    this.#calm = true;
    if (this.#state.rollout.hold !== null) this.onlooker.give({ is: "release" });
    this.#setBackend();
    this.#runUntil(this.#now + REST_MS);
    if (this.#outcome.exit === undefined) {
      this.#checkRest();
      await this.onlooker.checkRest();
      this.#checkStop();
    }
    await this.onlooker.checkRest();
    this.#outcome.simulatedMs = this.#now;
    return this.#outcome;
  }

  #drawOptions(): Options {
    const { pick } = { pick: <T>(items: readonly T[]) => this.#random.pick(items) };
    const staged = this.#random.chance(0.4);
    return {
      once: false,
      settleMs: pick([0, 200, 1000, 5000]),
      settleMaxMs: pick([5000, 10_000]),
      startTimeoutMs: pick([0, 0, 0, 30_000]),
      follow: pick(["watch", "watch", "poll"]),
      intervalMs: pick([10_000, 60_000]),
      debounceMs: 0,
      confdExit: pick(["restart", "restart", "restart", "stop"]),
      empty: pick(["hold", "allow"]),
      staged,
      verified: staged && this.#random.chance(0.5),
      verifyTimeoutMs: 4000,
      splayMs: pick([0, 0, 3000]),
      fleet: pick([null, null, { timeoutMs: 0 }, { timeoutMs: 20_000 }]),
      reload: { by: pick(["signal", "signal", "restart", "exec"]) },
      reloads: pick([NO_WAYS, NO_WAYS, SOME_WAYS]),
      optional: pick([new Set<string>(), new Set<string>(), new Set(["/etc/c"])]),
      start: pick(["rendered", "last-good"]),
      stopOn: ["SIGTERM", "SIGINT"],
      stopSignal: pick(["", "SIGQUIT"]),
      stopTimeoutMs: 30_000,
      signals: new Map(),
      restart: pick(["never", "on-failure", "always", "always"]),
      restartMax: pick([0, 5, 1000]),
    };
  }

  // The future.

  #after(ms: number, act: () => void): Planned {
    const planned = { at: this.#now + ms, order: this.#order++, act };
    this.#plan.push(planned);
    return planned;
  }

  #runUntil(end: number): void {
    while (this.#outcome.exit === undefined) {
      let next: Planned | undefined;
      for (const planned of this.#plan) {
        if (next === undefined || planned.at < next.at || (planned.at === next.at && planned.order < next.order)) {
          next = planned;
        }
      }
      if (next === undefined || next.at > end) break;
      this.#plan = this.#plan.filter((planned) => planned !== next);
      this.#now = next.at;
      next.act();
    }
    this.#now = Math.max(this.#now, this.#outcome.exit === undefined ? end : this.#now);
  }

  // What the core asks for.

  #perform(effect: Effect): void {
    switch (effect.type) {
      case "spawn":
        return this.#spawn(effect.child);
      case "signal":
        return this.#signal(effect.child, effect.signal);
      case "kill":
        return this.#end(effect.child, 5, 137, "SIGKILL");
      case "arm": {
        this.#cancel(effect.timer);
        const ms = effect.jitter ? this.#random.between(0, effect.ms) : effect.ms;
        this.#timers.set(
          effect.timer,
          this.#after(ms, () => {
            this.#timers.delete(effect.timer);
            this.#post({ type: "timerFired", timer: effect.timer });
          }),
        );
        return;
      }
      case "disarm":
        return this.#cancel(effect.timer);
      case "dryRun":
        this.#after(50, () => this.#post({ type: "dryRunEnded", result: this.#dryRun() }));
        return;
      case "reload":
        return this.#reload();
      case "keep":
        this.#kept = new Map(this.#read);
        return;
      case "probe":
        return this.#probe();
      case "cancelProbe":
        this.#probes++;
        return;
      case "publish":
        return this.#publish(effect.checkOnly === true);
      case "restore":
        // One set after another.
        this.#after(2001, () => effect.which === "before" ? this.#restoreBefore() : this.#restore());
        return;
      case "takeTurn":
        return this.#takeTurn();
      case "leaveTurn":
        this.#turns++;
        return;
      case "exit":
        if (this.#lives.size > 0) throw new Error(`the exit comes while ${[...this.#lives.keys()]} runs`);
        this.#outcome.exit = effect.status;
    }
  }

  /** A fleet whose answer comes late or never, and that takes its turns back. */
  #takeTurn(): void {
    const turn = ++this.#turns;
    const still = (event: Event) => turn === this.#turns && this.#post(event);
    const lost = !this.#calm && this.#random.chance(0.1);
    if (lost) this.#outcome.faults++;
    this.#after(this.#random.between(0, 20_000), () => {
      if (!this.#calm && this.#random.chance(0.1)) return still({ type: "turnRefused", reason: "it did harm" });
      still({ type: "turnGranted" });
      if (lost) {
        this.#after(this.#random.between(1, 3000), () => still({ type: "turnLost", reason: "the store is away" }));
      }
    });
  }

  #cancel(timer: Timer): void {
    const planned = this.#timers.get(timer);
    this.#plan = this.#plan.filter((other) => other !== planned);
    this.#timers.delete(timer);
  }

  #spawn(child: Child): void {
    if (this.#lives.has(child)) throw new Error(`${child} is spawned while it runs`);
    if (!this.#calm && this.#random.chance(0.01)) {
      this.#outcome.faults++;
      this.#post({ type: "spawnFailed", child, status: 126, reason: "text file busy" });
      return;
    }
    this.#lives.set(child, ++this.#births);
    if (child === "confd") this.#follow(this.#births);
    else this.#serve();
  }

  #serve(): void {
    // What happened within the watcher's delay nobody can know.
    const known = this.#now - this.#lastChange > WATCH_MS;
    for (const [dest, content] of known ? this.#read : []) {
      if (content === null && !this.#options.optional.has(dest)) {
        throw new Error(`the service is started without ${dest}`);
      }
      if (content === "stale") throw new Error(`the service is started on a ${dest} that confd did not render`);
    }
    this.#outcome.serviceStarts++;
    this.#loaded = new Map(this.#read);
    this.#lastReload = -Infinity;
  }

  /** The check takes its time; what is staged by then is not what is put in place. */
  #publish(checkOnly: boolean): void {
    const live = new Map(this.#disk);
    const trouble = !this.#calm && this.#random.chance(0.2);
    if (trouble) this.#outcome.faults++;
    const gone = [...live.values()].includes(null);
    const failure = trouble || gone ? { refused: !gone && this.#random.chance(0.7), reason: "it is bad" } : null;
    this.#after(this.#random.between(1, 2000), () => {
      if (failure === null && !checkOnly) {
        this.#live = live;
        this.#history.push(live);
      }
      this.#post({ type: "published", contents: contents(live), failure });
    });
  }

  /** What is cancelled is not answered. */
  #probe(): void {
    const probe = ++this.#probes;
    const unwell = !this.#calm && this.#random.chance(this.#unwell ? 0.9 : 0.1);
    this.#unwell = unwell;
    if (unwell) this.#outcome.faults++;
    this.#after(this.#random.between(1, 3000), () => {
      if (probe === this.#probes) this.#post({ type: "probeEnded", failure: unwell ? "it does not answer" : null });
    });
  }

  /** What the service reads: what was put in place, or what confd writes. */
  get #read(): ReadonlyMap<string, string | null> {
    return this.#options.staged ? this.#live : this.#disk;
  }

  #reload(): void {
    const calmFor = this.#now - this.#lastReload;
    // A random delay moves reloads towards each other, and so does a check that takes its time.
    const { splayMs, fleet, staged, reload } = this.#options;
    // Where a signal is not the way, a SIGHUP asks for a reload at once.
    const regular = splayMs === 0 && fleet === null && !staged && reload.by === "signal" && !this.#operated;
    if (regular && calmFor < this.#options.settleMs) {
      throw new Error(`two reloads within ${calmFor} ms`);
    }
    this.#outcome.reloads++;
    if (!this.#calm && this.#random.chance(0.1)) {
      this.#outcome.faults++;
      this.#reloadEnds("it did not work");
      return;
    }
    this.#lastReload = this.#now;
    this.#loaded = new Map(this.#read);
    this.#reloadEnds(null);
  }

  /** A reload of a service that ends meanwhile is not answered. */
  #reloadEnds(failure: string | null): void {
    const life = this.#lives.get("service");
    this.#after(this.#random.between(0, 3000), () => {
      if (this.#lives.get("service") === life) this.#post({ type: "reloadEnded", failure });
    });
  }

  #signal(child: Child, signal: string): void {
    if (!this.#lives.has(child)) throw new Error(`${signal} is sent to ${child}, which does not run`);
    if (["SIGTERM", "SIGINT", "SIGQUIT"].includes(signal) && (this.#calm || this.#random.chance(0.8))) {
      this.#end(child, this.#random.between(0, 500), 143, "SIGTERM");
    }
  }

  #end(child: Child, ms: number, code: number, signal: string | null): void {
    const life = this.#lives.get(child);
    if (life === undefined) return;
    this.#after(ms, () => {
      if (this.#lives.get(child) !== life) return;
      this.#lives.delete(child);
      this.#post({ type: "childExited", child, code, signal });
    });
  }

  // confd and its backend.

  #wanted(dest: string): string {
    return `${dest} at ${this.#backend}`;
  }

  /** Before it has rendered a file, and where it does not exist, the classic confd counts it among those in sync. */
  #dryRun(): DryRunResult {
    const inSync = DESTS.filter((dest) => this.#inSync(dest) || this.#disk.get(dest) === null);
    const wrong = DESTS.filter((dest) => !inSync.includes(dest));
    return { inSync, outOfSync: new Map(wrong.map((dest) => [dest, this.#wanted(dest)])) };
  }

  #inSync(dest: string): boolean {
    return this.#disk.get(dest) === this.#wanted(dest);
  }

  /** confd that lives renders what differs, in a moment, and again whenever the backend has changed. */
  #follow(life: number): void {
    this.#after(this.#random.between(1, 400), () => {
      if (this.#lives.get("confd") !== life) return;
      for (const dest of DESTS) {
        const fault = !this.#calm && this.#random.chance(0.05);
        if (fault) this.#outcome.faults++;
        this.#write(dest, fault ? this.#random.pick([EMPTY, null]) : this.#wanted(dest));
      }
    });
  }

  #write(dest: string, content: string | null): void {
    if (this.#disk.get(dest) === content) return;
    this.#disk.set(dest, content);
    this.#lastChange = this.#now;
    // The watcher is a little late, and tells what it sees when it looks.
    this.#after(this.#random.between(0, WATCH_MS), () => {
      this.#post({ type: "destinationChanged", dest, content: contentOf(this.#disk.get(dest)!) });
    });
  }

  #restore(): void {
    if (this.#options.staged) this.#live = new Map(this.#kept);
    else for (const [dest, content] of this.#kept ?? []) this.#write(dest, content);
    this.#post({ type: "restored", contents: this.#kept === undefined ? null : contents(this.#kept) });
  }

  #restoreBefore(): void {
    const before = this.#history.length > 1 && this.#random.chance(0.9) ? this.#history.at(-2)! : undefined;
    if (before !== undefined) {
      this.#history.pop();
      this.#live = before;
    }
    this.#post({ type: "restored", contents: before === undefined ? null : contents(before) });
  }

  #setBackend(): void {
    this.#backend++;
    const life = this.#lives.get("confd");
    if (life !== undefined && life !== this.#stale) this.#follow(life);
  }

  // Trouble.

  #planTrouble(): void {
    this.#after(this.#random.between(1, 8000), () => {
      if (this.#calm) return;
      this.#outcome.faults++;
      this.#trouble();
      if (this.#operated && this.#random.chance(0.3)) this.onlooker.give(this.#command());
      this.#planTrouble();
    });
  }

  #trouble(): void {
    switch (this.#random.between(0, 10)) {
      case 0:
        return this.#end("confd", 0, this.#random.pick([0, 1, 2]), null);
      case 1:
        return this.#end("service", 0, this.#random.pick([0, 1]), null);
      case 2:
        for (let i = 0; i < 1000; i++) {
          this.#post({ type: "signalReceived", signal: this.#random.pick(["SIGHUP", "SIGUSR1"]) });
        }
        return;
      case 3: {
        // A stream of changes, faster than the settle window.
        for (let i = 0; i < 50; i++) this.#after(i * 100, () => this.#setBackend());
        return;
      }
      case 4:
        this.#stale = this.#lives.get("confd");
        return;
      case 5: {
        // A change that is taken back.
        const dest = this.#random.pick(DESTS);
        const before = this.#disk.get(dest)!;
        if (before === null || before === "stale") return;
        this.#write(dest, "for a moment");
        this.#after(this.#random.between(1, 300), () => this.#write(dest, before));
        return;
      }
      default:
        return this.#setBackend();
    }
  }

  #command(): Command {
    const is = this.#random.pick(["reload", "restart", "rollBack", "hold", "release", "release"] as const);
    return is === "hold" ? { is, forMs: this.#random.pick([null, 5000, 60_000]), reason: null } : { is };
  }

  // What must be true.

  /** Nothing has happened for long: the service has loaded what is on disk. */
  #checkRest(): void {
    const { service, rollout, options } = this.#state;
    if (service.is !== "running") throw new Error(`the run does not come to rest: the service is ${service.is}`);
    // What was refused while there was trouble waits for a change, and there is none when the world is at rest.
    if (isQuarantined(rollout)) return;
    if (needsReload(rollout, options) && missingOrEmpty(rollout, options).length === 0) {
      throw new Error("a reload is missing");
    }
    for (const [dest, content] of this.#disk) {
      if (content !== this.#wanted(dest)) throw new Error(`confd is dead and nobody notices: ${dest} is ${content}`);
      if (this.#loaded.get(dest) !== content && wayOf(dest, options).by !== "none") {
        throw new Error(
          `the service has ${this.#loaded.get(dest)}, on disk is ${content}, ` +
            `changed ${this.#now - this.#lastChange} ms ago`,
        );
      }
    }
  }

  #checkStop(): void {
    const from = this.#now;
    this.#post({ type: "signalReceived", signal: "SIGTERM" });
    this.#runUntil(from + this.#options.stopTimeoutMs + 5000);
    if (this.#outcome.exit === undefined) throw new Error("the stop has no end");
  }
}
