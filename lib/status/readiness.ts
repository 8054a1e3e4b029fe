/**
 * Whether the service is ready, condition by condition.
 *
 * Pure.
 * @module
 */

/** One thing that is looked at. */
export interface Condition {
  readonly name: "rendered" | "service" | "verified" | "change" | "confd" | "backend" | "hold" | "stop";
  /** `remark`: it is not as it should be, and counts with SIDECAR_READY=strict alone. */
  readonly is: "ok" | "no" | "remark";
  /** A few words: `ok`, `backing off`, `held until 12:00`. */
  readonly says: string;
}
