/**
 * confd's backends: which confd has them, which can be watched, and what they cannot do without.
 *
 * The facts were seen at run time with confd 0.16.0, and the maintained fork's 0.30.0 and 0.41.1; those of its versions
 * between were read in their sources: `etcdv3` was gone with 0.18, `rancher` with 0.19; `acm` and `secretsmanager` came
 * with 0.33.
 *
 * Pure.
 * @module
 */
import { oddEnds } from "../settings/hints.ts";
import { didYouMean } from "../settings/nearest.ts";
import { type Dialect, type FoundConfd, nameOf } from "./dialect.ts";
import type { Judgement } from "./judgement.ts";
import { type OptionSources, userValues } from "./options.ts";

/** What is to be known of one backend. */
export interface Backend {
  /** The confds that have it. */
  readonly dialects: readonly Dialect[];
  /** Whether the early versions of the fork have it, where they differ from the classic confd. */
  readonly early?: "some" | "none";
  /** False where `-watch` is refused, or accepted and never renders: such a backend is polled. */
  readonly watchable: boolean;
  /** The form of its nodes; undefined: it has none. */
  readonly nodes?: NodeForm;
  /** A flag without which confd ends at once. */
  readonly needs?: { readonly flag: string; readonly what: string };
}

/** What a node looks like. */
export interface NodeForm {
  readonly wanted: string;
  readonly pattern: RegExp;
}

const both: readonly Dialect[] = ["classic", "fork"];

const HOST = String.raw`(?:\[[\da-fA-F:.]+\]|[^\s:/[\]"']+)`;
const ADDRESS = String.raw`https?://[^\s"']+`;
const form = (wanted: string, pattern: string): NodeForm => ({ wanted, pattern: new RegExp(`^(?:${pattern})$`) });
const URL_NODE = form("http://HOST:PORT or https://HOST:PORT", ADDRESS);
const ANY_NODE = form("HOST:PORT, http://HOST:PORT or https://HOST:PORT", `${HOST}(?::\\d+)?|${ADDRESS}`);

/** All backends by name. */
export const BACKENDS: Readonly<Record<string, Backend>> = {
  consul: {
    dialects: both,
    watchable: true,
    nodes: form(
      "HOST:PORT, http://HOST:PORT, https://HOST:PORT or unix://PATH",
      `${ANY_NODE.pattern.source}|unix://\\S+`,
    ),
  },
  etcd: { dialects: both, watchable: true, nodes: ANY_NODE },
  etcdv3: { dialects: ["classic"], early: "some", watchable: true, nodes: ANY_NODE },
  redis: {
    dialects: both,
    watchable: true,
    nodes: form("HOST:PORT, HOST:PORT/DATABASE or the path of a socket", `${HOST}:\\d+(?:/\\d+)?|/\\S+`),
  },
  zookeeper: { dialects: both, watchable: true, nodes: form("HOST:PORT", `${HOST}(?::\\d+)?`) },
  rancher: { dialects: ["classic"], early: "some", watchable: true, nodes: ANY_NODE },
  file: { dialects: both, watchable: true, needs: { flag: "file", what: "the file or folder to read keys from" } },
  env: { dialects: both, watchable: false },
  vault: { dialects: both, watchable: false, nodes: URL_NODE },
  dynamodb: { dialects: both, watchable: false, needs: { flag: "table", what: "the name of the table" } },
  ssm: { dialects: both, watchable: false },
  acm: { dialects: ["fork"], early: "some", watchable: false },
  secretsmanager: { dialects: ["fork"], early: "some", watchable: false },
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
      (oddEnds(name) || didYouMean(name, names)),
    ];
  }
  const { needs } = backend;
  if (needs === undefined || userValues(needs.flag, sources).length > 0) return [];
  return [
    `CONFD_BACKEND: "${name}" needs ${needs.what}: set SIDECAR_CONFD_ARGS, for instance to '--${needs.flag}=...'`,
  ];
}

/**
 * What is wrong with a backend and its nodes now that it is known which confd was found, and what may be. Nodes may have
 * passwords in them, and are not shown.
 */
export function dialectProblems(
  name: string,
  found: FoundConfd,
  nodes: readonly string[] = [],
): Judgement {
  const backend = findBackend(name);
  if (backend === undefined) return { problems: [], warnings: [] };
  const named = `CONFD_BACKEND: ${JSON.stringify(name)}`;
  if (found.early && backend.early === "some") {
    const warning = `${named} is not a backend of every version of the confd found, ${nameOf(found)}`;
    return { problems: [], warnings: [warning] };
  }
  if (!backend.dialects.includes(found.dialect)) {
    return { problems: [`${named} is not a backend of the confd found, ${nameOf(found)}`], warnings: [] };
  }
  return nodes.length > 0 ? nodeProblems(name, backend, found, nodes) : { problems: [], warnings: [] };
}

/** The first version of the fork that has etcd's v3 interface as `etcd`, and no `etcdv3` any more. */
const ETCD_IS_V3 = [0, 18];

/** What the confd that was found calls a backend, and a sentence where that needs one. */
export interface Called {
  readonly name: string;
  readonly note?: string;
}

/**
 * What the confd that was found calls the backend that is meant. `version` is what an early fork says of itself: only there
 * it makes a difference.
 */
export function calledBy(name: string, found: FoundConfd, version?: string): Called {
  const isClassic = found.dialect === "classic" && !found.early;
  if (name === "etcd" && isClassic) {
    const note =
      'CONFD_BACKEND: "etcd" is etcd\'s v2 interface to the confd found, the classic one; for the v3 interface, ' +
      'the only one that etcd has by itself since 3.4, set "etcdv3"';
    return { name, note };
  }
  if (name !== "etcdv3" || isClassic || (found.early && !isAtLeast(version, ETCD_IS_V3))) return { name };
  const note = `CONFD_BACKEND: "etcdv3" is called "etcd" by the confd found, ${
    nameOf(found)
  }, which is started with that`;
  return { name: "etcd", note };
}

function isAtLeast(version: string | undefined, [major, minor]: readonly number[]): boolean {
  const [, ours, next] = /^(\d+)\.(\d+)/.exec(version ?? "") ?? [];
  return ours !== undefined && (Number(ours) > major || (Number(ours) === major && Number(next) >= minor));
}

function nodeProblems(name: string, backend: Backend, found: FoundConfd, nodes: readonly string[]): Judgement {
  const speaksV2 = name === "etcd" && found.dialect === "classic" && !found.early;
  const form = speaksV2 ? URL_NODE : backend.nodes;
  if (form === undefined) {
    return {
      problems: [],
      warnings: [`CONFD_NODE: the backend ${JSON.stringify(name)} has no nodes, so it is ignored`],
    };
  }
  const problems = nodes.flatMap((node, i) => {
    if (form.pattern.test(node)) return [];
    const blank = /\s/.test(node) ? "; nodes are separated by commas, and have no blanks in them" : oddEnds(node);
    return [
      `CONFD_NODE: node ${i + 1}, of ${node.length} characters, is not ${form.wanted}, as ${
        JSON.stringify(name)
      } wants ` +
      `it${blank}`,
    ];
  });
  return { problems, warnings: [] };
}
