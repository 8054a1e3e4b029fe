/**
 * Changes while the service runs: the window that they open, and the reload at its end.
 *
 * Pure.
 * @module
 */
import type { Effect } from "./protocol.ts";
import {
  arm,
  disarm,
  KEEP_AFTER_MS,
  loadedNow,
  needsReload,
  RELOAD_RETRY_MS,
  type State,
  type Step,
  stopSignalFor,
  unfit,
} from "./state.ts";

/** A destination has changed: waits until nothing changes any more, but not for ever. */
export function openWindow(state: State): Step {
  const { phase, options } = state;
  if (phase.is !== "running") return [state, []];
  if (phase.window === "open") return [state, [arm("settle", options.settleMs)]];
  if (!needsReload(state)) return [state, []];
  return [
    { ...state, phase: { ...phase, window: "open" } },
    [arm("settle", options.settleMs), arm("settleLimit", options.settleMaxMs)],
  ];
}

/** Nothing has changed for the settle time, or changes have gone on for too long. */
export function closeWindow(state: State): Step {
  const { phase } = state;
  if (phase.is !== "running") return [state, []];
  const effects = disarm("settle", "settleLimit", "reloadRetry");
  return reloadIfNeeded({ ...state, phase: { ...phase, window: "closed" } }, effects);
}

/** Files that the service lives with for a while are good ones. */
export function keepLater({ options }: State): Effect[] {
  return options.start === "last-good" ? [arm("keep", KEEP_AFTER_MS)] : [];
}

/** The service has lived with its files for a while: keeps them, unless they have changed since. */
export function keepNow(state: State): Step {
  const { phase } = state;
  if (phase.is !== "running" || phase.window === "open" || phase.reload.is !== "done" || needsReload(state)) {
    return [state, []];
  }
  return [{ ...state, lastGood: true }, [{ type: "keep" }]];
}

/** Reloads where the service has not loaded what is on disk, and what is on disk is fit to be loaded. */
function reloadIfNeeded(state: State, effects: Effect[]): Step {
  const { phase, options } = state;
  if (phase.is !== "running" || phase.reload.is === "asked" || phase.reload.is === "splaying") return [state, effects];
  if (!needsReload(state) || unfit(state).length > 0) return [state, effects];
  // What failed is tried again without another delay: it has one of its own.
  if (options.splayMs === 0 || phase.reload.is === "failed") return reloadNow(state, effects);
  return [
    { ...state, phase: { ...phase, reload: { is: "splaying" } } },
    [...effects, { type: "armSomewhere", timer: "splay", ms: options.splayMs }],
  ];
}

/** The random delay is over. A window may be open by then: to wait for its end could be to wait for ever. */
export function splayOver(state: State): Step {
  const { phase } = state;
  if (phase.is !== "running" || phase.reload.is !== "splaying") return [state, []];
  const due: State = { ...state, phase: { ...phase, reload: { is: "done" } } };
  return needsReload(due) && unfit(due).length === 0 ? reloadNow(due, []) : [due, []];
}

function reloadNow(state: State, effects: Effect[]): Step {
  const { phase, options } = state;
  if (phase.is !== "running") return [state, effects];
  switch (options.reload.by) {
    case "none":
      return [{ ...loadedNow(state), phase: { ...phase, reload: { is: "done" } } }, [...effects, ...keepLater(state)]];
    case "restart":
      return replace(state, effects);
    default: {
      const retryMs = phase.reload.is === "failed" ? phase.reload.retryMs : RELOAD_RETRY_MS.first;
      const next: State = { ...loadedNow(state), phase: { ...phase, reload: { is: "asked", retryMs } } };
      return [next, [...effects, { type: "reload" }]];
    }
  }
}

/** Stops the service as in a stop, to start it anew once it is gone. */
function replace(state: State, effects: Effect[]): Step {
  const { options } = state;
  const all = [...effects, ...disarm("settle", "settleLimit", "keep", "serviceStable")];
  all.push({ type: "signal", child: "service", signal: stopSignalFor(options, "SIGTERM") });
  if (options.stopTimeoutMs > 0) all.push(arm("stopTimeout", options.stopTimeoutMs));
  return [{ ...state, phase: { is: "replacing" } }, all];
}

/** The reload was done, or is to be tried again. */
export function reloadEnded(state: State, failure: string | null): Step {
  const { phase } = state;
  if (phase.is !== "running" || phase.reload.is !== "asked") return [state, []];
  if (failure === null) {
    // What changed while the reload was under way has a window of its own, or is reloaded now.
    const done: State = { ...state, phase: { ...phase, reload: { is: "done" } } };
    return phase.window === "open" ? [done, keepLater(done)] : reloadIfNeeded(done, keepLater(done));
  }
  const retryMs = Math.min(phase.reload.retryMs * 2, RELOAD_RETRY_MS.longest);
  return [
    { ...state, phase: { ...phase, reload: { is: "failed", retryMs } } },
    [arm("reloadRetry", phase.reload.retryMs)],
  ];
}

/** A failed reload is tried again. */
export function reloadAgain(state: State): Step {
  // An open window reloads at its end.
  return state.phase.is === "running" && state.phase.window === "closed" ? reloadIfNeeded(state, []) : [state, []];
}
