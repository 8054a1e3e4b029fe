/**
 * What becomes of a change when its fleet answers, or does not. A part of the rollout: rollout.ts has the theory of
 * operation, fleet_queue.ts what a turn is for.
 *
 * Pure.
 * @module
 */
import { abandon, keptFor, leave, mayReloadMeanwhile, OUTDATED_MOST } from "./fleet_queue.ts";
import { NO_TURN } from "./fleet_turn.ts";
import { goAhead, onceSettled, restore, type RolloutTurn } from "./rollout.ts";
import { canRollBack, isQuarantined, type Rollout } from "./rollout_state.ts";
import { inTrouble } from "./trouble.ts";
import { DEFAULT } from "./ways.ts";

/** It is this member's turn. */
export function turnGranted(rollout: Rollout, turn: RolloutTurn): Rollout {
  if (rollout.turn.is !== "waiting") return rollout;
  const { contents, outdated, kept } = rollout.turn;
  turn.notes.push({ is: "turnGranted" });
  return onceSettled(
    { ...rollout, turn: { is: "holding", contents, begun: false, ended: false, kept, outdated } },
    turn,
  );
}

/** Files go on changing, and the turn has waited for them for long enough: it is for what is there now. */
export function goesOnChanging(rollout: Rollout): Rollout {
  const { turn } = rollout;
  return turn.is === "holding" && !turn.begun ? { ...rollout, turn: { ...turn, outdated: OUTDATED_MOST } } : rollout;
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

/** The service has ended by itself, perhaps of what the turn is for: that it is started again is no success by itself. */
export function endedMeanwhile(rollout: Rollout): Rollout {
  const { turn } = rollout;
  const isUnderWay = turn.is === "kept" || (turn.is === "holding" && turn.begun);
  return isUnderWay ? { ...rollout, turn: { ...turn, ended: true } } : rollout;
}

/** The set has done harm elsewhere: it is not tried here. */
export function turnRefused(rollout: Rollout, reason: string, turn: RolloutTurn): Rollout {
  if (rollout.turn.is !== "waiting") return rollout;
  const { contents } = rollout.turn;
  // A turn that was lost has left files in place that the service must not find there when it is started again.
  const isInPlace = turn.options.staged && [...rollout.due].some((dest) => dest !== DEFAULT);
  const goesBack = isInPlace && canRollBack(rollout) && ["idle", "failed"].includes(rollout.stage.is);
  turn.notes.push({ is: "refused", reason, starts: true, by: "fleet", ...(goesBack && { goesBack }) });
  const trouble = { ...inTrouble(rollout.trouble, "refused", reason), elsewhere: true };
  const refused: Rollout = abandon({ ...rollout, quarantine: contents, trouble }, "notNeeded", turn);
  if (!goesBack && mayReloadMeanwhile(refused, turn.options)) return goAhead(refused, turn);
  // What was owed for this set is owed no more.
  const free: Rollout = { ...refused, owed: false, due: new Set() };
  return goesBack ? restore(free, turn) : free;
}

/** An operator wants a set to be asked for again that did harm elsewhere: it may be known no more, or not have been the cause. */
function askAgain(rollout: Rollout, turn: RolloutTurn): Rollout {
  if (rollout.target !== "reload" || !rollout.trouble?.elsewhere) return rollout;
  const free: Rollout = { ...rollout, quarantine: null, trouble: null };
  return rollout.hold === null ? onceSettled(free, turn) : free;
}

/** An operator releases the turn that is kept, whatever became of its change. Another change goes to the end of the queue. */
export function giveUpTurn(rollout: Rollout, turn: RolloutTurn): Rollout {
  const { turn: mine } = rollout;
  if (mine.is === "none") return askAgain(rollout, turn);
  if (keptFor(mine) === null || (mine.is === "holding" && mine.begun)) return rollout;
  const free = leave(rollout, "released", turn);
  return mine.is === "kept" ? free : goAhead(free, turn);
}

/** The random delay of a change that has waited for too long is over. */
export function goesUnasked(rollout: Rollout, turn: RolloutTurn): Rollout {
  if (rollout.turn.is !== "waiting") return rollout;
  return onceSettled({ ...leave(rollout, "overdue", turn), turn: { is: "exempt", for: "anything" } }, turn);
}
