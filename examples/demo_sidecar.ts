/**
 * The sidecar as the demo runs it: what it and its service print is shown and remembered, and its end is noticed.
 *
 * Touches: processes, standard output.
 * @module
 */
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));

/** A running sidecar. */
export interface RunningSidecar {
  /** Every line so far, of the sidecar, confd and the service. */
  readonly lines: readonly string[];
  /** Aborted when the sidecar has ended; its reason says with which status. */
  readonly ended: AbortSignal;
  /** Asks it to stop; returns its exit status. */
  stop(): Promise<number>;
}

/** What is run, and where its lines are shown. */
export interface SidecarOptions {
  command: readonly string[];
  /** Added to our own environment, from which all that is about confd or a sidecar is taken away. */
  env: Record<string, string>;
  onLine: (line: string) => void;
}

export function startSidecar({ command, env, onLine }: SidecarOptions): RunningSidecar {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--quiet", MAIN, ...command],
    env: { ...neutralEnvironment(), ...env },
    clearEnv: true,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    // In a session of its own: a Ctrl-C meant for the demo must not reach it twice, which would be a kill.
    detached: true,
  }).spawn();
  const lines: string[] = [];
  const take = (line: string) => {
    lines.push(line);
    onLine(line);
  };
  const read = Promise.all([readLines(child.stdout, take), readLines(child.stderr, take)]);
  const ended = new AbortController();
  const status = child.status.then(async ({ code }) => {
    await read;
    ended.abort(new Error(`the sidecar ended with status ${code}`));
    return code;
  });
  return {
    lines,
    ended: ended.signal,
    stop() {
      if (!ended.signal.aborted) child.kill("SIGTERM");
      return status;
    },
  };
}

function neutralEnvironment(): Record<string, string> {
  return Object.fromEntries(Object.entries(Deno.env.toObject()).filter(([name]) => !/^(CONFD|SIDECAR)_/.test(name)));
}

async function readLines(stream: ReadableStream<Uint8Array<ArrayBuffer>>, take: (line: string) => void): Promise<void> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    lines.forEach(take);
  }
  if (rest !== "") take(rest);
}
