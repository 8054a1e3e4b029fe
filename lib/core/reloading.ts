/**
 * Changes while the service runs: the window that they open, and the reload at its end.
 *
 * Pure.
 * @module
 */
import type { Effect, PublishFailure } from "./protocol.ts";
import {
  arm,
  changed,
  disarm,
  isRefused,
  KEEP_AFTER_MS,
  loadedNow,
  needsReload,
  type Reload,
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
  return options.start === "last-good" && !options.verified ? [arm("keep", KEEP_AFTER_MS)] : [];
}

/** The service has lived with its files for a while: keeps them, unless they have changed since. */
export function keepNow(state: State): Step {
  const { phase } = state;
  if (phase.is !== "running" || phase.window === "open" || phase.reload.is !== "done" || needsReload(state)) {
    return [state, []];
  }
  return [{ ...state, lastGood: true }, [{ type: "keep" }]];
}

/** While one of these is, the next reload has to wait. */
const UNDER_WAY: readonly string[] = ["asked", "splaying", "publishing", "verifying", "restoring"];

/** Reloads where the service has not loaded what is on disk, and what is on disk is fit to be loaded. */
function reloadIfNeeded(state: State, effects: Effect[]): Step {
  const { phase, options } = state;
  if (phase.is !== "running" || UNDER_WAY.includes(phase.reload.is)) return [state, effects];
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

/** Puts staged files in place first, where they are not what is there already. */
function reloadNow(state: State, effects: Effect[]): Step {
  const { phase, options } = state;
  if (phase.is !== "running") return [state, effects];
  if (!options.staged || changed(state).length === 0 || isRefused(state)) return tellService(state, effects);
  const reload = { is: "publishing", retryMs: retryMsOf(phase.reload) } as const;
  return publish({ ...state, phase: { ...phase, reload } }, effects);
}

/** Has staged files put in place. Where that is under way, its end will do: what changed since has a window of its own. */
export function publish(state: State, effects: Effect[]): Step {
  return state.publishing ? [state, effects] : [{ ...state, publishing: true }, [...effects, { type: "publish" }]];
}

/** Goes on with the reload that new files were put in place for; what was refused waits for a change. */
export function publishEnded(state: State, failure: PublishFailure | null): Step {
  const { phase } = state;
  if (phase.is !== "running" || phase.reload.is !== "publishing") return [state, []];
  if (failure === null) return tellService(state, []);
  if (!failure.refused) return failed(state, phase.reload.retryMs);
  return reloadDone(state, []);
}

function failed(state: State, retryMs: number): Step {
  const { phase } = state;
  if (phase.is !== "running") return [state, []];
  const next = Math.min(retryMs * 2, RELOAD_RETRY_MS.longest);
  return [{ ...state, phase: { ...phase, reload: { is: "failed", retryMs: next } } }, [arm("reloadRetry", retryMs)]];
}

function retryMsOf(reload: Reload): number {
  return "retryMs" in reload ? reload.retryMs : RELOAD_RETRY_MS.first;
}

/** Makes the service read what is in place. */
export function tellService(state: State, effects: Effect[]): Step {
  const { phase, options } = state;
  if (phase.is !== "running") return [state, effects];
  switch (options.reload.by) {
    case "none":
      return loaded(loadedNow(state), effects);
    case "restart":
      return replace(state, effects);
    default: {
      const retryMs = retryMsOf(phase.reload);
      const next: State = { ...loadedNow(state), phase: { ...phase, reload: { is: "asked", retryMs } } };
      return [next, [...effects, { type: "reload" }]];
    }
  }
}

/** Stops the service as in a stop, to start it anew once it is gone. */
export function replace(state: State, effects: Effect[]): Step {
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
  if (failure === null) return loaded(state, []);
  return failed(state, phase.reload.retryMs);
}

/** The service has loaded what is in place: now it has to be well on it, where that is asked for. */
function loaded(state: State, effects: Effect[]): Step {
  const { phase, options } = state;
  if (phase.is !== "running") return [state, effects];
  if (!options.verified) return reloadDone(state, [...effects, ...keepLater(state)]);
  return [{ ...state, phase: { ...phase, reload: { is: "verifying" } } }, [...effects, { type: "verify" }]];
}

/** The reload is done. What changed meanwhile has a window of its own, or is reloaded now. */
export function reloadDone(state: State, effects: Effect[]): Step {
  const { phase } = state;
  if (phase.is !== "running") return [state, effects];
  const done: State = { ...state, phase: { ...phase, reload: { is: "done" } } };
  return phase.window === "open" ? [done, effects] : reloadIfNeeded(done, effects);
}

/** A failed reload is tried again. */
export function reloadAgain(state: State): Step {
  // An open window reloads at its end.
  return state.phase.is === "running" && state.phase.window === "closed" ? reloadIfNeeded(state, []) : [state, []];
}
