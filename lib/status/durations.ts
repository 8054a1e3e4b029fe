/**
 * How long rollouts to a running service took, as a histogram for each way of reloading.
 *
 * Pure.
 * @module
 */
import type { RolloutRecord } from "./document.ts";
import { Histogram } from "./histogram.ts";
import type { Distribution } from "./metric.ts";

/** Upper bounds, in seconds. */
const BOUNDS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Collects durations. */
export class Durations {
  readonly #byWay = new Map<string, Histogram>();

  /**
   * Takes a rollout that is over. Only what the service has loaded counts, from the end of its window on, and without the
   * wait for a turn.
   */
  observe({ outcome, trigger, steps, seconds }: RolloutRecord, way: string): void {
    if (!["loaded", "verified"].includes(outcome) || !["change", "retry", "reload", "release"].includes(trigger)) {
      return;
    }
    const waited = steps.filter(({ name }) => name === "settle" || name === "turn");
    const before = waited.reduce((sum, { seconds }) => sum + (seconds ?? 0), 0);
    this.#of(way).observe(Math.max(0, Math.round(((seconds ?? 0) - before) * 1000) / 1000));
  }

  /** The histogram of each way; at least that of `way`, so that it is there before its first observation. */
  distributions(way: string): Distribution[] {
    return [...new Map([[way, this.#of(way)], ...this.#byWay])].map(([way, histogram]) =>
      histogram.distribution({ way })
    );
  }

  #of(way: string): Histogram {
    const known = this.#byWay.get(way) ?? new Histogram(BOUNDS);
    this.#byWay.set(way, known);
    return known;
  }
}
