/**
 * Everything that is known of a run at one moment: what documents and metrics are made of.
 *
 * Pure: types alone.
 * @module
 */
import type { State } from "../core/supervisor_state.ts";
import type { Condition, FleetIdentity, RolloutRecord } from "./document.ts";
import type { Durations } from "./durations.ts";
import type { Histogram } from "./histogram.ts";
import type { Tally } from "./tally.ts";

/** What the sidecar uses of the machine. */
export interface Usage {
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  readonly virtualBytes: number;
  readonly openFiles: number;
  readonly openFilesLimit: number | null;
}

/** What does not follow from transitions. */
export interface Facts {
  readonly version: string;
  readonly confd: { readonly dialect: string; version: string | null };
  readonly backend: string;
  readonly ready: "running" | "strict";
  /** What identifies this member's fleet; null: there is none. */
  readonly fleet: FleetIdentity | null;
  /** Process numbers of what was started last. */
  readonly pids: { confd: number | null; service: number | null };
  readonly orphansReaped: () => number;
  readonly usage: () => Usage | undefined;
  /** When the hold began that an earlier run has left, in milliseconds since 1970. @default there is none */
  readonly heldSince?: number;
}

/** Everything that a document or a metric is made of. */
export interface View {
  readonly facts: Facts;
  readonly state: State;
  readonly tally: Tally;
  readonly conditions: readonly Condition[];
  readonly ready: boolean;
  /** When each file last became another, in milliseconds since 1970. */
  readonly changedAt: ReadonlyMap<string, number>;
  /** One digest for all that the service has loaded. */
  readonly digest: string | null;
  readonly rollouts: readonly RolloutRecord[];
  readonly durations: Durations;
  /** How long this member has waited for its turns, in seconds. */
  readonly waits: Histogram;
}
