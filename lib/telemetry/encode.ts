/**
 * Rollouts, metrics and lines of the log in OTLP's JSON encoding: names in camelCase, ids in hexadecimal, 64-bit integers as
 * strings, enumerations as numbers.
 *
 * https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
 *
 * Pure: ids and times come in as values.
 * @module
 */
import type { Entry, Level } from "../log/line.ts";
import type { RolloutRecord, StepRecord } from "../status/document.ts";
import type { Distribution, Labels, Metric } from "../status/metric.ts";
import type { Signal } from "./settings.ts";

/** One attribute's value. */
type Value = { stringValue: string } | { intValue: string } | { arrayValue: { values: Value[] } };
type Attribute = { key: string; value: Value };
/** An item of a request: a span, a metric, or a record of the log. */
export type Item = Readonly<Record<string, unknown>>;

const SCOPE = { name: "confd-sidecar" };
const INTERNAL = 1;
const ERROR = 2;
const CUMULATIVE = 2;
const SEVERITIES: Record<Level, number> = { debug: 5, info: 9, warn: 13, error: 17 };

/** A request for one signal. */
export function requestOf(signal: Signal, items: readonly Item[], attributes: ReadonlyMap<string, string>): unknown {
  const resource = { attributes: [...attributes].map(([key, value]) => text(key, value)) };
  switch (signal) {
    case "traces":
      return { resourceSpans: [{ resource, scopeSpans: [{ scope: SCOPE, spans: items }] }] };
    case "metrics":
      return { resourceMetrics: [{ resource, scopeMetrics: [{ scope: SCOPE, metrics: items }] }] };
    case "logs":
      return { resourceLogs: [{ resource, scopeLogs: [{ scope: SCOPE, logRecords: items }] }] };
  }
}

/** A trace for a rollout that is over: one span for all of it, and one for each step. `id` makes ids of so many bytes. */
export function spansOf(record: RolloutRecord, id: (bytes: number) => string): Item[] {
  const traceId = id(16);
  const root = id(8);
  const began = Date.parse(record.at);
  const failed = ["refused", "failed", "rolledBack"].includes(record.outcome);
  const reason = record.steps.findLast(({ reason }) => reason !== null)?.reason ?? record.outcome;
  const whole = {
    traceId,
    spanId: root,
    name: record.trigger === "start" ? "confd_sidecar.start" : "confd_sidecar.rollout",
    kind: INTERNAL,
    startTimeUnixNano: nanos(began),
    endTimeUnixNano: nanos(endOf(began, record.seconds)),
    attributes: [
      { key: "confd_sidecar.rollout.id", value: { intValue: String(record.id) } },
      text("confd_sidecar.rollout.trigger", record.trigger),
      text("confd_sidecar.rollout.outcome", record.outcome),
      {
        key: "confd_sidecar.rollout.destinations",
        value: { arrayValue: { values: record.destinations.map((path) => ({ stringValue: path })) } },
      },
    ],
    status: failed ? { code: ERROR, message: reason } : {},
  };
  return [whole, ...record.steps.map((step) => spanOf(step, { traceId, parentSpanId: root, spanId: id(8) }))];
}

function spanOf(
  { name, at, seconds, outcome, reason }: StepRecord,
  ids: { traceId: string; parentSpanId: string; spanId: string },
): Item {
  const began = Date.parse(at);
  return {
    ...ids,
    name: name === "rollBack" ? "roll back" : name,
    kind: INTERNAL,
    startTimeUnixNano: nanos(began),
    endTimeUnixNano: nanos(endOf(began, seconds)),
    attributes: [],
    status: outcome === "failed" ? { code: ERROR, message: reason ?? "" } : {},
  };
}

/** A metric. Counters and histograms count from the beginning of the run. */
export function metricOf(metric: Metric, { startedAt, at }: { startedAt: number; at: number }): Item {
  const { name, help: description } = metric;
  const unit = /_bytes$/.test(name) ? "By" : /_seconds(_total)?$/.test(name) ? "s" : "1";
  const times = { startTimeUnixNano: nanos(startedAt), timeUnixNano: nanos(at) };
  const head = { name, description, unit };
  switch (metric.type) {
    case "counter": {
      const dataPoints = metric.samples.map(({ labels, value }) => ({
        ...times,
        attributes: of(labels),
        asDouble: value,
      }));
      return { ...head, sum: { aggregationTemporality: CUMULATIVE, isMonotonic: true, dataPoints } };
    }
    case "gauge": {
      const point = { timeUnixNano: times.timeUnixNano };
      const dataPoints = metric.samples.map(({ labels, value }) => ({
        ...point,
        attributes: of(labels),
        asDouble: value,
      }));
      return { ...head, gauge: { dataPoints } };
    }
    case "histogram": {
      const dataPoints = metric.samples.map((sample) => ({ ...times, ...distributionOf(sample) }));
      return { ...head, histogram: { aggregationTemporality: CUMULATIVE, dataPoints } };
    }
  }
}

/** Prometheus counts up to each bound, OpenTelemetry between two of them. */
function distributionOf({ labels, buckets, sum, count }: Distribution): Item {
  return {
    attributes: of(labels),
    count: String(count),
    sum,
    bucketCounts: buckets.map(([, upTo], i) => String(upTo - (buckets[i - 1]?.[1] ?? 0))),
    explicitBounds: buckets.map(([le]) => le).filter((le) => le !== Infinity),
  };
}

/** A line of the log. */
export function logRecordOf({ level, msg, more = [] }: Entry, at: number): Item {
  return {
    timeUnixNano: nanos(at),
    observedTimeUnixNano: nanos(at),
    severityNumber: SEVERITIES[level],
    severityText: level.toUpperCase(),
    body: { stringValue: [msg, ...more].join("\n") },
  };
}

function text(key: string, value: string): Attribute {
  return { key, value: { stringValue: value } };
}

function of(labels: Labels): Attribute[] {
  return Object.entries(labels).map(([key, value]) => text(key, value));
}

function endOf(began: number, seconds: number | null): number {
  return began + Math.round((seconds ?? 0) * 1000);
}

/** Milliseconds since 1970 as nanoseconds, which a number cannot hold. */
function nanos(ms: number): string {
  return `${Math.round(ms)}000000`;
}
