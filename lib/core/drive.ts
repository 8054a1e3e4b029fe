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
import { type Step, step } from "./supervisor.ts";
import type { State } from "./supervisor_state.ts";

/** What an observer gets to see of each step. */
export interface Transition extends Step {
  readonly event: Event;
}

/** What the driver needs. */
export interface Parts {
  perform: (effect: Effect) => void;
  /** Called before the effects are performed, so that the log speaks first and the host acts then. */
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
      const done = step(state, next);
      state = done.state;
      observe({ ...done, event: next });
      for (const effect of done.effects) perform(effect);
    }
    running = false;
  };
}

/** Keeps events, in their order, until somebody takes them. */
export class Mailbox {
  #waiting: Event[] = [];
  #deliver: ((event: Event) => void) | undefined;

  readonly post = (event: Event): void => {
    if (this.#deliver === undefined) this.#waiting.push(event);
    else this.#deliver(event);
  };

  /** From now on events go there. */
  deliverTo(deliver: (event: Event) => void): void {
    this.#deliver = deliver;
    for (const event of this.#waiting.splice(0)) deliver(event);
  }
}
