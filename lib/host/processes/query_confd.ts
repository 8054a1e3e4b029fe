/**
 * Asking confd: which one it is, and which destinations are in sync.
 *
 * Touches: processes through processes.ts.
 * @module
 */
import { type Dialect, identify } from "../../confd/dialect.ts";
import { capture, type Command } from "./processes.ts";

/** How long confd may take to say which one it is, in milliseconds. */
const HELP_LIMIT_MS = 10_000;
/** How long confd may take to compare, in milliseconds: its backends have time-outs of up to 30 s. */
const DRY_RUN_LIMIT_MS = 60_000;

/** Runs `confd --help` and tells what answered; otherwise why nothing can be told. Throws SpawnError. */
export async function queryDialect(program: string, signal: AbortSignal): Promise<Dialect | { problem: string }> {
  const command: Command = { program, args: ["--help"], env: {}, streams: "pipe", ownGroup: true };
  const said = await capture(command, { limitMs: HELP_LIMIT_MS, signal });
  if (said === "late") return { problem: `'${program} --help' has not ended in ${HELP_LIMIT_MS / 1000} seconds` };
  const dialect = identify(said.stdout, said.stderr);
  if (dialect !== undefined) return dialect;
  return { problem: `'${program} --help' does not answer as a confd does: is it one?` };
}

/** Runs confd once and returns all that it printed; nothing if it could not be run to its end. */
export async function runDryRun(command: Command, signal: AbortSignal): Promise<string> {
  try {
    const said = await capture(command, { limitMs: DRY_RUN_LIMIT_MS, signal });
    return said === "late" ? "" : said.stdout + said.stderr;
  } catch {
    // confd cannot be started: its own restart tells of that.
    return "";
  }
}
