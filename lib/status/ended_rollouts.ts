/**
 * Rollouts that are over, as many as are kept.
 *
 * Pure.
 * @module
 */
import type { RolloutRecord } from "./document.ts";
import type { Draft } from "./draft.ts";

/** How many are kept, those that go on included. */
const KEPT = 50;

/** Keeps them. */
export class EndedRollouts {
  readonly #drafts: Draft[] = [];

  /** The one that ended last. */
  get newest(): Draft | undefined {
    return this.#drafts.at(-1);
  }

  /** What fails again and again is kept once, as the last try. */
  add(draft: Draft): void {
    if (isFailedTry(draft) && isFailedTry(this.newest)) this.#drafts.pop();
    this.#drafts.push(draft);
    if (this.#drafts.length > KEPT) this.#drafts.shift();
  }

  /**
   * These and those that go on, in the order in which they began, which need not be that in which they end. What ended
   * first is the first to go.
   */
  and(open: readonly Draft[]): RolloutRecord[] {
    const kept = [...this.#drafts, ...open].slice(-KEPT);
    return kept.sort((one, other) => one.id - other.id).map(({ record }) => record);
  }
}

function isFailedTry(draft?: Draft): boolean {
  return draft?.trigger === "retry" && draft.outcome === "failed";
}
