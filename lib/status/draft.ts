/**
 * A rollout while it goes on: its steps, and what others get to see of it.
 *
 * Pure.
 * @module
 */
import type { RolloutOutcome, RolloutRecord, StepName, StepRecord } from "./document.ts";

/** What began it. */
export type Trigger = RolloutRecord["trigger"];

interface Step {
  name: StepName;
  at: number;
  endedAt: number | null;
  outcome: StepRecord["outcome"];
  reason: string | null;
  /** The step that its beginning has ended. */
  after?: Step;
}

/** A rollout that can still become more. */
export class Draft {
  readonly id: number;
  readonly at: number;
  readonly trigger: Trigger;
  destinations: readonly string[];
  readonly steps: Step[] = [];
  readonly differences: { path: string; lines: readonly string[] }[] = [];
  outcome: RolloutOutcome = "running";
  endedAt: number | null = null;
  /** True once it goes back to older files because the service was not well on the new ones. */
  goesBack = false;
  /** While files are checked and put in place: that goes on whatever becomes of the service. */
  publishing: "all" | "checkOnly" | null = null;

  constructor(
    id: number,
    { at, trigger, destinations }: { at: number; trigger: Trigger; destinations: readonly string[] },
  ) {
    this.id = id;
    this.at = at;
    this.trigger = trigger;
    this.destinations = destinations;
  }

  begin(name: StepName, at: number): void {
    const after = this.#running;
    this.end("ok", at);
    this.steps.push({ name, at, endedAt: null, outcome: "running", reason: null, after });
  }

  /** Ends the step under way, where there is one. */
  end(outcome: "ok" | "failed", at: number, reason: string | null = null): void {
    if (this.#running !== undefined) Object.assign(this.#running, { outcome, endedAt: at, reason });
  }

  /** The step under way has begun too early: the one before it goes on. */
  putOff(name: StepName): void {
    const step = this.#running;
    if (step?.name !== name) return;
    this.steps.pop();
    if (step.after !== undefined) Object.assign(step.after, { outcome: "running", endedAt: null });
  }

  /** True if its last step is over, and the next one has not begun. */
  get isBetweenSteps(): boolean {
    return this.#running === undefined;
  }

  get #running(): Step | undefined {
    const step = this.steps.at(-1);
    return step?.outcome === "running" ? step : undefined;
  }

  get record(): RolloutRecord {
    const { id, at, trigger, destinations, outcome, endedAt, differences } = this;
    const steps = this.steps.map(({ name, at, endedAt, outcome, reason }): StepRecord => {
      return { name, at: timeOf(at), seconds: secondsBetween(at, endedAt), outcome, reason };
    });
    const seconds = secondsBetween(at, endedAt);
    return { id, at: timeOf(at), trigger, destinations, steps, outcome, seconds, differences: [...differences] };
  }
}

/** A time as RFC 3339 has it. */
export function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}

function secondsBetween(from: number, to: number | null): number | null {
  return to === null ? null : Math.max(0, Math.round(to - from)) / 1000;
}
