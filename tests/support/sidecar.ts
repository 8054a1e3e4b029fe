/**
 * The program under test, run as a user runs it.
 *
 * `SIDECAR_UNDER_TEST` chooses how: `run` (the sources, the default), `bundle` (dist/confd-sidecar.js), or the path of a
 * compiled executable.
 *
 * Touches: processes, temporary folders.
 * @module
 */
import { type Lines, readLines } from "./lines.ts";

/** How long anything in a test may take, in milliseconds: two slow cores, and much else going on. */
export const DEADLINE_MS = 30_000;

const ROOT = new URL("../../", import.meta.url).pathname;

/** True where what is tested is a compiled executable. */
export const IS_COMPILED = !["run", "bundle"].includes(Deno.env.get("SIDECAR_UNDER_TEST") ?? "run");

/** The words that start the program under test. */
export function commandUnderTest(): string[] {
  const chosen = Deno.env.get("SIDECAR_UNDER_TEST") ?? "run";
  if (chosen === "run") return [Deno.execPath(), "run", "-A", "--quiet", `${ROOT}main.ts`];
  if (chosen === "bundle") {
    return [Deno.execPath(), "run", "-A", "--quiet", "--no-config", `${ROOT}dist/confd-sidecar.js`];
  }
  return [chosen];
}

/** What a sidecar is started with. */
export interface StartOptions {
  /** PROGRAM and its arguments, or options. */
  args: readonly string[];
  /** Added to a bare environment of PATH, HOME and what the runtime needs. */
  env?: Record<string, string>;
  cwd?: string;
  /** What is started. @default the command under test */
  command?: readonly string[];
  /** Another way to start: these words come before those of the command. */
  prefix?: readonly string[];
  stdin?: "null" | "piped";
  /**
   * What becomes of what it prints on standard error: it is read; nobody reads it; or the reader closes it at once.
   * @default "read"
   */
  reader?: "read" | "asleep" | "gone";
}

/** Those that run, for whoever waits in vain. */
const running = new Set<Sidecar>();
/** How many of the last lines of each are shown then. */
const TAIL = 200;

/** A running sidecar. Disposing of it kills it and what it left behind. */
export class Sidecar implements AsyncDisposable {
  readonly process: Deno.ChildProcess;
  /** What it and confd print. */
  readonly stderr: Lines;
  /** What the service prints. */
  readonly stdout: Lines;
  readonly #reading = new AbortController();
  readonly #unread: ReadableStream<Uint8Array> | undefined;
  #status: Deno.CommandStatus | undefined;

  constructor(
    { args, env = {}, cwd, prefix = [], command = commandUnderTest(), stdin = "null", reader = "read" }: StartOptions,
  ) {
    const [program, ...words] = [...prefix, ...command, ...args];
    this.process = new Deno.Command(program, {
      args: words,
      env: { ...bareEnvironment(), ...env },
      clearEnv: true,
      cwd,
      stdin,
      stdout: "piped",
      stderr: "piped",
      detached: true,
    }).spawn();
    this.process.status.then((status) => this.#status = status);
    const { signal } = this.#reading;
    if (reader === "gone") this.process.stderr.cancel();
    const stderr = reader === "read" ? this.process.stderr : ReadableStream.from<Uint8Array>([]);
    this.#unread = reader === "asleep" ? this.process.stderr : undefined;
    this.stderr = readLines(stderr, { deadlineMs: DEADLINE_MS, signal });
    const context = () => `and on standard error:\n${this.stderr.all.join("\n")}`;
    this.stdout = readLines(this.process.stdout, { deadlineMs: DEADLINE_MS, signal, context });
    running.add(this);
  }

  get pid(): number {
    return this.process.pid;
  }

  signal(signal: Deno.Signal): void {
    this.process.kill(signal);
  }

  /** Waits for the end; returns the exit status as a shell shows it. */
  async status(): Promise<number> {
    const log = () => this.stderr.all.join("\n");
    const status = await within(this.process.status, "the sidecar's end", log);
    await within(Promise.all([this.stderr.ended, this.stdout.ended]), "the end of its streams", log);
    return status.code;
  }

  /** Sends SIGTERM until it is taken for another one than the first: two that come at once are one. */
  async stopAgain(): Promise<void> {
    await until("another SIGTERM", () => {
      quietly(() => this.process.kill("SIGTERM"));
      return this.#status !== undefined || this.stderr.all.some((line) => line.includes("SIGTERM again"));
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    running.delete(this);
    if (this.#status === undefined) {
      // Ask first: a sidecar that can still tidy up leaves less behind than a killed one. Two signals at once are one.
      const later = [["SIGTERM", 0], ["SIGTERM", 800], ["SIGKILL", 5000]] as const;
      const timers = later.map(([signal, ms]) => setTimeout(() => quietly(() => this.process.kill(signal)), ms));
      await this.process.status;
      timers.forEach(clearTimeout);
    }
    quietly(() => Deno.kill(-this.pid, "SIGKILL"));
    await this.#unread?.cancel();
    // What it left behind may hold the streams open: whoever looks for that comes later.
    const patience = setTimeout(() => this.#reading.abort(), 1000);
    await Promise.all([this.stderr.ended, this.stdout.ended]);
    clearTimeout(patience);
  }
}

/** What every program needs and nothing that the tests' own surroundings happen to have. */
export function bareEnvironment(): Record<string, string> {
  const env: Record<string, string> = { DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" };
  for (const name of ["PATH", "HOME", "DENO_DIR", "TMPDIR"]) {
    const value = Deno.env.get(name);
    if (value !== undefined) env[name] = value;
  }
  return env;
}

/** Waits for a promise, but not for ever. */
export async function within<T>(promise: Promise<T>, what: string, context = () => ""): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`${what} did not come within ${DEADLINE_MS} ms\n${context()}`)),
      DEADLINE_MS,
    );
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Waits until something holds, looking again and again under the deadline. Past that it rejects with what it waited for, and
 * with what every sidecar that runs has printed. `what` may be a function, to say what there was instead.
 */
export async function until(
  what: string | (() => string),
  holds: () => boolean | Promise<boolean>,
  { deadlineMs = DEADLINE_MS } = {},
): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  while (!await holds()) {
    if (Date.now() > deadline) {
      const named = typeof what === "string" ? what : what();
      throw new Error([`${named} did not come true within ${deadlineMs} ms`, ...outputs()].join("\n"));
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** What the sidecars that run have printed, and their services. */
function outputs(): string[] {
  return [...running].flatMap(({ pid, stderr, stdout }) => [
    `standard error of sidecar ${pid}:`,
    ...stderr.all.slice(-TAIL),
    `standard output of sidecar ${pid}:`,
    ...stdout.all.slice(-TAIL),
  ]);
}

/** A temporary folder that goes away with its user. */
export class Folder implements Disposable {
  readonly path: string;

  /** `parent`: where it is made. @default the system's folder for temporary files */
  constructor(parent?: string) {
    this.path = Deno.makeTempDirSync({ dir: parent, prefix: "sidecar-test-" });
  }

  /** A path in the folder. */
  at(name: string): string {
    return `${this.path}/${name}`;
  }

  /** Writes a file in the folder, as confd's backends want it: whole. Returns its path. */
  write(name: string, content: string, mode = 0o644): string {
    const path = this.at(name);
    Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    Deno.writeTextFileSync(`${path}.new`, content, { mode });
    Deno.renameSync(`${path}.new`, path);
    return path;
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

/** Does what cannot be done to a process that has ended already; then nothing is done. */
export function quietly(act: () => void): void {
  try {
    act();
  } catch {
    // It has ended already.
  }
}
