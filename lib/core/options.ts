/**
 * What the user decided, as far as the core decides by it. Times are in milliseconds.
 *
 * Pure: types alone.
 * @module
 */
import type { Following } from "./protocol.ts";
import type { ReloadKind, Way } from "./ways.ts";

/** The settings that the core knows. */
export interface Options {
  /** True if the run ends where the service would be started: the files are all that is wanted. */
  readonly once: boolean;
  /** Quiet time after the last change before the service is started or reloaded. */
  readonly settleMs: number;
  /** The longest that a stream of changes can put a start or a reload off. */
  readonly settleMaxMs: number;
  /** The longest wait for the first complete rendering; 0: no limit. */
  readonly startTimeoutMs: number;
  /** How confd follows its backend. */
  readonly follow: Following;
  /** How often confd polls, or a dry run looks whether its watch has missed something; 0: there is none. */
  readonly intervalMs: number;
  /** How long a watching confd may delay a change because it was told to. */
  readonly debounceMs: number;
  /** What happens when confd ends by itself. */
  readonly confdExit: "restart" | "stop";
  /** Whether the service may be started on the last good files when nothing can be rendered. */
  readonly start: "rendered" | "last-good";
  /** An empty rendering where a file had content. */
  readonly empty: "hold" | "allow";
  /** True if confd renders into a private folder, and what it rendered is checked before it is put in place. */
  readonly staged: boolean;
  /** True if the service has to be well after its start and after each reload. */
  readonly verified: boolean;
  /** How long it may take to be well. */
  readonly verifyTimeoutMs: number;
  /** Upper bound of a random delay added to each reload. */
  readonly splayMs: number;
  /** Whether changes wait for a turn in a fleet, and for how long at most (0: no limit); null: there is no fleet. */
  readonly fleet: { readonly timeoutMs: number } | null;
  /** How the service is reloaded for a file that says nothing of its own. */
  readonly reload: { readonly by: ReloadKind };
  /** How it is reloaded for files that do, by destination. */
  readonly reloads: ReadonlyMap<string, Way>;
  /** Files that a start does not wait for. */
  readonly optional: ReadonlySet<string>;
  /** Signals to the sidecar that stop it. */
  readonly stopOn: readonly string[];
  /** Sent to the service when it must stop; empty: what the sidecar itself was sent, or SIGTERM. */
  readonly stopSignal: string;
  /** The longest that the service may take to stop; 0: no limit. */
  readonly stopTimeoutMs: number;
  /** What becomes of signals on their way to the service: another, or none at all (null). */
  readonly signals: ReadonlyMap<string, string | null>;
  /** Whether the service is started again when it ends by itself. */
  readonly restart: "never" | "on-failure" | "always";
  /** Restarts in a row before giving up. */
  readonly restartMax: number;
}
