/**
 * confd's own settings file, `confd.toml`. Where it sets something that the sidecar decides, confd is given a private
 * copy without it.
 *
 * Pure.
 * @module
 */
import { parse, stringify, type TomlTable } from "smol-toml";
import { keysOf } from "./options.ts";

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

/** The keys that must not reach a confd that follows its backend; `nodes` too where `CONFD_NODE` names some. */
export function overridingKeys(keys: readonly string[], nodes: readonly string[]): string[] {
  const decided = keysOf(({ flag, decidedBy }) => decidedBy ?? (flag === "node" && nodes.length > 0));
  return keys.filter((key) => decided.includes(key));
}

/** The keys that must not reach a confd that makes a dry run: what it logs is the answer, and it changes nothing. */
export const DRY_RUN_KEYS: readonly string[] = keysOf(({ dryRun }) => dryRun);

/** The text of a confd.toml without some keys. */
export function withoutKeys(toml: ConfdToml, keys: readonly string[]): string {
  return stringify(
    Object.fromEntries(Object.entries(toml.table).filter(([key]) => !keys.includes(key.toLowerCase()))),
  );
}
