import { partsNeeded } from "../tools/needed.ts";
import { assert, assertEquals } from "../support/assert.ts";

const TESTS = new URL("..", import.meta.url).pathname;

Deno.test("partsNeeded() finds what a test file and its helpers name", () => {
  assertEquals(partsNeeded([`${TESTS}unit/words_test.ts`]), []);
  assertEquals(partsNeeded(["--filter", "etcd"]), []);
  const haproxy = partsNeeded([`${TESTS}services/haproxy_test.ts`]);
  for (const part of ["haproxy", "wrk", "confd-fork-0.30"] as const) assert(haproxy.includes(part), part);
  assert(!haproxy.includes("vault"));
  assertEquals(partsNeeded([`${TESTS}page/page_test.ts`]), ["chromium"]);
  assert(partsNeeded([`${TESTS}backends`]).includes("vault"));
});
