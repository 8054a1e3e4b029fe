/**
 * The service's life: its start, its end, and its restarts.
 *
 * Pure.
 * @module
 */
import { backoffMs, STABLE_MS } from "./backoff.ts";
import { UNAVAILABLE } from "./exit_status.ts";
import type { Effect } from "./protocol.ts";
import { keepLater, openWindow } from "./reloading.ts";
import {
  arm,
  CONFD_GRACE_MS,
  type Destination,
  disarm,
  loadedNow,
  pending,
  putInPlace,
  RELOAD_RETRY_MS,
  type State,
  type Step,
} from "./state.ts";
import { endIfAllGone, stop } from "./stopping.ts";
import { diedOfIt, diedWhileRestoring, restoredWhileRunning, rollBackAfterDeath } from "./verifying.ts";
import { mayUseLastGood, wait } from "./waiting.ts";

/** Starts the service on what is on disk. What is staged by then and not in place yet has a window of its own. */
export function startService(state: State, effects: Effect[]): Step {
  const { verified } = state.options;
  const started: State = {
    ...loadedNow(state),
    phase: { is: "running", window: "closed", reload: { is: verified ? "verifying" : "done" } },
  };
  const [open, more] = openWindow(started);
  if (verified) more.push({ type: "verify" });
  const timers = [arm("serviceStable", STABLE_MS), ...keepLater(state)];
  return [open, [...effects, { type: "spawn", child: "service" }, ...timers, ...more]];
}

/** The service has ended with a status. */
export function serviceEnded(state: State, status: number): Step {
  const { phase } = state;
  if (diedOfIt(state)) return rollBackAfterDeath(state, status);
  if (phase.is === "running" && phase.reload.is === "restoring") return diedWhileRestoring(state, status);
  if (phase.is === "running") {
    const { restart, restartMax } = state.options;
    const again = restart === "always" || (restart === "on-failure" && status !== 0);
    return again && state.serviceRestarts < restartMax
      ? restartLater(state, status)
      : stop(state, { status, effects: disarm("serviceStable") });
  }
  if (phase.is === "replacing") {
    return startAgain(state, [...disarm("stopTimeout"), { type: "kill", child: "service" }]);
  }
  if (phase.is !== "stopping" || phase.service === "gone") return [state, []];
  const final = status === 0 ? phase.confdStatus : status;
  const next: State = { ...state, phase: { ...phase, service: "gone", status: final } };
  const effects: Effect[] = [...disarm("stopTimeout"), { type: "kill", child: "service" }];
  if (state.confd.is === "running") effects.push(arm("confdGrace", CONFD_GRACE_MS));
  return endIfAllGone(next, effects);
}

/** The service cannot be started. To try again would not help. */
export function serviceMissing(state: State, status: number): Step {
  return state.phase.is === "running"
    ? stop(state, { status, effects: disarm("serviceStable") })
    : serviceEnded(state, status);
}

function restartLater(state: State, status: number): Step {
  const restarts = state.serviceRestarts;
  return [
    { ...state, phase: { is: "restarting", status }, serviceRestarts: restarts + 1 },
    [
      ...disarm("settle", "settleLimit", "splay", "reloadRetry", "keep", "serviceStable"),
      { type: "kill", child: "service" },
      arm("serviceBackoff", backoffMs(restarts)),
    ],
  ];
}

/** What a service needs for its first start it needs for every other. */
export function startAgain(state: State, effects: Effect[]): Step {
  // What is being put in place is waited for, as at first.
  if (state.publishing) return [{ ...state, phase: { is: "publishing", retryMs: RELOAD_RETRY_MS.first } }, effects];
  const missing = !state.options.staged && pending(state).length > 0;
  return missing ? wait(state, effects) : startService(state, effects);
}

/** Nothing could be rendered: starts on the last good files where that is wanted, else ends the run. */
export function giveUp(state: State, effects: Effect[]): Step {
  if (!mayUseLastGood(state)) return stop(state, { status: UNAVAILABLE, effects });
  const timers = disarm("settle", "settleLimit", "reloadRetry", "startTimeout", "stillWaiting");
  const phase = { is: "restoring", status: UNAVAILABLE } as const;
  return [{ ...state, phase }, [...effects, ...timers, { type: "restore" }]];
}

/** The last good files are in place, or could not be put there (null). */
export function restored(state: State, digests: ReadonlyMap<string, string> | null): Step {
  if (state.phase.is === "running" && state.phase.reload.is === "restoring") {
    return restoredWhileRunning(state, digests);
  }
  if (state.phase.is !== "restoring") return [state, []];
  if (digests === null) return stop(state, { status: state.phase.status, effects: [] });
  // What confd staged, or did not, has nothing to do with what is in place now.
  if (state.options.staged) return startService(putInPlace(state, digests), []);
  const destinations = new Map<string, Destination>();
  for (const [dest, known] of state.destinations) {
    destinations.set(dest, { ...known, digest: digests.get(dest) ?? known.digest, rendered: true });
  }
  return startService({ ...state, destinations }, []);
}
