/**
 * The queue of a fleet, for people: what `--fleet-status` prints.
 *
 * Pure.
 * @module
 */
import type { QueueEntry } from "../fleet/queue.ts";
import { age } from "./ages.ts";
import type { FleetIdentity } from "./document.ts";
import { timeOf } from "./draft.ts";
import { columns } from "./columns.ts";

/** One member that waits, or has a turn. */
export interface FleetMember {
  readonly id: string;
  readonly state: "waiting" | "holding" | "kept";
  /** Since when it is in the queue, by its own clock. */
  readonly since: string | null;
  /** How many may go at once, as it was told. */
  readonly n: number | null;
  /** True for the member that was asked. */
  readonly self: boolean;
}

/** The document behind `/fleet`. */
export interface FleetQueue extends FleetIdentity {
  readonly schema: 1;
  /** In the order in which they came. */
  readonly members: readonly FleetMember[];
  /** What is to be said of it, where it is not the whole truth. */
  readonly says: string | null;
}

/** The document. `own`: the key of the entry of the one who was asked. */
export function fleetQueueOf(
  identity: FleetIdentity,
  { entries, own, says }: { entries: readonly QueueEntry[]; own: string | null; says: string | null },
): FleetQueue {
  const members = entries.map(({ key, id, n, state, since }): FleetMember => ({
    id,
    state: state === "working" ? "holding" : state,
    since: since === 0 ? null : timeOf(since),
    n: n > 0 && Number.isFinite(n) ? n : null,
    self: key === own,
  }));
  return { schema: 1, ...identity, members, says };
}

const STATES: Record<FleetMember["state"], string> = {
  waiting: "waits",
  holding: "has its turn",
  kept: "keeps its turn",
};

/** Lines for people. */
export function fleetTable({ engine, group, id, n, members, says }: FleetQueue, nowMs: number): string[] {
  const head = `${id} in ${group} (${engine}${n === null ? "" : `, ${n} at once`})`;
  const notes = says === null ? [] : [says];
  if (members.length === 0) return [`${head}: nobody waits, and nobody has a turn`, ...notes];
  const rows = members.map(({ id, state, since, n, self }, i) => [
    String(i + 1),
    `${id}${self ? " (this one)" : ""}`,
    STATES[state],
    since === null ? "-" : age(since, nowMs),
    n === null ? "-" : String(n),
  ]);
  return [`${head}:`, ...columns([["PLACE", "MEMBER", "STATE", "CAME", "N"], ...rows]), ...notes];
}
