/**
 * What a running process uses: memory, processor time, descriptors, threads.
 *
 * Touches: /proc, reading.
 * @module
 */

import { textOf } from "./text_of.ts";

/** In KiB. */
export interface Memory {
  rss: number;
  /** What it shares with others is divided among them. */
  pss: number;
  /** What is its own alone, and counts against a memory limit whatever else runs. */
  anonymous: number;
}

/** What a process has done so far. */
export interface Work {
  /** Processor time in clock ticks. */
  ticks: number;
  /** How often each thread has waited and was woken, by the thread's number. */
  wakes: Map<string, number>;
}

/**
 * The fields of proc_pid_stat(5) from the third on, state and parent first, of a process, or of one of its threads as
 * `PID/task/THREAD`; none where it has ended.
 */
export function statOf(pid: number | string): string[] {
  const stat = textOf(`/proc/${pid}/stat`);
  // The name, in brackets, may hold anything.
  return stat === "" ? [] : stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

/** The memory of a process. */
export function memoryOf(pid: number): Memory {
  const text = Deno.readTextFileSync(`/proc/${pid}/smaps_rollup`);
  const value = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(text)?.[1]);
  return { rss: value("Rss"), pss: value("Pss"), anonymous: value("Anonymous") };
}

/** The processor time that a process has had, all threads together, in clock ticks. */
export function ticksOf(pid: number): number {
  const [user, system] = statOf(pid).slice(11, 13);
  return Number(user) + Number(system);
}

/** What a process has done so far, all threads together. */
export function workOf(pid: number): Work {
  const wakes = new Map<string, number>();
  for (const name of threadsOf(pid)) {
    const status = Deno.readTextFileSync(`/proc/${pid}/task/${name}/status`);
    wakes.set(name, Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(status)?.[1]));
  }
  return { ticks: ticksOf(pid), wakes };
}

/** The numbers of its threads. */
export function threadsOf(pid: number): string[] {
  return [...Deno.readDirSync(`/proc/${pid}/task`)].map(({ name }) => name);
}

/** How many descriptors it has open. */
export function descriptorsOf(pid: number): number {
  return [...Deno.readDirSync(`/proc/${pid}/fd`)].length;
}

/** KiB as people read them. */
export function inMib(kib: number): string {
  return `${(kib / 1024).toFixed(1)} MiB`;
}
