/**
 * How long confd may hold a change back because it was told to: `debounce` and `batch-interval` of the fork.
 *
 * A file that is out of date for that long is no sign of a confd that hears nothing.
 *
 * Pure.
 * @module
 */
import { parse, type TomlTable } from "smol-toml";
import { parseDuration } from "../settings/duration.ts";
import type { Environment } from "../settings/settings.ts";

/** Where the user can say so. */
export interface HeldBackSources {
  /** `SIDECAR_CONFD_ARGS`. */
  args: readonly string[];
  env: Environment;
  /** confd's own settings file. */
  table?: TomlTable;
  /** Texts of the template resources. */
  resources: readonly string[];
}

/** The longest of what is said anywhere, in milliseconds; which of them wins in confd is not asked. */
export function heldBackMs({ args, env, table = {}, resources }: HeldBackSources): number {
  const said: unknown[] = [env["CONFD_DEBOUNCE"], env["CONFD_BATCH_INTERVAL"]];
  for (const [i, word] of args.entries()) {
    const match = /^--?(?:debounce|batch-interval)(?:=(.*))?$/s.exec(word);
    if (match) said.push(match[1] ?? args[i + 1]);
  }
  said.push(...durationsIn(table));
  for (const text of resources) {
    for (const inner of Object.values(parse(text))) said.push(...durationsIn(inner));
  }
  return Math.max(0, ...said.map((value) => typeof value === "string" ? parseDuration(value) ?? 0 : 0));
}

function durationsIn(table: unknown): unknown[] {
  if (typeof table !== "object" || table === null) return [];
  return Object.entries(table)
    .filter(([key]) => ["debounce", "batch_interval", "batch-interval"].includes(key.toLowerCase()))
    .map(([, value]) => value);
}
