import { debounceMs } from "../../lib/confd/debounce.ts";
import { parseResource } from "../../lib/confd/resource.ts";
import { assertEquals } from "../support/assert.ts";

const RESOURCE = '[template]\nsrc = "a"\ndest = "/a"\nkeys = ["/"]\n';
const read = (text: string) => parseResource({ label: "a", file: "a.toml", text }).resource!;
const nothing = { args: [], env: {}, resources: [] };

Deno.test("debounceMs() is 0 where nobody says anything, or nothing that is a duration", () => {
  assertEquals(debounceMs(nothing), 0);
  assertEquals(debounceMs({ ...nothing, args: ["--debounce"], env: { CONFD_BATCH_INTERVAL: "soon" } }), 0);
});

Deno.test("debounceMs() finds each place where it can be said", () => {
  assertEquals(debounceMs({ ...nothing, args: ["--prefix=/x", "--batch-interval=20s"] }), 20_000);
  assertEquals(debounceMs({ ...nothing, args: ["-debounce", "500ms"] }), 500);
  assertEquals(debounceMs({ ...nothing, env: { CONFD_DEBOUNCE: "2s" } }), 2000);
  assertEquals(debounceMs({ ...nothing, env: { CONFD_BATCH_INTERVAL: "1m" } }), 60_000);
  assertEquals(debounceMs({ ...nothing, table: { batch_interval: "3s" } }), 3000);
  assertEquals(debounceMs({ ...nothing, resources: [RESOURCE, `${RESOURCE}Debounce = "7s"`].map(read) }), 7000);
});

Deno.test("debounceMs() is the longest of several", () => {
  assertEquals(debounceMs({ ...nothing, args: ["--debounce=2s"], env: { CONFD_DEBOUNCE: "9s" } }), 9000);
});
