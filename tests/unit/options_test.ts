import { keysOf, OPTIONS, readFlag, userValues, variablesOf } from "../../lib/confd/options.ts";
import { assert, assertEquals } from "../support/assert.ts";

Deno.test("OPTIONS has each name once, as confd writes it", () => {
  for (const names of [OPTIONS.map(({ flag }) => flag), keysOf(() => true), variablesOf(() => true)]) {
    assertEquals(names.length, new Set(names).size);
  }
  for (const { flag, variable = "CONFD_X" } of OPTIONS) {
    assert(/^[a-z][a-z-]+$/.test(flag) && /^CONFD_[A-Z_]+$/.test(variable), flag);
  }
});

Deno.test("readFlag() reads one word with one dash or two", () => {
  assertEquals(readFlag("-prefix"), { flag: "prefix", value: undefined });
  assertEquals(readFlag("--log-level=a=b\nc"), { flag: "log-level", value: "a=b\nc" });
  assertEquals(readFlag("-watch="), { flag: "watch", value: "" });
  for (const word of ["", "-", "--", "---x", "x", "-1", "-X", "a-b=c"]) assertEquals(readFlag(word), undefined, word);
});

Deno.test("userValues() finds what is said of an option, and puts first what counts", () => {
  const sources = {
    args: ["-debounce", "1s", "--debounce=2s"],
    env: { CONFD_DEBOUNCE: "3s" },
    table: { Debounce: "4s" },
  };
  assertEquals(userValues("debounce", sources), ["2s", "1s", "3s", "4s"]);
  assertEquals(userValues("debounce", { env: { CONFD_DEBOUNCE: "" } }), []);
  assertEquals(userValues("node", { args: ["--node"], env: { CONFD_NODE: "x" } }), [""]);
});
