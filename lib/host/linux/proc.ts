/**
 * What /proc tells of processes. Where it tells nothing, the answer is undefined and the caller does without.
 *
 * Touches: /proc, reading.
 * @module
 */

/** Numbers of signals as bits: signal n is bit n - 1. */
export type SignalMask = bigint;

/** What a process does about signals. */
export interface SignalMasks {
  ignored: SignalMask;
  caught: SignalMask;
  blocked: SignalMask;
}

/** The mask with one signal alone. */
export function bitOf(signal: number): SignalMask {
  return 1n << BigInt(signal - 1);
}

/** True if a mask has a signal. */
export function has(mask: SignalMask, signal: number): boolean {
  return (mask & bitOf(signal)) !== 0n;
}

const MASKS = /^(Sig(?:Ign|Cgt|Blk)):\s*([0-9a-f]+)$/gm;

/** The signals that a process ignores, catches and blocks (SigIgn, SigCgt and SigBlk of proc_pid_status(5)). */
export function signalMasks(pid: number | "self"): SignalMasks | undefined {
  const status = read(`/proc/${pid}/status`);
  if (status === undefined) return undefined;
  const masks = new Map([...status.matchAll(MASKS)].map(([, name, mask]) => [name, BigInt(`0x${mask}`)]));
  const of = (name: string) => masks.get(name) ?? 0n;
  return { ignored: of("SigIgn"), caught: of("SigCgt"), blocked: of("SigBlk") };
}

/** The environment that this process was started with, byte for byte, as `NAME=value` entries. */
export function startEnvironment(): Uint8Array[] | undefined {
  return readEntries("/proc/self/environ");
}

/** The words that this process was started with, byte for byte. */
export function startArguments(): Uint8Array[] | undefined {
  return readEntries("/proc/self/cmdline");
}

/**
 * Which of this process's arguments is not UTF-8, counted from 1: the runtime has put another character in the place of
 * what it could not read. Undefined: all are as they were given.
 *
 * @param count how many of the last words are arguments, and not the runtime's own.
 */
export function unreadableArgument(count: number): number | undefined {
  const words = startArguments()?.slice(-count || Infinity) ?? [];
  const at = words.findIndex((word) => !isUtf8(word));
  return at === -1 ? undefined : at + 1;
}

/** The names of confd's variables and ours whose values are not UTF-8. */
export function unreadableVariables(): string[] {
  const bad = (startEnvironment() ?? []).filter((entry) => !isUtf8(entry));
  const names = bad.map((entry) => new TextDecoder().decode(entry).split("=")[0]);
  return names.filter((name) => /^(?:CONFD|SIDECAR)_/.test(name)).sort();
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/**
 * The words that this program was given. The runtime of a compiled executable drops the first one where that is the
 * executable's own path; the system has all of them.
 */
export function ownWords(
  args: readonly string[],
  isCompiled: boolean,
  cmdline = "/proc/self/cmdline",
): readonly string[] {
  const all = isCompiled ? readEntries(cmdline)?.slice(1) : undefined;
  const isDropped = all !== undefined && all.length === args.length + 1;
  return isDropped ? [new TextDecoder().decode(all[0]), ...args] : args;
}

/** The soft limit of open files of a process. */
export function openFilesLimit(pid: number): number | undefined {
  const soft = /^Max open files\s+(\d+)/m.exec(read(`/proc/${pid}/limits`) ?? "")?.[1];
  return soft === undefined ? undefined : Number(soft);
}

/** A child of this process. */
export interface Orphan {
  pid: number;
  /** Its process group. */
  group: number;
}

/** The children of this process, dead ones that nobody waited for included. */
export function children(): Orphan[] {
  const ours = String(Deno.pid);
  const found: Orphan[] = [];
  for (const { name } of list("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const [, parent, group] = statOf(name);
    if (parent === ours) found.push({ pid: Number(name), group: Number(group) });
  }
  return found;
}

/** The numbers of this process's descriptors. */
export function descriptors(): Set<number> {
  return new Set([...list("/proc/self/fd")].map(({ name }) => Number(name)));
}

/** When a process was started, in clock ticks after the machine's start; undefined for one that is not there, or dead. */
export function startTimeOf(pid: number): string | undefined {
  const fields = statOf(pid);
  return fields[0] === undefined || fields[0] === "Z" ? undefined : fields[19];
}

/** The fields of proc_pid_stat(5) from the third on: state, parent, group ... The name before them may hold anything. */
function statOf(pid: number | string): string[] {
  const stat = read(`/proc/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ") ?? [];
}

function readEntries(path: string): Uint8Array[] | undefined {
  let bytes: Uint8Array;
  try {
    bytes = Deno.readFileSync(path);
  } catch {
    return undefined;
  }
  const entries: Uint8Array[] = [];
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf(0, start);
    entries.push(bytes.subarray(start, end === -1 ? bytes.length : end));
    start = end === -1 ? bytes.length : end + 1;
  }
  return entries;
}

function read(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return undefined;
  }
}

function list(path: string): Iterable<Deno.DirEntry> {
  try {
    return [...Deno.readDirSync(path)];
  } catch {
    return [];
  }
}
