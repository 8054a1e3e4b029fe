/**
 * What becomes of staged files that were to be checked and put in place. A part of the rollout: rollout.ts has the theory of
 * operation.
 *
 * Pure.
 * @module
 */
import { type Contents, isNew, putInPlace, unlike } from "./files.ts";
import { hasTurn, needsTurn } from "./fleet_queue.ts";
import type { PublishFailure } from "./protocol.ts";
import { apply, done, failed, giveUp, onceSettled, type RolloutTurn, wait } from "./rollout.ts";
import { mayUseLastGood, type Rollout } from "./rollout_state.ts";
import { inTrouble } from "./trouble.ts";

/** The staged files are in place; or why they are not. */
export function published(
  rollout: Rollout,
  { contents, failure }: { contents: Contents; failure: PublishFailure | null },
  turn: RolloutTurn,
): Rollout {
  if (rollout.stage.is !== "publishing") return rollout;
  const { checkOnly } = rollout.stage;
  const idle: Rollout = { ...rollout, stage: { is: "idle" } };
  if (failure === null && checkOnly) return checked(idle, contents, turn);
  if (failure === null) {
    turn.notes.push({ is: "published" });
    const backup = idle.backup === "inPlace" ? "kept" : idle.backup;
    const due = new Set([...idle.due, ...unlike(idle.files, contents)]);
    const placed: Rollout = { ...idle, files: putInPlace(idle.files, contents), due, quarantine: null, backup };
    if (placed.target === "none") return placed;
    // The turn may have been lost meanwhile.
    const isLost = !hasTurn(placed) && needsTurn(placed, turn.options);
    if (placed.target === "reload" && isLost) return onceSettled({ ...placed, owed: true }, turn);
    return apply(placed, turn);
  }
  return failure.refused
    ? refused(idle, { contents, reason: failure.reason }, turn)
    : unpublished(idle, { reason: failure.reason, checkOnly }, turn);
}

/** The set has passed its check, and waits; unless the hold has ended meanwhile. */
function checked(rollout: Rollout, contents: Contents, turn: RolloutTurn): Rollout {
  const next: Rollout = { ...rollout, checked: contents, quarantine: null };
  return next.target === "start" ? apply(next, turn) : over(next, turn);
}

function refused(
  rollout: Rollout,
  { contents, reason }: { contents: Contents; reason: string },
  turn: RolloutTurn,
): Rollout {
  const trouble = inTrouble(rollout.trouble, "refused", reason);
  const next: Rollout = { ...rollout, quarantine: contents, failures: 0, trouble };
  const usesLastGood = mayUseLastGood(next, turn.options);
  turn.notes.push({ is: "refused", reason, starts: next.target !== "start" || !isNew(next.files) || usesLastGood });
  if (turn.options.fleet !== null) turn.effects.push({ type: "reportBad", contents, cause: "check" });
  if (next.target !== "start") return over(next, turn);
  if (!isNew(next.files)) return apply(next, turn);
  // Nobody is there to wait for another set.
  return usesLastGood || turn.options.once ? giveUp(next, turn) : wait(next, turn);
}

/** Nothing of it goes to the service, which runs or is on its way. */
function over(rollout: Rollout, turn: RolloutTurn): Rollout {
  return rollout.target === "reload" ? done(rollout, turn) : rollout;
}

/** Files could not be put in place, for a reason that may pass. */
function unpublished(
  rollout: Rollout,
  { reason, checkOnly }: { reason: string; checkOnly: boolean },
  turn: RolloutTurn,
): Rollout {
  turn.notes.push({ is: "publishFailed", reason, failures: rollout.failures });
  if (rollout.target === "none") return rollout;
  if (rollout.target === "start") {
    if (!isNew(rollout.files)) return apply(rollout, turn);
    if (mayUseLastGood(rollout, turn.options)) return giveUp(rollout, turn);
  }
  return { ...failed(rollout, reason, turn), owed: !checkOnly || rollout.owed };
}
