/**
 * The stage of the bench: the programs that are compared, and runs of them in folders of their own.
 *
 * Touches: processes, the file system below one temporary folder, and /proc, to leave nothing behind.
 * @module
 */
import { ENGINE_FLAGS } from "../tools/engine.ts";
import { makeStandIns, type StandIns } from "./stand_in.ts";

/** How long any single wait may take, in milliseconds. */
const DEADLINE_MS = 20_000;
/** How long a program may take to stop before it is killed, in milliseconds. */
const STOP_MS = 5000;

/** Where deno.json is, which says what imports stand for. */
const PROJECT = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");

/** How the runtime is called; the same for every program, so that only the program differs. */
const DENO_FLAGS = ["run", "-A", "--no-config", "--no-lock", "--cached-only", ENGINE_FLAGS];

/** A program that is compared. */
export interface Program {
  name: string;
  command: string;
  args: string[];
}

/** The programs under comparison. `peer` only where BENCH_PEER names one. */
export interface Programs {
  own: Program;
  /** Does nothing and ends. */
  empty: Program;
  /** Does nothing and waits for a signal. */
  waiting: Program;
  /** Starts a service, forwards signals and takes dead children, and does nothing else: what the runtime takes for that. */
  bare: Program;
  peer?: Program;
}

/** All runs share one stage, and end with it at the latest. */
export class Stage {
  readonly #folder: string;
  readonly standIns: StandIns;
  readonly programs: Programs;
  readonly #runs = new Set<Run>();
  #count = 0;

  private constructor(folder: string, standIns: StandIns, programs: Programs) {
    this.#folder = folder;
    this.standIns = standIns;
    this.programs = programs;
  }

  /** Bundles the programs and makes the stand-ins. */
  static async open(): Promise<Stage> {
    const folder = await Deno.makeTempDir({ prefix: "confd-sidecar-bench-" });
    try {
      return new Stage(folder, await makeStandIns(folder), await makePrograms(folder));
    } catch (error) {
      await Deno.remove(folder, { recursive: true });
      throw error;
    }
  }

  /** Starts a program in a new folder, with the stand-ins in it. */
  async start(program: Program, options: RunOptions = {}): Promise<Run> {
    const folder = `${this.#folder}/run-${++this.#count}`;
    // Destinations have a folder of their own: a FIFO beside them would block the runtime's watcher.
    await Deno.mkdir(`${folder}/out`, { recursive: true });
    await Deno.link(this.standIns.confd, `${folder}/confd`);
    await Deno.link(this.standIns.service, `${folder}/service`);
    await mkfifo(`${folder}/lines`);
    if (options.flood !== undefined) await Deno.link(options.flood, `${folder}/flood`);
    if (options.files !== undefined) await layOut(folder, options.files);
    const run = new Run(program, folder, { denoDir: `${this.#folder}/deno`, ...options });
    this.#runs.add(run);
    return run;
  }

  /** A path for a file that runs share. */
  path(name: string): string {
    return `${this.#folder}/${name}`;
  }

  /** Stops what still runs and takes everything away. */
  async close(): Promise<void> {
    await Promise.all([...this.#runs].map((run) => run.stop()));
    killWhatIsLeft(this.#folder);
    await Deno.remove(this.#folder, { recursive: true });
  }
}

/** How a program is run. */
export interface RunOptions {
  /** A file that the stand-in for confd prints. */
  flood?: string;
  /** True: standard error is read by the bench. */
  readErrors?: boolean;
  /** So many destinations, `out/0.conf` and on, that the stand-in for confd does not render. @default its own one */
  files?: number;
  /** More settings; FOLDER stands for the folder of the run. */
  env?: Record<string, string>;
}

/** One run of a program. */
export class Run {
  readonly folder: string;
  /** When it was started, on the clock of `performance.now()`. */
  readonly begun: number;
  readonly #child: Deno.ChildProcess;
  readonly #program: Program;
  #stopped: Promise<void> | undefined;

  constructor(program: Program, folder: string, options: RunOptions & { denoDir: string }) {
    this.folder = folder;
    this.#program = program;
    const command = new Deno.Command(program.command, {
      args: program.args.map((arg) => arg === "SERVICE" ? `${folder}/service` : arg),
      clearEnv: true,
      env: environment(folder, options),
      stdin: "null",
      stdout: "piped",
      stderr: options.readErrors ? "piped" : "null",
    });
    this.begun = performance.now();
    this.#child = command.spawn();
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** What the service writes: it inherits the program's standard output. */
  get stdout(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return this.#child.stdout;
  }

  get stderr(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return this.#child.stderr;
  }

  /** Waits until the program has ended by itself; returns when that was. */
  async ended(): Promise<number> {
    const { code } = await within(this.#child.status, `${this.#program.name} ends`);
    const at = performance.now();
    if (code !== 0) throw new Error(`${this.#program.name} ended with status ${code}`);
    return at;
  }

  /** Waits `ms` at most for the service's first instruction; returns when that was. */
  async serviceStarted(ms?: number): Promise<number> {
    const reader = this.stdout.getReader();
    const { value } = await within(reader.read(), `${this.#program.name} starts the service`, ms);
    const at = performance.now();
    reader.releaseLock();
    if (value === undefined) throw new Error(`${this.#program.name} ended and started no service`);
    return at;
  }

  /** Stops the program; kills one that does not stop. */
  stop(): Promise<void> {
    return this.#stopped ??= this.#stop();
  }

  async #stop(): Promise<void> {
    const kill = (signal: Deno.Signal) => {
      try {
        this.#child.kill(signal);
      } catch {
        // It has ended.
      }
    };
    kill("SIGTERM");
    const timer = setTimeout(() => kill("SIGKILL"), STOP_MS);
    await this.#child.status;
    clearTimeout(timer);
    if (!this.#child.stdout.locked) await this.#child.stdout.cancel();
  }
}

/** Waits, but not for ever. */
export async function within<T>(promise: Promise<T>, what: string, ms: number = DEADLINE_MS): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`waited ${ms} ms in vain until ${what}`)), ms);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function environment(
  folder: string,
  { denoDir, files, env = {} }: RunOptions & { denoDir: string },
): Record<string, string> {
  const own = {
    CONFD_CONFDFILE_X: `x.toml\n[template]\nsrc = "x.tmpl"\ndest = "${folder}/out/conf"\nkeys = ["/x"]\n`,
    CONFD_TEMPLATE_X: `x.tmpl\n{{ getv "/x" }}\n`,
  };
  const more = Object.entries(env).map(([name, value]) => [name, value.replaceAll("FOLDER", folder)]);
  return {
    PATH: "/usr/bin:/bin",
    DENO_DIR: denoDir,
    DENO_NO_UPDATE_CHECK: "1",
    CONFD_PATH: `${folder}/confd`,
    CONFD_CONFDIR: `${folder}/confdir`,
    CONFD_BACKEND: "consul",
    SIDECAR_SETTLE: "0",
    // A dry run would be work; how much that is stands in decision 0018.
    SIDECAR_CONFD_INTERVAL: "1h",
    ...(files === undefined ? own : {}),
    ...Object.fromEntries(more),
  };
}

/** Lays out a resource for each of many destinations, as an image does. */
async function layOut(folder: string, files: number): Promise<void> {
  for (const name of ["conf.d", "templates"]) await Deno.mkdir(`${folder}/confdir/${name}`, { recursive: true });
  await Deno.writeTextFile(`${folder}/confdir/templates/x.tmpl`, '{{ getv "/x" }}\n');
  for (let i = 0; i < files; i++) {
    const resource = `[template]\nsrc = "x.tmpl"\ndest = "${folder}/out/${i}.conf"\nkeys = ["/x"]\n`;
    await Deno.writeTextFile(`${folder}/confdir/conf.d/${i}.toml`, resource);
  }
}

/** Bundles the sidecar into a folder; returns the words that start it. */
export async function bundleSidecar(folder: string): Promise<string[]> {
  await bundle(`${PROJECT}/main.ts`, `${folder}/sidecar.js`);
  return [Deno.execPath(), ...DENO_FLAGS, `${folder}/sidecar.js`];
}

/** A dead child is looked at before it is taken: the runtime takes its own. */
const BARE = `
let service;
const { kill, prctl, waitid, waitpid } = Deno.dlopen("libc.so.6", {
  kill: { parameters: ["i32", "i32"], result: "i32" },
  prctl: { parameters: ["i32", "u64", "u64", "u64", "u64"], result: "i32" },
  waitid: { parameters: ["i32", "u32", "buffer", "i32"], result: "i32" },
  waitpid: { parameters: ["i32", "buffer", "i32"], result: "i32" },
}).symbols;
prctl(36, 1n, 0n, 0n, 0n);
const info = new Int32Array(128);
Deno.addSignalListener("SIGCHLD", () => {
  for (;;) {
    info[4] = 0;
    if (waitid(0, 0, info, 0x01000005) !== 0 || info[4] === 0 || info[4] === service.pid) return;
    waitpid(info[4], null, 1);
  }
});
for (const [signal, number] of [["SIGHUP", 1], ["SIGUSR1", 10], ["SIGTERM", 15]]) {
  Deno.addSignalListener(signal, () => kill(service.pid, number));
}
service = new Deno.Command(Deno.args[0], { stdin: "null", stdout: "inherit" }).spawn();
await service.status;
Deno.exit();
`;

async function makePrograms(folder: string): Promise<Programs> {
  await bundleSidecar(folder);
  await Deno.writeTextFile(`${folder}/empty.ts`, "export {};\n");
  await bundle(`${folder}/empty.ts`, `${folder}/empty.js`);
  await Deno.writeTextFile(
    `${folder}/waiting.js`,
    `Deno.addSignalListener("SIGTERM", () => Deno.exit());\nawait new Promise(() => {});\n`,
  );
  await Deno.writeTextFile(`${folder}/bare.js`, BARE);
  const flags = [...DENO_FLAGS, ...(Deno.env.get("BENCH_FLAGS")?.split(" ") ?? [])];
  const deno = (name: string, file: string, args: string[] = []) => ({
    name,
    command: Deno.execPath(),
    args: [...flags, `${folder}/${file}`, ...args],
  });
  const peer = Deno.env.get("BENCH_PEER");
  return {
    own: deno("confd-sidecar", "sidecar.js", ["SERVICE"]),
    empty: deno("the empty program", "empty.js"),
    waiting: deno("the waiting program", "waiting.js"),
    bare: deno("a bare program", "bare.js", ["SERVICE"]),
    ...(peer ? { peer: { name: "the Go program", command: peer, args: ["SERVICE"] } } : {}),
  };
}

async function bundle(from: string, to: string): Promise<void> {
  await succeed(Deno.execPath(), ["bundle", "--quiet", "--minify", "-o", to, from], PROJECT);
}

async function mkfifo(path: string): Promise<void> {
  await succeed("mkfifo", [path]);
}

async function succeed(program: string, args: string[], cwd = "/"): Promise<void> {
  const { success, stderr } = await new Deno.Command(program, { args, cwd, stdout: "null" }).output();
  if (!success) throw new Error(`${program} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
}

/** Stand-ins that outlived their sidecar: each works in its run's folder, and nobody else does. */
function killWhatIsLeft(folder: string): void {
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      if (Deno.readLinkSync(`/proc/${name}/cwd`).startsWith(`${folder}/`)) Deno.kill(Number(name), "SIGKILL");
    } catch {
      // It has ended, or is not ours.
    }
  }
}
