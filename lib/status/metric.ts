/**
 * A metric, before it is written down in one format or another.
 *
 * Pure: types alone.
 * @module
 */

/** What a metric is measured by. */
export type Labels = Readonly<Record<string, string>>;

/** One value. */
export interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

/** The observations of a histogram. */
export interface Distribution {
  readonly labels: Labels;
  /** Upper bounds in ascending order, each with the number of observations up to it; the last is Infinity. */
  readonly buckets: readonly (readonly [le: number, count: number])[];
  readonly sum: number;
  readonly count: number;
}

/** A metric with all its values. */
export type Metric =
  | {
    readonly name: string;
    readonly help: string;
    readonly type: "counter" | "gauge";
    readonly samples: readonly Sample[];
  }
  | {
    readonly name: string;
    readonly help: string;
    readonly type: "histogram";
    readonly samples: readonly Distribution[];
  };
