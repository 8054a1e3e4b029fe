/**
 * What the simulation of fleets comes to, in figures.
 *
 * Pure.
 * @module
 */
import { type Faults, type FleetOptions, FleetSimulation, type Wave } from "./simulation.ts";

/** One kind of fleet, and how many seeds of it are run. */
export interface Case {
  readonly name: string;
  readonly options: FleetOptions;
  readonly seeds: number;
  /** True if each change comes in the middle of another one. */
  readonly midWave?: boolean;
}

const FLEET: FleetOptions = { members: 100, n: 3, workMs: 1000, spreadMs: 2000, faults: 0, more: 0, sets: "same" };

/** All that docs/fleet.md speaks of. */
export const CASES: readonly Case[] = [
  { name: "no faults", options: FLEET, seeds: 100 },
  { name: "no faults, changes in mid-wave", options: FLEET, seeds: 100, midWave: true },
  {
    name: "no faults, changes in mid-wave, three groups with sets of their own",
    options: { ...FLEET, sets: "groups" },
    seeds: 100,
    midWave: true,
  },
  {
    name: "no faults, changes in mid-wave, every member has a set of its own",
    options: { ...FLEET, sets: "own" },
    seeds: 100,
    midWave: true,
  },
  { name: "no faults, every third member is told N = 5", options: { ...FLEET, more: 2 }, seeds: 100 },
  { name: "faults", options: { ...FLEET, faults: 30 }, seeds: 200 },
  { name: "faults, changes in mid-wave", options: { ...FLEET, faults: 30 }, seeds: 200, midWave: true },
  { name: "faults, every member has a set of its own", options: { ...FLEET, faults: 30, sets: "own" }, seeds: 200 },
  { name: "faults", options: { ...FLEET, members: 1000, n: 10, faults: 20 }, seeds: 20 },
  { name: "faults", options: { ...FLEET, members: 10_000, n: 100, faults: 5 }, seeds: 2 },
];

/** What came of all seeds of a case. */
export interface Figures {
  readonly name: string;
  readonly options: FleetOptions;
  readonly seeds: number;
  readonly faults: number;
  readonly peak: number;
  /** For how much of the time there were more than N at work. */
  readonly over: number;
  /** The most that a bad change has touched. */
  readonly touched: number;
  /** The most that began before a success. */
  readonly alone: number;
  readonly medianWaitMs: number;
  readonly longestWaitMs: number;
  /** How long a wave took beside what it would take without any cost; null where not every member takes up every change. */
  readonly ratio: number | null;
  /** By how many members that came later one was overtaken: the 99th percentile. */
  readonly overtaken: number;
  /** Requests of one member for one turn. */
  readonly requests: number;
  readonly wakes: number;
}

/** Runs a case. Throws, with the seed, where something is not as it must be. */
export function figuresOf({ name, options, seeds, midWave = false }: Case, firstSeed = 1): Figures {
  const waves: Wave[] = [];
  const bad: Wave[] = [];
  const touched: number[] = [];
  let [faults, requests, wakes, turns, at] = [0, 0, 0, 0, 0];
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
    const simulation = new FleetSimulation(seed, options);
    try {
      const then = (bad: boolean) => midWave ? { afterMs: midWaveMs(options, seed), change: { bad } } : undefined;
      waves.push(simulation.run({ bad: false, then: then(false) }));
      bad.push(midWave ? simulation.run({ bad: false, then: then(true) }) : simulation.run({ bad: true }));
      waves.push(simulation.run({ bad: false }));
    } catch (error) {
      throw new Error(`FLEET_SEED=${seed}, ${name}: ${(error as Error).message}`, { cause: error });
    }
    touched.push(...simulation.triedBad);
    faults += total(simulation.faults);
    const { reads, writes, watches } = simulation.counts;
    requests += reads + writes + watches;
    wakes += simulation.counts.wakes;
    at += simulation.now;
  }
  for (const { waits } of [...waves, ...bad]) turns += waits.length;
  const waits = waves.flatMap(({ waits }) => waits).sort((a, b) => a - b);
  const passed = waves.flatMap(({ went }) => overtakings(went)).sort((a, b) => a - b);
  const all = [...waves, ...bad];
  return {
    name,
    options,
    seeds,
    faults,
    peak: Math.max(...all.map(({ peak }) => peak)),
    over: all.reduce((sum, { overMs }) => sum + overMs, 0) / at,
    touched: Math.max(...touched),
    alone: Math.max(...all.map(({ alone }) => alone)),
    medianWaitMs: waits[waits.length >> 1],
    longestWaitMs: waits.at(-1)!,
    ratio: midWave
      ? null
      : waves.reduce((sum, { tookMs }) => sum + tookMs, 0) / waves.reduce((sum, { idealMs }) => sum + idealMs, 0),
    overtaken: passed[Math.floor(passed.length * 0.99)],
    requests: requests / turns,
    wakes: wakes / turns,
  };
}

/** When a change comes in the middle of another one: sooner or later, by the seed. */
function midWaveMs({ members, n, workMs }: FleetOptions, seed: number): number {
  return members / n * workMs / 2 * (seed % 20) / 20;
}

function total(faults: Faults): number {
  return Object.values(faults).reduce((sum, count) => sum + count, 0);
}

/** For each member that went, how many that came after it went before it. */
function overtakings(went: readonly number[]): number[] {
  // How many of those so far have come after: a tree of counts over the order of coming.
  const size = Math.max(...went, 0) + 1;
  const tree = new Uint32Array(size + 1);
  const upTo = (i: number) => {
    let sum = 0;
    for (let at = i + 1; at > 0; at -= at & -at) sum += tree[at];
    return sum;
  };
  return went.map((came, i) => {
    const later = i - upTo(came);
    for (let at = came + 1; at <= size; at += at & -at) tree[at]++;
    return later;
  });
}

/** The table of docs/fleet.md, without its heading. */
export function rowOf(figures: Figures): string[] {
  const { name, options, seeds, faults, peak, over, touched, alone, medianWaitMs, longestWaitMs, ratio } = figures;
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  return [
    `${options.members}, N = ${options.n}`,
    name,
    `${seeds}`,
    `${faults}`,
    `${peak}`,
    over === 0 ? "never" : `${(over * 100).toFixed(2)} %`,
    `${alone}`,
    `${touched}`,
    seconds(medianWaitMs),
    seconds(longestWaitMs),
    ratio?.toFixed(2) ?? "-",
    `${figures.overtaken}`,
    figures.requests.toFixed(1),
    figures.wakes.toFixed(1),
  ];
}

/** Its heading. */
export const HEADINGS = [
  "fleet",
  "what happens",
  "seeds",
  "faults",
  "most at work",
  "time with more than N",
  "went before a success",
  "tried a bad change",
  "median wait",
  "longest wait",
  "took / ideal",
  "overtaken by, p99",
  "requests a turn",
  "wake-ups a turn",
];
