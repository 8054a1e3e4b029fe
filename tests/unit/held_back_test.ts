import { heldBackMs } from "../../lib/confd/held_back.ts";
import { parseResource } from "../../lib/confd/resource.ts";
import { assertEquals } from "../support/assert.ts";

const RESOURCE = '[template]\nsrc = "a"\ndest = "/a"\nkeys = ["/"]\n';
const read = (text: string) => parseResource({ label: "a", file: "a.toml", text }).resource!;
const nothing = { args: [], env: {}, resources: [] };

Deno.test("heldBackMs() is 0 where nobody says anything, or nothing that is a duration", () => {
  assertEquals(heldBackMs(nothing), 0);
  assertEquals(heldBackMs({ ...nothing, args: ["--debounce"], env: { CONFD_BATCH_INTERVAL: "soon" } }), 0);
});

Deno.test("heldBackMs() finds each place where it can be said", () => {
  assertEquals(heldBackMs({ ...nothing, args: ["--prefix=/x", "--batch-interval=20s"] }), 20_000);
  assertEquals(heldBackMs({ ...nothing, args: ["-debounce", "500ms"] }), 500);
  assertEquals(heldBackMs({ ...nothing, env: { CONFD_DEBOUNCE: "2s" } }), 2000);
  assertEquals(heldBackMs({ ...nothing, env: { CONFD_BATCH_INTERVAL: "1m" } }), 60_000);
  assertEquals(heldBackMs({ ...nothing, table: { batch_interval: "3s" } }), 3000);
  assertEquals(heldBackMs({ ...nothing, resources: [RESOURCE, `${RESOURCE}Debounce = "7s"`].map(read) }), 7000);
});

Deno.test("heldBackMs() is the longest of several", () => {
  assertEquals(heldBackMs({ ...nothing, args: ["--debounce=2s"], env: { CONFD_DEBOUNCE: "9s" } }), 9000);
});
