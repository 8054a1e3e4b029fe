/**
 * Before the service's start: waiting until every destination is rendered.
 *
 * Pure.
 * @module
 */
import type { Effect } from "./protocol.ts";
import { arm, disarm, LAST_GOOD_AFTER_MS, pending, type State, type Step, STILL_WAITING_MS } from "./state.ts";

/** Begins to wait, or waits again: a destination vanished before the service could be started, or started again. */
export function wait(state: State, effects: Effect[]): Step {
  const all = [...effects, arm("stillWaiting", STILL_WAITING_MS)];
  const limitMs = state.options.startTimeoutMs || (mayUseLastGood(state) ? LAST_GOOD_AFTER_MS : 0);
  if (limitMs > 0) all.push(arm("startTimeout", limitMs));
  return settleOrWait({ ...state, phase: { is: "waiting" } }, all);
}

/** True if the service may be started on the last good files, and there are some. */
export function mayUseLastGood({ options, lastGood }: State): boolean {
  return options.start === "last-good" && lastGood;
}

/** There is evidence that confd rendered these. */
export function rendered(state: State, dests: readonly string[]): Step {
  const destinations = new Map(state.destinations);
  for (const dest of dests) {
    const known = destinations.get(dest);
    if (known !== undefined) destinations.set(dest, { ...known, rendered: true });
  }
  return settleOrWait({ ...state, destinations }, []);
}

/** While waiting: goes on to settling where nothing is pending. */
export function settleOrWait(state: State, effects: Effect[]): Step {
  if (state.phase.is !== "waiting" || pending(state).length > 0) return [state, effects];
  const { settleMs, settleMaxMs } = state.options;
  return [{ ...state, phase: { is: "settling" } }, [
    ...effects,
    ...disarm("startTimeout", "stillWaiting"),
    arm("settle", settleMs),
    arm("settleLimit", settleMaxMs),
  ]];
}
