/**
 * What is known of this member's fleet: folded from the core's notes.
 *
 * Pure.
 * @module
 */
import type { FleetErrorKind, FleetReport } from "../core/fleet_report.ts";
import type { Note } from "../core/notes.ts";
import type { State } from "../core/supervisor_state.ts";
import type { FleetIdentity, FleetStatus } from "./document.ts";
import { timeOf } from "./draft.ts";

/** Times in milliseconds since 1970. */
export interface FleetTally {
  readonly since: number | null;
  readonly place: FleetReport & { is: "place" } | null;
  readonly away: { readonly since: number; readonly kind: FleetErrorKind; readonly reason: string } | null;
  readonly errors: Readonly<Record<FleetErrorKind, number>>;
}

/** Before anything happened. */
export const NO_FLEET_YET: FleetTally = {
  since: null,
  place: null,
  away: null,
  errors: { away: 0, denied: 0, answer: 0 },
};

/** The tally after a note. */
export function countFleet(tally: FleetTally, note: Note, at: number): FleetTally {
  switch (note.is) {
    case "queued":
    case "turnGranted":
    case "turnKept":
      return { ...tally, since: at, place: null };
    case "turnLeft":
    case "turnLost":
      return { ...tally, since: null, place: null };
    case "fleet":
      return countReport(tally, note.report, at);
    default:
      return tally;
  }
}

function countReport(tally: FleetTally, report: FleetReport, at: number): FleetTally {
  switch (report.is) {
    case "place":
      return { ...tally, place: report };
    case "failed": {
      const { kind, reason } = report;
      const errors = { ...tally.errors, [kind]: tally.errors[kind] + 1 };
      return { ...tally, errors, away: { since: tally.away?.since ?? at, kind, reason } };
    }
    case "back":
      return { ...tally, away: null };
    case "disagreement":
      return tally;
  }
}

/** What others get to see of it. */
export function fleetStatusOf(
  { since, place, away }: FleetTally,
  { rollout, options }: State,
  fleet: FleetIdentity | null,
): FleetStatus | null {
  if (fleet === null || options.fleet === null) return null;
  const { is } = rollout.turn;
  const queue = is !== "waiting" || place === null ? null : {
    place: place.place + 1,
    length: place.length,
    limit: place.limit,
    ahead: place.ahead,
  };
  return {
    ...fleet,
    state: is,
    since: is === "none" || since === null ? null : timeOf(since),
    queue,
    away: away === null ? null : { ...away, since: timeOf(away.since) },
  };
}
