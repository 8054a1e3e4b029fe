/**
 * Staged files: they are checked and put in place together, or refused together.
 *
 * Pure.
 * @module
 */
import type { Effect, PublishFailure } from "./protocol.ts";
import { publish, publishEnded } from "./reloading.ts";
import { giveUp, startService } from "./service.ts";
import {
  arm,
  disarm,
  isRefused,
  putInPlace,
  RELOAD_RETRY_MS,
  type State,
  type Step,
  STILL_WAITING_MS,
} from "./state.ts";
import { mayUseLastGood, wait } from "./waiting.ts";

/** The first files are complete, and nothing changes any more; or they are tried again. */
export function publishFirst(state: State, effects: Effect[], retryMs = RELOAD_RETRY_MS.first): Step {
  return publish({ ...state, phase: { is: "publishing", retryMs } }, effects);
}

/** The files are in place, or why they are not. Whatever the run has come to meanwhile, that is so. */
export function published(
  state: State,
  digests: ReadonlyMap<string, string | null>,
  failure: PublishFailure | null,
): Step {
  const told: State = { ...state, publishing: false };
  const next = failure === null
    ? { ...putInPlace(told, digests), refused: null, rolledBack: false }
    : failure.refused
    ? { ...told, refused: digests }
    : told;
  if (next.phase.is === "publishing") {
    return failure === null ? startService(next, []) : refuseFirst(next, next.phase.retryMs, failure);
  }
  return publishEnded(next, failure);
}

/** A service that has run before is started on what it had; for the first start there has to be a last good set. */
function refuseFirst(state: State, retryMs: number, { refused }: PublishFailure): Step {
  if ([...state.destinations.values()].every(({ loaded }) => loaded !== null)) return startService(state, []);
  if (mayUseLastGood(state)) return giveUp(state, []);
  if (refused && !isRefused(state)) return wait(state, []);
  const effects = [arm("stillWaiting", STILL_WAITING_MS)];
  if (!refused) effects.push(arm("reloadRetry", retryMs));
  const next = Math.min(retryMs * 2, RELOAD_RETRY_MS.longest);
  return [{ ...state, phase: { is: "refused", retryMs: next } }, effects];
}

/** The first files could not be put in place, for a reason that may have passed. */
export function publishAgain(state: State): Step {
  const retryMs = state.phase.is === "refused" ? state.phase.retryMs : RELOAD_RETRY_MS.first;
  return publishFirst(state, disarm("stillWaiting"), retryMs);
}
