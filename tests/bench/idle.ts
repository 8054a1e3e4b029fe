/**
 * Rows: memory and processor time of a program that has nothing to do.
 *
 * Touches: /proc; processes through stage.ts.
 * @module
 */
import { inMib, type Memory, memoryOf, type Work, workOf } from "../support/usage.ts";
import { median, pairedRatio } from "./numbers.ts";
import { type Program, type Run, sleep, type Stage } from "./stage.ts";
import type { Row } from "./table.ts";

/** What each kind may be, as a multiple of the waiting program's. */
const TARGETS: Record<keyof Memory, number> = { anonymous: 1.2, pss: 1.4, rss: 1.4 };

/** How it is measured. */
export interface IdleOptions {
  /** How many runs of each program there are at a time. */
  runs: number;
  /** How long they are left alone before their memory is looked at. */
  restMs: number;
  /** How long after that their processor time is watched: the runtime's spare threads end by then. */
  coolMs: number;
  /** How long their processor time is watched. */
  watchMs: number;
}

/** What it did between two looks. */
interface Spent {
  ticks: number;
  wakes: number;
}

interface Idle {
  memory: Memory[];
  work: Spent[];
}

/** Measures idle programs, all at the same time: they do nothing and so do not disturb each other. */
export async function measureIdle(stage: Stage, options: IdleOptions): Promise<Row[]> {
  const { own, waiting, peer } = stage.programs;
  const [ours, empty, others] = await Promise.all(
    [own, waiting, peer].map((program) => program && watch(stage, program, options)),
  ) as [Idle, Idle, Idle | undefined];
  const seconds = options.watchMs / 1000;
  const memoryRow = (kind: keyof Memory): Row => {
    const values = ({ memory }: Idle) => memory.map((sample) => sample[kind]);
    const shown = (idle: Idle) => inMib(median(values(idle)));
    const ratio = pairedRatio(values(ours), values(empty));
    return {
      what: `idle memory, ${kind === "anonymous" ? kind : kind.toUpperCase()}`,
      own: shown(ours),
      against: `waiting program: ${shown(empty)}`,
      ratio,
      target: `<= ${TARGETS[kind]}`,
      met: ratio <= TARGETS[kind],
      peer: others && shown(others),
    };
  };
  const ticks = ({ work }: Idle) => median(work.map((sample) => sample.ticks));
  const wakes = ({ work }: Idle) => median(work.map((sample) => sample.wakes));
  const spent = (idle: Idle) => `${ticks(idle)} ticks, ${wakes(idle)} wake-ups`;
  return [memoryRow("anonymous"), memoryRow("pss"), memoryRow("rss"), {
    what: `idle processor time in ${seconds} s`,
    own: spent(ours),
    against: `waiting program: ${spent(empty)}`,
    ratio: NaN,
    target: "none",
    met: ticks(ours) === 0 && wakes(ours) === 0,
    peer: others && spent(others),
  }];
}

async function watch(stage: Stage, program: Program, { runs, restMs, coolMs, watchMs }: IdleOptions): Promise<Idle> {
  const started: Run[] = [];
  for (let i = 0; i < runs; i++) {
    const run = await stage.start(program);
    if (program !== stage.programs.waiting) await run.serviceStarted();
    started.push(run);
  }
  await sleep(restMs);
  const memory = started.map((run) => memoryOf(run.pid));
  await sleep(coolMs);
  const before = started.map((run) => workOf(run.pid));
  await sleep(watchMs);
  const after = started.map((run) => workOf(run.pid));
  await Promise.all(started.map((run) => run.stop()));
  return { memory, work: after.map((now, i) => spentBetween(before[i], now)) };
}

function spentBetween(before: Work, now: Work): Spent {
  let wakes = 0;
  for (const [thread, count] of now.wakes) wakes += count - (before.wakes.get(thread) ?? 0);
  // A thread that has ended was woken for that.
  for (const thread of before.wakes.keys()) if (!now.wakes.has(thread)) wakes++;
  return { ticks: now.ticks - before.ticks, wakes };
}
