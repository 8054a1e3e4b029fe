/**
 * A service that runs under a supervisor, as an ordinary process or as process 1 of a namespace, with or without a
 * terminal.
 *
 * Touches: processes; /proc, reading.
 * @module
 */
import { type Lines, readLines } from "../support/lines.ts";
import type { Folder } from "../support/sidecar.ts";
import { survivors } from "../support/survivors.ts";
import { supervisorEnvironment, type SupervisorName, supervisorWords, type Told } from "./supervisors.ts";

/** How a service is started. */
export interface RunOptions extends Told {
  supervisor: SupervisorName;
  folder: Folder;
  deadlineMs: number;
  /** The service's words. */
  service: readonly string[];
  /** True to be process 1. @default false */
  first?: boolean;
  /** True to be on a terminal, whose keys are standard input and whose screen is standard output. @default false */
  terminal?: boolean;
  /** Shell that comes before the supervisor, which it has to start: `"$@"`. */
  before?: string;
  cwd?: string;
  /** A shell that is started instead; a test types {@link Run.command} into it. */
  shell?: readonly string[];
}

/** Process 1 of a namespace of its own. */
const FIRST = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"];
/** Process 1 of a container leads the session on its terminal. */
const ON_ITS_TERMINAL = ["setsid", "--ctty"];

/** A run. Disposing of it kills all that is left of it. */
export class Run implements AsyncDisposable {
  readonly stdout: Lines;
  readonly stderr: Lines;
  readonly #options: RunOptions;
  readonly #process: Deno.ChildProcess;
  /** What a shell has to be told to start the supervisor and its service. */
  readonly command: string;
  readonly #keys: WritableStreamDefaultWriter<Uint8Array>;

  constructor(options: RunOptions) {
    this.#options = options;
    const { supervisor, folder, deadlineMs, service, first, terminal, before, cwd, shell } = options;
    let words = [...supervisorWords(supervisor, options), ...service];
    this.command = quote(words);
    if (shell !== undefined) words = [...shell];
    if (before !== undefined) words = ["sh", "-c", before, "sh", ...words];
    if (first && terminal) words = [...ON_ITS_TERMINAL, ...words];
    if (first) words = [...FIRST, ...words];
    if (terminal) words = onTerminal(words);
    const [program, ...args] = words;
    this.#process = new Deno.Command(program, {
      args,
      env: { ...supervisorEnvironment(folder, options), SHELL: "/bin/sh" },
      clearEnv: true,
      cwd,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      detached: true,
    }).spawn();
    this.#keys = this.#process.stdin.getWriter();
    this.stderr = readLines(this.#process.stderr, { deadlineMs });
    const context = () => `and on standard error:\n${this.stderr.all.join("\n")}`;
    this.stdout = readLines(this.#process.stdout, { deadlineMs, context });
  }

  /** Writes to standard input, or types on the terminal. */
  async type(text: string): Promise<void> {
    await this.#keys.write(new TextEncoder().encode(text));
  }

  /** Ends standard input. */
  async closeInput(): Promise<void> {
    await this.#keys.close();
  }

  /** The supervisor's process number. */
  async supervisor(): Promise<number> {
    const { supervisor, folder } = this.#options;
    const words = supervisorWords(supervisor, {}).filter((word) => word !== "--").join(" ");
    let found: number | undefined;
    await this.until("the supervisor runs", () => {
      found = survivors(folder.path).find(({ command }) => command.startsWith(words))?.pid;
      return found !== undefined;
    });
    return found!;
  }

  /** Sends a signal to the supervisor. */
  async signal(signal: string): Promise<void> {
    const pid = await this.supervisor();
    if (signal.startsWith("SIG")) return Deno.kill(pid, signal as Deno.Signal);
    // The runtime knows no names of real-time signals.
    const { success } = await new Deno.Command("sh", { args: ["-c", `kill -${signal} ${pid}`] }).output();
    if (!success) throw new Error(`kill -${signal} ${pid} failed`);
  }

  /** Waits for the end; returns the exit status as a shell shows it. */
  async status(): Promise<number> {
    let ended: Deno.CommandStatus | undefined;
    this.#process.status.then((status) => ended = status);
    await this.until("the end", () => ended !== undefined);
    // What was left behind may hold the streams for ever.
    let timer: ReturnType<typeof setTimeout> | undefined;
    const enough = new Promise((resolve) => timer = setTimeout(resolve, 100));
    await Promise.race([this.#drained(), enough]);
    clearTimeout(timer);
    return ended!.code;
  }

  /** Waits until something holds. */
  async until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
    const deadline = Date.now() + this.#options.deadlineMs;
    while (!await holds()) {
      if (Date.now() > deadline) {
        throw new Error(
          `${what}: not in time; it printed\n${this.stdout.all.join("\n")}\n${this.stderr.all.join("\n")}`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#keys.close().catch(() => {});
    kill(this.#process.pid);
    await this.#process.status;
    for (let left = survivors(this.#options.folder.path); left.length > 0;) {
      for (const { pid } of left) kill(pid);
      await new Promise((resolve) => setTimeout(resolve, 5));
      left = survivors(this.#options.folder.path);
    }
    await this.#drained();
  }

  async #drained(): Promise<void> {
    await Promise.all([this.stdout.ended, this.stderr.ended]);
  }
}

/** `script` makes a terminal of its own, starts a session on it, and ends as what runs there does. */
function onTerminal(words: readonly string[]): string[] {
  const command = `exec ${quote(words)}`;
  return ["script", "--quiet", "--return", "--flush", "--echo", "never", "--command", command, "/dev/null"];
}

function quote(words: readonly string[]): string {
  return words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
}

function kill(pid: number): void {
  try {
    Deno.kill(pid, "SIGKILL");
  } catch {
    // It has ended already.
  }
}
