/**
 * Where the way to a running service is, as the core's state says.
 *
 * Pure.
 * @module
 */
import { changed } from "../core/files.ts";
import { isQuarantined } from "../core/rollout_state.ts";
import type { State } from "../core/supervisor_state.ts";

/** Where it is. */
export interface Progress {
  /** Changes are being collected. */
  readonly settles: boolean;
  /** A change waits for its turn in the fleet, or has it, or goes without one, and has not begun. */
  readonly waits: boolean;
  /** Nothing is on its way to the service: what is still open was taken back, or loaded by a start. */
  readonly rests: boolean;
  /** Something has failed, and is tried again: with what has changed by then. */
  readonly tries: boolean;
  /** A start loads what is in place, and not what has changed since. */
  readonly staged: boolean;
  /** Whether anything has changed that the service has not loaded, and that is not known to be bad. */
  readonly remains: () => boolean;
}

/** Reads it off a state. */
export function progressOf({ run, rollout, options }: State): Progress {
  const { target, stage, window, turn } = rollout;
  const reloads = target === "reload";
  const hasTurn = (turn.is === "holding" && !turn.begun) || (turn.is === "exempt" && turn.for === "anything");
  return {
    settles: reloads && window !== null,
    // What waits when the run begins to stop ends with the run.
    waits: run.is !== "up" || turn.is === "waiting" || hasTurn,
    rests: reloads && (stage.is === "idle" || stage.is === "failed"),
    tries: stage.is === "failed",
    staged: options.staged,
    remains: () => changed(rollout.files, options).length > 0 && !isQuarantined(rollout),
  };
}
