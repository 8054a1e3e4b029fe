/**
 * What a member has of its fleet: a turn, a place in the queue, or nothing.
 *
 * Pure.
 * @module
 */
import type { Contents } from "./files.ts";
import type { Timer } from "./protocol.ts";
import type { Countdown } from "./turn.ts";

/** What a member has of its fleet. */
export type FleetTurn =
  /** Nothing, and it asks for nothing. */
  | { readonly is: "none" }
  /** It has asked for a turn, for these contents. */
  | {
    readonly is: "waiting";
    readonly contents: Contents;
    /** The contents that it keeps a turn for, should these be taken back; null: none. */
    readonly kept: Contents | null;
    /** True if it had a turn already, and there were other contents by then. */
    readonly again: boolean;
    /** Until that has lasted for too long. */
    readonly limit: Countdown | null;
    /** It has lasted for too long: until the change goes ahead without a turn. */
    readonly delay: Countdown | null;
  }
  /** It has one for these contents. `begun`: they are under way; `kept`: as above. */
  | { readonly is: "holding"; readonly contents: Contents; readonly begun: boolean; readonly kept: Contents | null }
  /** It has one, and keeps it, since these contents were not a success. */
  | { readonly is: "kept"; readonly contents: Contents }
  /** It goes ahead without one: back to earlier files, or with a change that has waited for too long. */
  | { readonly is: "exempt"; readonly for: "earlierFiles" | "anything" };

/** No turn, and none asked for. */
export const NO_TURN: FleetTurn = { is: "none" };

/** The countdowns that run. */
export function fleetTimers(turn: FleetTurn): [Timer, Countdown | null][] {
  return turn.is === "waiting" ? [["fleetTimeout", turn.limit], ["fleetDelay", turn.delay]] : [];
}
