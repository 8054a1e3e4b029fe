/**
 * Row: how fast confd's lines are passed on.
 *
 * Touches: processes through stage.ts; one file of the stage.
 * @module
 */
import { median, pairedRatio } from "./numbers.ts";
import { type Program, type Stage, within } from "./stage.ts";
import type { Row } from "./table.ts";

/** At least this share of the Go program's speed. */
const TARGET = 0.5;

/** How it is measured. */
export interface RelayedOptions {
  rounds: number;
  lines: number;
}

/** Measures the relay. */
export async function measureRelayed(stage: Stage, { rounds, lines }: RelayedOptions): Promise<Row> {
  const { own, peer } = stage.programs;
  const flood = stage.path("flood");
  const line = `2026-01-01T00:00:00Z host confd[1]: DEBUG ${"x".repeat(57)}\n`;
  await Deno.writeTextFile(flood, line.repeat(lines));
  const rates: Record<"own" | "peer", number[]> = { own: [], peer: [] };
  for (let round = -1; round < rounds; round++) {
    const ours = await rateOf(stage, own, flood);
    const theirs = peer && await rateOf(stage, peer, flood);
    if (round < 0) continue;
    rates.own.push(ours);
    if (theirs) rates.peer.push(theirs);
  }
  const shown = (rates: readonly number[]) =>
    `${(median(rates) / 1e6).toFixed(0)} MB/s, ${Math.round(median(rates) / line.length / 1000)}k lines/s`;
  const ratio = peer ? pairedRatio(rates.own, rates.peer) : NaN;
  return {
    what: `relayed from confd, lines of ${line.length} bytes`,
    own: shown(rates.own),
    against: "the Go program",
    ratio,
    target: `>= ${TARGET}`,
    met: peer && ratio >= TARGET,
    peer: peer && shown(rates.peer),
  };
}

/** Bytes a second, from the arrival of the first line of the flood to that of its last. */
async function rateOf(stage: Stage, program: Program, flood: string): Promise<number> {
  const { size } = await Deno.stat(flood);
  const run = await stage.start(program, { flood, readErrors: true });
  const reader = run.stderr.getReader();
  let [begun, seen] = [0, 0];
  while (seen < size) {
    const { value } = await within(reader.read(), `${program.name} passes lines on`);
    if (value === undefined) throw new Error(`${program.name} passed on ${seen} of ${size} bytes and ended`);
    // The program's own lines come first.
    if (begun === 0 && !isFlood(value)) continue;
    begun ||= performance.now();
    seen += value.length;
  }
  // A line of the program's own may have been counted: a hundred bytes of millions.
  const took = performance.now() - begun;
  reader.releaseLock();
  const rest = run.stderr.pipeTo(new WritableStream()).catch(() => {});
  await run.stop();
  await rest;
  return size / took * 1000;
}

function isFlood(chunk: Uint8Array<ArrayBuffer>): boolean {
  return new TextDecoder().decode(chunk).includes(" DEBUG xxx");
}
