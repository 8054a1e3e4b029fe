/**
 * docs/decisions/0026-all-permissions.md: what it says of the runtime still holds.
 *
 * Touches: processes, the file system, reading.
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import { codeSpans, readText } from "./pages.ts";

const PAGE = readText("docs/decisions/0026-all-permissions.md");

/** What a line of JavaScript prints with some permissions. */
function prints(permissions: readonly string[], code: string): string {
  const args = ["run", "--quiet", "--no-config", "--no-prompt", ...permissions, `data:text/javascript,${code}`];
  const env = { NO_COLOR: "1" };
  const { stdout, stderr } = new Deno.Command(Deno.execPath(), { args, env, stdin: "null" }).outputSync();
  return [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("");
}

const READ_STATUS = encodeURIComponent('console.log(Deno.readTextFileSync("/proc/self/status").slice(0, 5))');

Deno.test("decision 0026: with every permission by its name, or with one that is denied, /proc is closed", () => {
  const named = codeSpans(PAGE).filter((span) => /^--allow-(?!all$)\w+$/.test(span));
  assertEquals(new Set(named).size, 7);
  assertEquals(prints(["--allow-all"], READ_STATUS), "Name:\n");
  for (const permissions of [named, ["--allow-all", "--deny-import"]]) {
    assert(prints(permissions, READ_STATUS).includes('Requires all access to "/proc/self/status"'), `${permissions}`);
  }
});

Deno.test("decision 0026: the executable, and what the pages say of the bundle, have all permissions", () => {
  assert(readText("tests/tools/compile.ts").includes('"--allow-all",'));
  assert(readText("docs/installing.md").includes("deno run --allow-all --no-config confd-sidecar.js"));
});
