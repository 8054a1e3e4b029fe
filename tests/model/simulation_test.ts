/**
 * Many simulated runs in a few seconds, each from a seed that is printed when it fails.
 *
 * `SIMULATION_SEED=n` runs that one alone; `SIMULATION_RUNS=n` chooses how many.
 *
 * Touches: two environment variables.
 * @module
 */
import { assert } from "../support/assert.ts";
import { type Outcome, Simulation } from "./simulation.ts";

/** Virtual time of one run before it is let come to rest, in milliseconds. */
const RUN_MS = 10 * 60_000;

Deno.test("drive() keeps every promise in simulated worlds full of faults", async () => {
  const only = Deno.env.get("SIMULATION_SEED");
  const runs = Number(Deno.env.get("SIMULATION_RUNS") ?? 400);
  const seeds = only === undefined ? Array.from({ length: runs }, (_, i) => i + 1) : [Number(only)];
  const sum = { simulatedMs: 0, transitions: 0, faults: 0, reloads: 0, serviceStarts: 0 };
  let atRest = 0;
  for (const seed of seeds) {
    let outcome: Outcome;
    try {
      const simulation = new Simulation(seed);
      outcome = await simulation.run(RUN_MS);
    } catch (error) {
      throw new Error(`SIMULATION_SEED=${seed}: ${(error as Error).message}`, { cause: error });
    }
    for (const key of Object.keys(sum) as (keyof typeof sum)[]) sum[key] += outcome[key];
    if (outcome.exit === 143) atRest++;
  }
  console.log(
    `    ${seeds.length} seeds, ${(sum.simulatedMs / 3_600_000).toFixed(0)} simulated hours, ${sum.faults} faults, ` +
      `${sum.transitions} transitions, ${sum.serviceStarts} starts, ${sum.reloads} reloads, ${atRest} stopped at rest`,
  );
  if (only === undefined) assert(atRest > seeds.length / 10, "enough worlds live long enough to be judged at rest");
});
