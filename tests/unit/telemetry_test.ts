import { logRecordOf, metricOf, requestOf, spansOf } from "../../lib/telemetry/encode.ts";
import { readTelemetry, wantsTelemetry } from "../../lib/telemetry/settings.ts";
import type { RolloutRecord } from "../../lib/status/document.ts";
import { assertEquals } from "../support/assert.ts";

const OURS = { version: "1.0.0", host: "web-0" };
const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318" };

// Settings.

Deno.test("readTelemetry() sends each signal below the endpoint, or to one of its own", () => {
  const urls = (env: Record<string, string>) =>
    [...readTelemetry(env, OURS).targets].map(([signal, { url }]) => [signal, url]);
  assertEquals(urls(ENDPOINT), [
    ["traces", "http://collector:4318/v1/traces"],
    ["metrics", "http://collector:4318/v1/metrics"],
    ["logs", "http://collector:4318/v1/logs"],
  ]);
  assertEquals(urls({ OTEL_EXPORTER_OTLP_ENDPOINT: "https://c/otlp/", OTEL_METRICS_EXPORTER: "none" }), [
    ["traces", "https://c/otlp/v1/traces"],
    ["logs", "https://c/otlp/v1/logs"],
  ]);
  assertEquals(urls({ OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: "http://logs:1/here" }), [["logs", "http://logs:1/here"]]);
  assertEquals(urls({ ...ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: "grpc" }).map(([signal]) => signal), [
    "metrics",
    "logs",
  ]);
});

Deno.test("readTelemetry() reads headers, attributes and times", () => {
  const settings = readTelemetry({
    ...ENDPOINT,
    OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20t, x=1",
    OTEL_EXPORTER_OTLP_LOGS_HEADERS: "y=2",
    OTEL_RESOURCE_ATTRIBUTES: "service.name=shop,team=a%2Cb",
    OTEL_METRIC_EXPORT_INTERVAL: "5000",
    OTEL_EXPORTER_OTLP_TIMEOUT: "100",
  }, OURS);
  assertEquals([...settings.targets.get("traces")!.headers], [["authorization", "Bearer t"], ["x", "1"]]);
  assertEquals([...settings.targets.get("logs")!.headers], [["y", "2"]]);
  assertEquals([settings.metricIntervalMs, settings.timeoutMs, settings.warnings], [5000, 100, []]);
  assertEquals(Object.fromEntries(settings.attributes), {
    "service.version": "1.0.0",
    "host.name": "web-0",
    "service.name": "shop",
    "team": "a,b",
  });
  assertEquals(readTelemetry({ ...ENDPOINT, OTEL_SERVICE_NAME: "web" }, OURS).attributes.get("service.name"), "web");
  assertEquals(readTelemetry(ENDPOINT, OURS).attributes.get("service.name"), "confd-sidecar");
});

Deno.test("readTelemetry() warns of what it does not do, once, and shows no value", () => {
  assertEquals(readTelemetry({ OTEL_EXPORTER_OTLP_ENDPOINT: "collector:4318" }, OURS).warnings, [
    "OTEL_EXPORTER_OTLP_ENDPOINT: it is no address that begins with http:// or https://: nothing is sent there",
  ]);
  assertEquals(readTelemetry({ ...ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" }, OURS).warnings, [
    'OTEL_EXPORTER_OTLP_PROTOCOL: the sidecar speaks HTTP with JSON alone, and sends nothing where "grpc" is asked for',
  ]);
});

Deno.test("wantsTelemetry() wants an endpoint, and no word against it", () => {
  assertEquals(wantsTelemetry({}), false);
  assertEquals(wantsTelemetry(ENDPOINT), true);
  assertEquals(wantsTelemetry({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://a" }), true);
  assertEquals(wantsTelemetry({ ...ENDPOINT, OTEL_SDK_DISABLED: "true" }), false);
});

// The encoding.

const RECORD: RolloutRecord = {
  id: 7,
  at: "2026-11-25T10:00:00.000Z",
  trigger: "change",
  destinations: ["/a"],
  steps: [
    { name: "settle", at: "2026-11-25T10:00:00.000Z", seconds: 1, outcome: "ok", reason: null },
    { name: "rollBack", at: "2026-11-25T10:00:01.000Z", seconds: 0.25, outcome: "failed", reason: "no" },
  ],
  outcome: "refused",
  seconds: 1.25,
  differences: [],
};

Deno.test("spansOf() makes a span of a rollout, and one of each step below it", () => {
  let count = 0;
  const spans = spansOf(RECORD, (bytes) => `${++count}`.padStart(bytes * 2, "0"));
  const trace = "0".repeat(31) + "1";
  const root = "0".repeat(15) + "2";
  assertEquals(spans, [
    {
      traceId: trace,
      spanId: root,
      name: "confd_sidecar.rollout",
      kind: 1,
      startTimeUnixNano: "1795600800000000000",
      endTimeUnixNano: "1795600801250000000",
      attributes: [
        { key: "confd_sidecar.rollout.id", value: { intValue: "7" } },
        { key: "confd_sidecar.rollout.trigger", value: { stringValue: "change" } },
        { key: "confd_sidecar.rollout.outcome", value: { stringValue: "refused" } },
        { key: "confd_sidecar.rollout.destinations", value: { arrayValue: { values: [{ stringValue: "/a" }] } } },
      ],
      status: { code: 2, message: "no" },
    },
    {
      traceId: trace,
      parentSpanId: root,
      spanId: "0".repeat(15) + "3",
      name: "settle",
      kind: 1,
      startTimeUnixNano: "1795600800000000000",
      endTimeUnixNano: "1795600801000000000",
      attributes: [],
      status: {},
    },
    {
      traceId: trace,
      parentSpanId: root,
      spanId: "0".repeat(15) + "4",
      name: "roll back",
      kind: 1,
      startTimeUnixNano: "1795600801000000000",
      endTimeUnixNano: "1795600801250000000",
      attributes: [],
      status: { code: 2, message: "no" },
    },
  ]);
  const start = spansOf({ ...RECORD, trigger: "start", outcome: "loaded" }, () => "");
  assertEquals([start[0].name, start[0].status], ["confd_sidecar.start", {}]);
});

Deno.test("metricOf() makes sums, gauges and histograms", () => {
  const at = { startedAt: 1000, at: 2000 };
  const times = { startTimeUnixNano: "1000000000", timeUnixNano: "2000000000" };
  assertEquals(
    metricOf({ name: "x_seconds_total", help: "X.", type: "counter", samples: [{ labels: { a: "b" }, value: 2 }] }, at),
    {
      name: "x_seconds_total",
      description: "X.",
      unit: "s",
      sum: {
        aggregationTemporality: 2,
        isMonotonic: true,
        dataPoints: [{ ...times, attributes: [{ key: "a", value: { stringValue: "b" } }], asDouble: 2 }],
      },
    },
  );
  assertEquals(metricOf({ name: "m_bytes", help: "", type: "gauge", samples: [{ labels: {}, value: 3 }] }, at), {
    name: "m_bytes",
    description: "",
    unit: "By",
    gauge: { dataPoints: [{ timeUnixNano: "2000000000", attributes: [], asDouble: 3 }] },
  });
  const samples = [{ labels: {}, buckets: [[1, 2], [5, 2], [Infinity, 3]] as const, sum: 9, count: 3 }];
  assertEquals(metricOf({ name: "h", help: "", type: "histogram", samples }, at), {
    name: "h",
    description: "",
    unit: "1",
    histogram: {
      aggregationTemporality: 2,
      dataPoints: [{
        ...times,
        attributes: [],
        count: "3",
        sum: 9,
        bucketCounts: ["2", "0", "1"],
        explicitBounds: [1, 5],
      }],
    },
  });
});

Deno.test("logRecordOf() has the severity's number, and requestOf() the resource around all", () => {
  const record = logRecordOf({ level: "warn", msg: "a", more: ["b"] }, 5);
  assertEquals(record, {
    timeUnixNano: "5000000",
    observedTimeUnixNano: "5000000",
    severityNumber: 13,
    severityText: "WARN",
    body: { stringValue: "a\nb" },
  });
  const resource = { attributes: [{ key: "service.name", value: { stringValue: "x" } }] };
  const attributes = new Map([["service.name", "x"]]);
  const scope = { name: "confd-sidecar" };
  assertEquals(requestOf("logs", [record], attributes), {
    resourceLogs: [{ resource, scopeLogs: [{ scope, logRecords: [record] }] }],
  });
  assertEquals(requestOf("traces", [], attributes), {
    resourceSpans: [{ resource, scopeSpans: [{ scope, spans: [] }] }],
  });
  assertEquals(requestOf("metrics", [], attributes), {
    resourceMetrics: [{ resource, scopeMetrics: [{ scope, metrics: [] }] }],
  });
});
