/**
 * The metrics of a run that nothing has happened in: every one that there is, some without a value yet.
 *
 * Pure.
 * @module
 */
import type { Metric } from "../../lib/status/metric.ts";
import { Recorder } from "../../lib/status/recorder.ts";
import { FACTS, stateOf } from "./states.ts";

/** All metrics. */
export function allMetrics(): Metric[] {
  const usage = { cpuSeconds: 0, residentBytes: 0, virtualBytes: 0, openFiles: 0, openFilesLimit: 1 };
  const facts = { ...FACTS, pids: { confd: null, service: null }, usage: () => usage };
  return new Recorder({ facts, state: stateOf({ "/a": null }), at: 0 }).metrics;
}

/** Their names. */
export function metricNames(): Set<string> {
  return new Set(allMetrics().map(({ name }) => name));
}
