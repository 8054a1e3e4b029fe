/**
 * The metrics of a run. The first four are prometheus-config-reloader's, by name and meaning, so that alerts written for it
 * work unchanged.
 *
 * Pure.
 * @module
 */
import { isAlive } from "../core/child.ts";
import { missingOrEmpty, presentTrouble } from "../core/rollout_state.ts";
import { PHASES } from "./document.ts";
import type { Labels, Metric, Sample } from "./metric.ts";
import type { Usage, View } from "./view.ts";

/** The prefix of all that is ours alone. */
const OURS = "confd_sidecar_";

/** Every metric, in the order of the exposition. Those of the process are left out where they cannot be known. */
export function metricsOf(view: View): Metric[] {
  return [
    ...reloaderMetrics(view),
    ...configMetrics(view),
    ...confdMetrics(view),
    ...serviceMetrics(view),
    ...fleetMetrics(view),
    ...processMetrics(view.facts.usage(), view.tally.startedAt),
  ];
}

function reloaderMetrics({ state, tally }: View): Metric[] {
  const { rollout, options } = state;
  const isIncomplete = rollout.target === "reload" && rollout.window === null &&
    missingOrEmpty(rollout, options).length > 0;
  const isWell = tally.succeededAt !== null && presentTrouble(rollout, options) === null && !isIncomplete;
  return [
    counter(
      "reloader_reloads_total",
      "Reloads of the service that were asked for by a change or an operator.",
      tally.reloads,
    ),
    counter(
      "reloader_reloads_failed_total",
      "Reloads that failed, were refused or were rolled back.",
      tally.failedReloads,
    ),
    gauge(
      "reloader_last_reload_successful",
      "1 if the newest configuration is in force, 0 if it is incomplete, or was refused, failed or rolled back.",
      isWell,
    ),
    gauge(
      "reloader_last_reload_success_timestamp_seconds",
      "When the newest configuration last came into force.",
      seconds(tally.succeededAt),
    ),
  ];
}

function configMetrics({ facts, state, tally, changedAt, digest, durations }: View): Metric[] {
  const { files } = state.rollout;
  const { version, confd } = facts;
  const build = { version, confd: confd.dialect, confd_version: confd.version ?? "" };
  return [
    ours("build_info", "gauge", "Versions of the sidecar and of confd.", [{ labels: build, value: 1 }]),
    ours("phase", "gauge", "1 for what the run is doing.", PHASES.map((phase) => of({ phase }, phase === tally.phase))),
    counter(`${OURS}changes_total`, "Changes of destinations, one for each settle window.", tally.changes),
    counter(
      `${OURS}changes_taken_back_total`,
      "Changes that were taken back before they were loaded.",
      tally.changesTakenBack,
    ),
    gauge(
      `${OURS}change_pending`,
      "1 if there is a change that the service has not loaded.",
      tally.pendingSince !== null,
    ),
    gauge(
      `${OURS}change_pending_since_timestamp_seconds`,
      "Since when there has been one; 0 for none.",
      seconds(tally.pendingSince),
    ),
    ours("refusals_total", "counter", "Changes that were not put in place, or not loaded.", byReason(tally.refusals)),
    ours("rollbacks_total", "counter", "Returns to an earlier configuration.", byReason(tally.rollbacks)),
    {
      name: `${OURS}rollout_duration_seconds`,
      help:
        "From the end of the settle window to the configuration being loaded, or verified, without the wait for a turn.",
      type: "histogram",
      samples: durations.distributions(state.options.reload.by),
    },
    ours(
      "config_info",
      "gauge",
      "The digest of all files that the service has loaded.",
      digest === null ? [] : [of({ digest }, 1)],
    ),
    gauge(`${OURS}config_loaded_timestamp_seconds`, "When the service loaded them.", seconds(tally.loadedAt)),
    ours(
      "destination_current",
      "gauge",
      "1 if the service has loaded what the file holds now.",
      [...files].map(([dest, { now, loaded }]) => of({ dest }, now !== null && now === loaded)),
    ),
    ours(
      "destination_changed_timestamp_seconds",
      "gauge",
      "When the file last became another in this run.",
      [...changedAt].map(([dest, at]) => of({ dest }, seconds(at))),
    ),
    gauge(`${OURS}hold`, "1 while an operator holds changes.", tally.hold !== null),
  ];
}

function confdMetrics({ state, tally }: View): Metric[] {
  return [
    gauge(`${OURS}confd_up`, "1 while confd runs.", isAlive(state.confd)),
    counter(`${OURS}confd_starts_total`, "Starts of confd.", tally.confdStarts),
    counter(`${OURS}confd_stale_total`, "Changes that confd missed, for which it was started again.", tally.confdStale),
    gauge(
      `${OURS}confd_last_answer_timestamp_seconds`,
      "When confd last showed that it can read its backend; 0 for never.",
      seconds(tally.lastAnswerAt),
    ),
    gauge(
      `${OURS}backend_reachable`,
      "1 if the backend answered when confd last asked it, 0 if it did not or was not asked yet.",
      tally.reachable === true,
    ),
  ];
}

function serviceMetrics({ facts, state, tally }: View): Metric[] {
  const { lastExit } = tally;
  const status = lastExit === null ? [] : [of({}, lastExit.code)];
  return [
    gauge(`${OURS}service_up`, "1 while the service runs.", isAlive(state.service)),
    counter(`${OURS}service_starts_total`, "Starts of the service.", tally.serviceStarts),
    gauge(
      `${OURS}service_start_timestamp_seconds`,
      "When it was last started; 0 for never.",
      seconds(tally.serviceStartedAt),
    ),
    ours(
      "service_exit_status",
      "gauge",
      "Its last exit status, 128 + n for signal n; absent before its first end.",
      status,
    ),
    counter(
      `${OURS}service_kills_total`,
      "How often it had to be killed since it did not stop in time.",
      tally.serviceKills,
    ),
    counter(`${OURS}orphans_reaped_total`, "Orphaned processes that were reaped.", facts.orphansReaped()),
  ];
}

/** All of them also where there is no fleet: a rule for all services finds them everywhere. */
function fleetMetrics({ state, tally, waits }: View): Metric[] {
  const { is } = state.rollout.turn;
  const errors = Object.entries(tally.fleet.errors).map(([kind, count]) => of({ kind }, count));
  return [
    gauge(`${OURS}fleet_waiting`, "1 while a change waits for its turn in the fleet.", is === "waiting"),
    gauge(`${OURS}fleet_holding`, "1 while this member has a turn, or keeps it.", is === "holding" || is === "kept"),
    {
      name: `${OURS}fleet_wait_seconds`,
      help: "How long changes have waited for their turns.",
      type: "histogram",
      samples: [waits.distribution({})],
    },
    ours("fleet_errors_total", "counter", "Requests to the fleet's store that failed.", errors),
  ];
}

function processMetrics(usage: Usage | undefined, startedAt: number): Metric[] {
  if (usage === undefined) return [];
  const { cpuSeconds, residentBytes, virtualBytes, openFiles, openFilesLimit } = usage;
  const metrics = [
    counter("process_cpu_seconds_total", "Processor time of the sidecar itself, user and system.", cpuSeconds),
    gauge("process_resident_memory_bytes", "Resident memory of the sidecar itself.", residentBytes),
    gauge("process_virtual_memory_bytes", "Virtual memory of the sidecar itself.", virtualBytes),
    gauge("process_open_fds", "File descriptors that it has open.", openFiles),
    gauge("process_start_time_seconds", "When it was started.", seconds(startedAt)),
  ];
  if (openFilesLimit !== null) {
    metrics.push(gauge("process_max_fds", "File descriptors that it may have.", openFilesLimit));
  }
  return metrics;
}

function ours(name: string, type: "counter" | "gauge", help: string, samples: readonly Sample[]): Metric {
  return { name: `${OURS}${name}`, help, type, samples };
}

function counter(name: string, help: string, value: number): Metric {
  return { name, help, type: "counter", samples: [of({}, value)] };
}

function gauge(name: string, help: string, value: number | boolean): Metric {
  return { name, help, type: "gauge", samples: [of({}, value)] };
}

function of(labels: Labels, value: number | boolean): Sample {
  return { labels, value: Number(value) };
}

function byReason(counts: Readonly<Record<string, number>>): Sample[] {
  return Object.entries(counts).map(([reason, count]) => of({ reason }, count));
}

/** 0: it has not happened. */
function seconds(ms: number | null): number {
  return ms === null ? 0 : ms / 1000;
}
