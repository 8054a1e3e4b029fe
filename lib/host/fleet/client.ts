/**
 * What a fleet's client does for a member, whatever its engine.
 *
 * Pure: types alone.
 * @module
 */
import type { FleetReport } from "../../core/fleet_report.ts";
import type { QueueEntry } from "../../fleet/queue.ts";

/** What the member gets to know. */
export type FleetNews =
  | { type: "turnGranted" }
  | { type: "turnLost"; reason: string }
  | { type: "turnRefused"; reason: string }
  | { type: "fleetReported"; report: FleetReport };

/** The queue, for people. */
export interface Listing {
  readonly entries: readonly QueueEntry[];
  /** The key of our own entry, where we have one. */
  readonly own: string | null;
  /** What is to be said of it, where it is not the whole truth. */
  readonly says: string | null;
}

/** Asks for turns, and gives them back. Nothing here waits, but for `list` and `close`. */
export interface FleetClient {
  /** Asks for a turn for a set, or goes on asking, for another set; also where there is a turn, for an older one. */
  take(digest: string): void;
  /** The turn stays for as long as it takes, whatever else it was asked for. */
  keep(): void;
  /** Gives the turn back, or leaves the queue. `success`: the set that others may take up too. */
  leave(success: string | null): void;
  /** Lets all members know that a set does harm. */
  reportBad(digest: string, reason: string): void;
  /** Ends a turn that is not valid any more: the clock may have gone on while this process stood still. */
  check(): void;
  /** Asks who is in the queue. Throws where that cannot be known. */
  list(): Promise<Listing>;
  /** Ends everything; waits for what is being given back, but not for long. */
  close(): Promise<void>;
}

/** How long the end of a run waits for a turn to be given back, in milliseconds. */
export const LAST_MS = 200;
