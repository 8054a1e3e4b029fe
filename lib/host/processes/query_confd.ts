/**
 * Running confd for an answer: which one it is, and what it would render.
 *
 * Touches: processes through command.ts.
 * @module
 */
import { type FoundConfd, identify } from "../../confd/dialect.ts";
import { runToEnd } from "./command.ts";
import type { Command } from "./processes.ts";

/** How long confd may take to say which one it is, in milliseconds. */
const HELP_LIMIT_MS = 10_000;
/** How long a dry run may take, in milliseconds: backends have time-outs of up to 30 s. */
const DRY_RUN_LIMIT_MS = 60_000;

/** What ends a query early, and who hears that its output was cut off. */
export interface QueryOptions {
  signal: AbortSignal;
  onCutOff: (program: string) => void;
}

/** Runs `confd --help` and tells what answered; otherwise why nothing can be told. Throws SpawnError. */
export async function queryDialect(program: string, options: QueryOptions): Promise<FoundConfd | { problem: string }> {
  const printed = await capture({ program, args: ["--help"], env: {} }, HELP_LIMIT_MS, options);
  if (printed === undefined) return { problem: `'${program} --help' has not ended in ${HELP_LIMIT_MS / 1000} seconds` };
  return identify(printed[0], printed[1]) ??
    { problem: `'${program} --help' does not answer as a confd does: is it one?` };
}

/** Runs `confd --version`; undefined where that tells no version. Builds of one's own may say `dev`. */
export async function queryVersion(program: string, options: QueryOptions): Promise<string | undefined> {
  try {
    const printed = await capture({ program, args: ["--version"], env: {} }, HELP_LIMIT_MS, options);
    return /^confd v?(\S+)/m.exec(printed?.join("\n") ?? "")?.[1];
  } catch {
    return undefined;
  }
}

/** Runs confd once and returns all that it printed; nothing if it could not be run to its end. */
export async function runDryRun(
  command: Omit<Command, "streams" | "ownGroup">,
  options: QueryOptions,
): Promise<string> {
  try {
    return (await capture(command, DRY_RUN_LIMIT_MS, options))?.join("") ?? "";
  } catch {
    // confd cannot be started: its own restart tells of that.
    return "";
  }
}

/** What a program prints on its two outputs; undefined where it was killed. */
async function capture(
  command: Omit<Command, "streams" | "ownGroup">,
  limitMs: number,
  { signal, onCutOff }: QueryOptions,
): Promise<string[] | undefined> {
  const printed = ["", ""];
  const onText = (text: string, from: number) => {
    printed[from] += text;
  };
  const end = await runToEnd(command, { limitMs, signal, onText, onCutOff: () => onCutOff(command.program) });
  return end.killed ? undefined : printed;
}
