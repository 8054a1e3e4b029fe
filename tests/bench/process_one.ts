/**
 * Rows: what a process 1 does, held against tini and dumb-init.
 *
 * Touches: processes through stage.ts; /proc, reading.
 * @module
 */
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
  const { own } = stage.programs;
  const peers = [peer("tini", ["-s", "--", "SERVICE"]), peer("dumb-init", ["SERVICE"])].flatMap((one) => one ?? []);
  return [await forwarded(stage, { own, peers, samples }), await reaped(stage, own, peers.filter(isSubreaper))];
}

/** dumb-init takes orphans only as the real process 1. */
function isSubreaper({ name }: Program): boolean {
  return name === "tini";
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
  const ratio = others.length > 0 ? median(delays) / median(others[0]) : NaN;
  return {
    what: `a signal forwarded (n = ${samples})`,
    own: shown(delays),
    against: peers.map(({ name }, i) => `${name}: ${shown(others[i])}`).join("; ") || "no peer is there",
    ratio,
    target: `<= ${FORWARDED}`,
    met: others.length > 0 ? ratio <= FORWARDED : undefined,
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
  /** The most children, dead ones included, that the program had at a time. */
  peak: number;
}

async function reaped(stage: Stage, own: Program, peers: readonly Program[]): Promise<Row> {
  const row = { what: `${ORPHANS} orphans made and reaped`, target: "none", met: undefined, peer: "not measured" };
  if (stage.standIns.kind !== "compiled C") {
    return { ...row, own: "n/a", against: "a C compiler is needed for the stand-in", ratio: NaN };
  }
  const shown = ({ ms, peak }: Reaped) => `${ms.toFixed(0)} ms, at most ${peak} children at a time`;
  const mine = await middleOf(() => reapedBy(stage, own));
  const others: Reaped[] = [];
  for (const program of peers) others.push(await middleOf(() => reapedBy(stage, program)));
  return {
    ...row,
    own: shown(mine),
    against: peers.map(({ name }, i) => `${name} -s: ${shown(others[i])}`).join("; ") || "no peer is there",
    ratio: others.length > 0 ? mine.ms / others[0].ms : NaN,
  };
}

/** One run alone can come out half as long again. */
async function middleOf(measure: () => Promise<Reaped>): Promise<Reaped> {
  const all = [await measure(), await measure(), await measure()];
  return all.toSorted((a, b) => a.ms - b.ms)[1];
}

async function reapedBy(stage: Stage, program: Program): Promise<Reaped> {
  const run = await stage.start(program);
  await run.serviceStarted();
  const atRest = childrenOf(run.pid);
  const reader = run.stdout.getReader();
  let done = false;
  let peak = 0;
  const begun = performance.now();
  Deno.kill(run.pid, "SIGUSR1");
  const all = within(reader.read(), `${program.name}: the orphans are made`).then(() => done = true);
  for (let children = atRest; !done || children > atRest; children = childrenOf(run.pid)) {
    peak = Math.max(peak, children - atRest);
    await sleep(1);
  }
  const ms = performance.now() - begun;
  await all;
  reader.releaseLock();
  await run.stop();
  return { ms, peak };
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
