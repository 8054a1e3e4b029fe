/**
 * A real server that keeps keys, for one test: how it is started, taken away and brought back.
 *
 * Touches: files, processes, the loopback network.
 * @module
 */
import type { Keys } from "./keys.ts";
import { freePort } from "./ports.ts";
import { bareEnvironment, type Folder, until } from "./sidecar.ts";

/** A server of keys. */
export interface Server extends Keys, AsyncDisposable {
  /** The `keys` of a template resource that is to see all of them. */
  readonly root: string;
  /** What a template calls a key that was put. */
  keyOf(path: string): string;
  /** Where it listens, if it does. */
  readonly address?: string;
  /** The one port at which a confd looks for it, where that cannot be chosen. */
  readonly reachedAt?: number;
  /** Starts it, with the keys that it had, and waits until it answers. */
  start(): Promise<this>;
  /** Takes it away, as a crash would. */
  stop(): Promise<void>;
}

/** How the process of a server is started. */
export interface Command {
  program: string;
  args: readonly string[];
  env?: Record<string, string>;
}

/** What all servers have in common: one process, on one port that stays the same. */
export abstract class ServerProcess implements Server {
  abstract readonly env: Record<string, string>;
  readonly folder: Folder;
  readonly port: number;
  #process: Deno.ChildProcess | undefined;

  constructor(folder: Folder, port = freePort()) {
    this.folder = folder;
    this.port = port;
  }

  get root(): string {
    return "/";
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  keyOf(path: string): string {
    return path;
  }

  abstract put(keys: Record<string, string>): Promise<void>;

  /** How to start it. */
  protected abstract command(): Command;

  /** Throws until it can do what it is there for. */
  protected abstract ask(): Promise<unknown>;

  /** What is to be done at every start, once it answers. */
  protected async restore(): Promise<void> {}

  async start(): Promise<this> {
    const { program, args, env } = this.command();
    this.#process = new Deno.Command(program, {
      args: [...args],
      env: { ...bareEnvironment(), ...env },
      clearEnv: true,
      cwd: this.folder.path,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    await until(`${program} answers`, () => this.ask().then(() => true, () => false));
    await this.restore();
    return this;
  }

  async stop(): Promise<void> {
    this.#process?.kill("SIGKILL");
    await this.#process?.status;
    this.#process = undefined;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

/** A server that has just been started may accept a connection and then say nothing. */
const PATIENCE_MS = 5000;

/** Asks over HTTP, and returns what was answered; anything but success is thrown. */
export async function ask(url: string, init: RequestInit & { client?: Deno.HttpClient } = {}): Promise<string> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS), ...init });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${text}`);
  return text;
}

/** Writes confd's own file of settings, for secrets that it reads neither from a variable nor from a file of theirs. */
export function confdToml(folder: Folder, settings: Record<string, string | boolean>): string {
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${JSON.stringify(value)}\n`);
  return `--config-file=${folder.write("confd.toml", lines.join(""), 0o600)}`;
}
