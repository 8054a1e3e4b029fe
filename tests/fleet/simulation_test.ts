/**
 * Simulated fleets keep what a fleet promises.
 *
 * `FLEET_SEED=N` begins at another seed; what fails says which one it was.
 *
 * Touches: the environment, reading.
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import { type Case, CASES, figuresOf } from "./figures.ts";

const FIRST_SEED = Number(Deno.env.get("FLEET_SEED") ?? 1);

/** Fewer seeds than for the docs. */
function shorter(one: Case): Case {
  return { ...one, seeds: Math.ceil(one.seeds / 5) };
}

for (const one of CASES.map(shorter)) {
  const { members, n, faults, sets } = one.options;
  Deno.test(`a simulated fleet of ${members}, ${n} at once: ${one.name}`, () => {
    const figures = figuresOf(one, FIRST_SEED);
    // A canary that is cut off or stands still may still be at work when the next one begins. Where every set is another
    // one, nothing says for certain which of them are of the same change.
    const isExact = faults === 0 && (sets !== "own" || !one.midWave);
    assert(figures.alone <= (isExact ? 1 : 3), `the first goes alone: ${figures.alone}`);
    if (sets === "same") assertEquals(figures.touched, 1, "a bad change stops where it was tried");
    // Who has not heard of the good one yet may try the bad one, one after the other.
    else assert(figures.touched <= 3 * n, `a bad change stops: ${figures.touched} tried it`);
    if (faults === 0) {
      assert(figures.peak === n && figures.over === 0, "never more than N, and all turns are used");
      // Whoever comes within a request's time of another may change places with it; who waits keeps its place.
      const isInOrder = one.midWave || figures.overtaken <= n + 10;
      assert(isInOrder, `first come, first served: overtaken by ${figures.overtaken}`);
    } else assert(figures.faults > 0, "there are faults");
    assert(figures.over < 0.01, `more than N are at work for ${figures.over} of the time`);
    // Who waits while a bad change is stuck looks again now and then.
    assert(figures.requests < (sets === "same" ? 18 : 30), `${figures.requests} requests a turn`);
    assert(figures.wakes < 3, `a release wakes two or three: ${figures.wakes}`);
  });
}
