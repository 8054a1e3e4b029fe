/**
 * The supervisor: every decision of a run, as a pure machine.
 *
 * Theory of operation. A run goes through phases: it is `waiting` until confd has rendered every destination, then
 * `settling` until nothing has changed for the settle time, then the service is `running`, or `restarting` between two
 * lives; whatever ends the run makes it `stopping` until both children are gone, and then `ended`. confd has a life of
 * its own beside that: it is running, or backing off before it is started again, or gone for good. Where nothing can be
 * rendered and the user wants it, the run is `restoring` the last good files for a moment and goes on from there.
 *
 * Reloads are decided by content. Each destination carries the digest of what is on disk and of what the service last
 * loaded; a change opens a window, and when it closes the service is reloaded if the two differ anywhere. So a change
 * that was taken back reloads nothing, and a thousand changes reload once.
 *
 * `step` has no clock and no randomness: time comes in as `timerFired`. Its host must perform the effects in their
 * order, and never fires a timer that was disarmed.
 *
 * Where files are staged, confd renders into a private folder, and between settling and the start, and before each
 * reload, the new files are checked and put in place together (`publishing`). A first set that is `refused` waits for the
 * next change.
 *
 * The rooms: state.ts what is known, waiting.ts before the start, reloading.ts changes after it, publishing.ts staged
 * files, verifying.ts whether the service is well on them, asking.ts whether confd still hears its backend, service.ts
 * and confd.ts the two lives, stopping.ts the end. Here events find their room.
 *
 * Pure.
 * @module
 */
import { dryRunEnded, heard, scheduleDryRun } from "./watchdog.ts";
import { confdEnded, confdMissing, killConfd, startConfd } from "./confd.ts";
import { statusOfSignal } from "./exit_status.ts";
import type { Event, Timer } from "./protocol.ts";
import { closeWindow, keepNow, openWindow, reloadAgain, reloadEnded, splayOver } from "./reloading.ts";
import { publishAgain, published, publishFirst } from "./publishing.ts";
import { giveUp, restored, serviceEnded, serviceMissing, startAgain, startService } from "./service.ts";
import { arm, disarm, isRefused, pending, type State, type Step, STILL_WAITING_MS } from "./state.ts";
import { killAll, stop } from "./stopping.ts";
import { verifyEnded } from "./verifying.ts";
import { rendered, settleOrWait, wait } from "./waiting.ts";

/** The signals that stop a run. */
const STOPPING: readonly string[] = ["SIGTERM", "SIGINT"];

/** The one function of the core: what an event makes of a state, and what is to be done about it. */
export function step(state: State, event: Event): Step {
  if (state.phase.is === "ended") return [state, []];
  const [next, effects] = react(state, event);
  return scheduleDryRun(counted(state, event, next), effects);
}

/** Counts what went wrong. */
function counted(before: State, event: Event, after: State): State {
  const { refusals, failedReloads, rollbacks, deaf } = after.tally;
  if (event.type === "published" && event.failure?.refused) {
    return { ...after, tally: { ...after.tally, refusals: refusals + 1 } };
  }
  if (event.type === "reloadEnded" && event.failure !== null) {
    return { ...after, tally: { ...after.tally, failedReloads: failedReloads + 1 } };
  }
  if (after.confd.is === "replacing" && before.confd.is !== "replacing") {
    return { ...after, tally: { ...after.tally, deaf: deaf + 1 } };
  }
  if (after.rolledBack && !before.rolledBack) {
    return { ...after, tally: { ...after.tally, rollbacks: rollbacks + 1 } };
  }
  return after;
}

function react(state: State, event: Event): Step {
  switch (event.type) {
    case "begun":
      return wait(...startConfd(state, 0));
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
    case "dryRunEnded":
      return dryRunEnded(state, event.answer);
    case "reloadEnded":
      return reloadEnded(state, event.failure);
    case "published":
      return published(state, event.digests, event.failure);
    case "verifyEnded":
      return verifyEnded(state, event.failure);
    case "restored":
      return restored(state, event.digests);
    case "timerFired":
      return timerFired(state, event.timer);
  }
}

function destinationChanged(state: State, dest: string, digest: string | null): Step {
  const known = state.destinations.get(dest);
  if (known === undefined || known.digest === digest) return [state, []];
  const destinations = new Map(state.destinations).set(dest, { ...known, digest, rendered: digest !== null });
  const next = { ...state, destinations };
  switch (state.phase.is) {
    case "waiting":
      return settleOrWait(next, []);
    case "settling":
      return pending(next).length > 0
        ? wait(next, disarm("settle", "settleLimit"))
        : [next, [arm("settle", state.options.settleMs)]];
    case "refused":
      return isRefused(next) ? [next, []] : wait(next, disarm("reloadRetry"));
    case "running":
      return openWindow(heard(next));
    default:
      return [next, []];
  }
}

function settled(state: State): Step {
  if (state.phase.is !== "settling") return closeWindow(state);
  const effects = disarm("settle", "settleLimit");
  return state.options.staged ? publishFirst(state, effects) : startService(state, effects);
}

function signalReceived(state: State, signal: string): Step {
  if (state.options.signals.get(signal) === null) return [state, []];
  if (!STOPPING.includes(signal)) return forward(state, signal);
  switch (state.phase.is) {
    case "stopping":
      return killAll(state);
    case "running":
    case "replacing":
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
  const runs = phase.is === "running" || phase.is === "replacing" ||
    (phase.is === "stopping" && phase.service === "running");
  return [state, runs ? [{ type: "signal", child: "service", signal: options.signals.get(signal) ?? signal }] : []];
}

function timerFired(state: State, timer: Timer): Step {
  switch (timer) {
    case "settle":
    case "settleLimit":
      return settled(state);
    case "startTimeout":
      return state.phase.is === "waiting" ? giveUp(state, []) : [state, []];
    case "stillWaiting":
      return [state, [arm("stillWaiting", STILL_WAITING_MS)]];
    case "dryRun":
      return [{ ...state, dryRun: { ...state.dryRun, is: "asked" } }, [{ type: "dryRun" }]];
    case "confdBackoff":
      if (state.confd.is !== "backingOff") return [state, []];
      return settleOrWait(...startConfd(state, state.confd.restarts));
    case "splay":
      return splayOver(state);
    case "reloadRetry":
      return state.phase.is === "refused" ? publishAgain(state) : reloadAgain(state);
    case "keep":
      return keepNow(state);
    case "serviceBackoff":
      return state.phase.is === "restarting" ? startAgain(state, []) : [state, []];
    case "serviceStable":
      return [{ ...state, serviceRestarts: 0 }, []];
    case "confdStable":
      return state.confd.is === "running" ? [{ ...state, confd: { is: "running", restarts: 0 } }, []] : [state, []];
    case "stopTimeout":
      return state.phase.is === "replacing" ? [state, [{ type: "kill", child: "service" }]] : killAll(state);
    case "confdGrace":
      return state.phase.is === "stopping" ? killAll(state) : killConfd(state);
  }
}
