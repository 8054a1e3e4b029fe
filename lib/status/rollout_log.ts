/**
 * The last changes on their way to the service, each with its steps: folded from the core's notes.
 *
 * What a step's end is, another note says; what is left open at the end of the run failed with it.
 *
 * Pure.
 * @module
 */
import type { Note } from "../core/notes.ts";
import type { RolloutOutcome, RolloutRecord, StepName } from "./document.ts";
import type { Draft, Trigger } from "./draft.ts";
import { EndedRollouts } from "./ended_rollouts.ts";
import { type Beginning, OpenRollouts, type Place } from "./open_rollouts.ts";
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
  readonly #open = new OpenRollouts();
  /** What an operator asked for, and has not begun yet. */
  #asked: Trigger | undefined;
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
    return this.#ended.and(this.#open.all);
  }

  /** Takes what changed in a file, for the newest rollout that does not settle. */
  differences(): (path: string, lines: readonly string[]) => void {
    const draft = this.#open.current ?? this.#ended.newest;
    return (path, lines) => draft?.differences.push({ path, lines });
  }

  /** Takes a note. */
  observe(note: Note, { at, verified, dests }: Circumstances): void {
    const { current } = this.#open;
    const one = (trigger: Trigger): Beginning => ({ trigger, at, dests });
    switch (note.is) {
      case "confdStarted":
        if (!note.again) this.#open.ensure(one("start"));
        return;
      case "waiting":
        // A file has vanished again: what had begun to settle is not complete.
        return current?.putOff("settle");
      case "complete":
        return this.#open.ensure(one("start")).begin("settle", at);
      case "windowOpened":
        if (note.target === "start") return this.#open.ensure(one("start")).begin("settle", at);
        return this.#open.collect({ trigger: "change", at, dests: () => [note.dest] });
      case "windowClosed":
        return this.#open.settle(note.dests, at);
      case "takenBack":
        return this.#finish("settling", "takenBack", at);
      case "incomplete":
        this.#incomplete ??= `${note.dest} is ${note.missing ? "gone" : "empty"}`;
        return;
      case "held":
        this.#takeUp(one("retry"));
        return this.#finish("current", "held", at);
      case "queued":
        return this.#open.queue(this.#open.queued ?? this.#takeUp(one("retry")), at);
      case "turnGranted":
        return this.#open.turnCame(at);
      case "turnLeft":
        if (note.why === "overdue") return this.#open.turnCame(at);
        return note.why === "held" ? this.#finish("queued", "held", at) : undefined;
      case "splaying":
        return this.#takeUp(one("retry")).begin("splay", at);
      case "publishing": {
        const draft = this.#takeUp(one("retry"));
        draft.publishing = note.checkOnly ? "checkOnly" : "all";
        return draft.begin("check", at);
      }
      case "checked":
        if (current?.publishing === "all") current.begin("publish", at);
        else current?.end("ok", at);
        return;
      case "published":
        if (current) current.publishing = null;
        return current?.end("ok", at);
      case "refused":
        if (note.goesBack) return this.#goBack(this.#takeUpQueued(one("retry")), note.reason, at);
        return this.#finish(note.by === "fleet" ? "queued" : "current", "refused", at, note.reason);
      case "publishFailed":
        return this.#finish("current", "failed", at, note.reason);
      case "reloading":
        this.#load(this.#takeUp(one("retry")), note.by === "restart" ? "restart" : "reload", at);
        if (note.by === "none") this.#loaded(at, verified);
        return;
      case "reloaded":
        return this.#loaded(at, verified);
      case "reloadFailed":
        return this.#finish("current", "failed", at, note.reason);
      case "serviceStopping":
        if (note.toRestart && !current?.publishing && current?.steps.at(-1)?.name !== "restart") {
          this.#load(this.#takeUp(one("restart")), "restart", at);
        }
        return;
      case "serviceStarted": {
        this.#start(this.#takeUp(one(note.again ? "restart" : "start")), at);
        this.#asked = undefined;
        this.#startedAt = at;
        return this.#loaded(at, verified);
      }
      case "childExited":
        if (note.child === "service" && note.told === null) this.#died(at, `main program ended ${how(note)}`);
        return;
      case "backingOff":
        if (note.child === "service" && !current?.publishing) this.#finish("current", "failed", at);
        return;
      case "spawnFailed":
        if (note.child !== "service") return;
        this.#start(this.#takeUp(one(this.#startedAt === -Infinity ? "start" : "restart")), at);
        return this.#finish("current", "failed", at, note.reason);
      case "verified":
        return this.#finish("current", current?.goesBack ? "rolledBack" : "verified", at);
      case "rolledBack":
        if (note.cause === "operator" || current === undefined) return;
        return this.#goBack(current, note.reason, at);
      case "restored":
        return current?.end("ok", at);
      case "notRestored":
        return this.#finish("current", "failed", at, "the files cannot be put in place");
      case "unwell":
        return this.#finish("current", "failed", at, note.reason);
      case "commanded":
        return this.#commanded(note, one("rollback"));
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

  #commanded({ command, refusal }: Note & { is: "commanded" }, beginning: Beginning): void {
    const { at } = beginning;
    if (refusal !== null) return;
    if (command === "reload") this.#asked = command;
    if (command === "restart" && !this.#open.current?.publishing) {
      this.#finish("current", "failed", at, "an operator asked for a restart");
    }
    if (command !== "rollBack") return;
    this.#finish("current", "failed", at, "an operator asked for the files from before");
    this.#load(this.#open.begin(beginning), "rollBack", at);
  }

  /** The rollout that goes on now; a new one has the name of what was asked for. */
  #takeUp(beginning: Beginning): Draft {
    if (this.#open.current !== undefined) return this.#open.current;
    const trigger = this.#asked ?? beginning.trigger;
    this.#asked = undefined;
    return this.#open.takeUp({ ...beginning, trigger }, { isChange: beginning.trigger === "retry" });
  }

  /** A step by which the service gets to read its files. */
  #load(draft: Draft, name: StepName, at: number): void {
    draft.begin(name, at);
    this.#followers.onLoading?.(draft.id);
  }

  /** What waits for its turn has nothing to wait for any more. */
  #takeUpQueued(beginning: Beginning): Draft {
    this.#open.queued?.end("ok", beginning.at);
    return this.#takeUp(beginning);
  }

  #goBack(draft: Draft, reason: string, at: number): void {
    draft.end("failed", at, reason);
    this.#load(draft, "rollBack", at);
    draft.goesBack = true;
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
    const { current } = this.#open;
    const step = current?.steps.at(-1);
    if (step !== undefined && DEPENDENT.includes(step.name)) current?.end("failed", at, reason);
  }

  /** Takes what the core is about once the notes of a step are taken. */
  follow({ settles, waits, rests, tries, staged, remains }: Progress, at: number): void {
    const incomplete = this.#incomplete;
    this.#incomplete = undefined;
    const fate = ({ at }: Draft) => !staged && at <= this.#startedAt ? "loaded" : "takenBack";
    const { queued } = this.#open;
    if (!waits && queued !== undefined) {
      if (incomplete !== undefined) this.#finish("queued", "refused", at, incomplete);
      else if (remains()) this.#open.stepBack(at);
      else this.#finish("queued", fate(queued), at);
    }
    if (!settles && incomplete !== undefined) this.#finish("settling", "refused", at, incomplete);
    if (!settles) this.#open.endSettling(at);
    if (!rests) return;
    this.#finish("current", "takenBack", at);
    if (settles) return;
    this.#asked = undefined;
    const { settling } = this.#open;
    if (settling !== undefined && !(tries && remains())) this.#finish("settling", fate(settling), at);
  }

  /** The service has read its files. */
  #loaded(at: number, verified: boolean): void {
    const draft = this.#open.current;
    if (draft === undefined) return;
    draft.end("ok", at);
    if (verified) draft.begin("verify", at);
    else this.#finish("current", "loaded", at);
  }

  #finish(place: Place, outcome: RolloutOutcome, at: number, reason: string | null = null): void {
    const draft = this.#open.remove(place);
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
