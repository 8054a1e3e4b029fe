import { didYouMean, nearest } from "../../lib/settings/nearest.ts";
import { assertEquals } from "../support/assert.ts";

const NAMES = ["SIDECAR_SETTLE", "SIDECAR_SETTLE_MAX", "SIDECAR_STATE", "src"];

Deno.test("nearest() finds a name with a slip of the pen", () => {
  assertEquals(nearest("SIDECAR_SETLE", NAMES), "SIDECAR_SETTLE");
  assertEquals(nearest("SIDECAR_SETTLES", NAMES), "SIDECAR_SETTLE");
  assertEquals(nearest("SIDECAR_SETTLE_MAXX", NAMES), "SIDECAR_SETTLE_MAX");
  assertEquals(nearest("SIDECAR_STAT", NAMES), "SIDECAR_STATE");
});

Deno.test("nearest() ignores the case of letters", () => {
  assertEquals(nearest("sidecar_state", NAMES), "SIDECAR_STATE");
});

Deno.test("nearest() takes the nearest, not the first", () => {
  assertEquals(nearest("abcdefgh", ["abcdefxx", "abcdefgx"]), "abcdefgx");
  assertEquals(nearest("abcdefgh", ["abcdefgx", "abcdefxx"]), "abcdefgx");
});

Deno.test("nearest() allows one slip in a short name, and a third of a long one", () => {
  assertEquals(nearest("sr", ["src"]), "src");
  assertEquals(nearest("srd", ["src"]), "src");
  assertEquals(nearest("s", ["src"]), undefined);
  assertEquals(nearest("xxxdef", ["abcdef"]), undefined);
  assertEquals(nearest("xxcdef", ["abcdef"]), "abcdef");
  assertEquals(nearest("x", ["ab"]), undefined);
  assertEquals(nearest("ax", ["ab"]), "ab");
});

Deno.test("nearest() does not count what names have in common, as it says nothing", () => {
  assertEquals(nearest("SIDECAR_FOO", ["SIDECAR_DIFF", "SIDECAR_LOG_LEVEL"]), undefined);
  assertEquals(nearest("CONFD_WATCH", ["CONFD_PATH"]), undefined);
  assertEquals(nearest("a.tmpl", ["b.tmpl"]), undefined);
  assertEquals(nearest("servce.tmpl", ["service.tmpl"]), "service.tmpl");
  assertEquals(nearest("A_B_CX", ["a_b_c", "a_b_cxy"]), "a_b_cxy");
});

Deno.test("nearest() finds nothing where nothing is near", () => {
  assertEquals(nearest("completely_else", NAMES), undefined);
  assertEquals(nearest("anything", []), undefined);
});

Deno.test("didYouMean() ends a sentence, or says nothing", () => {
  assertEquals(didYouMean("SIDECAR_SETLE", NAMES), '; did you mean "SIDECAR_SETTLE"?');
  assertEquals(didYouMean("zzzzzz", NAMES), "");
});
