/**
 * The last changes on their way to the service, each with its steps: folded from the core's notes.
 *
 * At most one rollout is under way, and one more collects changes meanwhile. What a step's end is, another note says; what
 * is left open at the end of the run failed with it.
 *
 * Pure.
 * @module
 */
import type { Note } from "../core/notes.ts";
import type { RolloutOutcome, RolloutRecord, StepName } from "./document.ts";
import { Draft, type Trigger } from "./draft.ts";
import { EndedRollouts } from "./ended_rollouts.ts";
import type { Progress } from "./progress.ts";

/** What a note does not say. */
export interface Circumstances {
  /** When it was made, in milliseconds since 1970. */
  readonly at: number;
  /** True if the service has to be well after a start or a reload. */
  readonly verified: boolean;
  /** The files that differ from what the service has loaded; of a first start, all files. */
  readonly dests: () => readonly string[];
}

/** Whoever wants to know of rollouts. */
export interface Followers {
  /** With this rollout the service begins to read its files. */
  readonly onLoading?: (id: number) => void;
  /** A rollout is over. */
  readonly onEnd?: (record: RolloutRecord) => void;
}

/** Steps that are over when the service ends. */
const DEPENDENT: readonly StepName[] = ["splay", "start", "reload", "verify"];

/** The log of rollouts. */
export class RolloutLog {
  readonly #ended = new EndedRollouts();
  #settling: Draft | undefined;
  /** What waits for its turn in the fleet: something else may be under way meanwhile. */
  #queued: Draft | undefined;
  #current: Draft | undefined;
  /** What an operator asked for, and has not begun yet. */
  #asked: Trigger | undefined;
  #count = 0;
  /** When the service was last started, on all that was there. */
  #startedAt = -Infinity;
  /** Why the newest set is incomplete, until it is known whether changes are still being collected. */
  #incomplete: string | undefined;
  readonly #followers: Followers;

  constructor(followers: Followers = {}) {
    this.#followers = followers;
  }

  /** All that are kept, in the order in which they began. */
  get records(): RolloutRecord[] {
    return this.#ended.and([this.#current, this.#queued, this.#settling].filter((draft) => draft !== undefined));
  }

  /** Takes what changed in a file, for the newest rollout that does not settle. */
  differences(): (path: string, lines: readonly string[]) => void {
    const draft = this.#current ?? this.#ended.newest;
    return (path, lines) => draft?.differences.push({ path, lines });
  }

  /** Takes a note. */
  observe(note: Note, { at, verified, dests }: Circumstances): void {
    switch (note.is) {
      case "confdStarted":
        if (!note.again) this.#ensure("start", at, dests);
        return;
      case "waiting":
        // A file has vanished again: what had begun to settle is not complete.
        return this.#current?.putOff("settle");
      case "complete":
        return this.#ensure("start", at, dests).begin("settle", at);
      case "windowOpened": {
        if (note.target === "start") return this.#ensure("start", at, dests).begin("settle", at);
        this.#settling ??= this.#draft({ at, trigger: "change", destinations: [note.dest] });
        return this.#settling.begin("settle", at);
      }
      case "windowClosed":
        return this.#settled(note.dests, at);
      case "takenBack":
        return this.#finish("settling", "takenBack", at);
      case "incomplete":
        this.#incomplete ??= `${note.dest} is ${note.missing ? "gone" : "empty"}`;
        return;
      case "held":
        this.#takeUp("retry", at, dests);
        return this.#finish("current", "held", at);
      case "queued":
        return this.#queue(this.#queued ?? this.#takeUp("retry", at, dests), at);
      case "turnGranted":
        return this.#turnCame(at);
      case "turnLeft":
        if (note.why === "overdue") return this.#turnCame(at);
        return note.why === "held" ? this.#finish("queued", "held", at) : undefined;
      case "splaying":
        return this.#takeUp("retry", at, dests).begin("splay", at);
      case "publishing": {
        const draft = this.#takeUp("retry", at, dests);
        draft.publishing = note.checkOnly ? "checkOnly" : "all";
        return draft.begin("check", at);
      }
      case "checked":
        if (this.#current?.publishing === "all") this.#current.begin("publish", at);
        else this.#current?.end("ok", at);
        return;
      case "published":
        if (this.#current) this.#current.publishing = null;
        return this.#current?.end("ok", at);
      case "refused":
        return this.#finish(note.by === "fleet" ? "queued" : "current", "refused", at, note.reason);
      case "publishFailed":
        return this.#finish("current", "failed", at, note.reason);
      case "reloading":
        this.#load(this.#takeUp("retry", at, dests), note.by === "restart" ? "restart" : "reload", at);
        if (note.by === "none") this.#loaded(at, verified);
        return;
      case "reloaded":
        return this.#loaded(at, verified);
      case "reloadFailed":
        return this.#finish("current", "failed", at, note.reason);
      case "serviceStopping":
        if (note.toRestart && !this.#current?.publishing && this.#current?.steps.at(-1)?.name !== "restart") {
          this.#load(this.#takeUp("restart", at, dests), "restart", at);
        }
        return;
      case "serviceStarted": {
        this.#start(this.#takeUp(note.again ? "restart" : "start", at, dests), at);
        this.#asked = undefined;
        this.#startedAt = at;
        return this.#loaded(at, verified);
      }
      case "childExited":
        if (note.child === "service" && note.told === null) this.#died(at, `main program ended ${how(note)}`);
        return;
      case "backingOff":
        if (note.child === "service" && !this.#current?.publishing) this.#finish("current", "failed", at);
        return;
      case "spawnFailed":
        if (note.child !== "service") return;
        this.#start(this.#takeUp(this.#startedAt === -Infinity ? "start" : "restart", at, dests), at);
        return this.#finish("current", "failed", at, note.reason);
      case "verified":
        return this.#finish("current", this.#current?.goesBack ? "rolledBack" : "verified", at);
      case "rolledBack":
        if (note.cause === "operator" || this.#current === undefined) return;
        this.#current.end("failed", at, note.reason);
        this.#load(this.#current, "rollBack", at);
        this.#current.goesBack = true;
        return;
      case "restored":
        return this.#current?.end("ok", at);
      case "notRestored":
        return this.#finish("current", "failed", at, "the files cannot be put in place");
      case "unwell":
        return this.#finish("current", "failed", at, note.reason);
      case "commanded":
        return this.#commanded(note, at, dests);
      case "released":
        this.#asked = "release";
        return;
      case "signalReceived":
        if (note.use === "reload") this.#asked = "reload";
        return;
      case "exiting":
        this.#finish("current", "failed", at, "the run ended");
        this.#finish("queued", "failed", at, "the run ended");
        return this.#finish("settling", "failed", at, "the run ended");
    }
  }

  #commanded({ command, refusal }: Note & { is: "commanded" }, at: number, dests: () => readonly string[]): void {
    if (refusal !== null) return;
    if (command === "reload") this.#asked = command;
    if (command === "restart" && !this.#current?.publishing) {
      this.#finish("current", "failed", at, "an operator asked for a restart");
    }
    if (command !== "rollBack") return;
    this.#finish("current", "failed", at, "an operator asked for the files from before");
    this.#current = this.#draft({ at, trigger: "rollback", destinations: dests() });
    this.#load(this.#current, "rollBack", at);
  }

  /** A step by which the service gets to read its files. */
  #load(draft: Draft, name: StepName, at: number): void {
    draft.begin(name, at);
    this.#followers.onLoading?.(draft.id);
  }

  /** A restart under way ends with the start. */
  #start(draft: Draft, at: number): void {
    draft.publishing = null;
    const step = draft.steps.at(-1);
    if (step?.name !== "restart" || step.outcome !== "running") this.#load(draft, "start", at);
  }

  /**
   * The service has ended by itself. Its reload or its verification ends with it; what is done about files goes on.
   */
  #died(at: number, reason: string): void {
    const step = this.#current?.steps.at(-1);
    if (step !== undefined && DEPENDENT.includes(step.name)) this.#current?.end("failed", at, reason);
  }

  /** Takes what the core is about once the notes of a step are taken. */
  follow({ settles, waits, rests, tries, staged, remains }: Progress, at: number): void {
    const incomplete = this.#incomplete;
    this.#incomplete = undefined;
    const fate = ({ at }: Draft) => !staged && at <= this.#startedAt ? "loaded" : "takenBack";
    if (!waits && this.#queued !== undefined) {
      if (incomplete !== undefined) this.#finish("queued", "refused", at, incomplete);
      else if (!remains()) this.#finish("queued", fate(this.#queued), at);
      else this.#stepBack(this.#queued, at);
    }
    if (!settles && incomplete !== undefined) this.#finish("settling", "refused", at, incomplete);
    if (!settles) this.#settling?.end("ok", at);
    if (!settles && this.#queued !== undefined) this.#settling = undefined;
    if (!rests) return;
    this.#finish("current", "takenBack", at);
    if (settles) return;
    this.#asked = undefined;
    if (this.#settling === undefined || (tries && remains())) return;
    this.#finish("settling", fate(this.#settling), at);
  }

  /** What waited for its turn waits no longer, and has not gone on: it has settled, and comes later. */
  #stepBack(draft: Draft, at: number): void {
    this.#queued = undefined;
    const settles = this.#settling?.isBetweenSteps === false;
    this.#settling = draft;
    if (settles) draft.begin("settle", at);
    else draft.end("ok", at);
  }

  /** What waits for its turn already takes in what has changed meanwhile. */
  #settled(dests: readonly string[], at: number): void {
    this.#settling?.end("ok", at);
    const draft = this.#queued ?? this.#settling;
    if (draft) draft.destinations = dests;
    if (this.#queued) this.#settling = undefined;
  }

  #queue(draft: Draft, at: number): void {
    if (draft === this.#current) this.#current = undefined;
    this.#queued = draft;
    draft.begin("turn", at);
  }

  /** What has waited goes on, once what is under way is over. */
  #turnCame(at: number): void {
    this.#queued?.end("ok", at);
    if (this.#current !== undefined) return;
    this.#current = this.#queued;
    this.#queued = undefined;
  }

  /** The service has read its files. */
  #loaded(at: number, verified: boolean): void {
    const draft = this.#current;
    if (draft === undefined) return;
    draft.end("ok", at);
    if (verified) draft.begin("verify", at);
    else this.#finish("current", "loaded", at);
  }

  #draft(parts: { at: number; trigger: Trigger; destinations: readonly string[] }): Draft {
    return new Draft(++this.#count, parts);
  }

  #ensure(trigger: Trigger, at: number, dests: () => readonly string[]): Draft {
    return this.#current ??= this.#draft({ at, trigger, destinations: dests() });
  }

  /** The rollout that goes on now: the one under way, what has settled, what was asked for, or another. */
  #takeUp(otherwise: Trigger, at: number, dests: () => readonly string[]): Draft {
    if (this.#current !== undefined) return this.#current;
    // A start loads what is there, and goes on with no change.
    const due = otherwise === "retry"
      ? [this.#queued, this.#settling].find((draft) => draft?.isBetweenSteps)
      : undefined;
    if (due !== undefined && due === this.#queued) this.#queued = undefined;
    if (due !== undefined && due === this.#settling) this.#settling = undefined;
    const trigger = this.#asked ?? otherwise;
    this.#asked = undefined;
    return this.#current = due ?? this.#draft({ at, trigger, destinations: dests() });
  }

  #finish(
    which: "current" | "queued" | "settling",
    outcome: RolloutOutcome,
    at: number,
    reason: string | null = null,
  ): void {
    const draft = { current: this.#current, queued: this.#queued, settling: this.#settling }[which];
    if (which === "current") this.#current = undefined;
    else if (which === "queued") this.#queued = undefined;
    else this.#settling = undefined;
    if (draft === undefined) return;
    draft.end(["refused", "failed"].includes(outcome) ? "failed" : "ok", at, reason);
    draft.outcome = outcome;
    draft.endedAt = at;
    this.#ended.add(draft);
    this.#followers.onEnd?.(draft.record);
  }
}

function how({ code, signal }: { code: number; signal: string | null }): string {
  return signal === null ? `with status ${code}` : `by signal ${signal}`;
}
