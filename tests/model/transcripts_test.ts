/**
 * The core's transcripts, each held against what the core does now. `UPDATE_TRANSCRIPTS=1` writes them anew: read the
 * difference before you believe it.
 *
 * Touches: the transcripts, one environment variable.
 * @module
 */
import { assertEquals } from "../support/assert.ts";
import { replay } from "./transcript.ts";

const FOLDER = new URL("transcripts/", import.meta.url);

for (const { name } of [...Deno.readDirSync(FOLDER)].sort((a, b) => a.name < b.name ? -1 : 1)) {
  Deno.test(`step() does as the transcript says: ${name.replace(".txt", "").replaceAll("_", " ")}`, () => {
    const file = new URL(name, FOLDER);
    const text = Deno.readTextFileSync(file);
    const now = replay(text);
    if (Deno.env.get("UPDATE_TRANSCRIPTS") === "1") Deno.writeTextFileSync(file, now);
    else assertEquals(now.split("\n"), text.split("\n"));
  });
}
