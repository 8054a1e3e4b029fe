/**
 * confd's backends: which confd has them, which can be watched, and what they cannot do without.
 *
 * The facts were seen at run time with confd 0.16.0, and the maintained fork's 0.30.0 and 0.41.1.
 *
 * Pure.
 * @module
 */
import { didYouMean } from "../settings/nearest.ts";
import type { Dialect } from "./dialect.ts";
import { type OptionSources, userValues } from "./options.ts";

/** What is to be known of one backend. */
export interface Backend {
  /** The confds that have it. */
  readonly dialects: readonly Dialect[];
  /** False where `-watch` is refused, or accepted and never renders: such a backend is polled. */
  readonly watchable: boolean;
  /** A flag without which confd ends at once. */
  readonly needs?: { readonly flag: string; readonly what: string };
}

const both: readonly Dialect[] = ["classic", "fork"];

/** All backends by name. */
export const BACKENDS: Readonly<Record<string, Backend>> = {
  consul: { dialects: both, watchable: true },
  etcd: { dialects: both, watchable: true },
  etcdv3: { dialects: ["classic"], watchable: true },
  redis: { dialects: both, watchable: true },
  zookeeper: { dialects: both, watchable: true },
  rancher: { dialects: ["classic"], watchable: true },
  file: { dialects: both, watchable: true, needs: { flag: "file", what: "the file or folder to read keys from" } },
  env: { dialects: both, watchable: false },
  vault: { dialects: both, watchable: false },
  dynamodb: { dialects: both, watchable: false, needs: { flag: "table", what: "the name of the table" } },
  ssm: { dialects: both, watchable: false },
  acm: { dialects: ["fork"], watchable: false },
  secretsmanager: { dialects: ["fork"], watchable: false },
  imds: { dialects: ["fork"], watchable: false },
};

/** What is known of a backend; undefined where no confd has it. */
export function findBackend(name: string): Backend | undefined {
  return Object.hasOwn(BACKENDS, name) ? BACKENDS[name] : undefined;
}

/**
 * What is wrong with the choice of a backend before it is known which confd will serve it.
 *
 * @param name the value of `CONFD_BACKEND`
 * @param sources where the flags that a backend needs can come from
 */
export function backendProblems(name: string, sources: OptionSources = {}): string[] {
  const backend = findBackend(name);
  if (backend === undefined) {
    const names = Object.keys(BACKENDS);
    return [
      `CONFD_BACKEND: ${JSON.stringify(name)} is not a backend of confd (${names.join(", ")})` +
      didYouMean(name, names),
    ];
  }
  const { needs } = backend;
  if (needs === undefined || userValues(needs.flag, sources).length > 0) return [];
  return [
    `CONFD_BACKEND: "${name}" needs ${needs.what}: set SIDECAR_CONFD_ARGS, for instance to '--${needs.flag}=...'`,
  ];
}

/** What is wrong with a backend now that it is known which confd was found. */
export function dialectProblems(name: string, dialect: Dialect): string[] {
  const backend = findBackend(name);
  if (backend === undefined || backend.dialects.includes(dialect)) return [];
  const which = dialect === "fork" ? "the maintained fork (github.com/abtreece/confd)" : "the classic one";
  const instead = name === "etcdv3" ? '; there, "etcd" speaks etcd\'s v3 interface' : "";
  return [`CONFD_BACKEND: ${JSON.stringify(name)} is not a backend of the confd found, ${which}${instead}`];
}
