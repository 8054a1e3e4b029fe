/**
 * The words that the core and the host exchange: events, in the past tense, and effects, in the imperative.
 *
 * Pure: types alone.
 * @module
 */

/** The two programs that the supervisor runs. */
export type Child = "confd" | "service";

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
  /** It is time to say again what is being waited for. */
  | "stillWaiting"
  /** It is time to ask whether destinations are what confd would render. */
  | "dryRun"
  /** The random delay of a reload is over. */
  | "splay"
  /** A reload that failed is to be tried again. */
  | "reloadRetry"
  /** The service has lived with its files for long enough to keep them as good ones. */
  | "keep"
  /** The service, which ended, is to be started again. */
  | "serviceBackoff"
  /** The service has run for so long that its earlier ends are forgotten. */
  | "serviceStable"
  /** confd, which ended, is to be started again. */
  | "confdBackoff"
  /** confd has run for so long that its earlier ends are forgotten. */
  | "confdStable"
  /** The longest that the service may take to stop. */
  | "stopTimeout"
  /** The longest that confd may take to stop: once the service is gone, or to be started again. */
  | "confdGrace";

/** The digest of a destination with nothing in it. */
export const EMPTY = "empty";

/** Why new files are not in place. What was refused is not tried again before it changes. */
export interface PublishFailure {
  readonly refused: boolean;
  readonly reason: string;
}

/** What confd says when it is asked what it would render now; a destination that it cannot render is not mentioned. */
export interface DryRunResult {
  readonly inSync: readonly string[];
  /** Destinations that would be another, each with a word for what it would be; empty where there is none. */
  readonly outOfSync: ReadonlyMap<string, string>;
  /** The last complaint, where there is one. */
  readonly complaint?: string;
}

/** What happened. */
export type Event =
  | { type: "begun" }
  | { type: "childExited"; child: Child; code: number; signal: string | null }
  | { type: "spawnFailed"; child: Child; status: number; reason: string }
  /** A destination's content is not what it was; null: it does not exist. */
  | { type: "destinationChanged"; dest: string; digest: string | null }
  /** There is evidence that confd rendered a destination, whether or not its content changed. */
  | { type: "destinationRendered"; dest: string }
  | { type: "dryRunEnded"; answer: DryRunResult }
  /** New files were put in place; or they were refused, or could not be put there, and why. */
  | { type: "published"; digests: ReadonlyMap<string, string | null>; failure: PublishFailure | null }
  /** The service is well on what it has loaded; or why it is not. */
  | { type: "verifyEnded"; failure: string | null }
  /** A reload was done, or why it was not. */
  | { type: "reloadEnded"; failure: string | null }
  /** The last good files are in place, with their digests; null: they could not be put there. */
  | { type: "restored"; digests: ReadonlyMap<string, string> | null }
  | { type: "timerFired"; timer: Timer }
  | { type: "signalReceived"; signal: string };

/** What is to be done. */
export type Effect =
  | { type: "spawn"; child: "confd"; follow: Following }
  | { type: "spawn"; child: "service" }
  | { type: "signal"; child: Child; signal: string }
  /** Check the staged files and put them in place, all or none; `published` answers. */
  | { type: "publish" }
  /** Make the service read its files again; `reloadEnded` answers. */
  | { type: "reload" }
  /** End a child, its process group and what else is left of it, at once. */
  | { type: "kill"; child: Child }
  | { type: "arm"; timer: Timer; ms: number }
  /** Arm a timer at random, up to `ms`. */
  | { type: "armSomewhere"; timer: Timer; ms: number }
  | { type: "disarm"; timer: Timer }
  /** Ask confd which destinations are in sync. */
  | { type: "dryRun" }
  /** See whether the service is well; `verifyEnded` answers. An older question is forgotten. */
  | { type: "verify" }
  /** Keep what is on disk as the last good files. */
  | { type: "keep" }
  /** Put the last good files in place; `restored` answers. */
  | { type: "restore" }
  | { type: "exit"; status: number };
