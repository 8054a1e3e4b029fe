/**
 * What is wrong with the settings of a fleet, as far as this machine can tell.
 *
 * Touches: the files that they name, reading; the host's name.
 * @module
 */
import { parseFleetId } from "./settings/fleet.ts";
import type { Environment } from "./settings/settings.ts";
import { SETTINGS, type Settings } from "./settings/table.ts";

/** A member's stable name: what the user wants, or the host's. */
export function memberName({ fleetId }: Pick<Settings, "fleetId">): string {
  return fleetId || Deno.hostname();
}

/** A sentence for each thing that is wrong. */
export function fleetProblems({ fleet, fleetId, fleetTokenFile }: Settings): string[] {
  // What could not be read has its problem already.
  if (fleet === "off" || fleet === undefined || fleetId === undefined) return [];
  const files: [string, string | undefined][] = [
    [SETTINGS.fleetTokenFile.name, fleetTokenFile],
    ...Object.entries(fleet.tls).map(([name, file]): [string, string] => [`${SETTINGS.fleet.name}: ${name}`, file]),
  ];
  const problems = files.flatMap(([name, file]) => file ? unreadable(name, file) : []);
  const name = memberName({ fleetId });
  if (parseFleetId(name) === undefined) {
    problems.push(`${SETTINGS.fleetId.name}: the host's name, ${JSON.stringify(name)}, cannot be a member's; set it`);
  }
  return problems;
}

function unreadable(name: string, file: string): string[] {
  try {
    Deno.readTextFileSync(file);
    return [];
  } catch (error) {
    const why = error instanceof Deno.errors.NotFound ? "there is no such file" : (error as Error).message;
    return [`${name}: ${file} cannot be read: ${why}`];
  }
}

/** A sentence for each setting that does nothing. */
export function fleetWarnings({ fleet }: Settings, env: Environment): string[] {
  if (fleet !== "off") return [];
  return [SETTINGS.fleetId, SETTINGS.fleetTokenFile, SETTINGS.fleetTimeoutMs]
    .filter(({ name }) => env[name])
    .map(({ name }) => `${name} has no effect without ${SETTINGS.fleet.name}`);
}
