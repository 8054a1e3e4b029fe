/**
 * confd's life: its start, its end, and its restarts.
 *
 * Pure.
 * @module
 */
import { backoffMs, STABLE_MS } from "./backoff.ts";
import { UNAVAILABLE } from "./exit_status.ts";
import type { Effect } from "./protocol.ts";
import { giveUp } from "./service.ts";
import { arm, CONFD_GRACE_MS, disarm, RESTARTS_BEFORE_START, type State, type Step } from "./state.ts";
import { endIfAllGone, stop } from "./stopping.ts";
import { mayUseLastGood, settleOrWait } from "./waiting.ts";

/** Starts confd; `restarts` counts its ends in a row. */
export function startConfd(state: State, restarts: number): Step {
  const { listening } = state;
  return [
    { ...state, confd: { is: "running", restarts }, listening: { ...listening, synced: false, doubts: new Map() } },
    [{ type: "spawn", child: "confd", follow: listening.by }, arm("confdStable", STABLE_MS)],
  ];
}

/** Ends a confd that runs, to start it again. */
export function replaceConfd(state: State, effects: Effect[]): Step {
  return [
    { ...state, confd: { is: "replacing" } },
    [
      ...effects,
      ...disarm("confdStable"),
      { type: "signal", child: "confd", signal: "SIGTERM" },
      arm("confdGrace", CONFD_GRACE_MS),
    ],
  ];
}

/** confd has not ended in time. */
export function killConfd(state: State): Step {
  return [state, state.confd.is === "replacing" ? [{ type: "kill", child: "confd" }] : []];
}

/** confd has ended with a status. */
export function confdEnded(state: State, status: number): Step {
  if (state.confd.is === "replacing") {
    const [next, effects] = startConfd(state, 0);
    return [next, [...disarm("confdGrace"), ...effects]];
  }
  if (state.confd.is !== "running") return [state, []];
  const { restarts } = state.confd;
  const gone: State = { ...state, confd: { is: "gone" } };
  const effects = disarm("confdStable");
  switch (state.phase.is) {
    case "stopping":
      return endIfAllGone(gone, [...effects, ...disarm("confdGrace")]);
    case "waiting":
    case "settling":
    case "publishing":
    case "refused":
      if (state.options.confdExit === "stop") return stop(gone, { status: UNAVAILABLE, effects });
      return restarts >= RESTARTS_BEFORE_START ? giveUpOnConfd(state, effects) : backOff(state, restarts, effects);
    case "restoring":
      return backOff(state, restarts, effects);
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

/** Either the run ends now, or the service is started without confd, which goes on trying. */
function giveUpOnConfd(state: State, effects: Effect[]): Step {
  if (!mayUseLastGood(state)) return stop({ ...state, confd: { is: "gone" } }, { status: UNAVAILABLE, effects });
  const [backing, more] = backOff(state, RESTARTS_BEFORE_START, effects);
  return giveUp(backing, more);
}

function backOff(state: State, restarts: number, effects: Effect[]): Step {
  const next: State = { ...state, confd: { is: "backingOff", restarts: restarts + 1 } };
  return settleOrWait(next, [...effects, arm("confdBackoff", backoffMs(restarts))]);
}

/** confd cannot be started. At first that is a mistake of the user's; later it is an end like another. */
export function confdMissing(state: State, status: number): Step {
  if (state.phase.is === "waiting" && state.confd.is === "running" && state.confd.restarts === 0) {
    return stop({ ...state, confd: { is: "gone" } }, { status, effects: disarm("confdStable") });
  }
  return confdEnded(state, status);
}
