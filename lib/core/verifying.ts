/**
 * Whether the service is well on what it has loaded, and the way back if it is not.
 *
 * A set on which the service is well is the last good one. One on which it is not, or on which it died before that could
 * be seen, is in quarantine: it counts as refused, and is not tried again before it changes. The last good files are put
 * in place again, and the service is told or started anew. If it is not well on those either, there is nothing left to
 * go back to.
 *
 * Pure.
 * @module
 */
import { UNAVAILABLE } from "./exit_status.ts";
import type { Effect } from "./protocol.ts";
import { reloadDone, replace, tellService } from "./reloading.ts";
import { disarm, putInPlace, type State, type Step } from "./state.ts";
import { stop } from "./stopping.ts";

/** The service is well, or why it is not. */
export function verifyEnded(state: State, failure: string | null): Step {
  const { phase } = state;
  if (phase.is !== "running" || phase.reload.is !== "verifying") return [state, []];
  if (failure === null) return reloadDone({ ...state, lastGood: true, rolledBack: false }, [{ type: "keep" }]);
  if (!canRollBack(state)) return nothingLeft(state);
  const timers = disarm("settle", "settleLimit");
  const restoring: State = {
    ...quarantined(state),
    phase: { ...phase, window: "closed", reload: { is: "restoring" } },
  };
  return [restoring, [...timers, { type: "restore" }]];
}

/** True if the service ended before it could be seen whether it is well, and there is a way back. */
export function diedOfIt(state: State): boolean {
  return state.phase.is === "running" && state.phase.reload.is === "verifying" && canRollBack(state);
}

/** The service died of its new configuration: it is started again on the last good one. */
export function rollBackAfterDeath(state: State, status: number): Step {
  const [restoring, effects] = diedWhileRestoring(quarantined(state), status);
  return [restoring, [...effects, { type: "restore" }]];
}

/** The service died while the last good files were being put in place: it is started again once they are. */
export function diedWhileRestoring(state: State, status: number): Step {
  const timers = disarm("settle", "settleLimit", "splay", "reloadRetry", "keep", "serviceStable");
  return [{ ...state, phase: { is: "restoring", status } }, [...timers, { type: "kill", child: "service" }]];
}

/** The last good files are in place again while the service runs; null: they could not be put there. */
export function restoredWhileRunning(state: State, digests: ReadonlyMap<string, string> | null): Step {
  return digests === null ? nothingLeft(state) : tellService(withReloadDone(putInPlace(state, digests)), []);
}

function canRollBack({ lastGood, rolledBack }: State): boolean {
  return lastGood && !rolledBack;
}

/** What the service loaded last is not tried again before it changes. */
function quarantined(state: State): State {
  const bad = new Map([...state.destinations].map(([dest, { loaded }]) => [dest, loaded]));
  return { ...state, refused: bad, rolledBack: true };
}

function withReloadDone(state: State): State {
  return state.phase.is === "running" ? { ...state, phase: { ...state.phase, reload: { is: "done" } } } : state;
}

/** Not even the last good configuration will do: the service is restarted if the user wants that, else the run ends. */
function nothingLeft(state: State): Step {
  const { restart, restartMax } = state.options;
  const effects: Effect[] = disarm("settle", "settleLimit");
  if (restart === "never" || state.serviceRestarts >= restartMax) {
    return stop(state, { confdStatus: UNAVAILABLE, effects });
  }
  return replace({ ...state, serviceRestarts: state.serviceRestarts + 1 }, effects);
}
