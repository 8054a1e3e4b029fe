/**
 * How long confd may hold a change back because it was told to: `debounce` and `batch-interval` of the fork.
 *
 * A file that is out of date for that long is no sign of a confd that hears nothing.
 *
 * Pure.
 * @module
 */
import type { TomlTable } from "smol-toml";
import { parseDuration } from "../settings/duration.ts";
import type { Environment } from "../settings/settings.ts";
import { flagValues } from "./arguments.ts";
import type { TemplateResource } from "./resource.ts";

/** Where the user can say so. */
export interface DebounceSources {
  /** `SIDECAR_CONFD_ARGS`. */
  args: readonly string[];
  env: Environment;
  /** confd's own settings file. */
  table?: TomlTable;
  resources: readonly Pick<TemplateResource, "debounce">[];
}

/** The longest of what is said anywhere, in milliseconds; which of them wins in confd is not asked. */
export function debounceMs({ args, env, table = {}, resources }: DebounceSources): number {
  const said = [
    env["CONFD_DEBOUNCE"],
    env["CONFD_BATCH_INTERVAL"],
    ...flagValues(args, "debounce"),
    ...flagValues(args, "batch-interval"),
    ...Object.entries(table).filter(([key]) => KEYS.includes(key.toLowerCase())).map(([, value]) => value),
    ...resources.map(({ debounce }) => debounce),
  ];
  return Math.max(0, ...said.map((value) => typeof value === "string" ? parseDuration(value) ?? 0 : 0));
}

/** The keys of confd.toml. */
const KEYS: readonly string[] = ["debounce", "batch_interval", "batch-interval"];
