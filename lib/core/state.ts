/**
 * What the supervisor knows: the state, the user's options, and the questions that can be asked of them.
 *
 * Pure.
 * @module
 */
import { type Effect, EMPTY, type Following, type Timer } from "./protocol.ts";

/** What the user decided. Times are in milliseconds. */
export interface Options {
  /** Quiet time after the last change before the service is started or reloaded. */
  readonly settleMs: number;
  /** The longest that a stream of changes can put a start or a reload off. */
  readonly settleMaxMs: number;
  /** The longest wait for the first complete rendering; 0: no limit. */
  readonly startTimeoutMs: number;
  /** How confd follows its backend. */
  readonly follow: Following;
  /** How often confd polls, or is asked whether its watch has missed something; 0: it is not asked. */
  readonly intervalMs: number;
  /** How long a watching confd may hold a change back because it was told to. */
  readonly debounceMs: number;
  /** What happens when confd ends by itself. */
  readonly confdExit: "restart" | "stop";
  /** Whether the service may be started on the last good files when nothing can be rendered. */
  readonly start: "rendered" | "last-good";
  /** An empty rendering where a file had content. */
  readonly empty: "hold" | "allow";
  /** True if confd renders into a private folder, and what it rendered is checked before it is put in place. */
  readonly staged: boolean;
  /** True if the service has to be well after its start and after each reload. */
  readonly verified: boolean;
  /** Upper bound of a random delay added to each reload. */
  readonly splayMs: number;
  /** How the service is reloaded. */
  readonly reload: { readonly by: "signal" | "restart" | "none" | "exec" | "http" };
  /** Sent to the service when it must stop; empty: what the sidecar itself was sent, or SIGTERM. */
  readonly stopSignal: string;
  /** The longest that the service may take to stop; 0: no limit. */
  readonly stopTimeoutMs: number;
  /** What becomes of signals on their way to the service: another, or none at all (null). */
  readonly signals: ReadonlyMap<string, string | null>;
  /** Whether the service is started again when it ends by itself. */
  readonly restart: "never" | "on-failure" | "always";
  /** That often in a row. */
  readonly restartMax: number;
}

/** One file that confd renders. */
export interface Destination {
  /** Digest of its content now, or of the staged file's; null: it does not exist. */
  readonly digest: string | null;
  /** Digest of the content that the service last loaded, or that was last put in place for it. */
  readonly loaded: string | null;
  /** True once confd has rendered it in this run. */
  readonly rendered: boolean;
}

/** confd's own life. `restarts` counts its ends in a row. */
export type Confd =
  | { readonly is: "running"; readonly restarts: number }
  /** It was told to end, to be started again. */
  | { readonly is: "replacing" }
  | { readonly is: "backingOff"; readonly restarts: number }
  | { readonly is: "gone" };

/**
 * How the last reload went. `splaying`: it comes after a random delay. `publishing`: new files are being checked and put
 * in place for it. `verifying`: it is to be seen whether the service is well. `restoring`: it was not, and the last good
 * files are being put in place. `asked`: it is under way. `failed`: it is to be tried again after `retryMs`, and what the
 * service has loaded is not known.
 */
export type Reload =
  | { readonly is: "done" }
  | { readonly is: "splaying" }
  | { readonly is: "publishing"; readonly retryMs: number }
  | { readonly is: "asked"; readonly retryMs: number }
  | { readonly is: "verifying" }
  | { readonly is: "restoring" }
  | { readonly is: "failed"; readonly retryMs: number };

/** Where the run stands. */
export type Phase =
  | { readonly is: "waiting" }
  | { readonly is: "settling" }
  /** The first files are being checked and put in place. */
  | { readonly is: "publishing"; readonly retryMs: number }
  /** The first files were refused: the next change is tried. */
  | { readonly is: "refused"; readonly retryMs: number }
  /** The last good files are being put in place, for nothing could be rendered: else the run ends with `status`. */
  | { readonly is: "restoring"; readonly status: number }
  | { readonly is: "running"; readonly window: "open" | "closed"; readonly reload: Reload }
  /** The service was told to stop, and is started again on the new files once it has. */
  | { readonly is: "replacing" }
  /** The service ended with `status` and is started again after a while. */
  | { readonly is: "restarting"; readonly status: number }
  | {
    readonly is: "stopping";
    readonly service: "running" | "gone";
    /** The exit status: the service's, or what stands for it where it never ran or has not ended. */
    readonly status: number;
    /** confd's status where it is the cause of the stop: it stands where the service's is 0. */
    readonly confdStatus: number;
    readonly killed: boolean;
  }
  | { readonly is: "ended"; readonly status: number };

/**
 * The question whether destinations are what confd would render. `soon`: it comes soon, since the start waits for it;
 * `later`: it comes in time. An answer may come when the run has gone on without it.
 */
export interface DryRun {
  readonly is: "none" | "soon" | "later" | "asked";
  /** How long to wait for the next one that the start waits for. */
  readonly waitMs: number;
  /** How long the last one was waited for. */
  readonly afterMs: number;
  /** True once the questions of this run have come to a time of their own, which other runs do not share. */
  readonly spread: boolean;
}

/** What is known of confd's hearing. */
export interface Listening {
  /** How confd follows its backend now. */
  readonly by: Following;
  /** True once every file was found to be what confd would render, in confd's present life. */
  readonly synced: boolean;
  /** How often confd was deaf, with no change heard in between. */
  readonly deaf: number;
  /** How many questions in a row had no answer at all. */
  readonly unanswered: number;
  /** Files that were out of date at the last question, each with what it should have been. */
  readonly doubts: ReadonlyMap<string, string>;
  /** Files that stayed out of date though confd was started again for them. */
  readonly tried: ReadonlyMap<string, string>;
}

/** What went wrong so far in this run. */
export interface Tally {
  readonly refusals: number;
  readonly failedReloads: number;
  readonly rollbacks: number;
  readonly deaf: number;
}

/** All that the supervisor knows. */
export interface State {
  readonly options: Options;
  readonly phase: Phase;
  readonly confd: Confd;
  readonly dryRun: DryRun;
  readonly listening: Listening;
  /** True while staged files are being checked and put in place. An answer may come when the run has gone on. */
  readonly publishing: boolean;
  /** Digests of the staged files that were refused last. */
  readonly refused: ReadonlyMap<string, string | null> | null;
  /** True if there are last good files for every destination. */
  readonly lastGood: boolean;
  /** True if the last good files are in place again, and it is still to be seen whether the service is well on them. */
  readonly rolledBack: boolean;
  readonly tally: Tally;
  /** How often in a row the service was started again. */
  readonly serviceRestarts: number;
  readonly destinations: ReadonlyMap<string, Destination>;
}

/** How often the log says what is being waited for. */
export const STILL_WAITING_MS = 10_000;
/** How long confd has to end once the service has. */
export const CONFD_GRACE_MS = 1000;
/** confd ends that often before the service's start, in a row, until the run is given up. */
export const RESTARTS_BEFORE_START = 5;
/** When to ask for the first time whether files that were there already are in sync, and the longest between two asks. */
export const DRY_RUN_MS = { first: 500, longest: 10_000 };

/** The first wait before a failed reload is tried again, and the longest. */
export const RELOAD_RETRY_MS = { first: 100, longest: 60_000 };
/** How long the service must have lived with its files for them to be kept as the last good ones. */
export const KEEP_AFTER_MS = 10_000;
/** How long to wait for a rendering where last good files are at hand and the user set no limit. */
export const LAST_GOOD_AFTER_MS = 10_000;

/** What an event makes of a state, and what is to be done about it. */
export type Step = [State, Effect[]];

/** The state before anything happened. `onDisk`: digest of each destination's content, null where there is none. */
export function initialState(
  options: Options,
  onDisk: ReadonlyMap<string, string | null>,
  lastGood = false,
): State {
  const destinations = new Map<string, Destination>();
  for (const [dest, digest] of onDisk) destinations.set(dest, { digest, loaded: null, rendered: false });
  return {
    options,
    phase: { is: "waiting" },
    confd: { is: "gone" },
    dryRun: { is: "none", waitMs: DRY_RUN_MS.first, afterMs: 0, spread: false },
    listening: {
      by: options.follow,
      synced: false,
      deaf: 0,
      unanswered: 0,
      doubts: new Map(),
      tried: new Map(),
    },
    publishing: false,
    refused: null,
    lastGood,
    rolledBack: false,
    tally: { refusals: 0, failedReloads: 0, rollbacks: 0, deaf: 0 },
    serviceRestarts: 0,
    destinations,
  };
}

/** The destinations that confd has still to render before the service can be started. */
export function pending(state: State): string[] {
  return [...state.destinations].filter(([, { rendered, digest }]) => !rendered || digest === null).map(([dest]) =>
    dest
  );
}

/** The destinations whose content is not what the service last loaded. What confd has not staged yet is no change. */
export function changed({ destinations, options }: State): string[] {
  return [...destinations].filter(([, { digest, loaded, rendered }]) =>
    digest !== loaded && !(options.staged && digest === null && !rendered)
  ).map(([dest]) => dest);
}

/** True if the service has not loaded what is on disk, or if that is not known. */
export function needsReload(state: State): boolean {
  const unsure = state.phase.is === "running" && state.phase.reload.is === "failed";
  return unsure || (changed(state).length > 0 && !isRefused(state));
}

/** True if what is staged is what was refused. */
export function isRefused({ refused, destinations }: State): boolean {
  return refused !== null && [...destinations].every(([dest, { digest }]) => refused.get(dest) === digest);
}

/** The changed destinations that keep a reload back: one that is gone, or empty where it had content. */
export function unfit(state: State): string[] {
  return changed(state).filter((dest) => {
    const { digest } = state.destinations.get(dest)!;
    return digest === null || (digest === EMPTY && state.options.empty === "hold");
  });
}

/** What tells the service to stop when the sidecar was sent `signal`: a rule of the user's comes first. */
export function stopSignalFor({ signals, stopSignal }: Options, signal: string): string {
  return signals.get(signal) ?? (stopSignal || signal);
}

/** The service is told to read what is on disk now. Staged files are not: what is on disk was put there before. */
export function loadedNow(state: State): State {
  if (state.options.staged) return state;
  const destinations = new Map<string, Destination>();
  for (const [dest, known] of state.destinations) destinations.set(dest, { ...known, loaded: known.digest });
  return { ...state, destinations };
}

/** These are on disk now. */
export function putInPlace(state: State, digests: ReadonlyMap<string, string | null>): State {
  const destinations = new Map<string, Destination>();
  for (const [dest, known] of state.destinations) {
    destinations.set(dest, { ...known, loaded: digests.get(dest) ?? null });
  }
  return { ...state, destinations };
}

/** Arms a timer. */
export function arm(timer: Timer, ms: number): Effect {
  return { type: "arm", timer, ms };
}

/** Disarms timers. */
export function disarm(...timers: Timer[]): Effect[] {
  return timers.map((timer) => ({ type: "disarm", timer }));
}
