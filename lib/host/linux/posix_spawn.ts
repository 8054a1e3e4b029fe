/**
 * Starting the service as exactly as the sidecar itself was started: posix_spawn(3) instead of the runtime's own way.
 *
 * The runtime would give it a resolved name for argv[0], an environment without what is not UTF-8, an empty mask of
 * blocked signals, its own raised limit of open files, and a terminal that it cannot be in front of.
 *
 * Touches: processes and this process's own signal dispositions and limits, for a moment, through libc.ts.
 * @module
 */
import { SIGNAL_NUMBERS } from "../../core/signals.ts";
import { cString, type Libc, opaque, signalSet } from "./libc.ts";
import { bitOf, has, type SignalMask } from "./proc.ts";
import { ignoring, SENT_FAULTS } from "./other_signals.ts";

const SETPGROUP = 0x02;
const SETSIGDEF = 0x04;
const SETSIGMASK = 0x08;
const LAST_SIGNAL = 64;
const RLIMIT_NOFILE = 7;
const STDIN = 0;
const { SIGPIPE } = SIGNAL_NUMBERS;
/** SIGKILL and SIGSTOP cannot be; 32 and 33 are the C library's own. */
const NEVER_IGNORED = [SIGNAL_NUMBERS.SIGKILL, SIGNAL_NUMBERS.SIGSTOP, 32, 33] as number[];

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

/** Starts a program in a process group of its own; returns its process number. Throws CallError. */
export function posixSpawn(libc: Libc, request: SpawnRequest): number {
  const attributes = opaque();
  const actions = opaque();
  libc.check("posix_spawnattr_init", attributes);
  libc.check("posix_spawn_file_actions_init", actions);
  try {
    return spawn(libc, request, { attributes, actions });
  } finally {
    libc.check("posix_spawn_file_actions_destroy", actions);
    libc.check("posix_spawnattr_destroy", attributes);
  }
}

interface Prepared {
  attributes: Uint8Array<ArrayBuffer>;
  actions: Uint8Array<ArrayBuffer>;
}

function spawn(libc: Libc, request: SpawnRequest, { attributes, actions }: Prepared): number {
  const { ignored, blocked, foreground } = request;
  libc.check("posix_spawnattr_setflags", attributes, SETPGROUP | SETSIGDEF | SETSIGMASK);
  libc.check("posix_spawnattr_setpgroup", attributes, 0);
  // The runtime ignores SIGPIPE, and we ignore faults that somebody sends; what is ignored is inherited.
  const defaults = [SIGPIPE, ...SENT_FAULTS].filter((signal) => !has(ignored, signal));
  const set = defaults.reduce((set, signal) => set | bitOf(signal), 0n);
  libc.check("posix_spawnattr_setsigdefault", attributes, signalSet(set));
  libc.check("posix_spawnattr_setsigmask", attributes, signalSet(blocked));
  const inChild = libc.has("posix_spawn_file_actions_addtcsetpgrp_np");
  if (foreground && inChild) libc.check("posix_spawn_file_actions_addtcsetpgrp_np", actions, STDIN);
  const argv = stringArray(request.args);
  const env = stringArray(request.env);
  const pid = new Int32Array(1);
  const start = () => {
    const found = new Uint8Array(pid.buffer);
    libc.check("posix_spawn", found, cString(request.path), actions, attributes, argv.pointers, env.pointers);
  };
  withOpenFiles(libc, request.openFiles, () => withIgnored(libc, ignored, start));
  if (foreground && !inChild) libc.call("tcsetpgrp", STDIN, pid[0]);
  return pid[0];
}

/** What this process has handlers for is default in a child; what was ignored has to be so while the child is made. */
function withIgnored(libc: Libc, ignored: SignalMask, act: () => void): void {
  const ours: [number, Uint8Array<ArrayBuffer>][] = [];
  try {
    for (let signal = 1; signal <= LAST_SIGNAL; signal++) {
      if (!has(ignored, signal) || NEVER_IGNORED.includes(signal)) continue;
      const before = opaque();
      libc.call("sigaction", signal, ignoring(), before);
      ours.push([signal, before]);
    }
    act();
  } finally {
    for (const [signal, before] of ours) libc.call("sigaction", signal, before, null);
  }
}

/** The runtime raises the soft limit of open files to the hard one; a child gets the original one back. */
function withOpenFiles(libc: Libc, soft: number | undefined, act: () => void): void {
  if (soft === undefined) return act();
  const ours = new BigUint64Array(2);
  libc.call("getrlimit", RLIMIT_NOFILE, new Uint8Array(ours.buffer));
  const childs = new BigUint64Array([BigInt(soft), ours[1]]);
  libc.call("setrlimit", RLIMIT_NOFILE, new Uint8Array(childs.buffer));
  try {
    act();
  } finally {
    libc.call("setrlimit", RLIMIT_NOFILE, new Uint8Array(ours.buffer));
  }
}

/** A C array of strings that ends with a null pointer. The strings live as long as the result does. */
function stringArray(items: readonly (string | Uint8Array)[]) {
  const strings = items.map(cString);
  const pointers = new BigUint64Array(strings.length + 1);
  strings.forEach((string, i) => {
    pointers[i] = BigInt(Deno.UnsafePointer.value(Deno.UnsafePointer.of(string)));
  });
  return { pointers: new Uint8Array(pointers.buffer), strings };
}
