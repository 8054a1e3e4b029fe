/**
 * What OpenTelemetry's own variables ask for. They may be meant for the service too, and are never a reason not to run.
 *
 * https://opentelemetry.io/docs/specs/otel/protocol/exporter/ and .../configuration/sdk-environment-variables/
 *
 * Pure.
 * @module
 */
import type { Environment } from "../settings/settings.ts";

/** What is sent. */
export type Signal = "traces" | "metrics" | "logs";

const SIGNALS: readonly Signal[] = ["traces", "metrics", "logs"];

/** Where one signal goes. */
export interface Target {
  readonly url: string;
  /** They may hold a token. */
  readonly headers: ReadonlyMap<string, string>;
}

/** What is to be done. */
export interface TelemetrySettings {
  readonly targets: ReadonlyMap<Signal, Target>;
  /** Of the resource. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly metricIntervalMs: number;
  /** The longest that one request may take. */
  readonly timeoutMs: number;
  /** Sentences on what is asked for and not done. */
  readonly warnings: readonly string[];
}

/** True if there is anything to be sent: cheap, for those who do not want to load more. */
export function wantsTelemetry(env: Environment): boolean {
  if (env["OTEL_SDK_DISABLED"]?.toLowerCase() === "true") return false;
  return ["", "_TRACES", "_METRICS", "_LOGS"].some((of) => Boolean(env[`OTEL_EXPORTER_OTLP${of}_ENDPOINT`]));
}

/** Reads the variables. `host`: the name of this machine, or container. */
export function readTelemetry(
  env: Environment,
  { version, host }: { version: string; host: string },
): TelemetrySettings {
  const warnings: string[] = [];
  const targets = new Map<Signal, Target>();
  for (const signal of SIGNALS) {
    const target = readTarget(env, signal, warnings);
    if (target !== undefined) targets.set(signal, target);
  }
  const attributes = new Map([
    ["service.version", version],
    ["host.name", host],
    ...pairs(env["OTEL_RESOURCE_ATTRIBUTES"]),
  ]);
  attributes.set("service.name", env["OTEL_SERVICE_NAME"] || (attributes.get("service.name") ?? "confd-sidecar"));
  return {
    targets,
    attributes,
    metricIntervalMs: milliseconds(env["OTEL_METRIC_EXPORT_INTERVAL"]) ?? 60_000,
    timeoutMs: milliseconds(env["OTEL_EXPORTER_OTLP_TIMEOUT"]) ?? 10_000,
    warnings: [...new Set(warnings)],
  };
}

/** A variable for one signal goes before the one for all. */
function readTarget(env: Environment, signal: Signal, warnings: string[]): Target | undefined {
  const of = signal.toUpperCase();
  const setting = (what: string) => {
    const name = [`OTEL_EXPORTER_OTLP_${of}_${what}`, `OTEL_EXPORTER_OTLP_${what}`].find((name) => env[name]);
    return name === undefined ? undefined : { name, value: env[name] };
  };
  const exporter = env[`OTEL_${of}_EXPORTER`] || "otlp";
  if (!exporter.split(",").includes("otlp")) return undefined;
  const endpoint = setting("ENDPOINT");
  if (endpoint === undefined) return undefined;
  const protocol = setting("PROTOCOL");
  if (protocol?.value === "grpc") {
    warnings.push(
      `${protocol.name}: the sidecar speaks HTTP with JSON alone, and sends nothing where "grpc" is asked for`,
    );
    return undefined;
  }
  const url = urlOf(endpoint.value, endpoint.name.includes(of) ? "" : `/v1/${signal}`);
  if (url === undefined) {
    warnings.push(`${endpoint.name}: it is no address that begins with http:// or https://: nothing is sent there`);
    return undefined;
  }
  return { url, headers: new Map(pairs(setting("HEADERS")?.value)) };
}

function urlOf(base: string, path: string): string | undefined {
  if (!/^https?:\/\//.test(base) || !URL.canParse(base)) return undefined;
  const url = new URL(base);
  if (path !== "") url.pathname = url.pathname.replace(/\/$/, "") + path;
  return url.href;
}

/** `key=value,key2=value2`, percent-encoded as in a W3C Baggage. */
function pairs(text = ""): [string, string][] {
  return text.split(",").flatMap((pair): [string, string][] => {
    const [, key, value] = /^\s*([^=\s]+)\s*=\s*(.*?)\s*$/.exec(pair) ?? [];
    return key === undefined ? [] : [[key, decoded(value)]];
  });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function milliseconds(text: string | undefined): number | undefined {
  return text !== undefined && /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined;
}
