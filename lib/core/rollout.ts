/**
 * The rollout: how rendered files come to the service, at its first start and after every later change.
 *
 * Theory of operation. There is one pipeline. Changes open a *window*, which closes when nothing has changed for the
 * settle time, or at its limit. What then differs from what the service has loaded goes through the stages:
 *
 *     waiting ── window ── splaying ── publishing ── applying ── verifying ── idle
 *                             ^           │             │           │
 *                             │        refused       failed     restoring ── applying
 *                             └── a hold keeps a change here (hold.ts), and so does the fleet until it is our turn (fleet_queue.ts)
 *
 * The same stages serve a start and a reload. Which of them it is says the *target*: `start` while there is no service,
 * `reload` while it runs, and `none` while it stops to be started again, or waits for that; then changes are only
 * recorded, for the service loads its files when it starts. A stage that is of no use to a target is passed through.
 * Before a start every destination has to be rendered: the rollout is `waiting` until then.
 *
 * A window may be open during any stage: what it brings is looked at when the stage is over. Content decides. A change
 * that was taken back brings nothing, and a thousand changes bring one reload. A set that was refused, or that did the
 * service harm, is in *quarantine*: it is not tried again before it changes. With a *backup* of the last good files there
 * is a way back, once; what fails on the last good files too has no other.
 *
 * What becomes of a publication is in publishing.ts, how the service takes files up in loading.ts, what a fleet's answer
 * means in fleet.ts, and whether the service is well, and the way back where it is not, in way_back.ts.
 *
 * What the rollout cannot do by itself is an *outcome*, for the supervisor: `apply` (start the service, or reload it),
 * `giveUp` (nothing can be rendered), `noWayBack` (the service is not well, and there is nothing to go back to).
 *
 * Pure.
 * @module
 */
import {
  beginTurn,
  exempt,
  keepTurn,
  leaveUnused,
  mayReloadMeanwhile,
  needsTurn,
  queueUp,
  settleTurn,
} from "./fleet_queue.ts";
import { loadsNothingNew, putOnHold } from "./hold.ts";
import { changed, type Content, isNew, withFile } from "./files.ts";
import type { Options } from "./options.ts";
import type { Earlier } from "./protocol.ts";
import {
  type Hold,
  isComplete,
  isQuarantined,
  mayUseLastGood,
  missingOrEmpty,
  needsReload,
  presentTrouble,
  type Rollout,
  waitingNote,
  type Window,
} from "./rollout_state.ts";
import { hasBecomeLong, prolong } from "./streak.ts";
import { inTrouble, lastsMs, reminded } from "./trouble.ts";
import { countdown, type Turn } from "./turn.ts";
import { DEFAULT, wayOf } from "./ways.ts";

/** What the supervisor has to do. */
export type Outcome = "apply" | "giveUp" | "noWayBack";

/** A turn that takes an outcome too. */
export interface RolloutTurn extends Turn {
  outcome: Outcome | null;
}

/** How often the log says what is being waited for. */
export const STILL_WAITING_MS = 10_000;
/** How long to wait for a rendering where last good files are at hand and the user set no limit. */
export const LAST_GOOD_AFTER_MS = 10_000;
/** The first wait before something that failed is tried again, and the longest. */
export const RETRY_MS = { first: 100, longest: 60_000 };

// What happens to files.

/** Begins to wait for every destination to be rendered; goes on at once if they are. */
export function wait(rollout: Rollout, turn: RolloutTurn): Rollout {
  const { startTimeoutMs } = turn.options;
  const limitMs = startTimeoutMs || (mayUseLastGood(rollout, turn.options) ? LAST_GOOD_AFTER_MS : 0);
  const limit = limitMs === 0 || isQuarantined(rollout) ? null : countdown(limitMs);
  return waitOrSettle(
    {
      ...rollout,
      target: "start",
      window: null,
      stage: { is: "waiting", reminder: countdown(STILL_WAITING_MS), limit },
    },
    turn,
  );
}

/** While waiting: opens the window in which the first files settle, where they are complete. */
function waitOrSettle(rollout: Rollout, { options, notes }: RolloutTurn): Rollout {
  if (rollout.stage.is !== "waiting" || rollout.window !== null || !isComplete(rollout, options)) return rollout;
  notes.push({ is: "complete", settleMs: options.settleMs });
  return { ...rollout, window: openWindow(options) };
}

/** There is evidence that confd rendered these as they are. */
export function rendered(rollout: Rollout, dests: readonly string[], turn: RolloutTurn): Rollout {
  if (rollout.stage.is !== "waiting") return rollout;
  const files = dests.reduce((files, dest) => withFile(files, dest, { rendered: true }), rollout.files);
  return waitOrSettle({ ...rollout, files }, turn);
}

/** A destination holds something else than before. */
export function fileChanged(
  rollout: Rollout,
  { dest, content }: { dest: string; content: Content },
  turn: RolloutTurn,
): Rollout {
  turn.notes.push({ is: "changed", dest, content });
  const files = withFile(rollout.files, dest, { now: content, rendered: content !== null });
  const next = { ...rollout, files };
  switch (rollout.target) {
    case "reload":
      return collect(next, dest, turn);
    case "start":
      return changedBeforeStart(next, dest, turn);
    case "none":
      return next;
  }
}

function changedBeforeStart(rollout: Rollout, dest: string, turn: RolloutTurn): Rollout {
  const { stage, window } = rollout;
  const { options, notes } = turn;
  // What could not be put in place is tried again as what it is now.
  if (stage.is === "failed") return wait({ ...rollout, failures: 0 }, turn);
  if (stage.is !== "waiting") return rollout;
  if (window === null) {
    if (!isComplete(rollout, options)) return rollout;
    notes.push({ is: "windowOpened", dest, settleMs: options.settleMs, target: "start", by: wayOf(dest, options).by });
    return { ...rollout, window: openWindow(options) };
  }
  if (isComplete(rollout, options)) return { ...rollout, window: { ...window, quiet: countdown(options.settleMs) } };
  const waiting = wait(rollout, turn);
  notes.push(waitingNote(waiting));
  return waiting;
}

/** Collects changes until nothing changes any more, but not for ever. */
export function collect(rollout: Rollout, dest: string, turn: RolloutTurn): Rollout {
  const { window } = rollout;
  const { options, notes } = turn;
  if (window !== null) return { ...rollout, window: { ...window, quiet: countdown(options.settleMs) } };
  if (!needsReload(rollout, options)) {
    // What had settled already was on its way.
    if (rollout.turn.is === "waiting" || rollout.stage.is === "splaying") noteTakenBack(rollout, turn);
    return leaveUnused(rollout, turn);
  }
  notes.push({ is: "windowOpened", dest, settleMs: options.settleMs, target: "reload", by: wayOf(dest, options).by });
  return { ...rollout, window: openWindow(options) };
}

function openWindow({ settleMs, settleMaxMs }: Options): Window {
  return { quiet: countdown(settleMs), limit: countdown(settleMaxMs) };
}

// The pipeline.

/** Nothing has changed for the settle time, or changes have gone on for too long. */
export function closeWindow(rollout: Rollout, turn: RolloutTurn): Rollout {
  const closed = counted({ ...rollout, window: null }, turn);
  if (closed.target === "reload") noteWindow(closed, turn);
  const { files, owed, quarantine, trouble } = closed;
  const takenBack = changed(files, turn.options).length === 0 && !owed;
  // What was refused stays known.
  const isOver = takenBack && (quarantine === null || trouble?.kind === "failed");
  return proceed(isOver ? { ...closed, trouble: null, quarantine: null } : closed, turn);
}

function noteWindow(rollout: Rollout, { options, notes }: RolloutTurn): void {
  const dests = changed(rollout.files, options);
  if (missingOrEmpty(rollout, options).length > 0) noteIncomplete(rollout, { options, notes });
  else if (needsReload(rollout, options)) notes.push({ is: "windowClosed", dests });
  else noteTakenBack(rollout, { options, notes });
}

function noteTakenBack({ files }: Rollout, { options, notes }: Pick<RolloutTurn, "options" | "notes">): void {
  notes.push({ is: "takenBack", refused: changed(files, options).length > 0 });
}

function noteIncomplete(rollout: Rollout, { options, notes }: Pick<RolloutTurn, "options" | "notes">): void {
  for (const dest of missingOrEmpty(rollout, options)) {
    notes.push({ is: "incomplete", dest, missing: rollout.files.get(dest)!.now === null });
  }
}

/** Counts changes that follow one another at a poll's interval. */
function counted(rollout: Rollout, { options, notes }: RolloutTurn): Rollout {
  if (rollout.target !== "reload") return rollout;
  const streak = prolong(rollout.streak, options);
  if (streak !== null && hasBecomeLong(streak)) {
    const { windows: times } = streak;
    notes.push({ is: "neverCalm", dests: changed(rollout.files, options), everyMs: options.intervalMs, times });
  }
  return { ...rollout, streak };
}

/** A polling confd has changed nothing for more than an interval. */
export function calmed(rollout: Rollout): Rollout {
  return { ...rollout, streak: null };
}

/** Sends the newest files on their way, unless others are under way: then those come first. */
function proceed(rollout: Rollout, turn: RolloutTurn): Rollout {
  const { stage, target, owed, hold } = rollout;
  const { options, notes } = turn;
  if (target === "none" || !["waiting", "idle", "failed"].includes(stage.is)) return rollout;
  if (target === "start") {
    const ready = !isNew(rollout.files) || isComplete(rollout, options);
    return ready ? publishOrApply(rollout, turn) : wait(rollout, turn);
  }
  // What is owed comes at once: a failed reload has had a wait of its own. Turns spread the reloads of a fleet by themselves.
  const splays = options.splayMs > 0 && options.fleet === null && !owed && hold === null;
  if (!splays || !isDue(rollout, options)) return goAhead(rollout, turn);
  notes.push({ is: "splaying", ms: options.splayMs, by: options.reload.by });
  return { ...rollout, stage: { is: "splaying", delay: { ms: options.splayMs, jitter: true } } };
}

function isDue(rollout: Rollout, options: Options): boolean {
  return needsReload(rollout, options) && missingOrEmpty(rollout, options).length === 0;
}

/** The random delay is over. */
export function splayOver(rollout: Rollout, turn: RolloutTurn): Rollout {
  return goAhead({ ...rollout, stage: { is: "idle" } }, turn);
}

/**
 * Nothing delays the newest files any more, but for a hold, and a turn that there has to be. After a random delay a window
 * may be open: to wait for its end could be to wait for ever.
 */
export function goAhead(rollout: Rollout, turn: RolloutTurn): Rollout {
  const { options } = turn;
  if (!["idle", "failed"].includes(rollout.stage.is)) return rollout;
  if (!isDue(rollout, options)) return leaveUnused(rollout, turn);
  const due: Rollout = { ...rollout, stage: { is: "idle" } };
  if (due.hold !== null && !(due.owed && loadsNothingNew(due, options))) return putOnHold(leaveUnused(due, turn), turn);
  if (!needsTurn(due, options)) return publishOrApply(beginTurn(due), turn);
  const queued = queueUp(due, turn);
  return mayReloadMeanwhile(due, options) ? apply(queued, turn) : queued;
}

/** Goes ahead, but not with half of a change: where files have not settled yet, the end of their window goes ahead. */
export function onceSettled(rollout: Rollout, turn: RolloutTurn): Rollout {
  return rollout.window === null ? goAhead(rollout, turn) : rollout;
}

/** Staged files are put in place first, where they are not what is there already. */
function publishOrApply(rollout: Rollout, turn: RolloutTurn): Rollout {
  const { options, effects, notes } = turn;
  const nothingNew = changed(rollout.files, options).length === 0 || isQuarantined(rollout);
  const isHeld = rollout.target === "reload" && rollout.hold !== null;
  if (!options.staged || nothingNew || isHeld) return apply(rollout, turn);
  effects.push({ type: "publish" });
  notes.push({ is: "publishing", checkOnly: false });
  return { ...rollout, stage: { is: "publishing", checkOnly: false } };
}

/** What is in place is to be loaded. */
export function apply(rollout: Rollout, turn: RolloutTurn): Rollout {
  turn.outcome = "apply";
  return rollout;
}

/** It did not work, and is tried again, ever later. */
export function failed(rollout: Rollout, reason: string, turn: Turn): Rollout {
  const { failures } = rollout;
  const retry = countdown(Math.min(RETRY_MS.first * 2 ** Math.min(failures, 16), RETRY_MS.longest));
  const trouble = inTrouble(rollout.trouble, "failed", reason);
  return keepTurn({ ...rollout, stage: { is: "failed", retry }, owed: true, failures: failures + 1, trouble }, turn);
}

/** It is time to log again that the newest configuration is not in force. */
export function remind(rollout: Rollout, { notes, options }: RolloutTurn): Rollout {
  const present = presentTrouble(rollout, options);
  if (present === null) return rollout;
  const trouble = reminded(present);
  const { kind, reason } = trouble;
  notes.push({ is: "reminder", kind, reason, forMs: lastsMs(trouble), dests: changed(rollout.files, options) });
  return { ...rollout, trouble };
}

/** What failed is tried again. An open window does that at its end. */
export function retry(rollout: Rollout, turn: RolloutTurn): Rollout {
  const due: Rollout = { ...rollout, stage: { is: "idle" } };
  return rollout.window === null ? proceed(due, turn) : due;
}

/** From now on changes wait. */
export function hold(
  rollout: Rollout,
  { forMs, reason }: { forMs: number | null; reason: string | null },
  turn: Turn,
): Rollout {
  const held: Hold = { reason, until: forMs === null ? null : countdown(forMs), fromEarlierRun: false };
  turn.notes.push({ is: "holding", forMs, reason, again: false });
  turn.effects.push({ type: "keepHold", hold: { forMs, reason } });
  return leaveUnused({ ...rollout, hold: held, checked: null }, turn);
}

/** Changes wait no longer. */
export function release(rollout: Rollout, by: "operator" | "time", turn: RolloutTurn): Rollout {
  turn.notes.push({ is: "released", by });
  turn.effects.push({ type: "keepHold", hold: null });
  const free: Rollout = { ...rollout, hold: null, checked: null };
  return free.target === "reload" && free.window === null ? proceed(free, turn) : free;
}

/** What was under way is done. What changed meanwhile has a window of its own, or is on its way now. */
export function done(rollout: Rollout, turn: RolloutTurn): Rollout {
  // What is in quarantine is known should it come again, and so is why.
  const trouble = rollout.quarantine === null ? null : rollout.trouble;
  const idle = settleTurn({ ...rollout, stage: { is: "idle" }, failures: 0, trouble }, turn);
  return idle.window === null ? proceed(idle, turn) : idle;
}

/** Somebody asks for a reload, whether or not anything has changed. */
export function force(rollout: Rollout, turn: RolloutTurn): Rollout {
  const owed = { ...rollout, owed: true, due: new Set([...rollout.due, DEFAULT]) };
  noteIncomplete(owed, turn);
  return owed.window === null ? proceed(owed, turn) : owed;
}

// The last good files.

/** Puts the last good files in place. */
export function restore(rollout: Rollout, turn: Turn): Rollout {
  return bringBack({ ...rollout, window: null, backup: "inPlace" }, "lastGood", turn);
}

/** Puts older files in place. */
export function bringBack(rollout: Rollout, which: Earlier, turn: Turn): Rollout {
  turn.effects.push({ type: "restore", which });
  return { ...exempt(rollout, turn), keep: null, stage: { is: "restoring", which } };
}

/** Nothing can be rendered: starts on the last good files where that is wanted. */
export function giveUp(rollout: Rollout, turn: RolloutTurn): Rollout {
  if (mayUseLastGood(rollout, turn.options)) return restore(rollout, turn);
  turn.outcome = "giveUp";
  return rollout;
}
