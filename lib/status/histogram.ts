/**
 * A histogram, as metrics have it: how many observations there were up to each of some bounds.
 *
 * Pure.
 * @module
 */
import type { Distribution, Labels } from "./metric.ts";

/** Collects observations. */
export class Histogram {
  readonly #bounds: readonly number[];
  readonly #counts: number[];
  #sum = 0;
  #count = 0;

  /** `bounds`: in ascending order, without Infinity. */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = bounds.map(() => 0);
  }

  observe(value: number): void {
    this.#bounds.forEach((bound, i) => this.#counts[i] += value <= bound ? 1 : 0);
    this.#sum += value;
    this.#count++;
  }

  distribution(labels: Labels): Distribution {
    const buckets = [...this.#bounds.map((bound, i) => [bound, this.#counts[i]] as const)];
    return { labels, buckets: [...buckets, [Infinity, this.#count]], sum: this.#sum, count: this.#count };
  }
}
