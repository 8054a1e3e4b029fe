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
    /** Until that has lasted for too long. */
    readonly limit: Countdown | null;
    /** It has lasted for too long: until the change goes ahead without a turn. */
    readonly delay: Countdown | null;
  }
  /** It has one. `begun`: what it was for is under way. */
  | { readonly is: "holding"; readonly begun: boolean }
  /** It has one, and keeps it, since its change was not a success. */
  | { readonly is: "kept" }
  /** It goes ahead without one: back to earlier files, or with a change that has waited for too long. */
  | { readonly is: "exempt"; readonly for: "earlierFiles" | "anything" };

/** No turn, and none asked for. */
export const NO_TURN: FleetTurn = { is: "none" };

/** The countdowns that run. */
export function fleetTimers(turn: FleetTurn): [Timer, Countdown | null][] {
  return turn.is === "waiting" ? [["fleetTimeout", turn.limit], ["fleetDelay", turn.delay]] : [];
}
