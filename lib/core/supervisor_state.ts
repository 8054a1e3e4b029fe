/**
 * All that the supervisor knows (supervisor.ts has its theory of operation), and what follows from that: the timers that
 * are armed, and what dry runs are wanted for.
 *
 * Pure.
 * @module
 */
import { type Child, NEVER_STARTED } from "./child.ts";
import { type Contents, pending } from "./files.ts";
import type { Hold } from "./rollout_state.ts";
import type { Options } from "./options.ts";
import type { Timer } from "./protocol.ts";
import { initialRollout, type Rollout, rolloutTimers } from "./rollout_state.ts";
import type { Countdown, Timers } from "./turn.ts";
import { initialWatchdog, type Purpose, type Watchdog } from "./watchdog.ts";

/** How far the run is from its end. */
export type Run =
  | { readonly is: "up" }
  | {
    readonly is: "stopping";
    /** The exit status: the service's, or what stands for it where it never ran or has not ended. */
    readonly status: number;
    /** confd's status where it is the cause of the stop: it stands where the service's is 0. */
    readonly confdStatus: number;
    /** What the next stop signal would be: the first one, the same one sent twice while the countdown runs, or another. */
    readonly next: "first" | Countdown | "another";
    readonly killed: boolean;
  }
  | { readonly is: "ended"; readonly status: number };

/** All that the supervisor knows. */
export interface State {
  readonly options: Options;
  readonly run: Run;
  readonly confd: Child;
  readonly service: Child;
  readonly rollout: Rollout;
  readonly watchdog: Watchdog;
}

/** What an earlier run has left. */
export interface FromEarlierRun {
  /** True if there are last good files for every destination. @default false */
  readonly hasBackup?: boolean;
  /** Changes are still held. @default null */
  readonly hold?: Hold | null;
}

/** The state before anything happened. */
export function initialState(
  options: Options,
  onDisk: Contents,
  { hasBackup = false, hold = null }: FromEarlierRun = {},
): State {
  return {
    options,
    run: { is: "up" },
    confd: NEVER_STARTED,
    service: NEVER_STARTED,
    rollout: initialRollout(onDisk, { hasBackup, hold, optional: options.optional }),
    watchdog: initialWatchdog(options.follow),
  };
}

/** The timers that are armed in a state. */
export function timersOf({ run, confd, service, rollout, watchdog, options }: State): Timers {
  const timers: [Timer, Countdown | null][] = [];
  if (run.is === "ended") return new Map();
  if (run.is === "up") timers.push(...rolloutTimers(rollout, options), ["dryRun", watchdog.next]);
  else if (typeof run.next === "object") timers.push(["stopAgain", run.next]);
  if (confd.is === "running") timers.push(["confdStable", confd.stable]);
  if (confd.is === "stopping") timers.push(["confdGrace", confd.limit]);
  if (confd.is === "backingOff") timers.push(["confdBackoff", confd.delay]);
  if (service.is === "running") {
    timers.push(["serviceStable", service.stable], ["serviceYoung", service.young], ["quit", service.quit]);
  }
  if (service.is === "stopping") timers.push(["stopTimeout", service.limit]);
  if (service.is === "backingOff") timers.push(["serviceBackoff", service.delay]);
  return new Map(timers.filter((entry): entry is [Timer, Countdown] => entry[1] !== null));
}

/** What dry runs are wanted for. */
export function purposeOfDryRuns({ run, confd, rollout }: State): Purpose {
  if (run.is !== "up" || confd.is !== "running") return "none";
  if (rollout.stage.is !== "waiting" || rollout.window !== null) return "watch";
  const missing = pending(rollout.files);
  if (missing.length === 0) return "watch";
  // A file that was there already, and is up to date, shows no trace of confd's work.
  return missing.every((dest) => rollout.files.get(dest)!.now !== null) ? "start" : "reasons";
}
