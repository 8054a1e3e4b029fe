/**
 * What a single step collects while its machines decide: effects for the host, notes for observers.
 *
 * A machine takes its own state and a turn, and returns its next state. Everything that it wants done goes into the turn,
 * which does not outlive the step: from outside, a step is a function of its arguments.
 *
 * Timers are not among the effects. They follow from the state: a state names the countdowns that run in it, and a
 * countdown that is another object than before starts anew.
 *
 * Pure.
 * @module
 */
import type { Note } from "./notes.ts";
import type { Options } from "./options.ts";
import type { Effect, Timer } from "./protocol.ts";

/** A time that runs down while a state lasts. */
export interface Countdown {
  readonly ms: number;
  /** True if it ends at a random time up to `ms`. */
  readonly jitter?: boolean;
}

/** The countdowns that run in a state, by timer. */
export type Timers = ReadonlyMap<Timer, Countdown>;

/** What a step has come to so far. */
export interface Turn {
  readonly options: Options;
  readonly effects: Effect[];
  readonly notes: Note[];
}

/** A countdown that starts now. */
export function countdown(ms: number): Countdown {
  return { ms };
}

/** What turns the timers of one state into those of the next. A timer that `fired` runs no more. */
export function rearm(before: Timers, after: Timers, fired?: Timer): Effect[] {
  const effects: Effect[] = [];
  for (const timer of before.keys()) {
    if (timer !== fired && !after.has(timer)) effects.push({ type: "disarm", timer });
  }
  for (const [timer, count] of after) {
    if (timer !== fired && before.get(timer) === count) continue;
    effects.push({ type: "arm", timer, ms: count.ms, jitter: count.jitter === true });
  }
  return effects;
}
