/**
 * confd's own settings file, `confd.toml`, where it contradicts what the sidecar asks for.
 *
 * In the classic confd what stands there wins over the command line; in the fork it only fills defaults, yet can turn
 * `noop` on. So where it sets something that the sidecar decides, confd is given a private copy without it.
 *
 * Pure.
 * @module
 */
import { parse, stringify, type TomlTable } from "smol-toml";

/** What was found in a confd.toml. */
export interface ConfdToml {
  table: TomlTable;
  /** The keys that it sets. */
  keys: string[];
}

/** Reads the text of a confd.toml; throws smol-toml's TomlError, whose message has the place. */
export function parseConfdToml(text: string): ConfdToml {
  const table = parse(text);
  return { table, keys: Object.keys(table).map((key) => key.toLowerCase()) };
}

const DECIDED_BY_US = ["backend", "confdir", "interval", "noop", "onetime", "watch"];

/** The keys that must not reach a confd that follows its backend; `nodes` too where `CONFD_NODE` names some. */
export function overridingKeys(keys: readonly string[], nodes: readonly string[]): string[] {
  return keys.filter((key) => DECIDED_BY_US.includes(key) || (key === "nodes" && nodes.length > 0));
}

/**
 * The keys that must not reach a confd that answers one question: what it logs is the answer, and it must not leave a
 * staged file beside the destination each time. The last two are one key, of the classic confd and of the fork.
 */
export const DRY_RUN_KEYS: readonly string[] = [
  "log-level",
  "log-format",
  "metrics_addr",
  "keepstagefile",
  "keep_stage_file",
];

/** The text of a confd.toml without some keys. */
export function withoutKeys(toml: ConfdToml, keys: readonly string[]): string {
  return stringify(
    Object.fromEntries(Object.entries(toml.table).filter(([key]) => !keys.includes(key.toLowerCase()))),
  );
}
