/**
 * Counts and times of a run, for its status and its metrics: folded from the core's notes.
 *
 * Pure.
 * @module
 */
import { changed, isChanged } from "../core/files.ts";
import type { Note } from "../core/notes.ts";
import type { Options } from "../core/options.ts";
import type { Event } from "../core/protocol.ts";
import { needsReload, presentTrouble } from "../core/rollout_state.ts";
import type { State } from "../core/supervisor_state.ts";
import type { Phase } from "./document.ts";
import { countFleet, type FleetTally, NO_FLEET_YET } from "./fleet_tally.ts";

/** Why a change was not brought to the service. */
export type RefusalReason = "check" | "empty" | "missing" | "publish" | "fleet";
/** Why older files came back. */
export type RollbackReason = "verify" | "died" | "operator";

/** Counts, and times in milliseconds since 1970; null: it has not happened. */
export interface Tally {
  readonly startedAt: number;
  readonly phase: Phase;
  readonly phaseSince: number;
  readonly changes: number;
  readonly changesTakenBack: number;
  readonly reloads: number;
  readonly failedReloads: number;
  /** True while a load is under way that was counted as a reload: a start was not. */
  readonly reloading: boolean;
  /** When the service last loaded the newest configuration, and was well on it where that is asked for. */
  readonly succeededAt: number | null;
  readonly refusals: Readonly<Record<RefusalReason, number>>;
  readonly rollbacks: Readonly<Record<RollbackReason, number>>;
  readonly confdStarts: number;
  readonly confdStale: number;
  readonly lastAnswerAt: number | null;
  readonly reachable: boolean | null;
  readonly complaint: string | null;
  readonly serviceStarts: number;
  readonly serviceKills: number;
  readonly serviceStartedAt: number | null;
  readonly lastExit: { readonly at: number; readonly code: number; readonly signal: string | null } | null;
  readonly loadedAt: number | null;
  readonly verifiedAt: number | null;
  readonly pendingSince: number | null;
  readonly troubleSince: number | null;
  readonly hold: { readonly since: number; readonly until: number | null; readonly reason: string | null } | null;
  /** When the hold began that an earlier run has left. */
  readonly heldSince: number | undefined;
  readonly fleet: FleetTally;
}

/** The tally before anything happened. `heldSince`: when the hold began that an earlier run has left. */
export function newTally(at: number, heldSince?: number): Tally {
  return {
    startedAt: at,
    phase: "waiting",
    phaseSince: at,
    changes: 0,
    changesTakenBack: 0,
    reloads: 0,
    failedReloads: 0,
    reloading: false,
    succeededAt: null,
    refusals: { check: 0, empty: 0, missing: 0, publish: 0, fleet: 0 },
    rollbacks: { verify: 0, died: 0, operator: 0 },
    confdStarts: 0,
    confdStale: 0,
    lastAnswerAt: null,
    reachable: null,
    complaint: null,
    serviceStarts: 0,
    serviceKills: 0,
    serviceStartedAt: null,
    lastExit: null,
    loadedAt: null,
    verifiedAt: null,
    pendingSince: null,
    troubleSince: null,
    hold: null,
    heldSince,
    fleet: NO_FLEET_YET,
  };
}

/** The tally after a transition. */
export function tallied(
  tally: Tally,
  { event, notes, state }: { event: Event; notes: readonly Note[]; state: State },
  at: number,
): Tally {
  const counted = notes.reduce((tally, note) => count(tally, note, at), answered(tally, event, at));
  // However many files are missing, it is one.
  const noted = notes.some(({ is }) => is === "incomplete") ? failed(counted) : counted;
  const phase = phaseOf(state);
  const hasTrouble = presentTrouble(state.rollout, state.options) !== null;
  const succeeds = !hasTrouble && notes.some((note) => isSuccess(note, state.options));
  return {
    ...noted,
    succeededAt: succeeds ? at : tally.succeededAt,
    phase,
    phaseSince: phase === tally.phase ? tally.phaseSince : at,
    pendingSince: isPending(state, event) ? tally.pendingSince ?? at : null,
    troubleSince: hasTrouble ? tally.troubleSince ?? at : null,
    hold: state.rollout.hold === null ? null : noted.hold,
    fleet: notes.reduce((fleet, note) => countFleet(fleet, note, at), tally.fleet),
  };
}

/** What a run is doing. */
export function phaseOf({ run, service, rollout }: State): Phase {
  if (run.is !== "up") return "stopping";
  if (service.is === "absent" && service.status === null) return "waiting";
  if (service.is !== "running") return "restarting";
  const { stage, window, turn } = rollout;
  return stage.is === "idle" && window === null && turn.is !== "waiting" ? "running" : "changing";
}

function isPending({ rollout, options }: State, event: Event): boolean {
  const { target, window, files } = rollout;
  if (target !== "reload") return false;
  // With thousands of files, to look at all of them for each that changes would take long.
  const file = event.type === "destinationChanged" ? files.get(event.dest) : undefined;
  if (window !== null && file !== undefined && isChanged(file, options)) return true;
  return needsReload(rollout, options) || (window !== null && changed(files, options).length > 0);
}

/** What an event shows of confd and its backend. */
function answered(tally: Tally, event: Event, at: number): Tally {
  const answers = { ...tally, lastAnswerAt: at, reachable: true, complaint: null };
  switch (event.type) {
    case "destinationChanged":
    case "destinationRendered":
      return answers;
    case "dryRunEnded": {
      const { inSync, outOfSync, complaint = null } = event.result;
      return inSync.length + outOfSync.size > 0 ? answers : { ...tally, reachable: false, complaint };
    }
    case "childExited":
      if (event.child !== "confd" || event.complaint === undefined) return tally;
      return { ...tally, reachable: false, complaint: event.complaint };
    default:
      return tally;
  }
}

function count(tally: Tally, note: Note, at: number): Tally {
  switch (note.is) {
    case "windowOpened":
      return note.target === "reload" ? { ...tally, changes: tally.changes + 1 } : tally;
    case "takenBack":
      return { ...tally, changesTakenBack: tally.changesTakenBack + 1 };
    case "refused":
      return failed(refusedFor(tally, note.by ?? "check"));
    case "publishFailed":
      return failed(refusedFor(tally, "publish"));
    case "incomplete":
      return refusedFor(tally, note.missing ? "missing" : "empty");
    case "reloading":
      return { ...tally, reloads: tally.reloads + 1, reloading: true, ...(note.by === "none" ? loaded(at) : {}) };
    case "reloaded":
      return { ...tally, ...loaded(at) };
    case "reloadFailed":
    case "unwell":
      return wentWrong(tally);
    case "rolledBack": {
      const rollbacks = { ...tally.rollbacks, [note.cause]: tally.rollbacks[note.cause] + 1 };
      return { ...(note.cause === "operator" ? tally : wentWrong(tally)), rollbacks };
    }
    case "verified":
      return { ...tally, verifiedAt: at, reloading: false };
    case "confdStarted":
      return { ...tally, confdStarts: tally.confdStarts + 1 };
    case "missedChange":
      return { ...tally, confdStale: tally.confdStale + 1 };
    case "serviceStarted":
      return { ...tally, serviceStarts: tally.serviceStarts + 1, serviceStartedAt: at, ...loaded(at) };
    case "killing":
      return note.child === "service" ? { ...tally, serviceKills: tally.serviceKills + 1 } : tally;
    case "childExited":
      return note.child === "service" ? { ...tally, lastExit: { at, code: note.code, signal: note.signal } } : tally;
    case "holding": {
      const { forMs, reason, again } = note;
      const since = again ? tally.heldSince ?? at : at;
      return { ...tally, hold: { since, until: forMs === null ? null : at + forMs, reason } };
    }
    default:
      return tally;
  }
}

function loaded(at: number): Pick<Tally, "loadedAt" | "verifiedAt"> {
  return { loadedAt: at, verifiedAt: null };
}

/** True for what ends a load well. */
function isSuccess(note: Note, { verified }: Options): boolean {
  if (verified) return note.is === "verified";
  return note.is === "reloaded" || note.is === "serviceStarted" || (note.is === "reloading" && note.by === "none");
}

function refusedFor(tally: Tally, reason: RefusalReason): Tally {
  return { ...tally, refusals: { ...tally.refusals, [reason]: tally.refusals[reason] + 1 } };
}

/** What was loaded was not well. */
function wentWrong(tally: Tally): Tally {
  const { reloads, failedReloads, reloading } = tally;
  return { ...tally, reloads: reloads + (reloading ? 0 : 1), failedReloads: failedReloads + 1, reloading: false };
}

/** What did not come as far as a reload was asked for all the same. */
function failed(tally: Tally): Tally {
  return { ...tally, reloads: tally.reloads + 1, failedReloads: tally.failedReloads + 1 };
}
