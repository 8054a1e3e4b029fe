/**
 * Other programs, run quietly and under a deadline, for setup and the test runner.
 *
 * Touches: processes; the file system, reading.
 * @module
 */

/** What came of a command. */
export interface Outcome {
  ok: boolean;
  /** The command as one could type it. */
  tried: string;
  /** All that it printed, both streams; why it could not run, if it could not. */
  text: string;
}

/** How a command is run. */
export interface RunOptions {
  env?: Record<string, string>;
  cwd?: string;
  timeoutMs: number;
}

/** Runs a command to its end, whatever that is: it does not throw. */
export async function runQuietly(words: readonly [string, ...string[]], options: RunOptions): Promise<Outcome> {
  const [program, ...args] = words;
  const tried = words.join(" ");
  const { timeoutMs, ...rest } = options;
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const output = await new Deno.Command(program, { args, ...rest, signal, stdin: "null" }).output();
    const decoder = new TextDecoder();
    const text = (decoder.decode(output.stderr) + decoder.decode(output.stdout)).trim();
    if (signal.aborted) return { ok: false, tried, text: `not done after ${timeoutMs / 1000} s\n${text}`.trim() };
    return { ok: output.success, tried, text: text || `exit status ${output.code}` };
  } catch (error) {
    return { ok: false, tried, text: (error as Error).message };
  }
}

/** The absolute path of a program in `PATH`. */
export function findInPath(program: string): string | undefined {
  return (Deno.env.get("PATH") ?? "").split(":").filter((folder) => folder.startsWith("/"))
    .map((folder) => `${folder}/${program}`).find(isExecutable);
}

/** Whether there is a file that somebody may execute. */
export function isExecutable(path: string): boolean {
  try {
    const { isFile, mode } = Deno.statSync(path);
    return isFile && (mode! & 0o111) !== 0;
  } catch {
    return false;
  }
}
