/**
 * The few statistics that the bench quotes.
 *
 * Pure.
 * @module
 */

/** The value that a share of all samples does not exceed: 0.5 is the median. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}

/** The middle value. */
export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
}

/** The median of the ratios of samples that were taken in the same round. */
export function pairedRatio(own: readonly number[], others: readonly number[]): number {
  return median(own.map((value, i) => value / others[i]));
}
