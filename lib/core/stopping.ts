/**
 * The end of a run: both children are told, waited for, and killed when they take too long.
 *
 * Pure.
 * @module
 */
import { statusOfSignal } from "./exit_status.ts";
import type { Effect } from "./protocol.ts";
import { arm, CONFD_GRACE_MS, disarm, type Phase, type State, type Step, stopSignalFor } from "./state.ts";

/** How a stop begins. */
export interface Stop {
  /** The exit status where the service is not running, or no longer. */
  status?: number;
  /** What the sidecar was sent. */
  signal?: string;
  confdStatus?: number;
  /** What is to be done first. */
  effects: Effect[];
}

/** Begins to stop. With a `status` there is no service (any more) whose end is to be waited for. */
export function stop(state: State, { status, signal = "SIGTERM", confdStatus = 0, effects }: Stop): Step {
  const lives = state.phase.is === "running" || state.phase.is === "replacing";
  const running = lives && status === undefined;
  const phase: Phase = {
    is: "stopping",
    service: running ? "running" : "gone",
    status: status ?? statusOfSignal(signal),
    confdStatus,
    killed: false,
  };
  const all = [
    ...effects,
    ...disarm("settle", "settleLimit", "startTimeout", "stillWaiting", "confdBackoff", "confdStable"),
    ...disarm("splay", "reloadRetry", "keep", "stopTimeout", "serviceBackoff", "serviceStable"),
  ];
  if (running) {
    all.push({ type: "signal", child: "service", signal: stopSignalFor(state.options, signal) });
    if (state.options.stopTimeoutMs > 0) all.push(arm("stopTimeout", state.options.stopTimeoutMs));
  } else if (lives) {
    all.push({ type: "kill", child: "service" });
  }
  let { confd } = state;
  if (confd.is === "running" || confd.is === "replacing") {
    // A time that it had to end in order to be started again is not the time for this.
    if (confd.is === "replacing") all.push(...disarm("confdGrace"));
    confd = { is: "running", restarts: 0 };
    all.push({ type: "signal", child: "confd", signal: "SIGTERM" });
    if (!running) all.push(arm("confdGrace", CONFD_GRACE_MS));
  } else {
    confd = { is: "gone" };
  }
  return endIfAllGone({ ...state, phase, confd }, all);
}

/** The run ends once both children are gone. */
export function endIfAllGone(state: State, effects: Effect[]): Step {
  const { phase, confd } = state;
  if (phase.is !== "stopping" || phase.service !== "gone" || confd.is !== "gone") return [state, effects];
  return [
    { ...state, phase: { is: "ended", status: phase.status } },
    [...effects, { type: "exit", status: phase.status }],
  ];
}

/** The time to stop in peace is over. */
export function killAll(state: State): Step {
  if (state.phase.is !== "stopping") return [state, []];
  const effects: Effect[] = disarm("stopTimeout", "confdGrace");
  if (state.phase.service === "running") effects.push({ type: "kill", child: "service" });
  if (state.confd.is === "running") effects.push({ type: "kill", child: "confd" });
  return [{ ...state, phase: { ...state.phase, killed: true } }, effects];
}
