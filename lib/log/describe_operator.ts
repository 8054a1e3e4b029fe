/**
 * What the log says of operators' wishes.
 *
 * Pure.
 * @module
 */
import type { Note } from "../core/notes.ts";
import { inWords } from "../settings/duration.ts";
import { type Entry, entry } from "./line.ts";
import { names } from "./names.ts";

type Of<Is extends Note["is"]> = Note & { is: Is };

/** Notes of what operators ask for, and of the hold that they may have asked for. */
export type OfOperators = Of<"commanded" | "holding" | "released" | "held">;

const ASKED: Record<Of<"commanded">["command"], string> = {
  reload: "reload main program",
  restart: "restart main program",
  rollBack: "go back to the configuration before this one",
  hold: "hold changes",
  release: "release changes",
};

/** The entries for such a note. */
export function describeOperator(note: OfOperators): Entry[] {
  switch (note.is) {
    case "commanded": {
      const { command, refusal } = note;
      if (refusal === null) return [entry("info", `an operator asks to ${ASKED[command]}`, { command })];
      return [
        entry("warn", `an operator asks to ${ASKED[command]}, which is not done: ${refusal}`, { command, refusal }),
      ];
    }
    case "holding": {
      const { forMs, reason, again } = note;
      const end = forMs === null ? "until they are released" : `for ${inWords(forMs)}`;
      const said = `changes are ${again ? "still " : ""}held ${end}${because(reason)}`;
      return [entry("info", said, { forMs, reason })];
    }
    case "released":
      return [entry("info", `changes are held no longer: ${note.by === "time" ? "the time is over" : "released"}`)];
    case "held": {
      const { dests, reason } = note;
      return [entry("info", `changed, and on hold: ${names(dests)}${because(reason)}`, { dests, reason })];
    }
  }
}

function because(reason: string | null): string {
  return reason === null ? "" : ` (${reason})`;
}
