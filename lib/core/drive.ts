/**
 * The driver: queues events and runs each to completion, one at a time, before the next.
 *
 * The core decides, the performer acts, observers look on. A performer may post events while it acts; they wait their
 * turn.
 *
 * Pure but for its own queue: no clock, no runtime.
 * @module
 */
import type { Effect, Event } from "./protocol.ts";
import type { State } from "./state.ts";
import { step } from "./supervisor.ts";

/** What an observer gets to see of each step. */
export interface Transition {
  before: State;
  event: Event;
  after: State;
  effects: readonly Effect[];
}

/** What the driver needs. */
export interface Parts {
  perform: (effect: Effect) => void;
  /** Called before the effects are performed, so that the log tells first and acts then. */
  observe: (transition: Transition) => void;
}

/** Returns the function that takes events. */
export function drive(initial: State, { perform, observe }: Parts): (event: Event) => void {
  let state = initial;
  let running = false;
  const queue: Event[] = [];
  return (event) => {
    queue.push(event);
    if (running) return;
    running = true;
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const before = state;
      const [after, effects] = step(before, next);
      state = after;
      observe({ before, event: next, after, effects });
      for (const effect of effects) perform(effect);
    }
    running = false;
  };
}
