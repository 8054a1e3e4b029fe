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
    /** How often it had a turn already, and there were other contents by then. */
    readonly outdated: number;
    /** Until that has lasted for too long. */
    readonly limit: Countdown | null;
    /** It has lasted for too long: until the change goes ahead without a turn. */
    readonly delay: Countdown | null;
  }
  /** It has one for these contents. `begun`: they are under way; `ended`: as below; the rest: as above. */
  | {
    readonly is: "holding";
    readonly contents: Contents;
    readonly begun: boolean;
    readonly ended: boolean;
    readonly kept: Contents | null;
    readonly outdated: number;
  }
  /** It has one, and keeps it, since these contents were not a success. `ended`: the service has ended by itself meanwhile. */
  | { readonly is: "kept"; readonly contents: Contents; readonly ended: boolean }
  /** It goes ahead without one: back to earlier files, or with what has waited for too long, once that is under way. */
  | { readonly is: "exempt"; readonly for: "earlierFiles" | "anything" | Contents };

/** No turn, and none asked for. */
export const NO_TURN: FleetTurn = { is: "none" };

/** The countdowns that run. */
export function fleetTimers(turn: FleetTurn): [Timer, Countdown | null][] {
  return turn.is === "waiting" ? [["fleetTimeout", turn.limit], ["fleetDelay", turn.delay]] : [];
}
