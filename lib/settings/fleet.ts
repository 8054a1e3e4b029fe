/**
 * Where a fleet takes turns: `SIDECAR_FLEET`.
 *
 * Pure.
 * @module
 */

/** The engines that can keep a queue, or give turns. */
export type FleetEngine = "etcd" | "consul" | "fleetlock";

/** A fleet. */
export interface FleetAddress {
  readonly engine: FleetEngine;
  /** One or more addresses of the same store, `http://HOST:PORT` or `https://HOST:PORT`; the next one is asked where one fails. */
  readonly nodes: readonly string[];
  /** Below which the fleet keeps its keys, without slashes at its ends; of FleetLock, the group. */
  readonly group: string;
  /** How many members may go at once; null: the engine decides that. */
  readonly n: number | null;
  /** Files for TLS, where they are given. */
  readonly tls: { readonly ca?: string; readonly cert?: string; readonly key?: string };
}

/** Completes the sentence '... is not'. */
export const FLEET_WANTED =
  "'etcd://HOST:PORT/PREFIX?n=N', 'consul://HOST:PORT/PREFIX?n=N' or 'fleetlock+http://HOST/GROUP', with N from 1";

const ENGINES: Record<string, [FleetEngine, "http" | "https"]> = {
  "etcd": ["etcd", "http"],
  "etcd+http": ["etcd", "http"],
  "etcd+https": ["etcd", "https"],
  "consul": ["consul", "http"],
  "consul+http": ["consul", "http"],
  "consul+https": ["consul", "https"],
  "fleetlock+http": ["fleetlock", "http"],
  "fleetlock+https": ["fleetlock", "https"],
};

const PORTS: Partial<Record<FleetEngine, number>> = { etcd: 2379, consul: 8500 };

const FORM = /^([a-z+]+):\/\/([^/?#]+)\/([^?#]*)(?:\?([^#]*))?$/;
const HOST = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?$/;
/** FleetLock's rule for groups, which suits the segments of a prefix too. */
const SEGMENT = /^[A-Za-z0-9._-]+$/;
const TLS_FILES = ["ca", "cert", "key"] as const;

/** Undefined for a text that names no fleet. */
export function parseFleet(text: string): FleetAddress | undefined {
  const [, scheme = "", hosts = "", path = "", query = ""] = FORM.exec(text) ?? [];
  if (!Object.hasOwn(ENGINES, scheme)) return undefined;
  const [engine, protocol] = ENGINES[scheme];
  const nodes = hosts.split(",").map((host) => nodeOf(host, protocol, PORTS[engine]));
  const group = path.replace(/^\/+|\/+$/g, "");
  const segments = group.split("/");
  const parameters = [...new URLSearchParams(query)];
  const isKnown = parameters.every(([name, value]) => value !== "" && isParameter(name, { engine, protocol }));
  const n = engine === "fleetlock" ? null : countOf(new Map(parameters).get("n") ?? "1");
  if (!nodes.every((node) => node !== undefined) || !segments.every((part) => SEGMENT.test(part))) return undefined;
  if (!isKnown || n === undefined || (engine === "fleetlock" && segments.length > 1)) return undefined;
  const files = parameters.filter(([name]) => name !== "n");
  if (new Set(parameters.map(([name]) => name)).size < parameters.length) return undefined;
  const tls = Object.fromEntries(files);
  return "cert" in tls === "key" in tls ? { engine, nodes, group, n, tls } : undefined;
}

function isParameter(name: string, { engine, protocol }: { engine: FleetEngine; protocol: string }): boolean {
  if (name === "n") return engine !== "fleetlock";
  return protocol === "https" && TLS_FILES.some((file) => file === name);
}

function nodeOf(text: string, protocol: string, fallback?: number): string | undefined {
  const [, host, port = fallback] = HOST.exec(text) ?? [];
  if (host === undefined || Number(port) > 65_535 || Number(port) === 0) return undefined;
  return `${protocol}://${host}${port === undefined ? "" : `:${port}`}`;
}

function countOf(text: string): number | undefined {
  return /^\d{1,6}$/.test(text) && Number(text) > 0 ? Number(text) : undefined;
}

/** More on a text that is not accepted. */
export function fleetHint(text: string): string {
  const [, scheme, hosts, path, query] = FORM.exec(text) ?? [];
  if (/\/\/[^/]*@/.test(text)) return "; a user and a password stand in the file that SIDECAR_FLEET_TOKEN_FILE names";
  if (/^fleetlock:/.test(text)) return "; it is fleetlock+http:// or fleetlock+https://";
  if (/^https?:/.test(text)) return "; the engine is missing: etcd://, consul:// or fleetlock+http://";
  if (/^[a-z+]+:\/\/[^/?#]+\/?(?:\?.*)?$/.test(text)) return "; a prefix, or a group, has to follow the host";
  if (scheme === undefined || !Object.hasOwn(ENGINES, scheme)) return "";
  if (hosts.split(",").some((host) => !HOST.test(host))) return "; the host is not HOST or HOST:PORT";
  if (!path.replace(/^\/+|\/+$/g, "").split("/").every((part) => SEGMENT.test(part))) {
    return "; a prefix has letters, digits, dots, dashes and underscores between its slashes";
  }
  return queryHint(new URLSearchParams(query), ENGINES[scheme]);
}

function queryHint(query: URLSearchParams, [engine, protocol]: [FleetEngine, string]): string {
  if (engine === "fleetlock" && query.has("n")) return "; how many go at once is FleetLock's own setting";
  for (const name of query.keys()) {
    if (isParameter(name, { engine, protocol })) continue;
    return TLS_FILES.some((file) => file === name)
      ? `; ${name} is for ${engine}+https://`
      : `; there is no parameter ${name}`;
  }
  if (query.has("n") && countOf(query.get("n")!) === undefined) return "; n is a whole number from 1";
  return query.has("cert") !== query.has("key") ? "; cert and key belong together" : "";
}

/** What `SIDECAR_FLEET_ID` accepts, as the end of a sentence. */
export const FLEET_ID_WANTED = "a name of letters, digits, dots, dashes and underscores, 253 at most";

/** Undefined for a text that cannot stand in a key. */
export function parseFleetId(text: string): string | undefined {
  return text.length <= 253 && SEGMENT.test(text) ? text : undefined;
}
