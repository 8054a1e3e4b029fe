/**
 * From what is known of a run to the document that others see.
 *
 * Pure.
 * @module
 */
import type { Child } from "../core/child.ts";
import { EMPTY, type File } from "../core/files.ts";
import { isQuarantined, presentTrouble } from "../core/rollout_state.ts";
import type { State } from "../core/supervisor_state.ts";
import type { DestinationStatus, StatusDocument } from "./document.ts";
import { fleetStatusOf } from "./fleet_tally.ts";
import type { View } from "./view.ts";
import { timeOf } from "./draft.ts";

/** The document. */
export function documentOf(
  { facts, state, tally, changedAt, conditions, ready, digest, rollouts }: View,
): StatusDocument {
  const { confd, service, watchdog, rollout } = state;
  const { lastExit, hold } = tally;
  const trouble = presentTrouble(rollout, state.options);
  return {
    schema: 1,
    version: facts.version,
    phase: tally.phase,
    since: timeOf(tally.phaseSince),
    started: timeOf(tally.startedAt),
    ready,
    conditions,
    service: {
      pid: pidOf(service, facts.pids.service),
      state: stateOf(service),
      started: optional(tally.serviceStartedAt),
      starts: tally.serviceStarts,
      lastExit: lastExit === null ? null : { at: timeOf(lastExit.at), code: lastExit.code, signal: lastExit.signal },
    },
    confd: {
      dialect: facts.confd.dialect,
      version: facts.confd.version,
      pid: pidOf(confd, facts.pids.confd),
      state: stateOf(confd),
      mode: watchdog.follow,
      starts: tally.confdStarts,
      backend: facts.backend,
      reachable: tally.reachable,
      lastAnswer: optional(tally.lastAnswerAt),
      complaint: tally.complaint,
    },
    config: {
      digest,
      loaded: optional(tally.loadedAt),
      verified: optional(tally.verifiedAt),
      pendingSince: optional(tally.pendingSince),
      destinations: [...rollout.files].map(([path, file]) => destinationOf(path, { file, state, changedAt })),
    },
    trouble: trouble === null ? null : {
      kind: trouble.kind,
      reason: trouble.reason,
      since: timeOf(tally.troubleSince ?? tally.startedAt),
    },
    rollouts,
    hold: hold === null ? null : { since: timeOf(hold.since), until: optional(hold.until), reason: hold.reason },
    fleet: fleetStatusOf(tally.fleet, state, facts.fleet),
    counts: {
      changes: tally.changes,
      changesTakenBack: tally.changesTakenBack,
      reloads: tally.reloads,
      failedReloads: tally.failedReloads,
      refusals: sum(tally.refusals),
      rollbacks: sum(tally.rollbacks),
      confdStale: tally.confdStale,
      serviceKills: tally.serviceKills,
      orphansReaped: facts.orphansReaped(),
    },
  };
}

function destinationOf(
  path: string,
  { file, state, changedAt }: { file: File; state: State; changedAt: View["changedAt"] },
): DestinationStatus {
  const { now } = file;
  const digest = now === null || now === EMPTY ? null : now;
  return { path, digest, changed: optional(changedAt.get(path) ?? null), state: stateOfFile(file, state) };
}

function stateOfFile({ now, loaded }: File, { rollout, options }: State): DestinationStatus["state"] {
  if (now === null) return "missing";
  if (now === loaded) return "current";
  if (now === EMPTY && options.empty === "hold" && loaded !== null) return "empty";
  return isQuarantined(rollout) ? "refused" : "pending";
}

function stateOf(child: Child): StatusDocument["service"]["state"] {
  if (child.is !== "absent") return child.is;
  return child.status === null ? "notStarted" : "ended";
}

function pidOf({ is }: Child, pid: number | null): number | null {
  return is === "running" || is === "stopping" ? pid : null;
}

function optional(ms: number | null): string | null {
  return ms === null ? null : timeOf(ms);
}

/** All of several counts. */
export function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
