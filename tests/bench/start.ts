/**
 * Row: from exec to the service's first instruction.
 *
 * Touches: processes through stage.ts.
 * @module
 */
import { median, pairedRatio } from "./numbers.ts";
import type { Program, Stage } from "./stage.ts";
import type { Row } from "./table.ts";

const TARGET = 2.1;
/** What the Go program waits for at every start and reload, in milliseconds. */
export const PEER_WAITS_MS = 1000;

/** Measures starts. */
export async function measureStart(stage: Stage, { rounds }: { rounds: number }): Promise<Row> {
  const { own, empty, peer } = stage.programs;
  const times: Record<"own" | "empty" | "peer", number[]> = { own: [], empty: [], peer: [] };
  for (let round = -2; round < rounds; round++) {
    const keep = (to: number[], ms: number) => round >= 0 && to.push(ms);
    keep(times.empty, await timeOf(stage, empty));
    keep(times.own, await timeOf(stage, own));
    if (peer) keep(times.peer, await timeOf(stage, peer) - PEER_WAITS_MS);
  }
  const ratio = pairedRatio(times.own, times.empty);
  return {
    what: "exec to the service's first instruction",
    own: `${median(times.own).toFixed(1)} ms`,
    against: `empty program, exec to end: ${median(times.empty).toFixed(1)} ms`,
    ratio,
    target: `<= ${TARGET}`,
    met: ratio <= TARGET,
    peer: peer && `${median(times.peer).toFixed(1)} ms beyond its fixed second`,
  };
}

async function timeOf(stage: Stage, program: Program): Promise<number> {
  const run = await stage.start(program);
  const at = program === stage.programs.empty ? await run.ended() : await run.serviceStarted();
  await run.stop();
  return at - run.begun;
}
