/**
 * The hold in force, as a file in the private folder: it outlives a restart of the container where that folder does.
 *
 * Touches: one file.
 * @module
 */
import { remove } from "./disk.ts";

const FILE = "hold.json";

/** A hold with its times by the clock on the wall, in milliseconds since 1970. */
export interface KeptHold {
  readonly since: number;
  /** Null: it ends only when it is released. */
  readonly until: number | null;
  readonly reason: string | null;
}

/** The hold that an earlier run has left; undefined where there is none, or it is over. */
export function readHold(state: string, now: number): KeptHold | undefined {
  try {
    const { since, until, reason } = JSON.parse(Deno.readTextFileSync(`${state}/${FILE}`));
    const isOurs = typeof since === "number" && (until === null || typeof until === "number") &&
      (reason === null || typeof reason === "string");
    return isOurs && (until === null || until > now) ? { since, until, reason } : undefined;
  } catch {
    return undefined;
  }
}

/** Writes it down, whole or not at all; undefined: there is none any more. Throws what the file system throws. */
export function writeHold(state: string, hold: KeptHold | undefined): void {
  const path = `${state}/${FILE}`;
  if (hold === undefined) return remove(path);
  Deno.writeTextFileSync(`${path}.new`, `${JSON.stringify(hold)}\n`, { mode: 0o600 });
  Deno.renameSync(`${path}.new`, path);
}
