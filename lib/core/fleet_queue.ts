/**
 * How a member asks its fleet for a turn, keeps it and gives it back.
 *
 * A turn concerns changes alone, and what brings nothing new to the service needs none: neither a start, nor a reload for
 * its own sake, nor the way back to earlier files. A turn covers everything from the putting in place of files to the
 * verification. It is given back when the change has succeeded, or when there is nothing to be done any more. A member
 * whose change was refused, failed or was rolled back keeps its turn until a newer one succeeds, or until an operator
 * releases it: as many members as may go at once can be hurt, and no more.
 *
 * A turn is for certain contents. Whoever has one and by then has other contents asks again, in its place: somebody else
 * may have to try them first.
 *
 * Pure.
 * @module
 */
import { changed, type Contents, hold as holdJust, loadedContents, presentContents } from "./files.ts";
import { type FleetTurn, NO_TURN } from "./fleet_turn.ts";
import { loadsNothingNew } from "./hold.ts";
import type { Options } from "./options.ts";
import { isQuarantined, presentTrouble, type Rollout } from "./rollout_state.ts";
import { countdown, type Turn } from "./turn.ts";
import { DEFAULT } from "./ways.ts";

/** How often a member asks again at most, having a turn and other contents by then: files may change all the time. */
export const OUTDATED_MOST = 2;
/** Upper bound of the random delay of a change that has waited for too long, where there is no other, in milliseconds. */
const DELAY_MS = 30_000;

/** True if a reload would bring something new to the service, and there is no turn for it. */
export function needsTurn(rollout: Rollout, options: Options): boolean {
  const { turn, files, due, hold } = rollout;
  // Under a hold nothing goes live that needs one.
  if (options.fleet === null || hold !== null) return false;
  const isNews = changed(files, options).length > 0 && !isQuarantined(rollout);
  switch (turn.is) {
    case "holding":
      return isNews && !turn.begun && !holdJust(files, turn.contents) && turn.outdated < OUTDATED_MOST;
    case "kept":
      return isNews && !holdJust(files, turn.contents);
    case "exempt":
      return isNews && turn.for !== "anything" && (turn.for === "earlierFiles" || !holdJust(files, turn.for));
    default:
      // Files may be in place that the service has not loaded.
      return isNews || [...due].some((dest) => dest !== DEFAULT);
  }
}

/** True if what was begun with a turn goes on: it has not been lost. */
export function hasTurn({ turn }: Rollout): boolean {
  return turn.is === "holding" || turn.is === "kept";
}

/** True if a reload is wanted that can be done without what waits for a turn. */
export function mayReloadMeanwhile(rollout: Rollout, options: Options): boolean {
  const { owed, due, turn } = rollout;
  const forItself = due.has(DEFAULT) && due.size === 1;
  return owed && (forItself || turn.is === "exempt") && loadsNothingNew(rollout, options);
}

/** Asks for a turn. Whoever waits already keeps its place, also for another set. */
export function queueUp(rollout: Rollout, { options, effects, notes }: Turn): Rollout {
  const { turn, files } = rollout;
  const contents = presentContents(files);
  if (turn.is === "waiting") {
    if (holdJust(files, turn.contents)) return rollout;
    effects.push({ type: "takeTurn", contents });
    return { ...rollout, turn: { ...turn, contents } };
  }
  effects.push({ type: "takeTurn", contents });
  // Files may be in place already that the service has not loaded.
  const dests = [...new Set([...changed(files, options), ...rollout.due])].filter((dest) => dest !== DEFAULT);
  notes.push({ is: "queued", dests });
  const timeoutMs = options.fleet?.timeoutMs ?? 0;
  const limit = timeoutMs === 0 ? null : countdown(timeoutMs);
  const outdated = turn.is === "holding" ? turn.outdated + 1 : 0;
  return { ...rollout, turn: { is: "waiting", contents, kept: keptFor(turn), outdated, limit, delay: null } };
}

/** The contents that a turn is kept for, also while it is asked for others; null: none. */
export function keptFor(turn: FleetTurn): Contents | null {
  if (turn.is === "kept") return turn.contents;
  return turn.is === "waiting" || turn.is === "holding" ? turn.kept : null;
}

/** Earlier files come back, whoever's turn it is. A turn that is kept stays. */
export function exempt(rollout: Rollout, turn: Turn): Rollout {
  if (turn.options.fleet === null || !["none", "waiting"].includes(rollout.turn.is)) return rollout;
  const free = abandon(rollout, "notNeeded", turn);
  return free.turn.is === "kept" ? free : { ...free, turn: { is: "exempt", for: "earlierFiles" } };
}

/** What the turn is for begins. */
export function beginTurn(rollout: Rollout): Rollout {
  const { turn, files } = rollout;
  if (turn.is === "holding") {
    return { ...rollout, turn: { ...turn, contents: presentContents(files), begun: true, outdated: 0 } };
  }
  if (turn.is !== "exempt" || turn.for !== "anything") return rollout;
  return { ...rollout, turn: { ...turn, for: presentContents(files) } };
}

/** Nothing is to be done any more: leaves the queue, or gives back a turn that nothing was done with. */
export function leaveUnused(before: Rollout, turn: Turn): Rollout {
  const rollout = forget(before, turn);
  const { is } = rollout.turn;
  const isAtRest = rollout.target === "reload" && rollout.stage.is === "idle" && !rollout.owed;
  if (is === "exempt") return isAtRest ? { ...rollout, turn: NO_TURN } : rollout;
  const isUnused = is === "waiting" || (rollout.turn.is === "holding" && !rollout.turn.begun);
  // What was in trouble was taken back.
  const isOver = is === "kept" && presentTrouble(rollout, turn.options) === null;
  return isUnused || isOver ? abandon(rollout, rollout.hold === null ? "notNeeded" : "held", turn) : rollout;
}

/** What did harm elsewhere and was taken back is asked for again should it come again: it is not known for ever. */
function forget(rollout: Rollout, { options }: Turn): Rollout {
  const isOver = rollout.trouble?.elsewhere === true && changed(rollout.files, options).length === 0;
  return isOver ? { ...rollout, quarantine: null, trouble: null } : rollout;
}

/** Gives back what there is. */
export function leave(
  rollout: Rollout,
  why: "notNeeded" | "held" | "released" | "overdue" | "stop",
  turn: Turn,
): Rollout {
  const { is } = rollout.turn;
  if (is === "none") return rollout;
  if (is !== "exempt") {
    turn.effects.push({ type: "leaveTurn", success: null });
    turn.notes.push({ is: "turnLeft", why });
  }
  return { ...rollout, turn: NO_TURN };
}

/** What the turn was for is over, with success or in trouble. */
export function settleTurn(rollout: Rollout, turn: Turn): Rollout {
  const { turn: mine, trouble } = rollout;
  if (mine.is === "exempt") return rollout.owed ? rollout : { ...rollout, turn: NO_TURN };
  if (mine.is !== "kept" && !(mine.is === "holding" && mine.begun)) return rollout;
  if (presentTrouble(rollout, turn.options) !== null) return keepTurn(rollout, turn);
  // What was in trouble was taken back meanwhile.
  if (trouble !== null) return leave(rollout, "notNeeded", turn);
  const isSuccess = !mine.ended || turn.options.verified;
  turn.effects.push({ type: "leaveTurn", success: isSuccess ? loadedContents(rollout.files) : null });
  turn.notes.push({ is: "turnLeft", why: isSuccess ? "done" : "notNeeded" });
  return { ...rollout, turn: NO_TURN };
}

/** There is trouble: the turn stays, if that is what it was for. */
export function keepTurn(rollout: Rollout, turn: Turn): Rollout {
  const { turn: mine } = rollout;
  return mine.is === "holding" && mine.begun ? keepFor(mine.contents, rollout, turn) : rollout;
}

function keepFor(contents: Contents, rollout: Rollout, { effects, notes }: Turn): Rollout {
  effects.push({ type: "keepTurn" });
  notes.push({ is: "turnKept", reason: rollout.trouble?.reason ?? "" });
  return { ...rollout, turn: { is: "kept", contents, ended: false } };
}

/** What the turn was asked for is not to be done: leaves, unless the turn is kept for earlier contents. */
export function abandon(rollout: Rollout, why: "notNeeded" | "held", turn: Turn): Rollout {
  const kept = presentTrouble(rollout, turn.options) === null ? null : keptFor(rollout.turn);
  if (kept === null) return leave(rollout, why, turn);
  turn.notes.push({ is: "turnLeft", why });
  return keepFor(rollout.quarantine ?? kept, rollout, turn);
}

/** It has waited for too long: a random delay, so that not all who wait go at once. */
export function overdue(rollout: Rollout, { options, notes }: Turn): Rollout {
  if (rollout.turn.is !== "waiting") return rollout;
  const ms = options.splayMs || DELAY_MS;
  notes.push({ is: "turnOverdue", afterMs: options.fleet?.timeoutMs ?? 0, delayMs: ms });
  return { ...rollout, turn: { ...rollout.turn, limit: null, delay: { ms, jitter: true } } };
}
