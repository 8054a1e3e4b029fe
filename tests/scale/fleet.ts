/**
 * A fleet: sidecars that follow one etcd, each with a confd and a service of its own.
 *
 * The service is a small program that writes a byte when it starts and one for each SIGHUP; when it does is taken here.
 *
 * Touches: processes, and files below the folder that it is given.
 * @module
 */
import { makeStandIns, type StandIns } from "../bench/stand_in.ts";
import type { Confd } from "../support/confds.ts";
import type { Etcd } from "../support/etcd.ts";
import { type Lines, readLines } from "../support/lines.ts";
import { CONF, variables } from "../support/scene.ts";
import { bareEnvironment, DEADLINE_MS, type Folder, until } from "../support/sidecar.ts";

/** How many are started at a time: a start takes a processor for itself. */
const AT_A_TIME = 4;

/** What a fleet is made of. */
export interface FleetOptions {
  size: number;
  confd: Confd;
  etcd: Etcd;
  /** The words that start a sidecar. */
  command: readonly string[];
  /** Settings of every sidecar. */
  env?: Record<string, string>;
  /** Settings of one of them, by its number from 1; `path`: its folder. */
  own?: (number: number, path: string) => Record<string, string>;
  /** Words that come before those of its command. */
  prefix?: (number: number) => readonly string[];
}

/** Sidecars that all run at the same time. Disposing of a fleet ends them. */
export class Fleet implements AsyncDisposable {
  readonly members: Member[] = [];
  readonly #etcd: Etcd;
  #value = 0;

  private constructor(etcd: Etcd) {
    this.#etcd = etcd;
  }

  /** Starts a fleet; resolves once every service runs. */
  static async start(
    folder: Folder,
    { size, confd, etcd, command, env = {}, own: ownOf = () => ({}), prefix = () => [] }: FleetOptions,
  ): Promise<Fleet> {
    const fleet = new Fleet(etcd);
    await etcd.put({ "/key": "0" });
    const standIns = await makeStandIns(folder.path);
    const shared = { ...etcd.env, CONFD_PATH: confd.path(folder), SIDECAR_LOG_FORMAT: "json", ...env };
    try {
      while (fleet.members.length < size) {
        const some = Math.min(AT_A_TIME, size - fleet.members.length);
        for (let i = 0; i < some; i++) {
          const number = fleet.members.length + 1;
          const path = folder.at(`member-${number}`);
          const rendered = variables(folder, { ...CONF, dest: `${path}/${CONF.name}` }, 1);
          const settings = { ...shared, ...rendered, CONFD_CONFDIR: `${path}/confd`, ...ownOf(number, path) };
          fleet.members.push(new Member({ path, standIns, command: [...prefix(number), ...command], env: settings }));
        }
        await until("the fleet's services run", () => fleet.members.every(({ isStarted }) => isStarted));
      }
      return fleet;
    } catch (error) {
      await fleet[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Makes one change; returns how long after it each service was reloaded, in milliseconds, in order. */
  async change(): Promise<number[]> {
    const before = this.members.map(({ reloads }) => reloads.length);
    const begun = performance.now();
    await this.#etcd.put({ "/key": String(++this.#value) });
    await until("every service is reloaded", () => this.members.every(({ reloads }, i) => reloads.length > before[i]));
    return this.members.map(({ reloads }, i) => reloads[before[i]] - begun).sort((a, b) => a - b);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.members.map((member) => member.stop()));
  }
}

/** One sidecar of a fleet. */
export class Member {
  /** What the sidecar and confd print. */
  readonly stderr: Lines;
  /** When its service was reloaded, on the clock of `performance.now()`. */
  readonly reloads: number[] = [];
  isStarted = false;
  readonly #process: Deno.ChildProcess;
  readonly #reading: Promise<void>;

  constructor({ path, standIns, command, env }: {
    path: string;
    standIns: StandIns;
    command: readonly string[];
    env: Record<string, string>;
  }) {
    Deno.mkdirSync(path);
    Deno.linkSync(standIns.service, `${path}/service`);
    const [program, ...args] = command;
    this.#process = new Deno.Command(program, {
      args: [...args, `${path}/service`],
      env: { ...bareEnvironment(), ...env },
      clearEnv: true,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.stderr = readLines(this.#process.stderr, { deadlineMs: DEADLINE_MS });
    this.#reading = this.#read(this.#process.stdout);
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Ends the sidecar alone, as the kernel would where memory is short. */
  kill(): void {
    this.#process.kill("SIGKILL");
  }

  async stop(): Promise<void> {
    try {
      this.#process.kill("SIGTERM");
    } catch {
      // It has ended already.
    }
    await this.#process.status;
    await Promise.all([this.#reading, this.stderr.ended]);
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<void> {
    for await (const chunk of stream) {
      const at = performance.now();
      for (const byte of chunk) {
        if (byte === "s".charCodeAt(0)) this.isStarted = true;
        if (byte === "h".charCodeAt(0)) this.reloads.push(at);
      }
    }
  }
}
