/**
 * Environment files that confd renders, read for the service.
 *
 * Touches: the file system, reading.
 * @module
 */
import { CONFIG } from "../../core/exit_status.ts";
import { type EnvFileReading, parseEnvFile } from "../../settings/env_file.ts";
import { SpawnError } from "../processes/processes.ts";

/**
 * The variables of several files; of a name that comes twice, the last value. A file that is not there has none. Throws
 * {@link SpawnError} where one is malformed: without it, the service would run on half an environment.
 */
export function readEnvFiles(paths: readonly string[]): Map<string, string> {
  const all = new Map<string, string>();
  for (const path of paths) {
    const reading = readEnvFile(path);
    if (reading === undefined) continue;
    if ("problem" in reading) throw new SpawnError(envProblem(path, reading.problem), CONFIG);
    for (const [name, value] of reading.variables) all.set(name, value);
  }
  return all;
}

/** Reads one; undefined where there is none. */
export function readEnvFile(path: string): EnvFileReading | undefined {
  let bytes: Uint8Array;
  try {
    bytes = Deno.readFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    return { problem: `it cannot be read: ${(error as Error).message}` };
  }
  try {
    return parseEnvFile(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return { problem: "it is not valid UTF-8" };
  }
}

/** A sentence about a malformed file. */
export function envProblem(path: string, problem: string): string {
  return `${path} is no environment file: ${problem}`;
}
