/**
 * Rows: what comes after the start: the stop, memory after many reloads and with more switched on, and whether each change is
 * exactly one signal while the machine is busy.
 *
 * Touches: processes through stage.ts; files of a run; /proc, reading.
 * @module
 */
import { inMib, memoryOf } from "../support/usage.ts";
import { change } from "./delay.ts";
import { confdRuns, render } from "./many.ts";
import { median } from "./numbers.ts";
import { type Run, type RunOptions, sleep, type Stage, within } from "./stage.ts";
import type { Row } from "./table.ts";

/** How it is measured. */
export interface LaterOptions {
  /** How often a run is stopped. */
  stops: number;
  /** How many reloads there are before memory is looked at again. */
  reloads: number;
  /** How many changes are counted under load. */
  changes: number;
  /** How long a run is left alone before its memory is looked at, in milliseconds. */
  restMs: number;
}

/** Measures all of it. */
export async function measureLater(stage: Stage, options: LaterOptions): Promise<Row[]> {
  const rest = await restOf(stage, {}, options);
  return [
    await stopped(stage, options),
    await afterReloads(stage, options),
    await withMore(stage, "a check and a verification", { rest, options }, {
      SIDECAR_CHECK: "/bin/true FOLDER/out",
      SIDECAR_VERIFY: "exec:/bin/true",
    }),
    await withMore(stage, "OpenTelemetry, to a collector that is away", { rest, options }, {
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1",
    }),
    await counted(stage, options),
  ];
}

async function stopped(stage: Stage, { stops }: LaterOptions): Promise<Row> {
  const times: number[] = [];
  for (let i = 0; i < stops; i++) {
    const run = await stage.start(stage.programs.own);
    await run.serviceStarted();
    const begun = performance.now();
    await run.stop();
    times.push(performance.now() - begun);
  }
  return row("SIGTERM to the end, with an idle service", `${median(times).toFixed(1)} ms`, "nothing");
}

async function afterReloads(stage: Stage, { reloads, restMs }: LaterOptions): Promise<Row> {
  const run = await stage.start(stage.programs.own);
  await run.serviceStarted();
  await sleep(restMs);
  const before = memoryOf(run.pid).anonymous;
  const after = await times(run, reloads, () => sleep(1));
  await sleep(restMs);
  const now = memoryOf(run.pid).anonymous;
  await run.stop();
  return row(`anonymous memory after ${after} reloads`, inMib(now), `before: ${inMib(before)}`, now / before);
}

async function withMore(
  stage: Stage,
  what: string,
  { rest, options }: { rest: number; options: LaterOptions },
  env: Record<string, string>,
): Promise<Row> {
  const own = await restOf(stage, { env }, options);
  return row(`anonymous memory with ${what}`, inMib(own), `without: ${inMib(rest)}`, own / rest);
}

async function restOf(stage: Stage, { env }: RunOptions, { restMs }: LaterOptions): Promise<number> {
  const staged = env?.SIDECAR_CHECK !== undefined;
  const run = await stage.start(stage.programs.own, staged ? { env, files: 1 } : { env });
  if (staged) {
    await confdRuns(run);
    render(`${run.folder}/confdir/.confd-sidecar/new${run.folder}/out`, 1);
  }
  await run.serviceStarted();
  await sleep(restMs);
  const size = memoryOf(run.pid).anonymous;
  await run.stop();
  return size;
}

/** Every core is kept busy by others meanwhile. */
async function counted(stage: Stage, { changes }: LaterOptions): Promise<Row> {
  const busy = Array.from(
    { length: navigator.hardwareConcurrency * 2 },
    () => new Deno.Command("/bin/sh", { args: ["-c", "while :; do :; done"] }).spawn(),
  );
  try {
    const run = await stage.start(stage.programs.own);
    await run.serviceStarted();
    let more = 0;
    const done = await times(run, changes, () => sleep(20), (signals) => more += signals - 1);
    await run.stop();
    return {
      ...row(
        `signals for ${done} changes, while the machine is busy`,
        `${done + more}`,
        `${done}`,
        (done + more) / done,
      ),
      target: "1",
      met: more === 0,
    };
  } finally {
    for (const child of busy) child.kill("SIGKILL");
    await Promise.all(busy.map(({ status }) => status));
  }
}

/** Changes the destination again and again, and waits for the signal each time, and then for others. */
async function times(
  run: Run,
  count: number,
  pause: () => Promise<void>,
  onSignals: (count: number) => void = () => {},
): Promise<number> {
  using lines = await Deno.open(`${run.folder}/lines`, { read: true, write: true });
  const reader = run.stdout.getReader();
  let reading = reader.read();
  for (let i = 0; i < count; i++) {
    change(run, lines);
    let signals = (await within(reading, "SIGHUP comes")).value?.length ?? 0;
    await pause();
    reading = reader.read();
    // What has come by now came for the same change.
    for (let late = await now(reading); late !== undefined; late = await now(reading)) {
      signals += late.length;
      reading = reader.read();
    }
    onSignals(signals);
  }
  // The last one reads on until the run ends.
  reading.catch(() => {});
  return count;
}

/** What has been read, if it has. */
async function now(reading: Promise<ReadableStreamReadResult<Uint8Array>>): Promise<Uint8Array | undefined> {
  return await Promise.race([reading.then(({ value }) => value), Promise.resolve().then(() => undefined)]);
}

function row(what: string, own: string, against: string, ratio = NaN): Row {
  return { what, own, against, ratio, target: "none", met: undefined, peer: "not measured" };
}
