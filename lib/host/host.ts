/**
 * The host: performs the core's effects, and posts what comes of them as events.
 *
 * Touches: timers; processes through processes.ts.
 * @module
 */
import type { Contents } from "../core/files.ts";
import type {
  ChildName,
  DryRunResult,
  Earlier,
  Effect,
  Event,
  FleetEffect,
  Following,
  Timer,
} from "../core/protocol.ts";
import type { Publication, Publishing } from "./files/staging.ts";
import { type Clock, Timers } from "./clock.ts";
import type { Orphan } from "./linux/proc.ts";
import { type ChildHandle, type Process, SpawnError } from "./processes/processes.ts";
import type { Fate } from "./processes/readiness.ts";
import type { Relay } from "./output/relay.ts";
import type { ReloadFailure } from "./processes/reload.ts";

/** How long to wait for the last of what confd printed: a grandchild may hold its streams open. In milliseconds. */
const LAST_WORDS_MS = 200;
/** How long files that are being put in place, or kept, may take at the end: what is cut off the next start mends. */
const LAST_FILES_MS = 100;
/** How often to look whether it has one by now, in milliseconds. */
const LOOK_MS = 50;
/** How long what the children left behind may take to end at SIGTERM, and then at SIGKILL, in milliseconds. */
const LEFT_BEHIND_MS = { term: 500, kill: 2000 };
/** How often to look whether it has, in milliseconds. */
const SWEEP_MS = 10;

/** What the host works with. */
export interface HostParts {
  clock: Clock;
  /** A number from 0 up to 1. */
  random: () => number;
  /** Starts confd; throws SpawnError. */
  startConfd: (follow: Following) => ChildHandle & Pick<Process, "outputs">;
  /** Starts the service; throws SpawnError. */
  startService: () => ChildHandle;
  /** What is left of our children and theirs; empty where that cannot be known. */
  leftBehind: () => Orphan[];
  /** Sends a signal to what is left. That nobody is there any more is no error. */
  send: (pid: number, signal: string) => void;
  /** What a signal would do to a service now. */
  fateOf: (service: ChildHandle, signal: string) => Fate;
  /** Reloads a service in some ways; which of them failed, and why. The signal ends it early. */
  reload: (
    service: ChildHandle | undefined,
    how: { ways: readonly string[]; signal: AbortSignal },
  ) => Promise<ReloadFailure | null>;
  relay: Pick<Relay, "run">;
  /** Asks confd what it would render. The signal ends that early.  */
  dryRun: (signal: AbortSignal) => Promise<DryRunResult>;
  /** Keeps what is on disk as the last good files. */
  keep: () => Promise<void>;
  /** Puts older files in place; what they hold, or null where that cannot be done. */
  restore: (which: Earlier) => Promise<Contents | null>;
  /** Writes down, for the next run, that changes are held, or that they are not. */
  keepHold: (hold: (Effect & { type: "keepHold" })["hold"]) => void;
  /** Tries once whether the service is well; the reason if it is not. The signal ends it early. */
  probe: (signal: AbortSignal) => Promise<string | null>;
  /** Why confd ended, where that cannot pass. */
  confdFault: () => string | undefined;
  /** The last error that confd printed. */
  confdComplaint: () => string | undefined;
  /** What is to be done about our turn in the fleet. Only asked for where there is one. */
  fleet: (effect: FleetEffect) => void;
  /** Checks staged files and puts them in place. */
  publish: (publishing: Publishing) => Promise<Publication>;
  /** Called with the exit status, once, at the end. */
  onExit: (status: number) => void;
}

/** Performs effects. */
export class Host {
  readonly #parts: HostParts;
  readonly #post: (event: Event) => void;
  readonly #children = new Map<ChildName, ChildHandle>();
  /** Children that have ended. */
  readonly #over = new WeakSet<ChildHandle>();
  /** True once the service was killed: what it leaves behind is not asked any more. */
  #killed = false;
  #clearing: Promise<void> | undefined;
  readonly #timers: Timers<Timer>;
  #probing: AbortController | undefined;
  #reloading: AbortController | undefined;
  #placing: Promise<unknown> = Promise.resolve();
  readonly #end = new AbortController();

  constructor(parts: HostParts, post: (event: Event) => void) {
    this.#parts = parts;
    this.#post = post;
    this.#timers = new Timers(parts.clock);
  }

  perform(effect: Effect): void {
    switch (effect.type) {
      case "spawn":
        return this.#spawn(effect);
      case "signal":
        return this.#signal(effect.child, effect.signal);
      case "kill":
        return this.#kill(effect.child);
      case "arm":
        return this.#arm(effect.timer, effect.jitter ? this.#parts.random() * effect.ms : effect.ms);
      case "disarm":
        return this.#timers.disarm(effect.timer);
      case "reload":
        this.#reload(effect.ways);
        return;
      case "keep":
        this.#keep();
        return;
      case "restore":
        this.#restore(effect.which);
        return;
      case "keepHold":
        return this.#parts.keepHold(effect.hold);
      case "probe":
        this.#probe();
        return;
      case "cancelProbe":
        this.#probing?.abort();
        return;
      case "publish":
        this.#publish(effect.checkOnly === true);
        return;
      case "takeTurn":
      case "keepTurn":
      case "leaveTurn":
      case "reportBad":
        return this.#parts.fleet(effect);
      case "dryRun":
        this.#dryRun();
        return;
      case "exit":
        this.#exit(effect.status);
        return;
    }
  }

  #spawn(effect: Effect & { type: "spawn" }): void {
    const { child } = effect;
    try {
      const process = child === "confd" ? this.#startConfd(effect.follow) : this.#parts.startService();
      this.#children.set(child, process);
      if (child === "confd") return;
      this.#killed = false;
      process.exited.then((how) => {
        this.#over.add(process);
        // A reload of a service that has ended is of no use to the one that follows it.
        this.#reloading?.abort();
        this.#post({ type: "childExited", child, ...how });
      });
    } catch (error) {
      if (!(error instanceof SpawnError)) throw error;
      this.#post({ type: "spawnFailed", child, status: error.status, reason: error.message });
    }
  }

  #startConfd(follow: Following): ChildHandle {
    const process = this.#parts.startConfd(follow);
    const relayed = Promise.all(process.outputs.map((stream) => this.#parts.relay.run(stream)));
    process.exited.then(async (how) => {
      // What confd left in its group would hold its streams, and go on writing to destinations.
      process.signalGroup("SIGKILL");
      await Promise.race([relayed, this.#parts.clock.sleep(LAST_WORDS_MS)]);
      const [fault, complaint] = [this.#parts.confdFault(), this.#parts.confdComplaint()];
      this.#post({ type: "childExited", child: "confd", ...how, fault, complaint });
    });
    return process;
  }

  #signal(child: ChildName, signal: string): void {
    const process = this.#children.get(child);
    // confd's commands are in its group, and the classic confd would leave them behind.
    if (child === "confd") process?.signalGroup(signal);
    else if (signal === "SIGHUP") this.#hangUp(process);
    else process?.signal(signal);
  }

  /** A SIGHUP that comes before the service has its handler would kill it: it is kept for a while. */
  #hangUp(process: ChildHandle | undefined): void {
    if (process === undefined || process !== this.#children.get("service")) return;
    // Whoever sends one to an old service means it.
    const { fateOf, clock } = this.#parts;
    if (fateOf(process, "SIGHUP") !== "diesYoung") process.signal("SIGHUP");
    else clock.after(LOOK_MS, () => this.#hangUp(process));
  }

  async #reload(ways: readonly string[]): Promise<void> {
    const { signal } = this.#reloading = new AbortController();
    const how = { ways, signal: AbortSignal.any([signal, this.#end.signal]) };
    const failed = await this.#parts.reload(this.#children.get("service"), how);
    if (signal.aborted) return;
    if (failed === null) this.#post({ type: "reloadEnded", failure: null });
    else this.#post({ type: "reloadEnded", failure: failed.reason, failed: failed.ways });
  }

  #kill(child: ChildName): void {
    const process = this.#children.get(child);
    if (child === "service" && (process === undefined || this.#over.has(process))) {
      this.#clearing = this.#clear(process);
      return;
    }
    process?.signalGroup("SIGKILL");
    // What is out of its group comes to light once it has ended.
    if (child === "service") this.#killed = true;
  }

  /** Ends what the service left behind, which has a moment for it unless the service had to be killed. */
  async #clear(service?: ChildHandle): Promise<void> {
    if (!this.#killed) {
      service?.signalGroup("SIGTERM");
      await this.#sweep("SIGTERM", { limitMs: LEFT_BEHIND_MS.term, told: service?.pid });
    }
    if (this.#serviceRuns()) return;
    service?.signalGroup("SIGKILL");
    await this.#sweep("SIGKILL", { limitMs: LEFT_BEHIND_MS.kill });
  }

  /** What came to us when its parent ended; what is in confd's group is confd's. */
  #orphans(): Orphan[] {
    const spared = [...this.#children.values()].filter((process) => !this.#over.has(process)).map(({ pid }) => pid);
    const confd = this.#children.get("confd")?.pid;
    return this.#parts.leftBehind().filter(({ pid, group }) => !spared.includes(pid) && group !== confd);
  }

  #serviceRuns(): boolean {
    const service = this.#children.get("service");
    return service !== undefined && !this.#over.has(service);
  }

  #arm(timer: Timer, ms: number): void {
    this.#timers.arm(timer, ms, () => this.#post({ type: "timerFired", timer }));
  }

  async #dryRun(): Promise<void> {
    this.#post({ type: "dryRunEnded", result: await this.#parts.dryRun(this.#end.signal) });
  }

  /** What is cancelled, or outlived by the run, is not answered. */
  async #probe(): Promise<void> {
    const { signal } = this.#probing = new AbortController();
    const failure = await this.#parts.probe(AbortSignal.any([signal, this.#end.signal]));
    if (!signal.aborted) this.#post({ type: "probeEnded", failure });
  }

  /** One set of files after another. */
  async #publish(checkOnly: boolean): Promise<void> {
    const onChecked = () => this.#post({ type: "checked" });
    const done = this.#placing.then(() => this.#parts.publish({ signal: this.#end.signal, checkOnly, onChecked }));
    this.#placing = done;
    this.#post({ type: "published", ...await done });
  }

  #keep(): void {
    this.#placing = this.#placing.then(() => this.#parts.keep());
  }

  async #restore(which: Earlier): Promise<void> {
    const done = this.#placing.then(() => this.#parts.restore(which));
    this.#placing = done;
    this.#post({ type: "restored", contents: await done });
  }

  /** Ends all children at once, whatever the core thinks of it. */
  async abandon(): Promise<void> {
    for (const child of this.#children.values()) child.signalGroup("SIGKILL");
    this.#end.abort();
    this.#children.clear();
    await this.#sweep("SIGKILL", { limitMs: LEFT_BEHIND_MS.kill });
  }

  async #exit(status: number): Promise<void> {
    this.#timers.disarmAll();
    this.#end.abort();
    await this.#clearing;
    this.#children.clear();
    await this.#clear();
    await Promise.race([this.#placing, this.#parts.clock.sleep(LAST_FILES_MS)]);
    this.#parts.onExit(status);
  }

  /**
   * Sends a signal to all that is left behind, and to what that leaves behind, until nothing is left or time is up. The
   * group `told` has had it already.
   */
  async #sweep(signal: string, { limitMs, told: group }: { limitMs: number; told?: number }): Promise<void> {
    const told = new Set<number>();
    const { clock, send } = this.#parts;
    const deadline = clock.now() + limitMs;
    for (let left = this.#orphans(); left.length > 0 && clock.now() < deadline && !this.#serviceRuns();) {
      for (const orphan of left) if (!told.has(orphan.pid) && orphan.group !== group) send(orphan.pid, signal);
      left.forEach(({ pid }) => told.add(pid));
      await clock.sleep(SWEEP_MS);
      left = this.#orphans();
    }
  }
}
