/**
 * What a member of a fleet gets to know of its store and of its queue. The core decides nothing by it: it is for those who
 * look on.
 *
 * Pure: types alone.
 * @module
 */

/** Why the store of a fleet could not be used. */
export type FleetErrorKind =
  /** It does not answer, or says that it cannot at present. */
  | "away"
  /** It does not let this member in. */
  | "denied"
  /** It answered something that cannot be understood. */
  | "answer";

/** One thing to be known. */
export type FleetReport =
  /** Where this member stands, counted from 0; `ahead`: the first of those before it, by name. */
  | {
    readonly is: "place";
    readonly place: number;
    readonly length: number;
    readonly ahead: readonly string[];
    /** How many may go at once at present: one as long as nobody has reported success. */
    readonly limit: number;
  }
  /** `again`: it was said less than a minute ago. */
  | { readonly is: "failed"; readonly kind: FleetErrorKind; readonly reason: string; readonly again: boolean }
  /** The store answers again. */
  | { readonly is: "back" }
  /** Members do not agree on how many may go at once: the smallest number holds. */
  | { readonly is: "disagreement"; readonly wanted: number; readonly holds: number };
