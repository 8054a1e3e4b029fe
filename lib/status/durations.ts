/**
 * How long rollouts to a running service took, as a histogram for each way of reloading.
 *
 * Pure.
 * @module
 */
import type { RolloutRecord } from "./document.ts";
import type { Distribution } from "./metric.ts";

/** Upper bounds, in seconds. */
const BOUNDS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Collects durations. */
export class Durations {
  readonly #byWay = new Map<string, { counts: number[]; sum: number; count: number }>();

  /** Takes a rollout that is over. Only what the service has loaded counts, from the end of its window on. */
  observe({ outcome, trigger, steps, seconds }: RolloutRecord, way: string): void {
    if (!["loaded", "verified"].includes(outcome) || !["change", "retry", "reload", "release"].includes(trigger)) {
      return;
    }
    const settle = steps.find(({ name }) => name === "settle");
    const took = Math.max(0, Math.round(((seconds ?? 0) - (settle?.seconds ?? 0)) * 1000) / 1000);
    const known = this.#byWay.get(way) ?? { counts: BOUNDS.map(() => 0), sum: 0, count: 0 };
    BOUNDS.forEach((bound, i) => known.counts[i] += took <= bound ? 1 : 0);
    this.#byWay.set(way, { ...known, sum: known.sum + took, count: known.count + 1 });
  }

  /** The histogram of each way; at least that of `way`, so that it is there before its first observation. */
  distributions(way: string): Distribution[] {
    const all = new Map([[way, { counts: BOUNDS.map(() => 0), sum: 0, count: 0 }], ...this.#byWay]);
    return [...all].map(([way, { counts, sum, count }]) => ({
      labels: { way },
      buckets: [...BOUNDS.map((bound, i) => [bound, counts[i]] as const), [Infinity, count] as const],
      sum,
      count,
    }));
  }
}
