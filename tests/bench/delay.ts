/**
 * Row: from a destination's change to the arrival of SIGHUP.
 *
 * Touches: processes through stage.ts; files of a run.
 * @module
 */
import { median, quantile } from "./numbers.ts";
import { type Program, type Run, sleep, type Stage, within } from "./stage.ts";
import { PEER_WAITS_MS } from "./start.ts";
import type { Row } from "./table.ts";

/** Of the median and of the 99th percentile, in milliseconds. */
const TARGETS = { median: 0.8, p99: 2 };

/** How it is measured. */
export interface DelayOptions {
  samples: number;
  /** The Go program takes more than a second for each. */
  peerSamples: number;
}

/** Measures reloads. */
export async function measureDelay(stage: Stage, { samples, peerSamples }: DelayOptions): Promise<Row> {
  const { own, peer } = stage.programs;
  const delays = await delaysOf(stage, own, samples);
  const others = peer && (await delaysOf(stage, peer, peerSamples)).map((ms) => ms - PEER_WAITS_MS);
  const shown = (delays: readonly number[]) =>
    `median ${median(delays).toFixed(2)} ms, p99 ${quantile(delays, 0.99).toFixed(2)} ms (n = ${delays.length})`;
  return {
    what: "change of a destination to SIGHUP, SIDECAR_SETTLE=0",
    own: shown(delays),
    against: "nothing",
    ratio: NaN,
    target: `median <= ${TARGETS.median} ms, p99 <= ${TARGETS.p99} ms`,
    met: median(delays) <= TARGETS.median && quantile(delays, 0.99) <= TARGETS.p99,
    peer: others && `${shown(others)} beyond its fixed second`,
  };
}

async function delaysOf(stage: Stage, program: Program, samples: number): Promise<number[]> {
  const run = await stage.start(program);
  await run.serviceStarted();
  using lines = await Deno.open(`${run.folder}/lines`, { read: true, write: true });
  const reader = run.stdout.getReader();
  const delays: number[] = [];
  const warmUp = Math.ceil(samples / 10);
  for (let i = -warmUp; i < samples; i++) {
    // Uneven pauses, so that no rhythm of the program's own is met each time.
    await sleep(5 + 10 * Math.random());
    const changed = change(run, lines);
    const { value } = await within(reader.read(), `${program.name} sends SIGHUP`);
    const at = performance.now();
    if (value?.length !== 1) throw new Error(`${program.name}: ${value?.length} signals for one change`);
    if (i >= 0) delays.push(at - changed);
  }
  reader.releaseLock();
  await run.stop();
  return delays;
}

/** Does what confd does: a temporary file, a rename, and a line that says so. Returns when the rename began. */
export function change(run: Run, lines: Deno.FsFile): number {
  const dest = `${run.folder}/out/conf`;
  Deno.writeTextFileSync(`${run.folder}/out/.conf.new`, `${crypto.randomUUID()}\n`);
  const line = `2026-01-01T00:00:00Z host confd[1]: INFO Target config ${dest} has been updated\n`;
  const bytes = new TextEncoder().encode(line);
  const at = performance.now();
  Deno.renameSync(`${run.folder}/out/.conf.new`, dest);
  lines.writeSync(bytes);
  return at;
}
