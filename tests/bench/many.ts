/**
 * Row: two thousand destinations change at once; how long until the service is reloaded, staged and not.
 *
 * Touches: processes through stage.ts; files of a run.
 * @module
 */
import { median } from "./numbers.ts";
import { type Run, sleep, type Stage, within } from "./stage.ts";
import type { Row } from "./table.ts";

/** The settle time of these runs: shorter than a pause in the writing would be no change of all. */
const SETTLE_MS = 300;

/** How it is measured. */
export interface ManyOptions {
  files: number;
  rounds: number;
}

/** How long thousands of files may take on a slow disk, in milliseconds. */
const MANY_MS = 120_000;

/** Measures reloads for many files. */
export async function measureMany(stage: Stage, { files, rounds }: ManyOptions): Promise<Row> {
  const plain = await reloadsOf(stage, { files, rounds, staged: false });
  const staged = await reloadsOf(stage, { files, rounds, staged: true });
  return {
    what: `change of ${files} destinations to SIGHUP, beyond writing them and SIDECAR_SETTLE`,
    own: `${Math.round(staged)} ms with a check`,
    against: `without staging: ${Math.round(plain)} ms`,
    ratio: staged / plain,
    target: "none",
    met: undefined,
  };
}

async function reloadsOf(stage: Stage, { files, rounds, staged }: ManyOptions & { staged: boolean }): Promise<number> {
  const check: Record<string, string> = staged ? { SIDECAR_CHECK: "true FOLDER/out" } : {};
  const run = await stage.start(stage.programs.own, {
    files,
    env: { SIDECAR_SETTLE: `${SETTLE_MS}ms`, SIDECAR_SETTLE_MAX: "60s", ...check },
  });
  const place = `${run.folder}${staged ? `/confdir/.confd-sidecar/new${run.folder}` : ""}/out`;
  await confdRuns(run);
  render(place, files);
  await run.serviceStarted(MANY_MS);
  const reader = run.stdout.getReader();
  const times: number[] = [];
  for (let i = 0; i < rounds; i++) {
    render(place, files);
    const written = performance.now();
    await within(reader.read(), `the service is reloaded for ${files} files`, MANY_MS);
    times.push(performance.now() - written - SETTLE_MS);
  }
  reader.releaseLock();
  await run.stop();
  return median(times);
}

/** Waits until the stand-in for confd has been started: from then on the sidecar watches. */
export async function confdRuns(run: Run): Promise<void> {
  while (!await exists(`${run.folder}/out/conf`)) await sleep(10);
}

/** Does what confd does, for each file. */
export function render(place: string, files: number): void {
  for (let i = 0; i < files; i++) {
    Deno.writeTextFileSync(`${place}/.new`, `${crypto.randomUUID()}\n`);
    Deno.renameSync(`${place}/.new`, `${place}/${i}.conf`);
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch {
    return false;
  }
}
