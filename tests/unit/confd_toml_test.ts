import { DRY_RUN_KEYS, overridingKeys, parseConfdToml, withoutKeys } from "../../lib/confd/confd_toml.ts";
import { assertEquals, assertThrows } from "../support/assert.ts";

const TEXT = `Backend = "etcd"
NOOP = true
nodes = ["a:1", "b:2"]
Log-Level = "error"
prefix = "/x # y"
client_cert = "/c"
`;

Deno.test("parseConfdToml() lists the keys in small letters, for confd does not tell them apart", () => {
  assertEquals(parseConfdToml(TEXT).keys, ["backend", "noop", "nodes", "log-level", "prefix", "client_cert"]);
  assertEquals(parseConfdToml("").keys, []);
});

Deno.test("parseConfdToml() throws where it is not TOML", () => {
  assertThrows(() => parseConfdToml("noop = yes please"), /Invalid TOML/);
});

Deno.test("overridingKeys() are those that the sidecar decides", () => {
  const keys = ["backend", "confdir", "interval", "noop", "onetime", "watch"];
  assertEquals(overridingKeys([...keys, "prefix", "log-level", "client_cert", "file"], []), keys);
  assertEquals(overridingKeys([], ["n:1"]), []);
});

Deno.test("overridingKeys() has nodes in it only where CONFD_NODE names some", () => {
  assertEquals(overridingKeys(["nodes"], []), []);
  assertEquals(overridingKeys(["nodes"], ["n:1"]), ["nodes"]);
});

Deno.test("withoutKeys() leaves keys out, however they are written, and keeps the rest", () => {
  const toml = parseConfdToml(TEXT);
  const kept = parseConfdToml(withoutKeys(toml, ["backend", "noop", ...DRY_RUN_KEYS]));
  assertEquals({ ...kept.table }, { nodes: ["a:1", "b:2"], prefix: "/x # y", client_cert: "/c" });
  assertEquals(parseConfdToml(withoutKeys(toml, toml.keys)).keys, []);
  assertEquals(parseConfdToml(withoutKeys(toml, [])), toml);
});

Deno.test("withoutKeys() keeps tables and every type of value", () => {
  const text = '[backend]\nx = 1\n[other]\na = 1.5\nc = [{ d = "e" }]\nt = 1979-05-27T07:32:00Z\n';
  const kept = parseConfdToml(withoutKeys(parseConfdToml(text), ["backend"]));
  assertEquals(kept.keys, ["other"]);
  assertEquals(JSON.parse(JSON.stringify(kept.table.other)), {
    a: 1.5,
    c: [{ d: "e" }],
    t: "1979-05-27T07:32:00.000Z",
  });
});
