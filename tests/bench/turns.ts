/**
 * Fifty sidecars that take turns, by etcd and by Consul: prints a Markdown table of what came of it.
 *
 * Touches: standard output; the exit status; everything else through tests/scale/turns.ts.
 * @module
 */
import { whyNoIslands } from "../scale/island.ts";
import { runTurns, SIZES, type Wave } from "../scale/turns.ts";
import { ANY_CONFD } from "../support/confds.ts";
import { Folder } from "../support/sidecar.ts";
import { missing, part } from "../tools/parts.ts";

const NAMES = {
  faults: `a change; ${SIZES.killed} holders killed, ${SIZES.cut} cut off, in mid-turn`,
  bad: "a change that fails its verification everywhere",
  good: "a good change after it",
  newer: "a change in the middle of another one",
};

async function main(): Promise<number> {
  const absent = ([ANY_CONFD.part, "etcd", "consul"] as const).find((name) => part(name) === undefined);
  const why = absent === undefined ? whyNoIslands() : `there is no ${absent}: ${missing(absent)}`;
  if (why !== undefined) {
    console.error(`turns: ${why}`);
    return 1;
  }
  const { members, n, workS } = SIZES;
  console.log(`${members} sidecars, n=${n}, a reload takes ${workS} s, ${navigator.hardwareConcurrency} cores\n`);
  const rows = [["store", "what happens", "members that tried it", "first alone", "most at once", "took"]];
  for (const engine of ["etcd", "consul"] as const) {
    using folder = new Folder();
    const turns = await runTurns(folder, engine, SIZES);
    for (const name of ["faults", "bad", "good", "newer"] as const) {
      rows.push([engine, NAMES[name], ...cells(turns[name])]);
    }
  }
  const [headings, ...rest] = rows;
  console.log([headings, headings.map(() => "---"), ...rest].map((row) => `| ${row.join(" | ")} |`).join("\n"));
  return 0;
}

function cells({ touched, canaries, peak, seconds }: Wave): string[] {
  return [String(touched), canaries === 1 ? "yes" : "no", String(peak), `${seconds.toFixed(1)} s`];
}

if (import.meta.main) Deno.exit(await main());
