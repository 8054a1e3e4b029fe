/**
 * What the sidecar costs, held against an empty program of the same runtime, and against the Go program where the
 * variable BENCH_PEER names one. Prints one Markdown table. `--quick` takes few samples, to see that it works.
 *
 * Touches: standard output; the exit status; everything else through stage.ts.
 * @module
 */
import { VERSION } from "../../lib/settings/version.ts";
import { measureControl } from "./control.ts";
import { measureDelay } from "./delay.ts";
import { measureIdle } from "./idle.ts";
import { measureLater } from "./later.ts";
import { measureMany } from "./many.ts";
import { measureProcessOne } from "./process_one.ts";
import { measureRelayed } from "./relayed.ts";
import { Stage, within } from "./stage.ts";
import { measureStart } from "./start.ts";
import { markdown, type Row } from "./table.ts";

/** The longest that all of it may take, in milliseconds. */
const LIMIT_MS = 400_000;

const FULL = {
  start: { rounds: 25 },
  idle: { runs: 3, restMs: 5000, coolMs: 7000, watchMs: 10_000 },
  control: { rounds: 25, runs: 5, restMs: 3000 },
  delay: { samples: 200, peerSamples: 10 },
  later: { stops: 15, reloads: 1000, changes: 900, restMs: 3000 },
  many: { files: 2000, rounds: 3 },
  relayed: { rounds: 7, lines: 300_000 },
  processOne: { samples: 200 },
};

const QUICK: typeof FULL = {
  start: { rounds: 2 },
  idle: { runs: 1, restMs: 200, coolMs: 0, watchMs: 500 },
  control: { rounds: 2, runs: 1, restMs: 200 },
  delay: { samples: 10, peerSamples: 1 },
  later: { stops: 1, reloads: 10, changes: 10, restMs: 200 },
  many: { files: 20, rounds: 1 },
  relayed: { rounds: 1, lines: 20_000 },
  processOne: { samples: 5 },
};

async function measure(stage: Stage, sizes: typeof FULL): Promise<Row[]> {
  return [
    ...await measureStart(stage, sizes.start),
    ...await measureIdle(stage, sizes.idle),
    ...await measureControl(stage, sizes.control),
    await measureDelay(stage, sizes.delay),
    ...await measureLater(stage, sizes.later),
    await measureMany(stage, sizes.many),
    await measureRelayed(stage, sizes.relayed),
    ...await measureProcessOne(stage, sizes.processOne),
  ];
}

/** What the numbers were taken on. */
function heading(stage: Stage): string {
  const gib = (Deno.systemMemoryInfo().total / 2 ** 30).toFixed(0);
  return [
    `- date: ${new Date().toISOString().slice(0, 10)}`,
    `- machine: ${navigator.hardwareConcurrency} cores, ${gib} GiB, Linux ${Deno.osRelease()}, ${Deno.build.arch}`,
    `- versions: confd-sidecar ${VERSION}, Deno ${Deno.version.deno}, V8 ${Deno.version.v8}`,
    `- stand-ins for confd and the service: ${stage.standIns.kind}`,
  ].join("\n");
}

async function main(args: readonly string[]): Promise<number> {
  const unknown = args.find((arg) => arg !== "--quick");
  if (unknown !== undefined) {
    console.error(`bench: ${unknown} is not an option; the only one is --quick`);
    return 64;
  }
  const stage = await Stage.open();
  const { promise: interrupted, reject } = Promise.withResolvers<never>();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => reject(new Error(`ended by ${signal}`)));
  }
  try {
    const rows = Promise.race([measure(stage, args.includes("--quick") ? QUICK : FULL), interrupted]);
    console.log(`${heading(stage)}\n\n${markdown(await within(rows, "all is measured", LIMIT_MS))}`);
    return 0;
  } catch (error) {
    console.error(`bench: ${(error as Error).message}`);
    return 1;
  } finally {
    await stage.close();
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
