/**
 * Whether the service is well on its files, and the way back to the last good ones where it is not. A part of the rollout:
 * rollout.ts has the theory of operation.
 *
 * Pure.
 * @module
 */
import { type Contents, loadedContents, overwrite, putInPlace, unlike } from "./files.ts";
import { apply, bringBack, done, restore, type RolloutTurn, wait } from "./rollout.ts";
import type { Note } from "./notes.ts";
import type { Earlier } from "./protocol.ts";
import { canRollBack, type Rollout } from "./rollout_state.ts";
import { inTrouble } from "./trouble.ts";
import { endVerification, probe, probeFailed } from "./verification.ts";

/** It is time for a probe. */
export function probeNow(rollout: Rollout, turn: RolloutTurn): Rollout {
  const { stage } = rollout;
  if (stage.is !== "verifying") return rollout;
  return { ...rollout, stage: { ...stage, verification: probe(stage.verification, turn) } };
}

/** The service is well; or why it is not. */
export function probed(rollout: Rollout, failure: string | null, turn: RolloutTurn): Rollout {
  const { stage, backup } = rollout;
  if (stage.is !== "verifying") return rollout;
  if (failure !== null) {
    if (stage.verification.failure === null) {
      const restores = canRollBack(rollout);
      turn.notes.push({ is: "probeFailed", reason: failure, limitMs: turn.options.verifyTimeoutMs, restores });
    }
    return { ...rollout, stage: { ...stage, verification: probeFailed(stage.verification, failure) } };
  }
  turn.notes.push({ is: "verified", restored: backup === "inPlace" });
  turn.effects.push({ type: "keep" });
  turn.notes.push({ is: "keeping" });
  return done({ ...rollout, backup: "kept", wasWell: true, good: loadedContents(rollout.files) }, turn);
}

/** The time for the service to be well is over. */
export function verifyTimedOut(rollout: Rollout, turn: RolloutTurn): Rollout {
  if (rollout.stage.is !== "verifying") return rollout;
  const reason = endVerification(rollout.stage.verification, turn);
  if (canRollBack(rollout)) return rollBack(rollout, { reason, cause: "verify" }, turn);
  turn.notes.push({
    is: "unwell",
    afterMs: turn.options.verifyTimeoutMs,
    reason,
    restored: rollout.backup === "inPlace",
    wasWell: rollout.wasWell,
  });
  turn.outcome = "noWayBack";
  return { ...rollout, stage: { is: "idle" } };
}

/** The service has died of its new files, or on the way back: it is started again on the last good ones. */
export function serviceDied(rollout: Rollout, turn: RolloutTurn): Rollout {
  const next: Rollout = { ...rollout, target: "start", window: null, keep: null };
  if (next.stage.is !== "verifying") return next;
  endVerification(next.stage.verification, turn);
  return rollBack(next, { reason: "main program died before it was verified", cause: "died" }, turn);
}

/** What the service loaded last is not tried again before it changes; the last good files come back. */
function rollBack(
  rollout: Rollout,
  { reason, cause }: { reason: string; cause: "verify" | "died" },
  turn: RolloutTurn,
): Rollout {
  turn.notes.push({ is: "rolledBack", afterMs: turn.options.verifyTimeoutMs, reason, cause, wasWell: rollout.wasWell });
  const quarantine = loadedContents(rollout.files);
  // A set that the service was well on is not what does it harm now: others may need that set to go back to.
  const wasGood = rollout.good !== null && unlike(rollout.files, rollout.good).length === 0;
  if (turn.options.fleet !== null && !wasGood) turn.effects.push({ type: "reportBad", contents: quarantine, cause });
  return restore({ ...rollout, quarantine, trouble: inTrouble(rollout.trouble, "rolledBack", reason) }, turn);
}

/** An operator wants the files that were in place before these. */
export function rollBackNow(rollout: Rollout, turn: RolloutTurn): Rollout {
  if (rollout.stage.is === "verifying") endVerification(rollout.stage.verification, turn);
  return bringBack(rollout, "before", turn);
}

/** Older files are in place; null: they could not be put there. */
export function restored(rollout: Rollout, contents: Contents | null, turn: RolloutTurn): Rollout {
  const { stage } = rollout;
  if (stage.is !== "restoring") return rollout;
  const idle: Rollout = { ...rollout, stage: { is: "idle" } };
  if (contents === null) return notRestored(idle, stage.which, turn);
  const next = stage.which === "before" ? takenBack(idle, turn) : idle;
  turn.notes.push({ is: "restored", why: whyRestored(next, stage.which) });
  const due = new Set([...next.due, ...unlike(next.files, contents)]);
  // What confd staged, or did not, has nothing to do with what is in place now.
  const placed = turn.options.staged ? putInPlace(next.files, contents) : overwrite(next.files, contents);
  return apply({ ...next, files: placed, due }, turn);
}

function whyRestored({ target, trouble }: Rollout, which: Earlier): (Note & { is: "restored" })["why"] {
  if (which === "fromEarlierRun") return "held";
  if (which === "before") return "asked";
  return target === "start" && trouble?.kind !== "rolledBack" ? "nothingRendered" : "rolledBack";
}

/** What an operator took back is not tried again before it changes. */
function takenBack(rollout: Rollout, { notes }: RolloutTurn): Rollout {
  const reason = "an operator has taken it back";
  notes.push({ is: "rolledBack", afterMs: 0, reason, cause: "operator", wasWell: rollout.wasWell });
  const quarantine = loadedContents(rollout.files);
  return { ...rollout, quarantine, trouble: inTrouble(rollout.trouble, "rolledBack", reason) };
}

function notRestored(rollout: Rollout, which: Earlier, turn: RolloutTurn): Rollout {
  const start = rollout.target === "start";
  turn.notes.push({ is: "notRestored", which });
  switch (which) {
    case "lastGood":
      turn.outcome = start ? "giveUp" : "noWayBack";
      return { ...rollout, backup: "none" };
    case "before":
      return start ? apply(rollout, turn) : done(rollout, turn);
    case "fromEarlierRun":
      return wait(rollout, turn);
  }
}
