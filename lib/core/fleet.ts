/**
 * What becomes of a change when its fleet answers, or does not. A part of the rollout: rollout.ts has the theory of
 * operation, fleet_queue.ts what a turn is for.
 *
 * Pure.
 * @module
 */
import { presentContents } from "./files.ts";
import { abandon, keptFor, leave, mayReloadMeanwhile } from "./fleet_queue.ts";
import { NO_TURN } from "./fleet_turn.ts";
import { goAhead, type RolloutTurn } from "./rollout.ts";
import { isQuarantined, type Rollout } from "./rollout_state.ts";
import { inTrouble } from "./trouble.ts";

/** It is this member's turn. Files that change all the time must not make it ask for ever: it asks twice at most. */
export function turnGranted(rollout: Rollout, turn: RolloutTurn): Rollout {
  if (rollout.turn.is !== "waiting") return rollout;
  const { contents: asked, again, kept } = rollout.turn;
  const contents = again ? presentContents(rollout.files) : asked;
  turn.notes.push({ is: "turnGranted" });
  return goAhead({ ...rollout, turn: { is: "holding", contents, begun: false, kept } }, turn);
}

/**
 * The turn is over: its store has not heard of this member for too long, and lets another one go. What is being loaded is
 * finished and verified; nothing else begins without a new turn.
 */
export function turnLost(rollout: Rollout, reason: string, turn: RolloutTurn): Rollout {
  const { is } = rollout.turn;
  if (is !== "holding" && is !== "kept") return rollout;
  turn.notes.push({ is: "turnLost", reason });
  const goesBack = isQuarantined(rollout) && (rollout.owed || rollout.stage.is !== "idle");
  return { ...rollout, turn: goesBack ? { is: "exempt", for: "earlierFiles" } : NO_TURN };
}

/** The set has done harm elsewhere: it is not tried here. */
export function turnRefused(rollout: Rollout, reason: string, turn: RolloutTurn): Rollout {
  if (rollout.turn.is !== "waiting") return rollout;
  const { contents } = rollout.turn;
  turn.notes.push({ is: "refused", reason, starts: true, by: "fleet" });
  const trouble = inTrouble(rollout.trouble, "refused", reason);
  const refused: Rollout = abandon({ ...rollout, quarantine: contents, trouble }, "notNeeded", turn);
  // What was owed for this set is owed no more.
  return mayReloadMeanwhile(refused, turn.options)
    ? goAhead(refused, turn)
    : { ...refused, owed: false, due: new Set() };
}

/** An operator releases the turn that is kept, whatever became of its change. Another change goes to the end of the queue. */
export function giveUpTurn(rollout: Rollout, turn: RolloutTurn): Rollout {
  const { turn: mine } = rollout;
  if (keptFor(mine) === null || (mine.is === "holding" && mine.begun)) return rollout;
  const free = leave(rollout, "released", turn);
  return mine.is === "kept" ? free : goAhead(free, turn);
}

/** The random delay of a change that has waited for too long is over. */
export function goesUnasked(rollout: Rollout, turn: RolloutTurn): Rollout {
  if (rollout.turn.is !== "waiting") return rollout;
  return goAhead({ ...leave(rollout, "overdue", turn), turn: { is: "exempt", for: "anything" } }, turn);
}
