/**
 * The real programs that the tests run against, as `deno task setup` left them: where each is, or why it is not there.
 *
 * Touches: the file system, reading below `.tools`.
 * @module
 */
import { fileURLToPath } from "node:url";

/** Every part by the name of its binary. */
export const PARTS = [
  "confd-classic",
  "confd-fork",
  "confd-fork-0.30",
  "etcd",
  "prometheus",
  "promtool",
  "nginx",
  "haproxy",
  "dnsmasq",
  "wrk",
  "consul",
  "vault",
  "redis-server",
  "zookeeper",
  "moto-server",
  "openssl",
  "chromium",
  "systemd-analyze",
  "tini",
  "dumb-init",
  "deployments",
  "otel-collector",
  "consul-template",
  "nfpm",
  "actionlint",
  "groff",
  "rpm",
  "zsh",
  "fish",
] as const;

/** The name of a part. */
export type PartName = typeof PARTS[number];

/** What setup wrote down of one part. */
export interface PartRecord {
  /** What the binary was made from; if that is not what setup would make it from today, it is made again. */
  stamp: string;
  /** In a word or two, for the one line that setup prints. */
  version: string;
  /** Why the part did not arrive; undefined: it did. */
  missing?: string;
}

/** Git-ignored, and all that setup ever writes to. */
export const TOOLS = fileURLToPath(new URL("../../.tools", import.meta.url));
/** Where setup writes down what it did. */
export const RECORDS = `${TOOLS}/parts.json`;

/** Where the binary of a part stands, once it is there. */
export function binaryOf(name: PartName): string {
  return `${TOOLS}/bin/${name}`;
}

/** The folder that goes with a part whose binary is a script: the program itself, and libraries of its own. */
export function homeOf(name: PartName): string {
  return `${TOOLS}/lib/${name}`;
}

/** What setup wrote down at its last run. */
export function readRecords(): Partial<Record<PartName, PartRecord>> {
  try {
    return JSON.parse(Deno.readTextFileSync(RECORDS));
  } catch {
    // Not there yet, or not readable: everything is made anew.
    return {};
  }
}

/** The path of a part's binary; undefined: it is not there, see {@link missing}. */
export function part(name: PartName): string | undefined {
  try {
    // Follows links: one that leads nowhere is a part that is missing.
    return Deno.statSync(binaryOf(name)).isFile ? binaryOf(name) : undefined;
  } catch {
    return undefined;
  }
}

/** Why a part is not there, as half a sentence. */
export function missing(name: PartName): string {
  return readRecords()[name]?.missing ?? "'deno task setup' has not brought it yet";
}

/**
 * Name and fate of a test that cannot do without some parts, for `Deno.test({ ...needs("...", "etcd"), fn })`. The parts
 * stand in the name, so that the runner can say why a test was skipped.
 */
export function needs(name: string, ...parts: PartName[]): { name: string; ignore: boolean } {
  return { name: `${name} [needs ${parts.join(", ")}]`, ignore: parts.some((name) => part(name) === undefined) };
}

/** The reason why a test of that name is ignored: the parts in it that are not there, or its own `(skipped: ...)`. */
export function reasonOf(testName: string): string {
  const named = /\[needs ([^\]]+)\]/.exec(testName)?.[1].split(", ") ?? [];
  const absent = PARTS.filter((name) => named.includes(name) && part(name) === undefined);
  if (absent.length === 0) return /\(skipped: (.+?)\)/.exec(testName)?.[1] ?? "the test itself says 'ignore'";
  return absent.map((name) => `${name}: ${missing(name)}`).join("; ");
}
