/**
 * A start of the service is decided in one step, and whether its program can be executed is known only after that. For
 * those who look on, a start that fails at once is one step with its failure: nobody is told of a service that never ran.
 *
 * Pure.
 * @module
 */
import type { Transition } from "../core/drive.ts";

type Tell = (transition: Transition, at: number) => void;

/** Hands transitions on, in their order. */
export class Starts {
  readonly #tell: Tell;
  /** A start of which it is not known whether it fails. */
  #start: { transition: Transition; at: number } | undefined;

  constructor(tell: Tell) {
    this.#tell = tell;
  }

  /** Takes a transition that happened `at`. Returns true if it waits for {@link settle}. */
  observe(transition: Transition, at: number): boolean {
    const start = this.#start;
    if (start !== undefined && transition.notes.some(isFailure)) {
      this.#start = undefined;
      this.#tell(joined(start.transition, transition), start.at);
      return false;
    }
    this.settle();
    const waits = transition.notes.some(({ is }) => is === "serviceStarted");
    if (waits) this.#start = { transition, at };
    else this.#tell(transition, at);
    return waits;
  }

  /** All effects are performed: a start has not failed. */
  settle(): void {
    if (this.#start === undefined) return;
    const { transition, at } = this.#start;
    this.#start = undefined;
    this.#tell(transition, at);
  }
}

function isFailure(note: Transition["notes"][number]): boolean {
  return note.is === "spawnFailed" && note.child === "service";
}

/** What led to the start, and what became of it. */
function joined(start: Transition, failure: Transition): Transition {
  const begun = start.notes.filter(({ is }) => is !== "serviceStarted");
  return {
    event: start.event,
    state: failure.state,
    effects: [...start.effects, ...failure.effects],
    notes: [...begun, ...failure.notes],
  };
}
