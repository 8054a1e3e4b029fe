/**
 * What others get to see of a run: the document behind `/status`, the page and `--status`. Fields are added to a schema;
 * none changes its meaning or goes.
 *
 * Times are RFC 3339, in UTC; `null` stands for what is not known, or did not happen. No field holds a secret.
 *
 * Pure: types alone.
 * @module
 */
/** What a run is doing. */
export type Phase =
  /** The service was not started yet. */
  | "waiting"
  /** The service runs, and nothing is on its way to it. */
  | "running"
  /** The service runs, and a change is on its way to it. */
  | "changing"
  /** The service is down, to be started again. */
  | "restarting"
  | "stopping";

/** Every phase, in the order of a run. */
export const PHASES: readonly Phase[] = ["waiting", "running", "changing", "restarting", "stopping"];

/** One thing that is looked at. */
export interface Condition {
  readonly name: "rendered" | "service" | "verified" | "change" | "confd" | "backend" | "hold" | "stop";
  /** `remark`: it is not as it should be, and counts with SIDECAR_READY=strict alone. */
  readonly is: "ok" | "no" | "remark";
  /** A few words: `ok`, `backing off`, `held until 12:00`. */
  readonly says: string;
}

/** One stage of a rollout. */
export type StepName =
  /** Changes are collected until nothing has changed for the settle time. */
  | "settle"
  /** The random delay of a fleet. */
  | "splay"
  /** The wait for a turn in the fleet. */
  | "turn"
  /** The check of staged files. */
  | "check"
  /** Files are put in place. */
  | "publish"
  /** The service is started. */
  | "start"
  | "reload"
  /** The service is stopped, to be started again. */
  | "restart"
  | "verify"
  /** Older files are put in place again. */
  | "rollBack";

/** How a step ended, or that it has not. */
export interface StepRecord {
  readonly name: StepName;
  /** When it began. */
  readonly at: string;
  /** How long it took; null while it lasts. */
  readonly seconds: number | null;
  readonly outcome: "running" | "ok" | "failed";
  /** Why it failed. */
  readonly reason: string | null;
}

/** What became of a rollout. `loaded`: nothing verifies it. */
export type RolloutOutcome =
  | "running"
  | "loaded"
  | "verified"
  | "takenBack"
  | "held"
  | "refused"
  | "failed"
  | "rolledBack";

/** One change on its way to the service. */
export interface RolloutRecord {
  /** Counts from 1 in a run. */
  readonly id: number;
  readonly at: string;
  /** What began it: the first start, a change, a try after a failure, an operator; `restart` is also the end of the service. */
  readonly trigger: "start" | "change" | "retry" | "reload" | "restart" | "rollback" | "release";
  /** Files that differ from what the service had loaded. */
  readonly destinations: readonly string[];
  readonly steps: readonly StepRecord[];
  readonly outcome: RolloutOutcome;
  /** From its first step to its end; null while it lasts. */
  readonly seconds: number | null;
  /** What changed, line by line, as SIDECAR_DIFF shows it; empty where it shows nothing. */
  readonly differences: readonly { readonly path: string; readonly lines: readonly string[] }[];
}

/** A file that confd renders. `current`: the service has loaded it. */
export interface DestinationStatus {
  readonly path: string;
  /** SHA-256 of what it holds; null: there is no file, or it is empty. */
  readonly digest: string | null;
  /** When it last became another. */
  readonly changed: string | null;
  readonly state: "current" | "pending" | "refused" | "missing" | "empty";
}

/** What identifies a member of a fleet. */
export interface FleetIdentity {
  readonly engine: "etcd" | "consul" | "fleetlock";
  /** The prefix of its keys, or the group. */
  readonly group: string;
  /** This member's name. */
  readonly id: string;
  /** How many may go at once, as this member was told; null: the engine decides. */
  readonly n: number | null;
}

/** This member of its fleet. */
export interface FleetStatus extends FleetIdentity {
  /** `kept`: it holds its turn since its change was not a success; `exempt`: it goes ahead without one. */
  readonly state: "none" | "waiting" | "holding" | "kept" | "exempt";
  /** Since when it waits, holds or keeps. */
  readonly since: string | null;
  /** Where it stands while it waits, as far as that is known. */
  readonly queue: {
    /** From 1. */
    readonly place: number;
    readonly length: number;
    /** How many may go at once now: one until a member has reported success. */
    readonly limit: number;
    /** The first of those before it, by name. */
    readonly ahead: readonly string[];
  } | null;
  /** Why the store could not be asked when it was asked last. */
  readonly away:
    | { readonly since: string; readonly kind: "away" | "denied" | "answer"; readonly reason: string }
    | null;
}

/** The whole document. */
export interface StatusDocument {
  readonly schema: 1;
  readonly version: string;
  readonly phase: Phase;
  /** When the phase began. */
  readonly since: string;
  /** When the run began. */
  readonly started: string;
  readonly ready: boolean;
  /** What `/readyz?verbose` says. */
  readonly conditions: readonly Condition[];
  readonly service: {
    readonly pid: number | null;
    readonly state: "notStarted" | "running" | "stopping" | "backingOff" | "ended";
    readonly started: string | null;
    readonly starts: number;
    readonly lastExit: { readonly at: string; readonly code: number; readonly signal: string | null } | null;
  };
  readonly confd: {
    readonly dialect: string;
    readonly version: string | null;
    readonly pid: number | null;
    readonly state: "notStarted" | "running" | "stopping" | "backingOff" | "ended";
    readonly mode: "watch" | "poll";
    readonly starts: number;
    readonly backend: string;
    /** Whether the backend answered when it was last asked. */
    readonly reachable: boolean | null;
    /** When confd last showed that it can read its backend. */
    readonly lastAnswer: string | null;
    /** Why confd cannot render, in its own words. */
    readonly complaint: string | null;
  };
  readonly config: {
    /** One digest for all files that the service has loaded. */
    readonly digest: string | null;
    readonly loaded: string | null;
    readonly verified: string | null;
    /** Since when there has been a change that the service has not loaded. */
    readonly pendingSince: string | null;
    readonly destinations: readonly DestinationStatus[];
  };
  /** Why the newest configuration is not in force. */
  readonly trouble: {
    readonly kind: "refused" | "rolledBack" | "failed";
    readonly reason: string;
    readonly since: string;
  } | null;
  /** The last 50, in the order in which they began, by their numbers: the newest last. */
  readonly rollouts: readonly RolloutRecord[];
  readonly hold: { readonly since: string; readonly until: string | null; readonly reason: string | null } | null;
  /** Null: there is no fleet. */
  readonly fleet: FleetStatus | null;
  readonly counts: {
    readonly changes: number;
    readonly changesTakenBack: number;
    readonly reloads: number;
    readonly failedReloads: number;
    readonly refusals: number;
    readonly rollbacks: number;
    readonly confdStale: number;
    readonly serviceKills: number;
    readonly orphansReaped: number;
  };
}
