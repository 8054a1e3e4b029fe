import { parseResource } from "../../lib/confd/resource.ts";
import { reloadsOf } from "../../lib/confd/reloads.ts";
import { kindOf, waysFor } from "../../lib/core/ways.ts";
import { reloadInWays } from "../../lib/host/processes/reload.ts";
import { Logger } from "../../lib/host/output/logger.ts";
import { Output } from "../../lib/host/output/output.ts";
import { parseReload } from "../../lib/settings/reload.ts";
import { assertEquals } from "../support/assert.ts";

function resource(dest: string, reload?: string) {
  const text = `[template]\nsrc = "t"\ndest = "${dest}"\nkeys = ["/"]\n`;
  const table = reload === undefined ? "" : `[sidecar]\nreload = ${JSON.stringify(reload)}\n`;
  return parseResource({ label: dest, file: "x.toml", text: text + table }).resource!;
}

Deno.test("reloadsOf() has one way for all that say the same, and none for those that say what SIDECAR_RELOAD says", () => {
  const resources = [
    resource("/a"),
    resource("/b", "SIGHUP"),
    resource("/c", "exec:x y"),
    resource("/d", "exec:x  'y'"),
    resource("/e", "exec:x 'y z'"),
    resource("/f", "http://localhost/r"),
    resource("/g", "restart"),
    resource("/h", "none"),
    resource("/i", "USR1"),
  ];
  const { ways, byDest } = reloadsOf(resources, parseReload("SIGHUP")!);
  assertEquals([...byDest].map(([dest, { id, by }]) => [dest, by, id]), [
    ["/c", "exec", '["x","y"]'],
    ["/d", "exec", '["x","y"]'],
    ["/e", "exec", '["x","y z"]'],
    ["/f", "http", "http://localhost/r"],
    ["/g", "restart", "restart"],
    ["/h", "none", "none"],
    ["/i", "signal", "SIGUSR1"],
  ]);
  assertEquals([...ways.keys()], ["", '["x","y"]', '["x","y z"]', "http://localhost/r", "restart", "none", "SIGUSR1"]);
  const known = { reload: { by: "signal" as const }, reloads: byDest };
  const kinds = (...dests: string[]) => waysFor(dests, known).map(({ by }) => by);
  assertEquals(kinds("/a", "/i", "/f", "/c", "/e", "/d"), ["exec", "exec", "http", "signal", "signal"]);
  assertEquals(kinds("/a", "/g", "/c"), ["restart"]);
  assertEquals(kinds("/h"), []);
  assertEquals([
    kindOf(waysFor(["/h"], known)),
    kindOf(waysFor(["/a", "/i"], known)),
    kindOf(waysFor(["/a", "/c"], known)),
  ], [
    "none",
    "signal",
    "several",
  ]);
});

Deno.test("reloadInWays() tries each way, also after one that fails, and says which did", async () => {
  const ways = new Map([
    ["good", parseReload("exec:true")!],
    ["bad", parseReload("exec:false")!],
    ["worse", parseReload("exec:/nonexistent/x")!],
    ["last", parseReload("exec:true")!],
  ]);
  const options = { limitMs: 0, env: { PATH: Deno.env.get("PATH")! }, logger: new Logger(new Output()) };
  const failure = await reloadInWays(undefined, ways, { ...options, signal: new AbortController().signal });
  assertEquals(failure?.ways, ["bad", "worse"]);
  assertEquals(failure?.reason.split("; ").length, 2);
});
