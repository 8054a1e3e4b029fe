/**
 * Properties that are tried on random values; what fails says which seed repeats it.
 *
 * Touches: the environment variable `TEST_SEED`, and randomness where that is not set.
 * @module
 */
import { Random } from "./random.ts";

/** Tries a property `rounds` times; with `TEST_SEED`, once and with that seed. */
export function forAll(rounds: number, property: (random: Random) => void): void {
  const given = Deno.env.get("TEST_SEED");
  const first = given === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(given);
  for (let round = 0; round < (given === undefined ? rounds : 1); round++) {
    try {
      property(new Random(first + round));
    } catch (error) {
      throw new Error(`fails with TEST_SEED=${first + round}: ${(error as Error).message}`, { cause: error });
    }
  }
}
