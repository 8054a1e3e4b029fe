/**
 * How the service takes up what is in place, when it is started and when it is reloaded. A part of the rollout: rollout.ts has
 * the theory of operation.
 *
 * Pure.
 * @module
 */
import { changed, loadNow, pending } from "./files.ts";
import { leaveUnused } from "./fleet_queue.ts";
import { apply, collect, done, failed, type RolloutTurn, wait } from "./rollout.ts";
import { needsReload, type Rollout, type Stage } from "./rollout_state.ts";
import { countdown, type Turn } from "./turn.ts";
import { beginVerification, endVerification } from "./verification.ts";
import { DEFAULT, wayOf } from "./ways.ts";

/** How long the service must have lived with its files for them to be kept as the last good ones. */
export const KEEP_AFTER_MS = 10_000;

/** The service is being made to read what is in place. Where it is not known what that changes, it is told in any case. */
export function applying(rollout: Rollout, { options }: Turn): Rollout {
  const news = options.staged ? [] : changed(rollout.files, options);
  const all = new Set([...rollout.due, ...news]);
  const due = all.size > 0 ? all : new Set([DEFAULT]);
  const files = options.staged ? rollout.files : loadNow(rollout.files);
  return { ...rollout, files, due, owed: false, stage: { is: "applying" } };
}

/** The service has loaded what is in place: now it has to be well on it, where that is asked for. */
export function applied(rollout: Rollout, turn: RolloutTurn): Rollout {
  const loaded: Rollout = { ...rollout, due: new Set() };
  if (turn.options.verified) {
    return { ...loaded, keep: null, stage: { is: "verifying", verification: beginVerification(turn) } };
  }
  const keep = turn.options.start === "last-good" ? countdown(KEEP_AFTER_MS) : null;
  return done({ ...loaded, keep }, turn);
}

/** The service has not loaded it, or not in all ways: those that failed are tried again. */
export function applyFailed(
  rollout: Rollout,
  { reason, ways }: { reason: string; ways?: readonly string[] },
  turn: RolloutTurn,
): Rollout {
  if (rollout.stage.is !== "applying") return rollout;
  turn.notes.push({ is: "reloadFailed", reason, failures: rollout.failures });
  const due = new Set([...rollout.due].filter((dest) => ways?.includes(wayOf(dest, turn.options).id) ?? true));
  return failed({ ...rollout, due }, reason, turn);
}

/** The service is being started on what is in place. What is staged by then and not in place has a window of its own. */
export function serviceStarted(rollout: Rollout, turn: RolloutTurn): Rollout {
  const running: Rollout = { ...applying(rollout, turn), target: "reload", window: null };
  const [dest] = changed(running.files, turn.options);
  return applied(dest === undefined ? running : collect(running, dest, turn), turn);
}

/** The service stops, or waits, to be started again. Files that are being put in place go on. */
export function servicePaused(rollout: Rollout, turn: Turn): Rollout {
  halt(rollout, turn);
  const stage: Stage = rollout.stage.is === "publishing" ? rollout.stage : { is: "idle" };
  const paused: Rollout = { ...rollout, target: "none", stage, window: null, failures: 0, keep: null };
  return leaveUnused({ ...paused, owed: false, due: new Set() }, turn);
}

/** Nobody waits for a verification any more. */
export function halt({ stage }: Rollout, turn: Turn): void {
  if (stage.is === "verifying") endVerification(stage.verification, turn);
}

/** The service is to be started again: what it needs for its first start it needs for every other. */
export function startAgain(rollout: Rollout, turn: RolloutTurn): Rollout {
  const next: Rollout = { ...rollout, target: "start" };
  if (next.stage.is === "publishing") return next;
  const missing = !turn.options.staged && pending(next.files).length > 0;
  return missing ? wait(next, turn) : apply(next, turn);
}

/** The service has lived with its files for a while: they are kept, unless others are on their way. */
export function keepNow(rollout: Rollout, { options, effects, notes }: RolloutTurn): Rollout {
  const next: Rollout = { ...rollout, keep: null };
  if (next.window !== null || next.stage.is !== "idle" || needsReload(next, options)) return next;
  effects.push({ type: "keep" });
  notes.push({ is: "keeping" });
  return { ...next, backup: "kept" };
}
