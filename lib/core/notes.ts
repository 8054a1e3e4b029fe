/**
 * What a step has decided, for those who look on: the log makes sentences of notes, metrics make numbers. Nobody has to
 * work out from two states what has happened between them.
 *
 * Pure: types alone.
 * @module
 */
import type { Content } from "./files.ts";
import type { FleetReport } from "./fleet_report.ts";
import type { ChildName, Command, Earlier } from "./protocol.ts";
import type { ReloadKind } from "./ways.ts";

/** What becomes of a signal that the sidecar was sent. */
export type SignalUse =
  /** It stops the run. */
  | "stop"
  /** It ends a run whose service has not been started. */
  | "stopBeforeStart"
  /** It is another stop signal: what is left is killed. */
  | "kill"
  /** It is the same stop signal, sent twice. */
  | "same"
  | "forward"
  /** It asks for a reload in the way that the user chose. */
  | "reload"
  /** There is nobody to forward it to. */
  | "drop"
  /** The user wants it dropped. */
  | "ignore";

/** One thing that was decided. */
export type Note =
  // Children.
  | { readonly is: "confdStarted"; readonly again: boolean; readonly settleMs: number }
  | { readonly is: "serviceStarted"; readonly again: boolean }
  | { readonly is: "spawnFailed"; readonly child: ChildName; readonly reason: string }
  | {
    readonly is: "childExited";
    readonly child: ChildName;
    readonly code: number;
    readonly signal: string | null;
    /** Whether it was told to: to stop with everything else, or to be started again. */
    readonly told: "stop" | "restart" | null;
    /** True if it was only just started. */
    readonly young: boolean;
  }
  | { readonly is: "backingOff"; readonly child: ChildName; readonly ms: number }
  | { readonly is: "restartsGivenUp"; readonly restarts: number }
  /** confd ended before the service was started, for the last time; `fault`: for a reason that cannot pass. */
  | { readonly is: "confdGivenUp"; readonly fault: string | null }
  | { readonly is: "confdSignalled"; readonly signal: string }
  | { readonly is: "serviceStopping"; readonly signal: string; readonly toRestart: boolean }
  | { readonly is: "killing"; readonly child: ChildName; readonly afterMs: number }
  | { readonly is: "signalReceived"; readonly signal: string; readonly use: SignalUse; readonly sent: string | null }
  | { readonly is: "exiting"; readonly status: number }
  // Operators.
  /** `refusal`: why it is not done; null: it is on its way. */
  | { readonly is: "commanded"; readonly command: Command["is"]; readonly refusal: string | null }
  /** `again`: the hold comes from an earlier run. */
  | {
    readonly is: "holding";
    readonly forMs: number | null;
    readonly reason: string | null;
    readonly again: boolean;
  }
  | { readonly is: "released"; readonly by: "operator" | "time" }
  /** A change waits for a release. */
  | { readonly is: "held"; readonly dests: readonly string[]; readonly reason: string | null }
  // Before the start.
  | {
    readonly is: "waiting";
    readonly dests: readonly string[];
    /** Why the files that are there were refused. */
    readonly refusal: string | null;
    /** Why confd cannot render a destination. */
    readonly reasons?: ReadonlyMap<string, string>;
  }
  | {
    readonly is: "startTimedOut";
    readonly dests: readonly string[];
    readonly reasons: ReadonlyMap<string, string>;
    readonly limitMs: number;
    /** True if the service is started on the last good files instead. */
    readonly restores: boolean;
  }
  | { readonly is: "complete"; readonly settleMs: number }
  /** Every file is in place, and that is all that was wanted. */
  | { readonly is: "done" }
  // Changes.
  | { readonly is: "changed"; readonly dest: string; readonly content: Content }
  | {
    readonly is: "windowOpened";
    readonly dest: string;
    readonly settleMs: number;
    readonly target: "start" | "reload";
    readonly by: ReloadKind;
  }
  | { readonly is: "windowClosed"; readonly dests: readonly string[] }
  /** `refused`: what is left of the change is what was refused before. */
  | { readonly is: "takenBack"; readonly refused: boolean }
  /** A file is gone, or is empty where it had content: the set does not go live. */
  | { readonly is: "incomplete"; readonly dest: string; readonly missing: boolean }
  | {
    readonly is: "neverCalm";
    readonly dests: readonly string[];
    readonly everyMs: number;
    readonly times: number;
  }
  | { readonly is: "splaying"; readonly ms: number; readonly by: ReloadKind }
  /** `checkOnly`: changes are held, and only checked. */
  | { readonly is: "publishing"; readonly checkOnly: boolean }
  | { readonly is: "checked" }
  | { readonly is: "published" }
  /** `starts`: the service runs all the same, or is started on older files. */
  | {
    readonly is: "refused";
    readonly reason: string;
    readonly starts: boolean;
    /** `fleet`: it was not tried here, since it did harm elsewhere. @default "check" */
    readonly by?: "check" | "fleet";
    /** True if it is in place already, and earlier files come back. @default false */
    readonly goesBack?: boolean;
  }
  | { readonly is: "publishFailed"; readonly reason: string; readonly failures: number }
  /** `ways`: how many there are. */
  | {
    readonly is: "reloading";
    readonly by: ReloadKind | "several";
    readonly ways: number;
    readonly failures: number;
  }
  | { readonly is: "reloaded"; readonly by: ReloadKind | "several"; readonly ways: number; readonly failures: number }
  | { readonly is: "reloadFailed"; readonly reason: string; readonly failures: number }
  | {
    readonly is: "reminder";
    readonly kind: "refused" | "rolledBack" | "failed";
    readonly reason: string;
    readonly forMs: number;
    readonly dests: readonly string[];
  }
  // The fleet.
  | { readonly is: "queued"; readonly dests: readonly string[] }
  | { readonly is: "turnGranted" }
  | { readonly is: "turnKept"; readonly reason: string }
  /** The turn is given back, or not wanted any more. `done`: the change has succeeded; `held`: an operator holds it. */
  | { readonly is: "turnLeft"; readonly why: "done" | "notNeeded" | "held" | "released" | "overdue" | "stop" }
  | { readonly is: "turnLost"; readonly reason: string }
  | { readonly is: "turnOverdue"; readonly afterMs: number; readonly delayMs: number }
  | { readonly is: "fleet"; readonly report: FleetReport }
  // Verification.
  | { readonly is: "probeFailed"; readonly reason: string; readonly limitMs: number; readonly restores: boolean }
  | { readonly is: "verified"; readonly restored: boolean }
  | {
    readonly is: "rolledBack";
    readonly afterMs: number;
    readonly reason: string;
    readonly cause: "verify" | "died" | "operator";
    readonly wasWell: boolean;
  }
  | {
    readonly is: "unwell";
    readonly afterMs: number;
    readonly reason: string;
    readonly restored: boolean;
    readonly wasWell: boolean;
  }
  | { readonly is: "restored"; readonly why: "nothingRendered" | "held" | "rolledBack" | "asked" }
  | { readonly is: "notRestored"; readonly which: Earlier }
  | { readonly is: "keeping" }
  // The watchdog.
  | { readonly is: "dryRunStarted" }
  | {
    readonly is: "missedChange";
    readonly dests: readonly string[];
    readonly forMs: number;
    /** How often confd polls from now on; null: it goes on as before. */
    readonly polls: number | null;
  }
  | { readonly is: "staysOutOfDate"; readonly dest: string }
  | { readonly is: "cannotRender"; readonly complaint: string | null }
  | { readonly is: "rendersAgain" };
