/**
 * Private copies of confd's own settings file, for where that contradicts what the sidecar asks of confd.
 *
 * Pure.
 * @module
 */
import { DRY_RUN_KEYS, overridingKeys, withoutKeys } from "./confd/confd_toml.ts";
import { DEFAULT_CONFIG_FILE } from "./confd/arguments.ts";
import type { File } from "./host/files/provision.ts";
import type { Plan } from "./prepare.ts";

/** What confd reads instead of its own settings file, where that contradicts us. */
export interface ConfdFiles {
  files: File[];
  /** The keys that confd does not get to see. */
  ignored: string[];
  /** What confd is told to read; undefined: it reads the usual file by itself. */
  follow?: string;
  dryRun?: string;
}

/** Works out what confd must not read itself, and what it is given instead. */
export function privateConfdFiles({ settings, confdToml, configFile }: Plan): ConfdFiles {
  const result: ConfdFiles = { files: [], ignored: [] };
  // The classic confd does not know the fork's variable for it, so another file than the usual one is always named.
  if (configFile !== DEFAULT_CONFIG_FILE) result.follow = result.dryRun = configFile;
  if (confdToml === undefined) return result;
  const copy = (name: string, keys: readonly string[]) => {
    const path = `${settings.state}/${name}`;
    result.files.push({ path, content: withoutKeys(confdToml, keys) });
    return path;
  };
  result.ignored = overridingKeys(confdToml.keys, settings.nodes);
  if (result.ignored.length > 0) result.follow = copy("confd.toml", result.ignored);
  const misleading = confdToml.keys.filter((key) => DRY_RUN_KEYS.includes(key));
  const hidden = [...result.ignored, ...misleading];
  result.dryRun = misleading.length > 0 ? copy("confd-dry-run.toml", hidden) : result.follow;
  return result;
}

/** Says which of the user's keys confd does not get to see. */
export function ignoredSentence({ configFile }: Plan, keys: readonly string[]): string {
  return `${configFile} sets ${
    keys.map((key) => `'${key}'`).join(", ")
  }, which the sidecar decides: confd is given a ` +
    "copy without";
}
