/**
 * What the log says of this member's turn in its fleet.
 *
 * Pure.
 * @module
 */
import type { FleetReport } from "../core/fleet_report.ts";
import type { Note } from "../core/notes.ts";
import { inWords } from "../settings/duration.ts";
import { type Entry, entry } from "./line.ts";
import { names } from "./names.ts";

type Of<Is extends Note["is"]> = Note & { is: Is };

/** Notes of a turn, and of what is heard of the fleet. */
export type OfFleet = Of<"queued" | "turnGranted" | "turnKept" | "turnLeft" | "turnLost" | "turnOverdue" | "fleet">;

/** The entries for such a note. */
export function describeFleet(note: OfFleet): Entry[] {
  switch (note.is) {
    case "queued":
      return [entry("info", `waiting for our turn in the fleet: ${names(note.dests)}`, { dests: note.dests })];
    case "turnGranted":
      return [entry("info", "it is our turn in the fleet")];
    case "turnKept": {
      const said = "our turn in the fleet is kept until a newer change succeeds here, or until --release, so that no " +
        "other member has the same trouble";
      return [entry("warn", said, { reason: note.reason })];
    }
    case "turnLeft":
      return describeEnd(note);
    case "turnLost":
      return [entry("warn", `our turn in the fleet is lost: ${note.reason}`, { reason: note.reason })];
    case "turnOverdue": {
      const said = `no turn in the fleet for ${inWords(note.afterMs)} (SIDECAR_FLEET_TIMEOUT): the change goes ahead ` +
        `without one within ${inWords(note.delayMs)}`;
      return [entry("warn", said, { ms: note.delayMs })];
    }
    case "fleet":
      return describeReport(note.report);
  }
}

function describeEnd({ why }: Of<"turnLeft">): Entry[] {
  switch (why) {
    case "done":
      return [entry("info", "our turn in the fleet is over: others may follow")];
    case "released":
      return [entry("info", "our turn in the fleet is released")];
    default:
      return [entry("debug", "our turn in the fleet is not needed any more")];
  }
}

function describeReport(report: FleetReport): Entry[] {
  switch (report.is) {
    case "place": {
      const { place, length, ahead, limit } = report;
      const whom = ahead.length === 0 ? "" : `, behind ${names(ahead)}`;
      const said = `our place in the fleet's queue is ${place + 1} of ${length}, ${limit} at once${whom}`;
      return [entry("debug", said, { place: place + 1, length, limit })];
    }
    case "failed": {
      const { kind, reason, again } = report;
      return [
        entry(again ? "debug" : "warn", `the fleet cannot be asked for a turn: ${reason}; changes wait until it can`, {
          kind,
          reason,
        }),
      ];
    }
    case "back":
      return [entry("info", "the fleet can be asked again")];
    case "disagreement": {
      const { wanted, holds } = report;
      const said = `members of the fleet do not agree on how many go at once: here SIDECAR_FLEET has n=${wanted}, ` +
        `elsewhere ${holds}; the smallest number holds`;
      return [entry("warn", said, { wanted, holds })];
    }
  }
}
