/**
 * Rows: what the control socket and the HTTP endpoint cost, held against a run that has neither.
 *
 * Touches: the network; /proc; processes through stage.ts.
 * @module
 */
import { readAll, writeAll } from "../../lib/host/network/connection.ts";
import { freePort } from "../support/ports.ts";
import { inMib, memoryOf } from "../support/usage.ts";
import { median } from "./numbers.ts";
import { type Run, type RunOptions, sleep, type Stage } from "./stage.ts";
import type { Row } from "./table.ts";

/** What they may cost. */
const TARGETS = { startMs: 2, socketMib: 1.5, listenMib: 4 };

/** How it is measured. */
export interface ControlOptions {
  /** Starts with and without. */
  rounds: number;
  /** Runs side by side, whose memory is compared. */
  runs: number;
  /** How long they are left alone before that, in milliseconds. */
  restMs: number;
}

const OFF = { env: { SIDECAR_SOCKET: "off" } };

/** Measures both. */
export async function measureControl(stage: Stage, { rounds, runs, restMs }: ControlOptions): Promise<Row[]> {
  const differences: number[] = [];
  for (let round = -2; round < rounds; round++) {
    const first = round % 2 === 0;
    const one = await startOf(stage, first ? OFF : {});
    const other = await startOf(stage, first ? {} : OFF);
    if (round >= 0) differences.push(first ? other - one : one - other);
  }
  const startMs = median(differences);
  const off = await memory(stage, { runs, restMs, options: () => OFF });
  const socket = await memory(stage, { runs, restMs, options: () => ({}) });
  const ports = Array.from({ length: runs }, freePort);
  const listen = await memory(stage, {
    runs,
    restMs,
    options: (i) => ({ env: { SIDECAR_SOCKET: "off", SIDECAR_LISTEN: `:${ports[i]}` } }),
    use: (_, i) => scrape(ports[i]),
  });
  const row = (what: string, own: string, target: string, met: boolean): Row => {
    return { what, own, against: `neither: ${inMib(off)}`, ratio: NaN, target, met };
  };
  const more = (kib: number) => (kib - off) / 1024;
  return [
    {
      ...row(
        "the control socket: later start",
        `${startMs.toFixed(1)} ms`,
        `<= ${TARGETS.startMs} ms`,
        startMs <= TARGETS.startMs,
      ),
      against: "SIDECAR_SOCKET=off",
    },
    row(
      "the control socket: anonymous memory",
      `${more(socket).toFixed(1)} MiB`,
      `<= ${TARGETS.socketMib} MiB`,
      more(socket) <= TARGETS.socketMib,
    ),
    row(
      "SIDECAR_LISTEN: anonymous memory, once /metrics, /status and the page were read",
      `${more(listen).toFixed(1)} MiB`,
      `<= ${TARGETS.listenMib} MiB`,
      more(listen) <= TARGETS.listenMib,
    ),
  ];
}

async function startOf(stage: Stage, options: RunOptions): Promise<number> {
  const run = await stage.start(stage.programs.own, options);
  const at = await run.serviceStarted();
  await run.stop();
  return at - run.begun;
}

interface MemoryOptions {
  runs: number;
  restMs: number;
  options: (i: number) => RunOptions;
  use?: (run: Run, i: number) => Promise<void>;
}

/** The median of several runs' anonymous memory, in KiB. */
async function memory(stage: Stage, { runs, restMs, options, use }: MemoryOptions): Promise<number> {
  const started: Run[] = [];
  for (let i = 0; i < runs; i++) {
    const run = await stage.start(stage.programs.own, options(i));
    await run.serviceStarted();
    await use?.(run, i);
    started.push(run);
  }
  await sleep(restMs);
  const sizes = started.map((run) => memoryOf(run.pid).anonymous);
  await Promise.all(started.map((run) => run.stop()));
  return median(sizes);
}

async function scrape(port: number): Promise<void> {
  for (const path of ["/metrics", "/status", "/"]) {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    await writeAll(connection, new TextEncoder().encode(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`));
    await readAll(connection);
    connection.close();
  }
}
