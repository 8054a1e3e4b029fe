/**
 * Rollouts that go on: at most one is under way. Another may wait for its turn in the fleet meanwhile, and changes may be
 * collected, or have settled, behind both.
 *
 * Pure.
 * @module
 */
import { Draft, type Trigger } from "./draft.ts";

/** Which of them. */
export type Place = "current" | "queued" | "settling";

/** What a new one begins with. */
export interface Beginning {
  readonly trigger: Trigger;
  readonly at: number;
  /** Its files. */
  readonly dests: () => readonly string[];
}

/** Keeps them. */
export class OpenRollouts {
  #current: Draft | undefined;
  #queued: Draft | undefined;
  #settling: Draft | undefined;
  #count = 0;

  get all(): Draft[] {
    return [this.#current, this.#queued, this.#settling].filter((draft) => draft !== undefined);
  }

  /** The one that is under way. */
  get current(): Draft | undefined {
    return this.#current;
  }

  /** The one that waits for its turn in the fleet, or has it and has not begun. */
  get queued(): Draft | undefined {
    return this.#queued;
  }

  /** The one that collects changes, or has done so. */
  get settling(): Draft | undefined {
    return this.#settling;
  }

  /** Takes one out. */
  remove(place: Place): Draft | undefined {
    const draft = this[place];
    if (place === "current") this.#current = undefined;
    else if (place === "queued") this.#queued = undefined;
    else this.#settling = undefined;
    return draft;
  }

  /** Begins one that is under way from now on. */
  begin(beginning: Beginning): Draft {
    return this.#current = this.#new(beginning);
  }

  /** The one under way, or a new one. */
  ensure(beginning: Beginning): Draft {
    return this.#current ?? this.begin(beginning);
  }

  /** The next one: a change that is due, or a new one. A start loads what is there, and goes on with no change. */
  takeUp(beginning: Beginning, { isChange }: { isChange: boolean }): Draft {
    const due = (["queued", "settling"] as const).find((place) => this[place]?.isBetweenSteps);
    return this.#current = isChange && due !== undefined ? this.remove(due)! : this.#new(beginning);
  }

  /** Changes are being collected. */
  collect(beginning: Beginning): void {
    this.#settling ??= this.#new(beginning);
    this.#settling.begin("settle", beginning.at);
  }

  /** Nothing more changes. What waits for its turn already takes in what has changed meanwhile. */
  settle(dests: readonly string[], at: number): void {
    const draft = this.#queued ?? this.#settling;
    if (draft) draft.destinations = dests;
    this.endSettling(at);
  }

  /** Changes are not collected any more. */
  endSettling(at: number): void {
    this.#settling?.end("ok", at);
    if (this.#queued !== undefined) this.#settling = undefined;
  }

  /** One of them has to wait for its turn. */
  queue(draft: Draft, at: number): void {
    if (draft === this.#current) this.#current = undefined;
    this.#queued = draft;
    draft.begin("turn", at);
  }

  /** What has waited goes on, once what is under way is over, and what has changed meanwhile has settled. */
  turnCame(at: number): void {
    this.#queued?.end("ok", at);
    const settles = this.#settling?.isBetweenSteps === false;
    if (!settles) this.#current ??= this.remove("queued");
  }

  /** What waited for its turn waits no longer, and has not gone on: it has settled, and comes later. */
  stepBack(at: number): void {
    const draft = this.remove("queued");
    const settles = this.#settling?.isBetweenSteps === false;
    this.#settling = draft;
    if (settles) draft?.begin("settle", at);
    else draft?.end("ok", at);
  }

  #new({ trigger, at, dests }: Beginning): Draft {
    return new Draft(++this.#count, { trigger, at, destinations: dests() });
  }
}
