/**
 * The service as a process: started with what the sidecar itself got, and looked after by the reaper.
 *
 * Touches: processes, through posix_spawn.ts or, where there is no C library to be opened, processes.ts.
 * @module
 */
import { NOT_EXECUTABLE, NOT_FOUND } from "../../core/exit_status.ts";
import { isSignal, SIGNAL_NUMBERS } from "../../core/signals.ts";
import { CallError, type Libc } from "../linux/libc.ts";
import { posixSpawn } from "../linux/posix_spawn.ts";
import { openFilesLimit, type SignalMask, startEnvironment } from "../linux/proc.ts";
import { type ChildHandle, type ExitStatus, Process, send, SpawnError } from "./processes.ts";
import { findProgram } from "./programs.ts";
import type { System } from "../linux/system.ts";

/** What the service is started with. */
export interface ServiceOptions {
  program: string;
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  /** Variables that are added, and stand in the place of those of the same name. */
  added?: ReadonlyMap<string, string>;
  /** True for the name of a variable that the service does not get to see. */
  isHidden: (name: string) => boolean;
  /** Signals that the sidecar was started with ignored. */
  ignored: SignalMask;
  /** Undefined where the C library cannot be opened. */
  system?: System;
}

const ERRORS: Record<string, string> = {
  ENOENT: "it, or the interpreter or loader that it names, does not exist",
  E2BIG: "its arguments and environment are too long",
  ENOEXEC: "it is not in a format that this machine executes",
  EAGAIN: "there are too many processes",
  ENOMEM: "there is not enough memory",
  EACCES: "permission denied",
  ENOTDIR: "a part of its path is not a folder",
  ETXTBSY: "somebody is writing to it",
};

/** Starts the service. Throws {@link SpawnError} where it cannot be started. */
export function startService(options: ServiceOptions): ChildHandle {
  const { program, args, env, added = new Map(), isHidden, ignored, system } = options;
  const isLeftOut = (name: string) => isHidden(name) || added.has(name);
  if (system === undefined) {
    const shown = Object.fromEntries(Object.entries(env).filter(([name]) => !isLeftOut(name)));
    return new Process({
      program,
      args,
      env: { ...shown, ...Object.fromEntries(added) },
      streams: "inherit",
      ownGroup: !Deno.stdin.isTerminal(),
    });
  }
  const path = findProgram(program, added.get("PATH") ?? env["PATH"]);
  if (typeof path !== "string") throw new SpawnError(path.problem, path.status);
  const { libc, reaper, terminal, blocked } = system;
  const pid = attempt(path, () =>
    posixSpawn(libc, {
      path,
      args: [program, ...args],
      env: [...entries(env).filter((entry) => !isLeftOut(nameOf(entry))), ...asEntries(added)],
      ignored,
      blocked,
      openFiles: originalOpenFiles(),
      foreground: terminal.isInFront(),
    }));
  const follow = (signal: number) => terminal.follow(pid, signal);
  const ending = reaper.wait(pid, Deno.stdin.isTerminal() ? follow : undefined);
  ending.then(() => terminal.takeBackFrom(pid));
  return new ServiceProcess(pid, ending, libc);
}

function attempt(path: string, spawn: () => number): number {
  try {
    return spawn();
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    const reason = ERRORS[error.code] ?? error.message;
    throw new SpawnError(`${JSON.stringify(path)}: ${reason}`, error.code === "ENOENT" ? NOT_FOUND : NOT_EXECUTABLE);
  }
}

/** A service in a process group of its own. */
class ServiceProcess implements ChildHandle {
  readonly bornMs = performance.now();
  #ended = false;
  readonly exited: Promise<ExitStatus>;

  readonly #libc: Libc;

  constructor(readonly pid: number, ending: Promise<ExitStatus>, libc: Libc) {
    this.#libc = libc;
    this.exited = ending.then((how) => {
      this.#ended = true;
      return how;
    });
  }

  signal(signal: string): void {
    if (this.#ended) return;
    // Real-time signals have no names.
    const number = isSignal(signal) ? SIGNAL_NUMBERS[signal] : Number(signal.slice("SIG".length));
    try {
      this.#libc.call("kill", this.pid, number);
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
    }
  }

  signalGroup(signal: string): void {
    send(-this.pid, signal);
  }
}

/** The entries that this process was started with, or what the runtime knows of them. */
function entries(env: Readonly<Record<string, string>>): Uint8Array[] {
  return startEnvironment() ?? asEntries(Object.entries(env));
}

function asEntries(pairs: Iterable<readonly [string, string]>): Uint8Array[] {
  return [...pairs].map((pair) => new TextEncoder().encode(pair.join("=")));
}

function nameOf(entry: Uint8Array): string {
  const end = entry.indexOf("=".charCodeAt(0));
  return new TextDecoder().decode(end === -1 ? entry : entry.subarray(0, end));
}

/**
 * The soft limit of open files before the runtime raised it. It can be known from the process that started us; as
 * process 1 of a container there is none to be seen, and the service keeps the raised limit. In a compiled executable the
 * runtime does not raise it, and the service gets ours.
 */
export function originalOpenFiles(): number | undefined {
  if (Deno.build.standalone) return undefined;
  const parents = parentsOpenFiles();
  const ours = openFilesLimit(Deno.pid);
  return parents !== undefined && ours !== undefined && parents < ours ? parents : undefined;
}

/** True where {@link originalOpenFiles} has nothing to go by. */
export function openFilesAreUnknown(): boolean {
  return !Deno.build.standalone && parentsOpenFiles() === undefined;
}

function parentsOpenFiles(): number | undefined {
  return Deno.ppid > 0 ? openFilesLimit(Deno.ppid) : undefined;
}
