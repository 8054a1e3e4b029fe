/**
 * Before the service's start: waiting until every destination is rendered, and asking about those that exist.
 *
 * Pure.
 * @module
 */
import type { Effect } from "./protocol.ts";
import {
  arm,
  disarm,
  type Inquiry,
  INQUIRY_MS,
  LAST_GOOD_AFTER_MS,
  pending,
  type State,
  type Step,
  STILL_WAITING_MS,
} from "./state.ts";

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

/** While waiting: goes on to settling where nothing is pending, else sees to it that what exists is asked about. */
export function settleOrWait(state: State, effects: Effect[]): Step {
  if (state.phase.is !== "waiting") return [state, effects];
  const missing = pending(state);
  if (missing.length === 0) {
    const { settleMs, settleMaxMs } = state.options;
    return [{ ...withoutInquiry(state), phase: { is: "settling" } }, [
      ...effects,
      ...disarm("startTimeout", "stillWaiting", "inquiry"),
      arm("settle", settleMs),
      arm("settleLimit", settleMaxMs),
    ]];
  }
  // A file that was there already, and in sync, shows no trace of confd's work: the only way to know is to ask.
  const askable = state.confd.is === "running" &&
    missing.every((dest) => state.destinations.get(dest)!.digest !== null);
  if (askable && state.inquiry.is === "none") {
    const inquiry: Inquiry = { ...state.inquiry, is: "armed" };
    return [{ ...state, inquiry }, [...effects, arm("inquiry", inquiry.waitMs)]];
  }
  if (!askable && state.inquiry.is === "armed") return [withoutInquiry(state), [...effects, ...disarm("inquiry")]];
  return [state, effects];
}

/** Forgets a question that was not asked yet. */
export function withoutInquiry(state: State): State {
  return state.inquiry.is === "armed" ? { ...state, inquiry: { ...state.inquiry, is: "none" } } : state;
}

/** confd answered. */
export function inquiryEnded(state: State, inSync: readonly string[]): Step {
  const waitMs = Math.min(state.inquiry.waitMs * 2, INQUIRY_MS.longest);
  const next: State = { ...state, inquiry: { is: "none", waitMs } };
  return state.phase.is === "waiting" ? rendered(next, inSync) : [next, []];
}
