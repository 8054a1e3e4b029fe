/**
 * A program as process 1 of a namespace of its own, as in a container: what it starts ends with it, and nobody outside is
 * met by its signals, `pkill` included.
 *
 * Touches: processes; namespaces and mounts, of their own.
 * @module
 */
import { unshareProblem } from "../image/container.ts";
import { NO_BASH } from "../support/example.ts";
import { type Lines, readLines } from "../support/lines.ts";
import { bareEnvironment, DEADLINE_MS, until } from "../support/sidecar.ts";

const UNSHARE = ["unshare", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child"];

/** Why the tests with it cannot be run here; undefined: they can. */
export const NO_NAMESPACES = NO_BASH ?? unshareProblem([...UNSHARE.slice(1), "true"], "needs root, for namespaces");

/** Why a program of this machine cannot be called; undefined: it can. */
export function missing(program: string): string | undefined {
  const { success } = new Deno.Command("sh", { args: ["-c", `command -v ${program}`], stdout: "null" }).outputSync();
  return success ? undefined : `no ${program}`;
}

/** How it is started. */
export interface FirstOptions {
  env: Record<string, string>;
  cwd?: string;
  /** Folders that it sees in the place of others: the other, and the one that is seen there. */
  binds?: Record<string, string>;
}

export class First implements AsyncDisposable {
  readonly stdout: Lines;
  readonly stderr: Lines;
  readonly #process: Deno.ChildProcess;

  constructor(words: readonly string[], { env, cwd, binds = {} }: FirstOptions) {
    const mounts = Object.entries(binds).map(([target, source]) => `mount --bind '${source}' '${target}' && `).join("");
    this.#process = new Deno.Command(UNSHARE[0], {
      args: [...UNSHARE.slice(1), "sh", "-c", `${mounts}exec "$@"`, "sh", ...words],
      env: { ...bareEnvironment(), ...env },
      clearEnv: true,
      cwd,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.stderr = readLines(this.#process.stderr, { deadlineMs: DEADLINE_MS });
    const context = () => `and on standard error:\n${this.stderr.all.join("\n")}`;
    this.stdout = readLines(this.#process.stdout, { deadlineMs: DEADLINE_MS, context });
  }

  /** Its number outside of the namespace: that of the child of unshare. */
  async pid(): Promise<number> {
    const task = `/proc/${this.#process.pid}/task/${this.#process.pid}/children`;
    let pid = 0;
    await until("process 1 is there", () => {
      pid = Number(Deno.readTextFileSync(task).trim().split(" ")[0]);
      return pid > 0;
    });
    return pid;
  }

  async signal(signal: Deno.Signal): Promise<void> {
    Deno.kill(await this.pid(), signal);
  }

  /** Its exit status, if it ends within a while; else null. */
  async status(withinMs = DEADLINE_MS): Promise<number | null> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<null>((resolve) => timer = setTimeout(() => resolve(null), withinMs));
    const status = await Promise.race([this.#process.status.then(({ code }) => code), late]);
    clearTimeout(timer);
    return status;
  }

  /** Kills it, and with it everything in the namespace. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#process.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.#process.status;
    await Promise.all([this.stdout.ended, this.stderr.ended]);
  }
}
