/**
 * A container without a container engine: a root file system entered with chroot, in mount and process namespaces of its
 * own, so that the program is PID 1 and every mount vanishes with it.
 *
 * Touches: processes; mounts, in its own namespace.
 * @module
 */
import { type Lines, readLines } from "../support/lines.ts";
import type { Mount, Rootfs } from "./rootfs.ts";

/** How long anything may take, in milliseconds. */
const DEADLINE_MS = 30_000;
/** What the base image sets; the programs that build the container are found in it as well. */
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const DEVICES = ["null", "zero", "full", "random", "urandom"];

/** What is run, and how. */
export interface ContainerOptions {
  /** Words of the program, its path within the root file system first. */
  command: readonly string[];
  env: Record<string, string>;
  /** User and group. @default 0 */
  user?: number;
  /** True for a root file system that nobody can write to, volumes excepted. @default false */
  readOnly?: boolean;
  /** Folders of this machine that are seen in the root file system. */
  volumes: readonly Mount[];
  /** A process whose network namespace is the container's too. @default this machine's */
  networkOf?: number;
}

/** Why no container can be made; undefined if one can. */
export function containerProblem(): string | undefined {
  if (Deno.build.os !== "linux") return "needs Linux";
  if (Deno.uid() !== 0) return "needs root, for chroot and mounts";
  const args = ["--mount", "--pid", "--fork", "--kill-child", "mount", "-t", "tmpfs", "none", "/tmp"];
  return unshareProblem(args, "needs namespaces and mounts, which are forbidden here");
}

/** Tries unshare with some words; undefined if it works, and otherwise what is needed. */
export function unshareProblem(args: string[], needed: string): string | undefined {
  try {
    const { success } = new Deno.Command("unshare", { args, stdout: "null", stderr: "null" }).outputSync();
    return success ? undefined : needed;
  } catch {
    return "needs unshare";
  }
}

/** A running container. Disposing of it kills all that is in it. */
export class Container implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly stdout: Lines;
  readonly stderr: Lines;

  constructor(rootfs: Rootfs, options: ContainerOptions) {
    const namespaces = ["unshare", "--mount", "--pid", "--fork", "--kill-child"];
    const network = options.networkOf === undefined ? [] : ["nsenter", `--target=${options.networkOf}`, "--net"];
    const [program, ...args] = [...network, ...namespaces, "sh", "-euc", script(rootfs, options)];
    this.#process = new Deno.Command(program, {
      args,
      env: { PATH, ...options.env },
      clearEnv: true,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.stderr = readLines(this.#process.stderr, { deadlineMs: DEADLINE_MS });
    const context = () => `the log:\n${this.stderr.all.join("\n")}`;
    this.stdout = readLines(this.#process.stdout, { deadlineMs: DEADLINE_MS, context });
  }

  /** Sends a signal to the container's PID 1, as container engines do. */
  signal(signal: Deno.Signal): void {
    Deno.kill(this.#first, signal);
  }

  /** Runs another program in it, as the user that PID 1 is, as container engines do; true: it ended well. */
  async exec(words: readonly string[]): Promise<boolean> {
    const status = Deno.readTextFileSync(`/proc/${this.#first}/status`);
    const id = (kind: string) => new RegExp(`^${kind}:\\t(\\d+)`, "m").exec(status)![1];
    const { success } = await new Deno.Command("nsenter", {
      args: [
        [`--target=${this.#first}`, "--mount", "--pid", "--net", "--root", `--setgid=${id("Gid")}`],
        [`--setuid=${id("Uid")}`, "--", ...words],
      ].flat(),
      env: { PATH },
      clearEnv: true,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).output();
    return success;
  }

  get #first(): number {
    const { pid } = this.#process;
    return Number(Deno.readTextFileSync(`/proc/${pid}/task/${pid}/children`).trim());
  }

  /** Waits for the end; returns the exit status. */
  async status(): Promise<number> {
    const late = setTimeout(() => this.#process.kill("SIGKILL"), DEADLINE_MS);
    const { code, signal } = await this.#process.status;
    clearTimeout(late);
    await Promise.all([this.stdout.ended, this.stderr.ended]);
    if (signal !== null) throw new Error(`ended by ${signal}; it had said:\n${this.stderr.all.join("\n")}`);
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      // Process 1 too, and first: one that has changed its user does not die with its parent.
      const first = this.#first;
      if (first > 1) Deno.kill(first, "SIGKILL");
      this.#process.kill("SIGKILL");
    } catch {
      // It has ended already.
    }
    await this.#process.status;
    await Promise.all([this.stdout.ended, this.stderr.ended]);
  }
}

/** Puts the mounts together, first those that others stand on, and becomes the program. */
function script({ path, mounts }: Rootfs, { command, volumes, user = 0, readOnly = false }: ContainerOptions): string {
  const bind = ({ source, target, writable }: Mount) => [
    `mount --bind ${quote(source)} ${quote(path + target)}`,
    ...(writable ? [] : [`mount -o remount,bind,ro ${quote(path + target)}`]),
  ];
  const device = (name: string) => {
    const target = quote(`${path}/dev/${name}`);
    return [`: > ${target}`, `mount --bind /dev/${name} ${target}`];
  };
  return [
    bind({ source: path, target: "", writable: true }),
    `mount -t proc proc ${quote(`${path}/proc`)}`,
    `mount -t tmpfs -o mode=755 tmpfs ${quote(`${path}/dev`)}`,
    DEVICES.flatMap(device),
    [...mounts, ...volumes].flatMap(bind),
    readOnly ? `mount -o remount,bind,ro ${quote(path)}` : [],
    `exec chroot --userspec=${user}:${user} --groups= ${quote(path)} ${command.map(quote).join(" ")}`,
  ].flat().join("\n");
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
