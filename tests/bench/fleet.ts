/**
 * A fleet of fifty sidecars on one machine, one etcd, and one change: when each service is reloaded, without and with a
 * splay; and what memory a member of the fleet takes. Prints two Markdown tables. `--quick` takes a fleet of three, to
 * see that it works.
 *
 * Touches: standard output; the exit status; everything else through tests/scale/fleet.ts.
 * @module
 */
import { Fleet } from "../scale/fleet.ts";
import { ANY_CONFD } from "../support/confds.ts";
import { Etcd } from "../support/etcd.ts";
import { Folder } from "../support/sidecar.ts";
import { inMib, type Memory, memoryOf, threadsOf } from "../support/usage.ts";
import { missing, part } from "../tools/parts.ts";
import { median } from "./numbers.ts";
import { bundleSidecar, sleep } from "./stage.ts";

const FULL = { size: 50, rounds: 5, splays: ["0", "5s", "20s"], restMs: 5000 };
const QUICK: typeof FULL = { size: 3, rounds: 1, splays: ["0", "500ms"], restMs: 0 };
/** The span in which it is counted how many services are reloaded at the same time, in milliseconds. */
const AT_ONCE_MS = 100;

interface Measured {
  reloads: string[][];
  memory: string[][];
}

/** One fleet for each splay, one after another. */
async function measure(sizes: typeof FULL): Promise<Measured> {
  using programs = new Folder();
  const command = await bundleSidecar(programs.path);
  const measured: Measured = { reloads: [], memory: [] };
  for (const splay of sizes.splays) {
    using folder = new Folder();
    await using etcd = await new Etcd(folder, ANY_CONFD.etcd).start();
    const env = { SIDECAR_SPLAY: splay };
    await using fleet = await Fleet.start(folder, { size: sizes.size, confd: ANY_CONFD, etcd, command, env });
    await sleep(sizes.restMs);
    if (measured.memory.length === 0) measured.memory = memoryRows(fleet);
    const rounds: number[][] = [];
    while (rounds.length < sizes.rounds) rounds.push(await fleet.change());
    measured.reloads.push([splay === "0" ? "none" : splay, ...reloadCells(rounds)]);
  }
  return measured;
}

/** Each the median of all rounds. `rounds`: the times of a round are in order. */
function reloadCells(rounds: readonly number[][]): string[] {
  const shown = (pick: (times: readonly number[]) => number) => `${(median(rounds.map(pick)) / 1000).toFixed(2)} s`;
  const last = (times: readonly number[]) => times[times.length - 1];
  return [
    shown((times) => times[0]),
    shown(median),
    shown(last),
    shown((times) => last(times) - times[0]),
    String(median(rounds.map(mostAtOnce))),
  ];
}

/** The most reloads in any {@link AT_ONCE_MS}. */
function mostAtOnce(times: readonly number[]): number {
  return Math.max(...times.map((from, i) => times.slice(i).filter((at) => at < from + AT_ONCE_MS).length));
}

function memoryRows({ members }: Fleet): string[][] {
  const row = (what: string, pids: readonly number[]) => {
    const found = pids.map(memoryOf);
    const mid = (kind: keyof Memory) => inMib(median(found.map((memory) => memory[kind])));
    return [what, mid("rss"), mid("pss"), inMib(found.reduce((sum, { pss }) => sum + pss, 0))];
  };
  return [row("sidecar", members.map(({ pid }) => pid)), row("its confd", members.map(({ pid }) => confdOf(pid)))];
}

/** The child of a sidecar that is not the service. */
function confdOf(pid: number): number {
  const children = threadsOf(pid).flatMap((thread) =>
    Deno.readTextFileSync(`/proc/${pid}/task/${thread}/children`).trim().split(" ").filter(Boolean)
  );
  return Number(children.find((child) => Deno.readTextFileSync(`/proc/${child}/cmdline`).includes("confdir")));
}

function markdown(rows: readonly (readonly string[])[]): string {
  const [headings, ...rest] = rows;
  return [headings, headings.map(() => "---"), ...rest].map((cells) => `| ${cells.join(" | ")} |\n`).join("");
}

async function main(args: readonly string[]): Promise<number> {
  const unknown = args.find((arg) => arg !== "--quick");
  if (unknown !== undefined) {
    console.error(`fleet: ${unknown} is not an option; the only one is --quick`);
    return 64;
  }
  const absent = ([ANY_CONFD.part, "etcd"] as const).find((name) => part(name) === undefined);
  if (absent !== undefined) {
    console.error(`fleet: there is no ${absent}: ${missing(absent)}`);
    return 1;
  }
  const sizes = args.includes("--quick") ? QUICK : FULL;
  const { reloads, memory } = await measure(sizes);
  console.log(`${sizes.size} sidecars, ${navigator.hardwareConcurrency} cores, medians of ${sizes.rounds} changes\n`);
  const headings = ["SIDECAR_SPLAY", "first reload after", "median", "last", "spread", `most in ${AT_ONCE_MS} ms`];
  console.log(markdown([headings, ...reloads]));
  console.log(markdown([["process", "RSS, median", "PSS, median", "PSS of all"], ...memory]));
  return 0;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
