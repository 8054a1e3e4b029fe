/**
 * The supervisor: every decision of a run, as a pure machine.
 *
 * Theory of operation. A run goes through phases: it is `waiting` until confd has rendered every destination, then
 * `settling` until nothing has changed for the settle time, then the service is `running`, or `restarting` between two
 * lives; whatever ends the run makes it `stopping` until both children are gone, and then `ended`. confd has a life of
 * its own beside that: it is running, or backing off before it is started again, or gone for good.
 *
 * Reloads are decided by content. Each destination carries the digest of what is on disk and of what the service last
 * loaded; a change opens a window, and when it closes the service is reloaded if the two differ anywhere. So a change
 * that was taken back reloads nothing, and a thousand changes reload once.
 *
 * `step` has no clock and no randomness: time comes in as `timerFired`. Its host must perform the effects in their
 * order, and never fires a timer that was disarmed.
 *
 * Pure.
 * @module
 */
import { backoffMs, STABLE_MS } from "./backoff.ts";
import { statusOfSignal, UNAVAILABLE } from "./exit_status.ts";
import { type Effect, EMPTY, type Event, type Timer } from "./protocol.ts";

/** What the user decided. Times are in milliseconds. */
export interface Options {
  /** Quiet time after the last change before the service is started or reloaded. */
  readonly settleMs: number;
  /** The longest that a stream of changes can put a start or a reload off. */
  readonly settleMaxMs: number;
  /** The longest wait for the first complete rendering; 0: no limit. */
  readonly startTimeoutMs: number;
  /** What happens when confd ends by itself. */
  readonly confdExit: "restart" | "stop";
  /** An empty rendering where a file had content. */
  readonly empty: "hold" | "allow";
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
  /** Digest of its content now; null: it does not exist. */
  readonly digest: string | null;
  /** Digest of the content that the service last loaded. */
  readonly loaded: string | null;
  /** True once confd has rendered it in this run. */
  readonly rendered: boolean;
}

/** confd's own life. `restarts` counts its ends in a row. */
export type Confd =
  | { readonly is: "running"; readonly restarts: number }
  | { readonly is: "backingOff"; readonly restarts: number }
  | { readonly is: "gone" };

/**
 * How the last reload went. `asked`: it is under way. `failed`: it is to be tried again after `retryMs`, and what the
 * service has loaded is not known.
 */
export type Reload =
  | { readonly is: "done" }
  | { readonly is: "asked"; readonly retryMs: number }
  | { readonly is: "failed"; readonly retryMs: number };

/** Where the run stands. */
export type Phase =
  | { readonly is: "waiting" }
  | { readonly is: "settling" }
  | { readonly is: "running"; readonly window: "open" | "closed"; readonly reload: Reload }
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

/** The question whether destinations that exist are in sync. An answer may come when the run has gone on without it. */
export interface Inquiry {
  readonly is: "none" | "armed" | "asked";
  /** How long to wait before the next one. */
  readonly waitMs: number;
}

/** All that the supervisor knows. */
export interface State {
  readonly options: Options;
  readonly phase: Phase;
  readonly confd: Confd;
  readonly inquiry: Inquiry;
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
export const INQUIRY_MS = { first: 500, longest: 10_000 };

/** The first wait before a failed reload is tried again, and the longest. */
export const RELOAD_RETRY_MS = { first: 100, longest: 10_000 };

/** The signals that stop a run. */
const STOPPING: readonly string[] = ["SIGTERM", "SIGINT"];

type Step = [State, Effect[]];

/** The state before anything happened. `onDisk`: digest of each destination's content, null where there is none. */
export function initialState(options: Options, onDisk: ReadonlyMap<string, string | null>): State {
  const destinations = new Map<string, Destination>();
  for (const [dest, digest] of onDisk) destinations.set(dest, { digest, loaded: null, rendered: false });
  return {
    options,
    phase: { is: "waiting" },
    confd: { is: "gone" },
    inquiry: { is: "none", waitMs: INQUIRY_MS.first },
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

/** The destinations whose content is not what the service last loaded. */
export function changed(state: State): string[] {
  return [...state.destinations].filter(([, { digest, loaded }]) => digest !== loaded).map(([dest]) => dest);
}

/** True if the service has not loaded what is on disk, or if that is not known. */
export function needsReload(state: State): boolean {
  const unsure = state.phase.is === "running" && state.phase.reload.is === "failed";
  return unsure || changed(state).length > 0;
}

/** The changed destinations that keep a reload back: one that is gone, or empty where it had content. */
export function unfit(state: State): string[] {
  return changed(state).filter((dest) => {
    const { digest } = state.destinations.get(dest)!;
    return digest === null || (digest === EMPTY && state.options.empty === "hold");
  });
}

/** The one function of the core: what an event makes of a state, and what is to be done about it. */
export function step(state: State, event: Event): Step {
  if (state.phase.is === "ended") return [state, []];
  switch (event.type) {
    case "begun":
      return begin(state);
    case "signalReceived":
      return signalReceived(state, event.signal);
    case "childExited": {
      const status = event.signal === null ? event.code : statusOfSignal(event.signal);
      return event.child === "confd" ? confdEnded(state, status) : serviceEnded(state, status);
    }
    case "spawnFailed":
      return event.child === "confd" ? confdMissing(state, event.status) : serviceMissing(state, event.status);
    case "destinationChanged":
      return destinationChanged(state, event.dest, event.digest);
    case "destinationRendered":
      return state.phase.is === "waiting" ? rendered(state, [event.dest]) : [state, []];
    case "inquiryEnded":
      return inquiryEnded(state, event.inSync);
    case "reloadEnded":
      return reloadEnded(state, event.failure);
    case "timerFired":
      return timerFired(state, event.timer);
  }
}

function begin(state: State): Step {
  const [started, effects] = startConfd(state, 0);
  const { startTimeoutMs } = state.options;
  if (startTimeoutMs > 0) effects.push(arm("startTimeout", startTimeoutMs));
  return settleOrWait(started, [...effects, arm("stillWaiting", STILL_WAITING_MS)]);
}

// Destinations: before the start.

function rendered(state: State, dests: readonly string[]): Step {
  const destinations = new Map(state.destinations);
  for (const dest of dests) {
    const known = destinations.get(dest);
    if (known !== undefined) destinations.set(dest, { ...known, rendered: true });
  }
  return settleOrWait({ ...state, destinations }, []);
}

/** While waiting: goes on to settling where nothing is pending, else sees to it that what exists is asked about. */
function settleOrWait(state: State, effects: Effect[]): Step {
  if (state.phase.is !== "waiting") return [state, effects];
  const missing = pending(state);
  if (missing.length === 0) {
    const { settleMs, settleMaxMs } = state.options;
    return [{ ...withoutInquiry(state), phase: { is: "settling" } }, [
      ...effects,
      ...disarm("startTimeout", "stillWaiting", "inquiry"),
      arm("settle", settleMs),
      arm("settleLimit", settleMaxMs),
    ]];
  }
  // A file that was there already, and in sync, shows no trace of confd's work: the only way to know is to ask.
  const askable = state.confd.is === "running" &&
    missing.every((dest) => state.destinations.get(dest)!.digest !== null);
  if (askable && state.inquiry.is === "none") {
    const inquiry: Inquiry = { ...state.inquiry, is: "armed" };
    return [{ ...state, inquiry }, [...effects, arm("inquiry", inquiry.waitMs)]];
  }
  if (!askable && state.inquiry.is === "armed") return [withoutInquiry(state), [...effects, ...disarm("inquiry")]];
  return [state, effects];
}

/** Forgets a question that was not asked yet. */
function withoutInquiry(state: State): State {
  return state.inquiry.is === "armed" ? { ...state, inquiry: { ...state.inquiry, is: "none" } } : state;
}

function inquiryEnded(state: State, inSync: readonly string[]): Step {
  const waitMs = Math.min(state.inquiry.waitMs * 2, INQUIRY_MS.longest);
  const next: State = { ...state, inquiry: { is: "none", waitMs } };
  return state.phase.is === "waiting" ? rendered(next, inSync) : [next, []];
}

// Destinations: changes.

function destinationChanged(state: State, dest: string, digest: string | null): Step {
  const known = state.destinations.get(dest);
  if (known === undefined || known.digest === digest) return [state, []];
  const destinations = new Map(state.destinations).set(dest, { ...known, digest, rendered: digest !== null });
  const next = { ...state, destinations };
  switch (state.phase.is) {
    case "waiting":
      return settleOrWait(next, []);
    case "settling":
      return pending(next).length > 0 ? waitAgain(next) : [next, [arm("settle", state.options.settleMs)]];
    case "running":
      return openWindow(next);
    default:
      return [next, []];
  }
}

/** A destination vanished before the service could be started, or started again. */
function waitAgain(state: State): Step {
  const effects = [...disarm("settle", "settleLimit"), arm("stillWaiting", STILL_WAITING_MS)];
  if (state.options.startTimeoutMs > 0) effects.push(arm("startTimeout", state.options.startTimeoutMs));
  return settleOrWait({ ...state, phase: { is: "waiting" } }, effects);
}

function openWindow(state: State): Step {
  const { phase, options } = state;
  if (phase.is !== "running") return [state, []];
  if (phase.window === "open") return [state, [arm("settle", options.settleMs)]];
  if (!needsReload(state)) return [state, []];
  return [
    { ...state, phase: { ...phase, window: "open" } },
    [arm("settle", options.settleMs), arm("settleLimit", options.settleMaxMs)],
  ];
}

function settled(state: State): Step {
  switch (state.phase.is) {
    case "settling":
      return startService(state, disarm("settle", "settleLimit"));
    case "running":
      return reloadIfNeeded(
        { ...state, phase: { ...state.phase, window: "closed" } },
        disarm("settle", "settleLimit", "reloadRetry"),
      );
    default:
      return [state, []];
  }
}

function startService(state: State, effects: Effect[]): Step {
  return [
    { ...loadedNow(state), phase: { is: "running", window: "closed", reload: { is: "done" } } },
    [...effects, { type: "spawn", child: "service" }, arm("serviceStable", STABLE_MS)],
  ];
}

// Reloads.

/** Reloads where the service has not loaded what is on disk, and what is on disk is fit to be loaded. */
function reloadIfNeeded(state: State, effects: Effect[]): Step {
  const { phase } = state;
  if (phase.is !== "running" || phase.reload.is === "asked") return [state, effects];
  if (!needsReload(state) || unfit(state).length > 0) return [state, effects];
  const retryMs = phase.reload.is === "failed" ? phase.reload.retryMs : RELOAD_RETRY_MS.first;
  return [
    { ...loadedNow(state), phase: { ...phase, reload: { is: "asked", retryMs } } },
    [...effects, { type: "reload" }],
  ];
}

function reloadEnded(state: State, failure: string | null): Step {
  const { phase } = state;
  if (phase.is !== "running" || phase.reload.is !== "asked") return [state, []];
  if (failure === null) {
    // What changed while the reload was under way has a window of its own, or is reloaded now.
    const done: State = { ...state, phase: { ...phase, reload: { is: "done" } } };
    return phase.window === "open" ? [done, []] : reloadIfNeeded(done, []);
  }
  const retryMs = Math.min(phase.reload.retryMs * 2, RELOAD_RETRY_MS.longest);
  return [
    { ...state, phase: { ...phase, reload: { is: "failed", retryMs } } },
    [arm("reloadRetry", phase.reload.retryMs)],
  ];
}

function reloadAgain(state: State): Step {
  // An open window reloads at its end.
  return state.phase.is === "running" && state.phase.window === "closed" ? reloadIfNeeded(state, []) : [state, []];
}

/** The service has been told to read what is on disk now. */
function loadedNow(state: State): State {
  const destinations = new Map<string, Destination>();
  for (const [dest, known] of state.destinations) destinations.set(dest, { ...known, loaded: known.digest });
  return { ...state, destinations };
}

// confd.

function startConfd(state: State, restarts: number): Step {
  return [
    { ...state, confd: { is: "running", restarts } },
    [{ type: "spawn", child: "confd" }, arm("confdStable", STABLE_MS)],
  ];
}

function confdEnded(state: State, status: number): Step {
  if (state.confd.is !== "running") return [state, []];
  const { restarts } = state.confd;
  const gone: State = { ...state, confd: { is: "gone" } };
  const effects = disarm("confdStable");
  switch (state.phase.is) {
    case "stopping":
      return endIfAllGone(gone, [...effects, ...disarm("confdGrace")]);
    case "waiting":
    case "settling":
      return state.options.confdExit === "stop" || restarts >= RESTARTS_BEFORE_START
        ? stop(gone, { status: UNAVAILABLE, effects })
        : backOff(state, restarts, effects);
    case "restarting":
      return state.options.confdExit === "stop"
        ? stop(gone, { status: state.phase.status || status, effects })
        : backOff(state, restarts, effects);
    default:
      return state.options.confdExit === "stop"
        ? stop(gone, { confdStatus: status, effects })
        : backOff(state, restarts, effects);
  }
}

function backOff(state: State, restarts: number, effects: Effect[]): Step {
  const next: State = { ...state, confd: { is: "backingOff", restarts: restarts + 1 } };
  return settleOrWait(next, [...effects, arm("confdBackoff", backoffMs(restarts))]);
}

/** confd cannot be started. At first that is a mistake of the user's; later it is an end like another. */
function confdMissing(state: State, status: number): Step {
  if (state.phase.is === "waiting" && state.confd.is === "running" && state.confd.restarts === 0) {
    return stop({ ...state, confd: { is: "gone" } }, { status, effects: disarm("confdStable") });
  }
  return confdEnded(state, status);
}

// The service, and the end.

function serviceEnded(state: State, status: number): Step {
  const { phase } = state;
  if (phase.is === "running") {
    const { restart, restartMax } = state.options;
    const again = restart === "always" || (restart === "on-failure" && status !== 0);
    return again && state.serviceRestarts < restartMax
      ? restartLater(state, status)
      : stop(state, { status, effects: disarm("serviceStable") });
  }
  if (phase.is !== "stopping" || phase.service === "gone") return [state, []];
  const final = status === 0 ? phase.confdStatus : status;
  const next: State = { ...state, phase: { ...phase, service: "gone", status: final } };
  const effects: Effect[] = [...disarm("stopTimeout"), { type: "kill", child: "service" }];
  if (state.confd.is === "running") effects.push(arm("confdGrace", CONFD_GRACE_MS));
  return endIfAllGone(next, effects);
}

/** The service cannot be started. To try again would not help. */
function serviceMissing(state: State, status: number): Step {
  return state.phase.is === "running"
    ? stop(state, { status, effects: disarm("serviceStable") })
    : serviceEnded(state, status);
}

function restartLater(state: State, status: number): Step {
  const restarts = state.serviceRestarts;
  return [
    { ...state, phase: { is: "restarting", status }, serviceRestarts: restarts + 1 },
    [
      ...disarm("settle", "settleLimit", "reloadRetry", "serviceStable"),
      { type: "kill", child: "service" },
      arm("serviceBackoff", backoffMs(restarts)),
    ],
  ];
}

/** What a service needs for its first start it needs for every other. */
function startAgain(state: State): Step {
  return pending(state).length > 0 ? waitAgain(state) : startService(state, []);
}

interface Stop {
  /** The exit status where the service is not running, or no longer. */
  status?: number;
  /** What the sidecar was sent. */
  signal?: string;
  confdStatus?: number;
  /** What is to be done first. */
  effects: Effect[];
}

/** Begins to stop. With a `status` there is no service (any more) whose end is to be waited for. */
function stop(state: State, { status, signal = "SIGTERM", confdStatus = 0, effects }: Stop): Step {
  const running = state.phase.is === "running" && status === undefined;
  const phase: Phase = {
    is: "stopping",
    service: running ? "running" : "gone",
    status: status ?? statusOfSignal(signal),
    confdStatus,
    killed: false,
  };
  const all = [
    ...effects,
    ...disarm("settle", "settleLimit", "startTimeout", "stillWaiting", "inquiry", "confdBackoff", "confdStable"),
    ...disarm("reloadRetry", "serviceBackoff", "serviceStable"),
  ];
  if (running) {
    all.push({ type: "signal", child: "service", signal: stopSignalFor(state.options, signal) });
    if (state.options.stopTimeoutMs > 0) all.push(arm("stopTimeout", state.options.stopTimeoutMs));
  } else if (state.phase.is === "running") {
    all.push({ type: "kill", child: "service" });
  }
  let { confd } = state;
  if (confd.is === "running") {
    all.push({ type: "signal", child: "confd", signal: "SIGTERM" });
    if (!running) all.push(arm("confdGrace", CONFD_GRACE_MS));
  } else {
    confd = { is: "gone" };
  }
  return endIfAllGone({ ...withoutInquiry(state), phase, confd }, all);
}

function endIfAllGone(state: State, effects: Effect[]): Step {
  const { phase, confd } = state;
  if (phase.is !== "stopping" || phase.service !== "gone" || confd.is !== "gone") return [state, effects];
  return [
    { ...state, phase: { is: "ended", status: phase.status } },
    [...effects, { type: "exit", status: phase.status }],
  ];
}

// Signals.

function signalReceived(state: State, signal: string): Step {
  if (state.options.signals.get(signal) === null) return [state, []];
  if (!STOPPING.includes(signal)) return forward(state, signal);
  switch (state.phase.is) {
    case "stopping":
      return killAll(state);
    case "running":
      return stop(state, { signal, effects: [] });
    case "restarting":
      return stop(state, { status: state.phase.status, effects: [] });
    default:
      return stop(state, { status: statusOfSignal(signal), effects: [] });
  }
}

/** Other signals are the service's business: where it does not run they are nobody's. */
function forward(state: State, signal: string): Step {
  const { phase, options } = state;
  const runs = phase.is === "running" || (phase.is === "stopping" && phase.service === "running");
  return [state, runs ? [{ type: "signal", child: "service", signal: options.signals.get(signal) ?? signal }] : []];
}

/** What tells the service to stop when the sidecar was sent `signal`: a rule of the user's comes first. */
function stopSignalFor({ signals, stopSignal }: Options, signal: string): string {
  return signals.get(signal) ?? (stopSignal || signal);
}

function killAll(state: State): Step {
  if (state.phase.is !== "stopping") return [state, []];
  const effects: Effect[] = disarm("stopTimeout", "confdGrace");
  if (state.phase.service === "running") effects.push({ type: "kill", child: "service" });
  if (state.confd.is === "running") effects.push({ type: "kill", child: "confd" });
  return [{ ...state, phase: { ...state.phase, killed: true } }, effects];
}

// Timers.

function timerFired(state: State, timer: Timer): Step {
  switch (timer) {
    case "settle":
    case "settleLimit":
      return settled(state);
    case "startTimeout":
      return state.phase.is === "waiting" ? stop(state, { status: UNAVAILABLE, effects: [] }) : [state, []];
    case "stillWaiting":
      return [state, state.phase.is === "waiting" ? [arm("stillWaiting", STILL_WAITING_MS)] : []];
    case "inquiry":
      return [{ ...state, inquiry: { ...state.inquiry, is: "asked" } }, [{ type: "inquire" }]];
    case "confdBackoff":
      if (state.confd.is !== "backingOff") return [state, []];
      return settleOrWait(...startConfd(state, state.confd.restarts));
    case "reloadRetry":
      return reloadAgain(state);
    case "serviceBackoff":
      return state.phase.is === "restarting" ? startAgain(state) : [state, []];
    case "serviceStable":
      return [{ ...state, serviceRestarts: 0 }, []];
    case "confdStable":
      return state.confd.is === "running" ? [{ ...state, confd: { is: "running", restarts: 0 } }, []] : [state, []];
    case "stopTimeout":
    case "confdGrace":
      return killAll(state);
  }
}

function arm(timer: Timer, ms: number): Effect {
  return { type: "arm", timer, ms };
}

function disarm(...timers: Timer[]): Effect[] {
  return timers.map((timer) => ({ type: "disarm", timer }));
}
