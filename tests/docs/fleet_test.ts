/**
 * docs/fleet.svg is what the simulation draws: `deno task fleet:simulate` makes it anew.
 *
 * Touches: the picture, reading.
 * @module
 */
import { plot } from "../fleet/plot.ts";
import { assert } from "../support/assert.ts";

Deno.test("docs/fleet.svg is what the simulation draws", () => {
  const picture = Deno.readTextFileSync(new URL("../../docs/fleet.svg", import.meta.url));
  assert(plot() === picture, "the simulation draws another picture now: deno task fleet:simulate");
});
