/**
 * Processes: the one module that spawns and signals.
 *
 * Touches: processes.
 * @module
 */
import { NOT_EXECUTABLE, NOT_FOUND } from "../../core/exit_status.ts";

/** How a child ended. */
export interface ExitStatus {
  code: number;
  signal: string | null;
}

/** What to start, and how. */
export interface Command {
  program: string;
  args: readonly string[];
  /** The whole environment; undefined: ours, byte for byte. */
  env?: Readonly<Record<string, string>>;
  /** `inherit`: our own standard streams. `pipe`: no input, and both outputs to be read. */
  streams: "inherit" | "pipe";
  /** True for a session and process group of its own. */
  ownGroup: boolean;
}

/** A program could not be started. */
export class SpawnError extends Error {
  /** 126 or 127, as shells have it. */
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

/** A child, however it was started. */
export interface ChildHandle {
  readonly pid: number;
  /** When it was started, by `performance.now()`. */
  readonly bornMs: number;
  /** Resolves when the child itself has ended, whoever may still hold its streams. */
  readonly exited: Promise<ExitStatus>;
  /** Sends a signal to the child alone. A child that has just ended is no error. */
  signal(signal: string): void;
  /** Sends a signal to all that is left of the child's group, the child itself gone or not. */
  signalGroup(signal: string): void;
}

/** Children that the runtime itself waits for. */
const runtimes = new Set<number>();

/** True for a child that the runtime itself waits for: nobody else may. */
export function isRuntimes(pid: number): boolean {
  return runtimes.has(pid);
}

/** A child that the runtime started. */
export class Process implements ChildHandle {
  readonly bornMs = performance.now();
  readonly #child: Deno.ChildProcess;
  readonly #ownGroup: boolean;
  #ended = false;
  /** Resolves when the child itself has ended, whoever may still hold its streams. */
  readonly exited: Promise<ExitStatus>;

  /** Starts a program. Throws {@link SpawnError} where it cannot be started. */
  constructor(command: Command) {
    this.#child = spawn(command);
    this.#ownGroup = command.ownGroup;
    runtimes.add(this.#child.pid);
    this.exited = this.#child.status.then(({ code, signal }) => {
      this.#ended = true;
      runtimes.delete(this.#child.pid);
      return { code, signal };
    });
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** The two outputs of a child with pipes. */
  get outputs(): [ReadableStream<Uint8Array>, ReadableStream<Uint8Array>] {
    return [this.#child.stdout, this.#child.stderr];
  }

  signal(signal: string): void {
    if (!this.#ended) send(this.#child.pid, signal);
  }

  signalGroup(signal: string): void {
    if (this.#ownGroup) send(-this.#child.pid, signal);
    else this.signal(signal);
  }
}

function spawn({ program, args, env, streams, ownGroup }: Command): Deno.ChildProcess {
  const piped = streams === "pipe";
  try {
    return new Deno.Command(program, {
      args: [...args],
      ...(env === undefined ? {} : { env: { ...env }, clearEnv: true }),
      stdin: piped ? "null" : "inherit",
      stdout: piped ? "piped" : "inherit",
      stderr: piped ? "piped" : "inherit",
      detached: ownGroup,
    }).spawn();
  } catch (error) {
    const found = !(error instanceof Deno.errors.NotFound);
    // The message of the runtime has the program's name in it already, also where it is something else that is missing.
    const noDevice = !found && piped && lacksNull() ? "; there is no /dev/null, which its standard input would be" : "";
    throw new SpawnError(`${(error as Error).message}${noDevice}`, found ? NOT_EXECUTABLE : NOT_FOUND);
  }
}

function lacksNull(): boolean {
  try {
    return !Deno.statSync("/dev/null").isCharDevice;
  } catch {
    return true;
  }
}

/** Sends a signal to a process, or to a group where the number is negative. That nobody is there is no error. */
export function send(pid: number, signal: string): void {
  try {
    Deno.kill(pid, signal as Deno.Signal);
  } catch {
    // Nobody is there any more (ESRCH), which is what was wanted, or nobody that we may signal (EPERM).
  }
}
