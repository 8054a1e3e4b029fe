/**
 * The supervisor: every decision of a run, as a pure machine.
 *
 * Theory of operation. Four machines that do not know one another make up a run: two children (child.ts), confd and the
 * service; the rollout (rollout.ts), which brings the files that confd renders to the service; and the watchdog
 * (watchdog.ts), which finds out whether confd has missed a change. Here events find their machine, and what a machine
 * asks for that is another one's is passed on: the rollout asks for the service to be started or reloaded, the end of the
 * service stops the rollout, the watchdog has confd started again.
 *
 * The stop is here too, since it concerns all of them. It begins with a signal, with the end of a child that is not
 * started again, or where nothing can be rendered. Both children are told; the service has its stop timeout; once it is
 * gone confd has a second; whoever takes longer is killed. The run ends when both are gone.
 *
 * `step` has no clock and no randomness: time comes in as `timerFired`. Its host must perform the effects in their
 * order, and never fires a timer that was disarmed.
 *
 * Pure.
 * @module
 */
import { backOff, type Child, ended, isAlive, started, told, whileRunning } from "./child.ts";
import { CONFIG, UNAVAILABLE } from "./exit_status.ts";
import { pending } from "./files.ts";
import * as fleet from "./fleet.ts";
import { leave, overdue } from "./fleet_queue.ts";
import * as loading from "./loading.ts";
import type { Note } from "./notes.ts";
import { refusalOf } from "./operator.ts";
import type { Options } from "./options.ts";
import type { Command, Effect, Event, Timer } from "./protocol.ts";
import { published } from "./publishing.ts";
import * as rollouts from "./rollout.ts";
import type { RolloutTurn } from "./rollout.ts";
import { mayUseLastGood, outlivesService, type Rollout, waitingNote as whatIsMissing } from "./rollout_state.ts";
import { statusOfSignal } from "./signals.ts";
import { purposeOfDryRuns, type Run, type State, timersOf } from "./supervisor_state.ts";
import { countdown, rearm } from "./turn.ts";
import * as watchdogs from "./watchdog.ts";
import { kindOf, waysFor } from "./ways.ts";
import { probed, probeNow, restored, rollBackNow, serviceDied, verifyTimedOut } from "./way_back.ts";

/** What an event makes of a state, what is to be done about it, and what was decided. */
export interface Step {
  readonly state: State;
  readonly effects: readonly Effect[];
  readonly notes: readonly Note[];
}

/** How long confd has to stop: once the service has, or to be started again. In milliseconds. */
export const CONFD_GRACE_MS = 1000;
/** How often confd is started again, in a row, before the service's start, until the run is given up. */
const RESTARTS_BEFORE_START = 5;
/** Two stop signals that come closer than this, in milliseconds, are one: GNU timeout and some shells send it twice. */
const SAME_SIGNAL_MS = 500;
/** Signals that ask programs to quit, whether or not they stop the sidecar: an image's STOPSIGNAL may be one. */
const QUIT: readonly string[] = ["SIGTERM", "SIGINT", "SIGQUIT"];
/** How long the service has to quit where nothing limits its stop, in milliseconds. */
const QUIT_MS = 30_000;

/** The one function of the core: what an event makes of a state. */
export function step(state: State, event: Event): Step {
  if (state.run.is === "ended") return { state, effects: [], notes: [] };
  const turn: RolloutTurn = { options: state.options, effects: [], notes: [], outcome: null };
  const reacted = react(state, event, turn);
  const after = { ...reacted, watchdog: watchdogs.schedule(reacted.watchdog, purposeOfDryRuns(reacted), turn) };
  const fired = event.type === "timerFired" ? event.timer : undefined;
  const effects = [...turn.effects, ...rearm(timersOf(state), timersOf(after), fired)];
  if (after.run.is !== "ended") return { state: after, effects, notes: turn.notes };
  turn.notes.push({ is: "exiting", status: after.run.status });
  return { state: after, effects: [...effects, { type: "exit", status: after.run.status }], notes: turn.notes };
}

function react(state: State, event: Event, turn: RolloutTurn): State {
  switch (event.type) {
    case "begun":
      return begin(state, turn);
    case "signalReceived":
      return signalReceived(state, event.signal, turn);
    case "childExited": {
      const { child, code, signal } = event;
      const { is } = state[child];
      const why = is !== "stopping" ? null : state.run.is === "up" ? "restart" : "stop";
      const young = state[child].is === "running" && state[child].young !== null;
      turn.notes.push({ is: "childExited", child, code, signal, told: why, young });
      const status = signal === null ? code : statusOfSignal(signal);
      return child === "confd"
        ? confdEnded(complain(state, event.complaint), { status, fault: event.fault ?? null }, turn)
        : serviceEnded(state, status, turn);
    }
    case "spawnFailed":
      turn.notes.push({ is: "spawnFailed", child: event.child, reason: event.reason });
      return event.child === "confd"
        ? confdMissing(state, event.status, turn)
        : serviceMissing(state, event.status, turn);
    case "timerFired":
      return timerFired(state, event.timer, turn);
    case "commanded":
      return commanded(state, event.command, turn);
    default:
      // What was under way when the run began to stop is of no use any more.
      return state.run.is === "up" ? learn(state, event, turn) : state;
  }
}

type News = Exclude<
  Event,
  { type: "begun" | "signalReceived" | "childExited" | "spawnFailed" | "timerFired" | "commanded" }
>;

/** What the host has found out, or brought to its end. */
function learn(state: State, event: News, turn: RolloutTurn): State {
  const { rollout } = state;
  switch (event.type) {
    case "destinationChanged":
      if (rollout.files.get(event.dest)?.now === event.content) return state;
      return roll(
        { ...state, watchdog: confdHears(state) ? watchdogs.noticed(state.watchdog) : state.watchdog },
        rollouts.fileChanged(rollout, event, turn),
        turn,
      );
    case "destinationRendered":
      return roll(state, rollouts.rendered(rollout, [event.dest], turn), turn);
    case "dryRunEnded":
      return dryRunEnded(state, event.result, turn);
    case "checked":
      if (rollout.stage.is === "publishing") turn.notes.push({ is: "checked" });
      return state;
    case "published":
      return roll(state, published(rollout, event, turn), turn);
    case "restored":
      return roll(state, restored(rollout, event.contents, turn), turn);
    case "probeEnded":
      return roll(state, probed(rollout, event.failure, turn), turn);
    case "turnGranted":
      return roll(state, fleet.turnGranted(rollout, turn), turn);
    case "turnLost":
      return roll(state, fleet.turnLost(rollout, event.reason, turn), turn);
    case "turnRefused":
      return roll(state, fleet.turnRefused(rollout, event.reason, turn), turn);
    case "fleetReported":
      turn.notes.push({ is: "fleet", report: event.report });
      return state;
    case "reloadEnded":
      if (rollout.stage.is !== "applying") return state;
      return roll(state, reloadEnded(rollout, event, turn), turn);
  }
}

function reloadEnded(
  rollout: Rollout,
  { failure, failed }: Event & { type: "reloadEnded" },
  turn: RolloutTurn,
): Rollout {
  if (failure !== null) return loading.applyFailed(rollout, { reason: failure, ways: failed }, turn);
  const ways = waysFor(rollout.due, turn.options);
  turn.notes.push({ is: "reloaded", by: kindOf(ways), ways: ways.length, failures: rollout.failures });
  return loading.applied(rollout, turn);
}

function confdHears({ confd, rollout }: State): boolean {
  return confd.is === "running" && rollout.target === "reload";
}

/** The rollout has gone on; does what it asks for. */
function roll(state: State, rollout: Rollout, turn: RolloutTurn): State {
  const next = { ...state, rollout };
  const { outcome } = turn;
  turn.outcome = null;
  switch (outcome) {
    case "apply":
      return apply(next, turn);
    case "giveUp":
      return stop(next, { status: statusOfGivingUp(next) }, turn);
    case "noWayBack":
      return noWayBack(next, turn);
    case null:
      return next;
  }
}

/** A service that cannot be started again leaves its status; a set that was refused is an invalid configuration. */
function statusOfGivingUp({ service, rollout, options }: State): number {
  if (options.once && rollout.trouble?.kind === "refused") return CONFIG;
  return service.is === "absent" ? service.status ?? UNAVAILABLE : UNAVAILABLE;
}

/** Starts the service on what is in place, or makes it read that. */
function apply(state: State, turn: RolloutTurn): State {
  const { rollout, options, service } = state;
  if (rollout.target === "start" && options.once) {
    turn.notes.push({ is: "done" });
    return stop(state, { status: 0 }, turn);
  }
  if (rollout.target === "start") return startService(state, turn);
  const applying = loading.applying(rollout, turn);
  const ways = waysFor(applying.due, options);
  const by = kindOf(ways);
  turn.notes.push({ is: "reloading", by, ways: ways.length, failures: rollout.failures });
  switch (by) {
    case "none":
      return roll(state, loading.applied(applying, turn), turn);
    case "restart":
      return restartService(state, service, turn);
    default:
      turn.effects.push({ type: "reload", ways: ways.map(({ id }) => id) });
      return { ...state, rollout: applying };
  }
}

// The service.

function startService(state: State, turn: RolloutTurn): State {
  const { service } = state;
  turn.effects.push({ type: "spawn", child: "service" });
  turn.notes.push({ is: "serviceStarted", again: service.is !== "absent" || service.status !== null });
  return roll({ ...state, service: started(service) }, loading.serviceStarted(state.rollout, turn), turn);
}

/** Stops the service as in a stop, to start it again once it is gone. `counts` is what it counts its restarts by. */
function restartService(state: State, counts: Child, turn: RolloutTurn): State {
  const { options } = state;
  const signal = stopSignalFor(options, "SIGTERM");
  turn.effects.push({ type: "signal", child: "service", signal });
  turn.notes.push({ is: "serviceStopping", signal, toRestart: true });
  const service = told(counts, options.stopTimeoutMs || null);
  return { ...state, service, rollout: loading.servicePaused(state.rollout, turn) };
}

/** The service is not well, and there is nothing to go back to: it is restarted if the user wants that, else the run ends. */
function noWayBack(state: State, turn: RolloutTurn): State {
  const { service, options } = state;
  if (!mayRestart(state)) return stop(state, { confdStatus: UNAVAILABLE }, turn);
  return restartService({ ...state, options }, { ...service, restarts: service.restarts + 1 }, turn);
}

function mayRestart({ service, options: { restart, restartMax } }: State): boolean {
  return restart !== "never" && service.restarts < restartMax;
}

/** The service has ended with a status. What it left behind is ended too. */
function serviceEnded(state: State, status: number, turn: RolloutTurn): State {
  const { service, rollout, run } = state;
  if (!isAlive(service)) return state;
  turn.effects.push({ type: "kill", child: "service" });
  const gone: State = { ...state, service: ended(service, status) };
  if (run.is === "stopping") {
    const { confd } = state;
    const stopped: Run = { ...run, status: status === 0 ? run.confdStatus : status };
    return endIfAllGone({
      ...gone,
      run: stopped,
      confd: confd.is === "stopping" ? told(confd, CONFD_GRACE_MS) : confd,
    });
  }
  if (service.is === "stopping") return roll(gone, loading.startAgain(rollout, turn), turn);
  if (outlivesService(rollout)) return roll(gone, serviceDied(rollout, turn), turn);
  const { restart } = state.options;
  const wanted = service.is === "running" && service.quit === null &&
    (restart === "always" || (restart === "on-failure" && status !== 0));
  if (!wanted) return stop(gone, { status }, turn);
  if (mayRestart(state)) {
    const backing = backOff(service, status);
    turn.notes.push({ is: "backingOff", child: "service", ms: backing.delay.ms });
    return { ...state, service: backing, rollout: fleet.endedMeanwhile(loading.servicePaused(rollout, turn)) };
  }
  turn.notes.push({ is: "restartsGivenUp", restarts: service.restarts });
  return stop(gone, { status }, turn);
}

/** The service cannot be started. To try again would not help. */
function serviceMissing(state: State, status: number, turn: RolloutTurn): State {
  if (state.run.is !== "up") return serviceEnded(state, status, turn);
  turn.effects.push({ type: "kill", child: "service" });
  return stop({ ...state, service: ended(state.service, status) }, { status }, turn);
}

// confd.

function begin(state: State, turn: RolloutTurn): State {
  const { rollout } = state;
  if (rollout.hold === null) return beginToWait(state, turn);
  const { until, reason, fromEarlierRun } = rollout.hold;
  turn.notes.push({ is: "holding", forMs: until?.ms ?? null, reason, again: true });
  if (!fromEarlierRun) return beginToWait(state, turn);
  return startConfd({ ...state, rollout: rollouts.bringBack(rollout, "fromEarlierRun", turn) }, turn);
}

function beginToWait(state: State, turn: RolloutTurn): State {
  const next = startConfd({ ...state, rollout: rollouts.wait(state.rollout, turn) }, turn);
  if (next.rollout.window === null) turn.notes.push(waitingNote(next));
  return next;
}

function startConfd(state: State, turn: RolloutTurn): State {
  const { confd, watchdog, options } = state;
  turn.effects.push({ type: "spawn", child: "confd", follow: watchdog.follow });
  const again = confd.is !== "absent" || confd.status !== null;
  turn.notes.push({ is: "confdStarted", again, settleMs: options.settleMs });
  return { ...state, confd: started(confd), watchdog: watchdogs.confdStarted(watchdog) };
}

/** Why confd ended is why files are missing. */
function complain(state: State, complaint?: string): State {
  const missing = pending(state.rollout.files);
  if (complaint === undefined || missing.length === 0) return state;
  return { ...state, watchdog: watchdogs.confdEnded(state.watchdog, missing, complaint) };
}

/** confd has ended with a status. */
function confdEnded(
  state: State,
  { status, fault }: { status: number; fault: string | null },
  turn: RolloutTurn,
): State {
  const { confd, service, rollout, run, options } = state;
  if (!isAlive(confd)) return state;
  if (run.is === "stopping") return endIfAllGone({ ...state, confd: ended(confd, status) });
  if (confd.is === "stopping") return startConfd({ ...state, confd: ended({ ...confd, restarts: 0 }, status) }, turn);
  const gone: State = { ...state, confd: ended(confd, status) };
  // While files are being put in place, or were, there is something to start the service on.
  const beforeStart = service.is === "absent" && rollout.stage.is !== "restoring";
  if (beforeStart && (fault !== null || options.confdExit === "stop")) {
    turn.notes.push({ is: "confdGivenUp", fault });
    return stop(gone, { status: fault === null ? UNAVAILABLE : CONFIG }, turn);
  }
  if (options.confdExit === "stop" && service.is !== "absent") {
    return stop(
      gone,
      service.is === "backingOff" ? { status: service.status || status } : { confdStatus: status },
      turn,
    );
  }
  if (beforeStart && rollout.stage.is !== "publishing" && confd.restarts >= RESTARTS_BEFORE_START) {
    turn.notes.push({ is: "confdGivenUp", fault });
    return mayUseLastGood(rollout, options)
      ? roll(backOffConfd(state, status, turn), rollouts.giveUp(rollout, turn), turn)
      : stop(gone, { status: UNAVAILABLE }, turn);
  }
  return backOffConfd(state, status, turn);
}

function backOffConfd(state: State, status: number, { notes }: RolloutTurn): State {
  const confd = backOff(state.confd, status);
  notes.push({ is: "backingOff", child: "confd", ms: confd.delay.ms });
  return { ...state, confd };
}

/** confd cannot be started. At first that is a mistake of the user's; later it is an end like another. */
function confdMissing(state: State, status: number, turn: RolloutTurn): State {
  const { confd, service, run } = state;
  const first = run.is === "up" && service.is === "absent" && service.status === null && confd.restarts === 0;
  return first
    ? stop({ ...state, confd: ended(confd, status) }, { status }, turn)
    : confdEnded(state, { status, fault: null }, turn);
}

/** Starts confd again, for it has missed a change: it renders everything at its start. */
function restartConfd(state: State, turn: RolloutTurn): State {
  if (state.confd.is !== "running") return state;
  turn.effects.push({ type: "signal", child: "confd", signal: "SIGTERM" });
  turn.notes.push({ is: "confdSignalled", signal: "SIGTERM" });
  return { ...state, confd: told(state.confd, CONFD_GRACE_MS) };
}

function dryRunEnded(state: State, result: (Event & { type: "dryRunEnded" })["result"], turn: RolloutTurn): State {
  const { service, confd } = state;
  const told = roll(state, rollouts.rendered(state.rollout, result.inSync, turn), turn);
  const end = {
    result,
    files: told.rollout.files,
    watched: confd.is === "running",
    started: state.rollout.stage.is !== "waiting" || service.is !== "absent",
  };
  const [watchdog, missed] = watchdogs.dryRunEnded(told.watchdog, end, turn);
  const next = { ...told, watchdog };
  return missed ? restartConfd(next, turn) : next;
}

// Operators.

function commanded(state: State, command: Command, turn: RolloutTurn): State {
  const { rollout, service } = state;
  const refusal = refusalOf(state, command);
  turn.notes.push({ is: "commanded", command: command.is, refusal });
  if (refusal !== null) return state;
  switch (command.is) {
    case "hold":
      return { ...state, rollout: rollouts.hold(rollout, command, turn) };
    case "release":
      return release(state, turn);
    case "reload":
      return roll(state, rollouts.force(rollout, turn), turn);
    case "rollBack":
      return roll(state, rollBackNow(rollout, turn), turn);
    case "restart":
      if (service.is === "running") {
        const stopping = restartService(state, service, turn);
        return { ...stopping, rollout: fleet.endedMeanwhile(stopping.rollout) };
      }
      return roll({ ...state, service: ended(service, 0) }, loading.startAgain(rollout, turn), turn);
  }
}

/** Whatever waits for an operator waits no longer: what is held, and the fleet. */
function release(state: State, turn: RolloutTurn): State {
  const freed = roll(state, fleet.giveUpTurn(state.rollout, turn), turn);
  return freed.rollout.hold === null ? freed : roll(freed, rollouts.release(freed.rollout, "operator", turn), turn);
}

// Signals.

function signalReceived(state: State, signal: string, turn: RolloutTurn): State {
  const { options, run, service } = state;
  const rule = options.signals.get(signal);
  const note = (use: (Note & { is: "signalReceived" })["use"], sent: string | null = null) =>
    turn.notes.push({ is: "signalReceived", signal, use, sent });
  if (rule === null) {
    note("ignore");
    return state;
  }
  if (run.is === "stopping" && options.stopOn.includes(signal)) return stopAgain(state, signal, turn);
  const serves = isAlive(service);
  if (options.stopOn.includes(signal) || (!serves && QUIT.includes(signal) && run.is === "up")) {
    note(service.is === "absent" && service.status === null ? "stopBeforeStart" : "stop");
    const status = serves ? undefined : service.is === "backingOff" ? service.status : statusOfSignal(signal);
    return stop(state, { signal, status }, turn);
  }
  const { by } = options.reload;
  if (signal === "SIGHUP" && rule === undefined && !["signal", "none"].includes(by) && run.is === "up") {
    const runs = service.is === "running";
    note(runs ? "reload" : "drop");
    return runs ? roll(state, rollouts.force(state.rollout, turn), turn) : state;
  }
  if (!serves) {
    note("drop");
    return state;
  }
  const sent = rule ?? signal;
  note("forward", sent);
  turn.effects.push({ type: "signal", child: "service", signal: sent });
  if (!QUIT.includes(sent)) return state;
  return { ...state, service: whileRunning(service, { quit: countdown(options.stopTimeoutMs || QUIT_MS) }) };
}

/** What tells the service to stop when the sidecar was sent `signal`: a rule of the user's comes first. */
function stopSignalFor({ signals, stopSignal }: Options, signal: string): string {
  return signals.get(signal) ?? (stopSignal || signal);
}

// The stop.

/** Begins to stop. A service that is not alive any more, or never was, leaves `status`. */
function stop(
  state: State,
  { signal, status, confdStatus = 0 }: { signal?: string; status?: number; confdStatus?: number },
  turn: RolloutTurn,
): State {
  const { service, confd, options } = state;
  loading.halt(state.rollout, turn);
  const serves = isAlive(service);
  if (serves) {
    const sent = stopSignalFor(options, signal ?? "SIGTERM");
    turn.effects.push({ type: "signal", child: "service", signal: sent });
    turn.notes.push({ is: "serviceStopping", signal: sent, toRestart: false });
  }
  if (isAlive(confd)) {
    turn.effects.push({ type: "signal", child: "confd", signal: "SIGTERM" });
    turn.notes.push({ is: "confdSignalled", signal: "SIGTERM" });
  }
  return endIfAllGone({
    ...state,
    rollout: leave(state.rollout, "stop", turn),
    run: {
      is: "stopping",
      status: status ?? statusOfSignal(signal ?? "SIGTERM"),
      confdStatus,
      next: signal === undefined ? "first" : countdown(SAME_SIGNAL_MS),
      killed: false,
    },
    service: serves ? told(service, options.stopTimeoutMs || null) : ended(service, status ?? 0),
    // While the service stops, confd may take its time.
    confd: isAlive(confd) ? told(confd, serves ? null : CONFD_GRACE_MS) : ended(confd, 0),
  });
}

/** A stop signal while the run stops: the same one, or another, which kills what is left. */
function stopAgain(state: State, signal: string, turn: RolloutTurn): State {
  const { run } = state;
  if (run.is !== "stopping") return state;
  const kills = run.next === "another";
  turn.notes.push({ is: "signalReceived", signal, use: kills ? "kill" : "same", sent: null });
  if (kills) return killAll(state, turn);
  return run.next === "first" ? { ...state, run: { ...run, next: countdown(SAME_SIGNAL_MS) } } : state;
}

/** The time to stop in peace is over. */
function killAll(state: State, { effects }: RolloutTurn): State {
  const { run, service, confd } = state;
  if (run.is !== "stopping") return state;
  if (isAlive(service)) effects.push({ type: "kill", child: "service" });
  if (isAlive(confd)) effects.push({ type: "kill", child: "confd" });
  return { ...state, run: { ...run, killed: true }, service: unlimited(service), confd: unlimited(confd) };
}

function unlimited(child: Child): Child {
  return child.is === "stopping" ? { ...child, limit: null } : child;
}

/** The run ends once both children are gone. */
function endIfAllGone(state: State): State {
  const { run, service, confd } = state;
  if (run.is !== "stopping" || isAlive(service) || isAlive(confd)) return state;
  return { ...state, run: { is: "ended", status: run.status } };
}

// Time.

function timerFired(state: State, timer: Timer, turn: RolloutTurn): State {
  const { rollout, confd, service, run, watchdog } = state;
  const go = (next: Rollout) => roll(state, next, turn);
  switch (timer) {
    case "settle":
      return go(rollouts.closeWindow(rollout, turn));
    case "settleLimit":
      return go(rollouts.closeWindow(fleet.goesOnChanging(rollout), turn));
    case "startTimeout":
      return startTimedOut(state, turn);
    case "stillWaiting": {
      if (rollout.stage.is !== "waiting") return state;
      turn.notes.push(waitingNote(state));
      const reminder = countdown(rollouts.STILL_WAITING_MS);
      return { ...state, rollout: { ...rollout, stage: { ...rollout.stage, reminder } } };
    }
    case "splay":
      return go(rollouts.splayOver(rollout, turn));
    case "fleetTimeout":
      return go(overdue(rollout, turn));
    case "fleetDelay":
      return go(fleet.goesUnasked(rollout, turn));
    case "retry":
      return go(rollouts.retry(rollout, turn));
    case "probe":
      return go(probeNow(rollout, turn));
    case "verifyTimeout":
      return go(verifyTimedOut(rollout, turn));
    case "keep":
      return go(loading.keepNow(rollout, turn));
    case "hold":
      return go(rollouts.release(rollout, "time", turn));
    case "reminder":
      return go(rollouts.remind(rollout, turn));
    case "calm":
      return go(rollouts.calmed(rollout));
    case "dryRun":
      return { ...state, watchdog: watchdogs.dryRun(watchdog, turn) };
    case "confdBackoff":
      return startConfd(state, turn);
    case "confdStable":
      return { ...state, confd: whileRunning(confd, { restarts: 0, stable: null }) };
    case "serviceBackoff":
      if (service.is !== "backingOff") return state;
      return roll({ ...state, service: ended(service, service.status) }, loading.startAgain(rollout, turn), turn);
    case "serviceStable":
      return { ...state, service: whileRunning(service, { restarts: 0, stable: null }) };
    case "serviceYoung":
      return { ...state, service: whileRunning(service, { young: null }) };
    case "quit":
      return { ...state, service: whileRunning(service, { quit: null }) };
    case "stopTimeout":
      turn.notes.push({ is: "killing", child: "service", afterMs: state.options.stopTimeoutMs });
      if (run.is === "stopping") return killAll(state, turn);
      turn.effects.push({ type: "kill", child: "service" });
      return { ...state, service: unlimited(service) };
    case "confdGrace":
      turn.notes.push({ is: "killing", child: "confd", afterMs: CONFD_GRACE_MS });
      if (run.is === "stopping") return killAll(state, turn);
      turn.effects.push({ type: "kill", child: "confd" });
      return { ...state, confd: unlimited(confd) };
    case "stopAgain":
      return run.is === "stopping" ? { ...state, run: { ...run, next: "another" } } : state;
  }
}

function startTimedOut(state: State, turn: RolloutTurn): State {
  const { rollout, options, watchdog } = state;
  turn.notes.push({
    is: "startTimedOut",
    dests: pending(rollout.files),
    reasons: watchdog.reasons,
    limitMs: options.startTimeoutMs,
    restores: mayUseLastGood(rollout, options),
  });
  return roll(state, rollouts.giveUp(rollout, turn), turn);
}

function waitingNote({ rollout, watchdog }: State): Note {
  return { ...whatIsMissing(rollout), reasons: watchdog.reasons };
}
