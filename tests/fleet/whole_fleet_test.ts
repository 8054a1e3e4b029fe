/**
 * Small fleets of whole sidecars keep what a fleet promises, whatever operators want and whatever goes wrong.
 *
 * `FLEET_SEED=N` runs one of them; `FLEET_RUNS=N` chooses how many.
 *
 * Touches: the environment, reading.
 * @module
 */
import { assert } from "../support/assert.ts";
import { Random } from "../support/random.ts";
import { WholeFleet, type WholeOptions } from "./whole_fleet.ts";

const RUNS = 500;

function optionsOf(seed: number): WholeOptions {
  const random = new Random(seed);
  const [own, sameId] = random.pick([[false, false], [false, false], [true, false], [false, true]]);
  return {
    members: random.pick([3, 10, 10]),
    n: random.pick([1, 2, 3]),
    staged: random.chance(0.5),
    own,
    sameId,
    timeoutMs: random.pick([0, 0, 15_000]),
    faults: random.chance(0.5),
    operated: random.chance(0.5),
  };
}

Deno.test("small fleets of whole sidecars: turns are for what is begun, the first goes alone, all end on the newest", () => {
  const only = Deno.env.get("FLEET_SEED");
  const runs = Number(Deno.env.get("FLEET_RUNS") ?? RUNS);
  const seeds = only === undefined ? Array.from({ length: runs }, (_, i) => i + 1) : [Number(only)];
  const totals = { begun: 0, unasked: 0, commands: 0, faults: 0 };
  for (const seed of seeds) {
    const options = optionsOf(seed);
    const fleet = new WholeFleet(seed, options);
    try {
      fleet.run();
    } catch (error) {
      const what = `FLEET_SEED=${seed}, ${JSON.stringify(options)}: ${(error as Error).message}`;
      throw new Error(what, { cause: error });
    }
    for (const [name, count] of Object.entries(fleet.counts)) totals[name as keyof typeof totals] += count;
  }
  const { begun, unasked, commands, faults } = totals;
  console.log(
    `    ${seeds.length} fleets: ${begun} changes begun, ${unasked} of them without a turn, ${commands} commands of ` +
      `operators, ${faults} faults`,
  );
  assert(Object.values(totals).every((count) => only !== undefined || count > 100), JSON.stringify(totals));
});
