/**
 * The pictures that are drawn are what the code draws now: `UPDATE_DOCS=1` writes them anew.
 *
 * Touches: the pictures.
 * @module
 */
import { plot } from "../fleet/plot.ts";
import { assert } from "../support/assert.ts";
import { UPDATING } from "../support/doc_table.ts";
import { rolloutPicture } from "./rollout_picture.ts";

for (const [name, draw] of Object.entries({ "fleet.svg": plot, "rollout.svg": rolloutPicture })) {
  Deno.test(`docs/${name} is what is drawn`, () => {
    const file = new URL(`../../docs/${name}`, import.meta.url);
    if (UPDATING) Deno.writeTextFileSync(file, draw());
    assert(draw() === Deno.readTextFileSync(file), "another picture is drawn now: UPDATE_DOCS=1 renews it");
  });
}
