/**
 * Starting the service as exactly as the sidecar itself was started: posix_spawn(3) instead of the runtime's own way.
 *
 * The runtime would give it a resolved name for argv[0], an environment without what is not UTF-8, an empty mask of
 * blocked signals, its own raised limit of open files, and a terminal that it cannot be in front of.
 *
 * Touches: processes and this process's own signal dispositions and limits, for a moment, through libc.ts.
 * @module
 */
import type { Libc } from "./libc.ts";
import { has, type SignalMask } from "./proc.ts";

const SETPGROUP = 0x02;
const SETSIGDEF = 0x04;
const SETSIGMASK = 0x08;
const SIGPIPE = 13;
/** SIGKILL and SIGSTOP cannot be ignored. */
const NEVER_IGNORED = [9, 19];
const RLIMIT_NOFILE = 7;
/** Larger than what glibc has for posix_spawnattr_t, posix_spawn_file_actions_t, sigset_t and struct sigaction. */
const OPAQUE_BYTES = 512;

/** What to start. */
export interface SpawnRequest {
  /** The executable's path. */
  path: string;
  /** argv, its first word included. */
  args: readonly string[];
  /** `NAME=value` entries. */
  env: readonly Uint8Array[];
  /** Signals that the sidecar was started with ignored, and that the child must ignore too. */
  ignored: SignalMask;
  /** Signals that the sidecar was started with blocked, and that the child must block too. */
  blocked: SignalMask;
  /** The soft limit of open files for the child; undefined: as it is. */
  openFiles?: number;
  /** True to put the child's group in front of the terminal on standard input. */
  foreground: boolean;
}

/** Starts a program in a process group of its own. Returns its process number, or the error number negated. */
export function posixSpawn(libc: Libc, request: SpawnRequest): number {
  const attributes = opaque();
  libc.posix_spawnattr_init(attributes);
  libc.posix_spawnattr_setflags(attributes, SETPGROUP | SETSIGDEF | SETSIGMASK);
  libc.posix_spawnattr_setpgroup(attributes, 0);
  // The runtime ignores SIGPIPE, and what is ignored is inherited.
  const defaults = has(request.ignored, SIGPIPE) ? 0n : 1n << BigInt(SIGPIPE - 1);
  libc.posix_spawnattr_setsigdefault(attributes, signalSet(defaults));
  libc.posix_spawnattr_setsigmask(attributes, signalSet(request.blocked));
  const actions = opaque();
  libc.posix_spawn_file_actions_init(actions);
  if (request.foreground) libc.posix_spawn_file_actions_addtcsetpgrp_np?.(actions, 0);
  const argv = stringArray(request.args.map(encode));
  const env = stringArray(request.env);
  const path = terminated(encode(request.path));
  const pid = new Int32Array(1);
  const spawn = () =>
    libc.posix_spawn(new Uint8Array(pid.buffer), path, actions, attributes, argv.pointers, env.pointers);
  const error = withOpenFiles(libc, request.openFiles, () => withIgnored(libc, request.ignored, spawn));
  if (error !== 0) return -error;
  if (request.foreground && !libc.posix_spawn_file_actions_addtcsetpgrp_np) libc.tcsetpgrp(0, pid[0]);
  return pid[0];
}

/** What this process has handlers for is default in a child; what was ignored has to be so while the child is made. */
function withIgnored<T>(libc: Libc, ignored: SignalMask, act: () => T): T {
  const ours: [number, Uint8Array<ArrayBuffer>][] = [];
  for (let signal = 1; signal <= 31; signal++) {
    if (!has(ignored, signal) || NEVER_IGNORED.includes(signal)) continue;
    const before = opaque();
    const ignore = new BigUint64Array(OPAQUE_BYTES / 8);
    ignore[0] = 1n; // SIG_IGN
    libc.sigaction(signal, new Uint8Array(ignore.buffer), before);
    ours.push([signal, before]);
  }
  try {
    return act();
  } finally {
    for (const [signal, before] of ours) libc.sigaction(signal, before, opaque());
  }
}

/** The runtime raises the soft limit of open files to the hard one; a child gets the original one back. */
function withOpenFiles<T>(libc: Libc, soft: number | undefined, act: () => T): T {
  if (soft === undefined) return act();
  const ours = new BigUint64Array(2);
  libc.getrlimit(RLIMIT_NOFILE, new Uint8Array(ours.buffer));
  const childs = new BigUint64Array([BigInt(soft), ours[1]]);
  libc.setrlimit(RLIMIT_NOFILE, new Uint8Array(childs.buffer));
  try {
    return act();
  } finally {
    libc.setrlimit(RLIMIT_NOFILE, new Uint8Array(ours.buffer));
  }
}

/** A C array of strings that ends with a null pointer. The strings live as long as the result does. */
function stringArray(items: readonly Uint8Array[]): { pointers: Uint8Array<ArrayBuffer>; strings: Uint8Array[] } {
  const strings = items.map(terminated);
  const pointers = new BigUint64Array(strings.length + 1);
  strings.forEach((string, i) => {
    pointers[i] = BigInt(Deno.UnsafePointer.value(Deno.UnsafePointer.of(string as Uint8Array<ArrayBuffer>)));
  });
  return { pointers: new Uint8Array(pointers.buffer), strings };
}

function terminated(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const string = new Uint8Array(bytes.length + 1);
  string.set(bytes);
  return string;
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** A sigset_t. */
function signalSet(signals: SignalMask): Uint8Array<ArrayBuffer> {
  const set = new BigUint64Array(OPAQUE_BYTES / 8);
  set[0] = signals;
  return new Uint8Array(set.buffer);
}

function opaque(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(OPAQUE_BYTES);
}
