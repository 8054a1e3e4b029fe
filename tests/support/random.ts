/**
 * Randomness that can be had again: a generator with a seed, and the seed in the message of what fails.
 *
 * Touches: the environment variable `TEST_SEED`, and randomness where that is not set.
 * @module
 */

/** A source of numbers. */
export interface Random {
  /** A whole number from 0 to `below` - 1. */
  below(below: number): number;
  /** One of the items. */
  pick<T>(items: readonly T[]): T;
}

/** A generator with a seed (mulberry32). */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (below: number) => Math.floor(next() * below);
  return { below, pick: (items) => items[below(items.length)] };
}

/** Tries a property many times; what fails says with which seed it can be had again. */
export function forAll(rounds: number, property: (random: Random) => void): void {
  const given = Deno.env.get("TEST_SEED");
  const first = given === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(given);
  for (let round = 0; round < (given === undefined ? rounds : 1); round++) {
    try {
      property(seeded(first + round));
    } catch (error) {
      throw new Error(`fails with TEST_SEED=${first + round}: ${(error as Error).message}`, { cause: error });
    }
  }
}
