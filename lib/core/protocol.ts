/**
 * The words that the core and the host exchange: events, in the past tense, and effects, in the imperative.
 *
 * Pure: types alone.
 * @module
 */
import type { Content, Contents } from "./files.ts";
import type { FleetReport } from "./fleet_report.ts";

/** The two programs that the supervisor runs. */
export type ChildName = "confd" | "service";

/** How confd follows its backend. */
export type Following = "watch" | "poll";

/** The core's timers. Each is armed at most once; arming it anew moves it. */
export type Timer =
  /** No destination has changed for the settle time. */
  | "settle"
  /** The longest that changes can put off a start or a reload. */
  | "settleLimit"
  /** The longest wait for the first complete rendering. */
  | "startTimeout"
  /** It is time to log again what is being waited for. */
  | "stillWaiting"
  /** The random delay of a reload is over. */
  | "splay"
  /** The longest that a change waits for its turn in the fleet. */
  | "fleetTimeout"
  /** The random delay of a change that has waited for too long is over. */
  | "fleetDelay"
  /** A reload that failed is to be tried again. */
  | "retry"
  /** The service is to be probed. */
  | "probe"
  /** The longest that a verification may take. */
  | "verifyTimeout"
  /** The service has lived with its files for long enough to keep them as good ones. */
  | "keep"
  /** A hold ends by itself. */
  | "hold"
  /** It is time to log again that the newest configuration is not in force. */
  | "reminder"
  /** A polling confd has changed nothing for more than an interval. */
  | "calm"
  /** It is time for a dry run of confd. */
  | "dryRun"
  /** confd, which ended, is to be started again. */
  | "confdBackoff"
  /** confd has run for so long that its earlier ends are forgotten. */
  | "confdStable"
  /** The longest that confd may take to stop. */
  | "confdGrace"
  /** The service, which ended, is to be started again. */
  | "serviceBackoff"
  /** The service has run for so long that its earlier ends are forgotten. */
  | "serviceStable"
  /** The service is no longer young: its end is no longer a failed start. */
  | "serviceYoung"
  /** The service has not ended after a signal that asks programs to quit: its end is its own again. */
  | "quit"
  /** The longest that the service may take to stop. */
  | "stopTimeout"
  /** A stop signal from now on is another one, and not the same one sent twice. */
  | "stopAgain";

/** Why new files are not in place. What was refused is not tried again before it changes. */
export interface PublishFailure {
  readonly refused: boolean;
  readonly reason: string;
}

/** What a dry run of confd found; a destination that confd cannot render is in neither list. */
export interface DryRunResult {
  readonly inSync: readonly string[];
  /** Destinations that confd would change, each with a word for what it would be; empty where there is none. */
  readonly outOfSync: ReadonlyMap<string, string>;
  /** Why confd cannot render a destination, by destination. */
  readonly reasons?: ReadonlyMap<string, string>;
  /** The last complaint, where there is one. */
  readonly complaint?: string;
}

/** What an operator asks for. */
export type Command =
  | { readonly is: "reload" | "restart" | "rollBack" | "release" }
  /** Changes wait for that long, or until they are released (null). */
  | { readonly is: "hold"; readonly forMs: number | null; readonly reason: string | null };

/** Which files come back: the last good ones, those before the present ones, or those that an earlier run had in place. */
export type Earlier = "lastGood" | "before" | "fromEarlierRun";

/** What happened. */
export type Event =
  | { type: "begun" }
  | { type: "commanded"; command: Command }
  /**
   * `fault`: confd ended for a reason that cannot pass, and the line that says so. `complaint`: the last error that it
   * printed.
   */
  | {
    type: "childExited";
    child: ChildName;
    code: number;
    signal: string | null;
    fault?: string;
    complaint?: string;
  }
  | { type: "spawnFailed"; child: ChildName; status: number; reason: string }
  | { type: "destinationChanged"; dest: string; content: Content }
  /** There is evidence that confd rendered a destination, whether or not its content changed. */
  | { type: "destinationRendered"; dest: string }
  | { type: "dryRunEnded"; result: DryRunResult }
  /** The staged files have passed their check; `published` follows. */
  | { type: "checked" }
  /** New files were put in place; or they were refused, or could not be put there, and why. */
  | { type: "published"; contents: Contents; failure: PublishFailure | null }
  /** The service is well; or why it is not. */
  | { type: "probeEnded"; failure: string | null }
  /** A reload was done, or why it was not, and which of its ways failed. @default all of them */
  | { type: "reloadEnded"; failure: string | null; failed?: readonly string[] }
  /** Older files are in place; null: they could not be put there. */
  | { type: "restored"; contents: Contents | null }
  /** It is this member's turn in the fleet. */
  | { type: "turnGranted" }
  /** The turn is over, whatever this member makes of it, and why. */
  | { type: "turnLost"; reason: string }
  /** The set that the member asked a turn for has done harm elsewhere. */
  | { type: "turnRefused"; reason: string }
  /** What is to be known of the fleet, for those who look on. */
  | { type: "fleetReported"; report: FleetReport }
  | { type: "timerFired"; timer: Timer }
  | { type: "signalReceived"; signal: string };

/** What is to be done. */
export type Effect =
  | { type: "spawn"; child: "confd"; follow: Following }
  | { type: "spawn"; child: "service" }
  | { type: "signal"; child: ChildName; signal: string }
  /** End a child, its process group and what else is left of it, at once. */
  | { type: "kill"; child: ChildName }
  /** Check the staged files and put them in place, all or none, or check them alone; `published` answers. */
  | { type: "publish"; checkOnly?: true }
  /** Make the service read its files again, in these ways; `reloadEnded` answers, unless the service ends first. */
  | { type: "reload"; ways: readonly string[] }
  /** Try once whether the service is well; `probeEnded` answers. */
  | { type: "probe" }
  /** End a probe that has not been answered; it is not answered any more. */
  | { type: "cancelProbe" }
  /** Keep what is in place as the last good files. */
  | { type: "keep" }
  /** Put older files in place; `restored` answers. */
  | { type: "restore"; which: Earlier }
  /** Write down, for the next run, that changes are held, or that they are not. */
  | { type: "keepHold"; hold: { readonly forMs: number | null; readonly reason: string | null } | null }
  /** Ask the fleet for a turn for this set, or go on asking, for another set; `turnGranted` or `turnRefused` answers. */
  | { type: "takeTurn"; contents: Contents }
  /** The change was not a success: the turn is kept, or goes on being kept, so that nobody else has the same trouble. */
  | { type: "keepTurn" }
  /** Give the turn back, or leave the queue. `success`: what the service has loaded and is well on; others may follow. */
  | { type: "leaveTurn"; success: Contents | null }
  /** Let the whole fleet know that this set does harm. */
  | { type: "reportBad"; contents: Contents; cause: "check" | "verify" | "died" }
  /** Ask confd what it would render; `dryRunEnded` answers. */
  | { type: "dryRun" }
  /** Arm a timer; with `jitter`, at a random time up to `ms`. */
  | { type: "arm"; timer: Timer; ms: number; jitter: boolean }
  | { type: "disarm"; timer: Timer }
  | { type: "exit"; status: number };

/** What is to be done about this member's turn in its fleet. */
export type FleetEffect = Effect & { type: "takeTurn" | "keepTurn" | "leaveTurn" | "reportBad" };
