/**
 * The table `[sidecar]` of a template resource, which both confds ignore: what a change of this one file means.
 *
 * Pure.
 * @module
 */
import type { TomlTable, TomlValue } from "smol-toml";
import { didYouMean } from "../settings/nearest.ts";
import { parseReload, RELOAD_WANTED, reloadHint, type ReloadWay } from "../settings/reload.ts";

/** What the table says. */
export interface SidecarTable {
  /** How a change of the file is brought to the service; undefined: as `SIDECAR_RELOAD` says. */
  readonly reload?: ReloadWay;
  /** True if the file holds variables for the service's environment. */
  readonly env: boolean;
  /** False if the start does not wait for the file. */
  readonly required: boolean;
}

/** What a resource without such a table says. */
export const NOTHING_SAID: SidecarTable = { env: false, required: true };

const KEYS = ["reload", "env", "required"];

/** Reads the table. */
export function readSidecarTable(
  value: TomlValue | undefined,
  label: string,
): { table: SidecarTable; problems: string[] } {
  if (value === undefined) return { table: NOTHING_SAID, problems: [] };
  if (typeof value !== "object" || Array.isArray(value) || value instanceof Date) {
    return {
      table: NOTHING_SAID,
      problems: [`${label}: 'sidecar' is no table; wanted is [sidecar] on a line of its own`],
    };
  }
  const entries = value as TomlTable;
  const problems = Object.keys(entries).filter((key) => !KEYS.includes(key)).map((key) =>
    `${label}: there is no '${key}' in [sidecar]${didYouMean(key, KEYS)}; there are ${KEYS.join(", ")}`
  );
  const flag = (name: string, byDefault: boolean) => {
    const found = entries[name] ?? byDefault;
    if (typeof found === "boolean") return found;
    problems.push(`${label}: '${name}' in [sidecar] is ${quoted(found)}; wanted is true or false`);
    return byDefault;
  };
  const env = flag("env", false);
  const required = flag("required", true);
  return { table: { reload: readReload(entries.reload, { env, label, problems }), env, required }, problems };
}

/** A service that knows its environment alone has to be started anew. */
function readReload(
  value: TomlValue | undefined,
  { env, label, problems }: { env: boolean; label: string; problems: string[] },
): ReloadWay | undefined {
  if (value === undefined) return env ? { by: "restart" } : undefined;
  const way = typeof value === "string" ? parseReload(value) : undefined;
  if (way !== undefined) return way;
  // The words of a command may hold a secret.
  const [shown, hint] = typeof value === "string"
    ? [`of ${value.length} characters`, reloadHint(value)]
    : [quoted(value), ""];
  problems.push(`${label}: 'reload' in [sidecar], ${shown}, is not ${RELOAD_WANTED}${hint}`);
  return undefined;
}

function quoted(value: TomlValue): string {
  return typeof value === "bigint" ? String(value) : JSON.stringify(value) ?? String(value);
}
