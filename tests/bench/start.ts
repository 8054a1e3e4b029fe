/**
 * Rows: from exec to the service's first instruction, with the runtime's code cache and without, as a compiled executable
 * starts.
 *
 * Touches: processes through stage.ts.
 * @module
 */
import { median, pairedRatio } from "./numbers.ts";
import type { Program, Stage } from "./stage.ts";
import type { Row } from "./table.ts";

const TARGETS = { warm: 2.1, cold: 2.6 };
/** What the Go program waits for at every start and reload, in milliseconds. */
export const PEER_WAITS_MS = 1000;

/** Measures starts. */
export async function measureStart(stage: Stage, { rounds }: { rounds: number }): Promise<Row[]> {
  const { own, empty, peer } = stage.programs;
  const warm = await startRow(stage, { own, empty, peer }, rounds);
  const cold = await startRow(stage, { own: withoutCache(own), empty: withoutCache(empty) }, rounds);
  return [
    held(warm, TARGETS.warm),
    held({ ...cold, what: `${cold.what}, without code cache`, peer: "not measured" }, TARGETS.cold),
  ];
}

function held(row: Row, target: number): Row {
  return { ...row, target: `<= ${target}`, met: row.ratio <= target };
}

/** The runtime's flags come before the program's file. */
function withoutCache(program: Program): Program {
  const [run, ...rest] = program.args;
  return { ...program, args: [run, "--no-code-cache", ...rest] };
}

async function startRow(
  stage: Stage,
  { own, empty, peer }: Pick<Stage["programs"], "own" | "empty" | "peer">,
  rounds: number,
): Promise<Row> {
  const times: Record<"own" | "empty" | "peer", number[]> = { own: [], empty: [], peer: [] };
  for (let round = -2; round < rounds; round++) {
    const keep = (to: number[], ms: number) => round >= 0 && to.push(ms);
    keep(times.empty, await timeOf(stage, empty, true));
    keep(times.own, await timeOf(stage, own));
    if (peer) keep(times.peer, await timeOf(stage, peer) - PEER_WAITS_MS);
  }
  const ratio = pairedRatio(times.own, times.empty);
  return {
    what: "exec to the service's first instruction",
    own: `${median(times.own).toFixed(1)} ms`,
    against: `empty program, exec to end: ${median(times.empty).toFixed(1)} ms`,
    ratio,
    target: "none",
    met: undefined,
    peer: peer && `${median(times.peer).toFixed(1)} ms beyond its fixed second`,
  };
}

async function timeOf(stage: Stage, program: Program, endsByItself = false): Promise<number> {
  const run = await stage.start(program);
  const at = endsByItself ? await run.ended() : await run.serviceStarted();
  await run.stop();
  return at - run.begun;
}
