/**
 * Those who look on a run from outside, loaded late: the start of the service does not wait for them. What happens meanwhile
 * is kept for them.
 *
 * Touches: the clock.
 * @module
 */
import type { Transition } from "./core/drive.ts";
import { after } from "./host/clock.ts";
import type { OnMasked } from "./host/files/differences.ts";
import type { StatusBoard } from "./status_board.ts";

/** They are loaded so long after the service was started, or at the latest after the first event, in milliseconds. */
const LOAD_AFTER_MS = { start: 20, first: 50 };

/** What has happened, and when: in milliseconds since 1970. */
interface Kept {
  transition: Transition;
  at: number;
}

/** Hands every transition on to them. */
export class Onlookers {
  readonly #load: () => Promise<StatusBoard>;
  #kept: Kept[] = [];
  #loading: Promise<void> | undefined;
  #board: StatusBoard | undefined;

  constructor(load: () => Promise<StatusBoard>) {
    this.#load = load;
  }

  observe(transition: Transition): void {
    const at = Date.now();
    if (this.#board !== undefined) return this.#board.observe(transition, at);
    if (this.#kept.length === 0) after(LOAD_AFTER_MS.first, () => this.#begin());
    this.#kept.push({ transition, at });
    // The effects of this step come first.
    if (transition.notes.some(({ is }) => is === "serviceStarted")) after(LOAD_AFTER_MS.start, () => this.#begin());
  }

  /** Takes what changed in a file, values hidden, for the rollout of this moment. */
  differences(): OnMasked | undefined {
    return this.#board?.differences();
  }

  /** Ends what they began. */
  async close(): Promise<void> {
    await this.#loading;
    await this.#board?.close();
  }

  #begin(): void {
    this.#loading ??= this.#open();
  }

  async #open(): Promise<void> {
    const board = await this.#load();
    for (const { transition, at } of this.#kept) board.observe(transition, at);
    this.#kept = [];
    this.#board = board;
  }
}
