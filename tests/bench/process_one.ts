/**
 * Rows: what a process 1 does, held against tini and dumb-init, and against a bare program of the runtime's: what that takes
 * is not ours to save.
 *
 * Touches: processes through stage.ts; /proc, reading.
 * @module
 */
import { ticksOf } from "../support/usage.ts";
import { part } from "../tools/parts.ts";
import { median, quantile } from "./numbers.ts";
import { type Program, sleep, type Stage, within } from "./stage.ts";
import type { Row } from "./table.ts";

/** How it is measured. */
export interface ProcessOneOptions {
  /** Signals that are forwarded. */
  samples: number;
}

/** How many orphans the stand-in for the service makes, compiled into it. */
const ORPHANS = 10_000;

/** Measures forwarded signals, and orphans that are reaped. */
export async function measureProcessOne(stage: Stage, { samples }: ProcessOneOptions): Promise<Row[]> {
  const { own, bare } = stage.programs;
  const tini = peer("tini", ["-s", "--", "SERVICE"]);
  const peers = [tini, peer("dumb-init", ["SERVICE"]), bare].flatMap((one) => one ?? []);
  return [await forwarded(stage, { own, peers, samples }), ...await reaped(stage, { own, bare, tini })];
}

function peer(name: "tini" | "dumb-init", args: string[]): Program | undefined {
  const command = part(name);
  return command === undefined ? undefined : { name, command, args };
}

interface Forwarded {
  own: Program;
  peers: readonly Program[];
  samples: number;
}

/** The most that a forwarded signal should take, in medians of tini's. */
const FORWARDED = 2;

async function forwarded(stage: Stage, { own, peers, samples }: Forwarded): Promise<Row> {
  const shown = (delays: readonly number[]) =>
    `median ${median(delays).toFixed(2)} ms, p99 ${quantile(delays, 0.99).toFixed(2)} ms`;
  const delays = await delaysOf(stage, own, samples);
  const others: number[][] = [];
  for (const program of peers) others.push(await delaysOf(stage, program, samples));
  const isHeld = peers[0].name === "tini";
  const ratio = isHeld ? median(delays) / median(others[0]) : NaN;
  return {
    what: `a signal forwarded (n = ${samples})`,
    own: shown(delays),
    against: peers.map(({ name }, i) => `${name}: ${shown(others[i])}`).join("; "),
    ratio,
    target: `<= ${FORWARDED}`,
    met: isHeld ? ratio <= FORWARDED : undefined,
    peer: "not measured",
  };
}

async function delaysOf(stage: Stage, program: Program, samples: number): Promise<number[]> {
  const run = await stage.start(program);
  await run.serviceStarted();
  const reader = run.stdout.getReader();
  const delays: number[] = [];
  for (let i = -Math.ceil(samples / 10); i < samples; i++) {
    await sleep(5 + 10 * Math.random());
    const sent = performance.now();
    Deno.kill(run.pid, "SIGHUP");
    await within(reader.read(), `${program.name} forwards a signal`);
    if (i >= 0) delays.push(performance.now() - sent);
  }
  reader.releaseLock();
  await run.stop();
  return delays;
}

interface Reaped {
  ms: number;
  /** The program's processor time, in milliseconds. */
  cpuMs: number;
  /** The most children, dead ones included, that the program had at a time. */
  peak: number;
}

/** The most processor time beyond the bare program's, in tini's. dumb-init takes orphans only as the real process 1. */
const REAPED = 1.1;

async function reaped(
  stage: Stage,
  { own, bare, tini }: { own: Program; bare: Program; tini?: Program },
): Promise<Row[]> {
  const what = `${ORPHANS} orphans made and reaped`;
  const row = { what, target: "none", met: undefined, peer: "not measured" };
  const cpu = { ...row, what: `${what}: processor time beyond the bare program's` };
  if (stage.standIns.kind !== "compiled C" || tini === undefined) {
    const none = { own: "n/a", against: "a C compiler is needed for the stand-in, and tini", ratio: NaN };
    return [{ ...row, ...none }, { ...cpu, ...none }];
  }
  const [mine, floor, theirs] = await inTurns([own, bare, tini], (program) => reapedBy(stage, program));
  const shown = ({ ms, peak }: Reaped) => `${ms.toFixed(0)} ms, at most ${peak} children at a time`;
  const ours = mine.cpuMs - floor.cpuMs;
  return [
    { ...row, own: shown(mine), against: `tini -s: ${shown(theirs)}`, ratio: mine.ms / theirs.ms },
    {
      ...cpu,
      own: `${ours} ms: ${mine.cpuMs} ms less ${floor.cpuMs} ms`,
      against: `tini -s: ${theirs.cpuMs} ms`,
      ratio: ours / theirs.cpuMs,
      target: `<= ${REAPED}`,
      met: ours / theirs.cpuMs <= REAPED,
    },
  ];
}

/** Three rounds: one run alone can come out half as long again, and so can whatever is measured at another time. */
async function inTurns(
  programs: readonly Program[],
  measure: (program: Program) => Promise<Reaped>,
): Promise<Reaped[]> {
  const all = programs.map((): Reaped[] => []);
  for (let round = 0; round < 3; round++) {
    for (const [i, program] of programs.entries()) all[i].push(await measure(program));
  }
  return all.map((runs) => ({
    ms: median(runs.map(({ ms }) => ms)),
    cpuMs: median(runs.map(({ cpuMs }) => cpuMs)),
    peak: median(runs.map(({ peak }) => peak)),
  }));
}

async function reapedBy(stage: Stage, program: Program): Promise<Reaped> {
  const run = await stage.start(program);
  await run.serviceStarted();
  const atRest = childrenOf(run.pid);
  const reader = run.stdout.getReader();
  let done = false;
  let peak = 0;
  const begun = performance.now();
  const cpuBefore = cpuMsOf(run.pid);
  Deno.kill(run.pid, "SIGUSR1");
  const all = within(reader.read(), `${program.name}: the orphans are made`).then(() => done = true);
  for (let children = atRest; !done || children > atRest; children = childrenOf(run.pid)) {
    peak = Math.max(peak, children - atRest);
    await sleep(1);
  }
  const ms = performance.now() - begun;
  await all;
  const cpuMs = cpuMsOf(run.pid) - cpuBefore;
  reader.releaseLock();
  await run.stop();
  return { ms, cpuMs, peak };
}

/** The processor time that a process has had, in milliseconds: ticks of 10 ms. */
function cpuMsOf(pid: number): number {
  return 10 * ticksOf(pid);
}

/** How many children a process has, dead ones that it has not taken included. */
function childrenOf(pid: number): number {
  let count = 0;
  for (const { name } of Deno.readDirSync(`/proc/${pid}/task`)) {
    try {
      count += Deno.readTextFileSync(`/proc/${pid}/task/${name}/children`).split(" ").length - 1;
    } catch {
      // The thread is gone.
    }
  }
  return count;
}
