/**
 * What a test left behind: processes that have a test's own folder in their environment or on their command line.
 *
 * Touches: /proc, reading.
 * @module
 */
import { textOf } from "./text_of.ts";

/** A process that is still there. */
export interface Survivor {
  pid: number;
  command: string;
}

/** The living processes that have to do with a folder, but for this one. */
export function survivors(folder: string): Survivor[] {
  return [...Deno.readDirSync("/proc")]
    .filter(({ name }) => /^\d+$/.test(name) && Number(name) !== Deno.pid)
    .map(({ name }) => ({ pid: Number(name), command: textOf(`/proc/${name}/cmdline`).replaceAll("\0", " ").trim() }))
    .filter(({ pid, command }) => command.includes(folder) || textOf(`/proc/${pid}/environ`).includes(folder));
}

/** Process numbers of the living processes whose command line matches. */
export function find(folder: string, pattern: RegExp): number[] {
  return survivors(folder).filter(({ command }) => pattern.test(command)).map(({ pid }) => pid);
}
