/**
 * The watchdog: whether confd has missed a change.
 *
 * Theory of operation. A confd that hangs on a lost connection, or whose watch its backend does not serve, prints nothing,
 * and so does one that has nothing to do. A dry run of a second confd tells them apart: it says which files are what confd
 * would render now, and writes nothing. A file that is out of date in one dry run, and still is for the same reason some
 * time later, is a change that confd has missed: confd is started again, for it renders everything at its start. If that
 * helps, and happens once more with no change noticed in between, watching does not work here, and confd polls from then
 * on. If it does not help, missing changes is not what is wrong, and confd is not started again for that file.
 *
 * Before the service's start, dry runs serve two more ends: a file that was there already and is up to date leaves no other
 * trace, and a file that cannot be rendered has a reason.
 *
 * Pure.
 * @module
 */
import type { Files } from "./files.ts";
import type { Options } from "./options.ts";
import type { DryRunResult, Following } from "./protocol.ts";
import { type Countdown, countdown, type Turn } from "./turn.ts";

/** How long a file has to be out of date for confd to have missed its change, in milliseconds. */
const STALE_MS = 5000;
/** A confd that polls need not hear of changes, but can hang: dry runs come that much less often than its polls. */
const POLLS = 10;
/** So often in a row, and the watch is given up. */
const MISSED_OFTEN = 2;
/** So many dry runs without any result are no chance. */
const NO_RESULT_OFTEN = 2;
/** When the first dry run comes that a start waits for, and the longest time between two. */
const START_MS = { first: 500, longest: 10_000 };
/** When the first one comes that can only say why a file is missing. */
const REASON_MS = 2000;

/** What dry runs are wanted for: a start that waits for their result, one that waits for files, or the watch. */
export type Purpose = "start" | "reasons" | "watch" | "none";

/** What is known of confd's watch, and the next dry run. */
export interface Watchdog {
  /** What the next dry run is for, or the one under way. */
  readonly purpose: Purpose;
  /** Until the next dry run; null: one is under way, or none is wanted. */
  readonly next: Countdown | null;
  readonly running: boolean;
  /** How long to wait for the next dry run that a start waits for. */
  readonly waitMs: number;
  /** How long the last one was waited for. */
  readonly waitedMs: number;
  /** True once dry runs have come to a time of their own, which the rest of a fleet does not share. */
  readonly spread: boolean;
  /** How confd follows its backend. */
  readonly follow: Following;
  /** True once every file was found to be what confd would render, since confd was last started. */
  readonly synced: boolean;
  /** How often confd has missed a change, with no change noticed in between. */
  readonly missed: number;
  /** How many dry runs in a row had no result at all. */
  readonly noResult: number;
  /** Files that have been out of date in all of the last dry runs, each with what it should have been. */
  readonly suspects: ReadonlyMap<string, string>;
  /** How long they have been so. */
  readonly suspectMs: number;
  /** Files that stayed out of date although confd was started again for them. */
  readonly tried: ReadonlyMap<string, string>;
  /** Why files cannot be rendered, by destination. */
  readonly reasons: ReadonlyMap<string, string>;
}

/** The watchdog before confd's first start. */
export function initialWatchdog(follow: Following): Watchdog {
  return {
    purpose: "none",
    next: null,
    running: false,
    waitMs: START_MS.first,
    waitedMs: 0,
    spread: false,
    follow,
    synced: false,
    missed: 0,
    noResult: 0,
    suspects: new Map(),
    suspectMs: 0,
    tried: new Map(),
    reasons: new Map(),
  };
}

/** How long after one dry run the next one comes while the service runs; 0: none does. */
function intervalMs({ follow }: Watchdog, options: Options): number {
  return follow === "watch" ? options.intervalMs : options.intervalMs * POLLS;
}

/** How long a file has to be out of date for confd to have missed its change. */
function staleAfterMs({ follow }: Watchdog, { intervalMs, debounceMs }: Options): number {
  return follow === "poll" ? intervalMs + STALE_MS : Math.min(intervalMs, STALE_MS) + debounceMs;
}

/** Sees to it that the next dry run comes when it should, whatever has happened. */
export function schedule(watchdog: Watchdog, wanted: Purpose, { options }: Turn): Watchdog {
  const everyMs = intervalMs(watchdog, options);
  const purpose = wanted === "watch" && everyMs === 0 ? "none" : wanted;
  if (watchdog.running || watchdog.purpose === purpose) return watchdog;
  const next: Watchdog = { ...watchdog, purpose };
  switch (purpose) {
    case "none":
      return { ...next, next: null };
    case "start":
      return waiting(next, watchdog.waitMs);
    case "reasons":
      return waiting(next, watchdog.waitedMs === 0 ? REASON_MS : START_MS.longest);
    case "watch": {
      const waitMs = watchdog.suspects.size > 0 ? staleAfterMs(watchdog, options) : everyMs;
      // The members of a fleet that was started at once must not have their dry runs at once for ever.
      return waiting({ ...next, spread: true }, waitMs, !watchdog.spread);
    }
  }
}

function waiting(watchdog: Watchdog, ms: number, jitter = false): Watchdog {
  return { ...watchdog, waitedMs: ms, next: jitter ? { ms, jitter } : countdown(ms) };
}

/** It is time for a dry run. */
export function dryRun(watchdog: Watchdog, { effects, notes }: Turn): Watchdog {
  effects.push({ type: "dryRun" });
  notes.push({ is: "dryRunStarted" });
  return { ...watchdog, next: null, running: true };
}

/** confd has been started, and is about to render everything. */
export function confdStarted(watchdog: Watchdog): Watchdog {
  return { ...watchdog, synced: false, suspects: new Map() };
}

/** confd has ended with a complaint: no file can be rendered for that reason. */
export function confdEnded(watchdog: Watchdog, dests: readonly string[], complaint: string): Watchdog {
  return { ...watchdog, reasons: new Map(dests.map((dest) => [dest, complaint])) };
}

/** A file has changed: unless confd was only just started, its watch works. */
export function noticed(watchdog: Watchdog): Watchdog {
  return watchdog.synced && watchdog.missed > 0 ? { ...watchdog, missed: 0 } : watchdog;
}

/** What the supervisor knows of a dry run that has ended. */
export interface DryRunEnd {
  readonly result: DryRunResult;
  readonly files: Files;
  /** True if confd runs, and so can have missed something. */
  readonly watched: boolean;
  /** True once the service has been started: before that, trouble is told of in other ways. */
  readonly started: boolean;
}

/** A dry run has ended. Returns the watchdog, and whether confd has to be started again. */
export function dryRunEnded(watchdog: Watchdog, end: DryRunEnd, turn: Turn): [Watchdog, boolean] {
  const { waitMs, purpose } = watchdog;
  const next: Watchdog = {
    ...watchdog,
    running: false,
    purpose: "none",
    waitMs: purpose === "start" ? Math.min(waitMs * 2, START_MS.longest) : waitMs,
    reasons: end.result.reasons ?? new Map(),
  };
  if (!end.watched || intervalMs(next, turn.options) === 0) return [next, false];
  return judge(next, end, turn);
}

function judge(watchdog: Watchdog, end: DryRunEnd, turn: Turn): [Watchdog, boolean] {
  const { result, files, started } = end;
  const wrong = outOfDate(files, result);
  if (result.inSync.length + wrong.size === 0) return [withoutResult(watchdog, end, turn), false];
  const again = watchdog.noResult >= NO_RESULT_OFTEN;
  const tried = common(watchdog.tried, wrong);
  const open = new Map([...wrong].filter(([dest]) => !tried.has(dest)));
  const still = common(watchdog.suspects, open);
  const suspectMs = still.size > 0 ? watchdog.suspectMs + watchdog.waitedMs : 0;
  if (still.size > 0 && suspectMs >= staleAfterMs(watchdog, turn.options)) {
    return [restart(watchdog, { missed: still, tried }, turn), true];
  }
  if (started) {
    if (again) turn.notes.push({ is: "rendersAgain" });
    for (const dest of tried.keys()) turn.notes.push({ is: "staysOutOfDate", dest });
  }
  const synced = watchdog.synced || wrong.size === 0;
  return [{ ...watchdog, synced, noResult: 0, tried, suspects: still.size > 0 ? still : open, suspectMs }, false];
}

function withoutResult(watchdog: Watchdog, { result, started }: DryRunEnd, { notes }: Turn): Watchdog {
  const noResult = started ? watchdog.noResult + 1 : 0;
  if (noResult === NO_RESULT_OFTEN) notes.push({ is: "cannotRender", complaint: result.complaint ?? null });
  return { ...watchdog, noResult, suspects: new Map() };
}

/** Files that are not what confd would render now, each with what it would be. */
function outOfDate(files: Files, { inSync, outOfSync }: DryRunResult): Map<string, string> {
  const missing = inSync.filter((dest) => files.get(dest)?.now === null);
  return new Map([...outOfSync, ...missing.map((dest) => [dest, ""] as const)]);
}

function common(one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): Map<string, string> {
  return new Map([...one].filter(([dest, wanted]) => other.get(dest) === wanted));
}

/** confd has missed a change. */
function restart(
  watchdog: Watchdog,
  { missed, tried }: { missed: ReadonlyMap<string, string>; tried: ReadonlyMap<string, string> },
  { options, notes }: Turn,
): Watchdog {
  const { missed: before, synced, follow } = watchdog;
  // Where starting confd again did not help, it was not the watch that failed.
  const times = before === 0 || synced ? before + 1 : before;
  const polls = times >= MISSED_OFTEN;
  notes.push({
    is: "missedChange",
    dests: [...missed.keys()],
    forMs: staleAfterMs(watchdog, options),
    polls: polls && follow === "watch" ? options.intervalMs : null,
  });
  return {
    ...watchdog,
    follow: polls ? "poll" : follow,
    synced: false,
    missed: times,
    noResult: 0,
    suspects: new Map(),
    tried: new Map([...tried, ...missed]),
  };
}
