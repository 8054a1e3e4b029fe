import { describeDifference, maskLine } from "../../lib/log/difference.ts";
import { assert, assertEquals } from "../support/assert.ts";

Deno.test("maskLine() keeps the name of a value and hides the value", () => {
  const masked: [string, string][] = [
    ["password = hunter2", "password = ***"],
    ['  "token": "abc",', '  "token": ***'],
    ["    - targets: [a, b]", "    - targets: ***"],
    ["listen 80;", "listen ***"],
    ["\tserver_name\texample.org;", "\tserver_name\t***"],
  ];
  for (const [line, wanted] of masked) assertEquals(maskLine(line), wanted);
});

Deno.test("maskLine() hides a line whole where no name can be told from a value", () => {
  for (const line of ["hunter2", "  - hunter2", "MIIEpAIBAAKCAQEA7v==", "YWJj=", "-----BEGIN PRIVATE KEY-----"]) {
    assert(maskLine(line).trim() === "***", `${line} became ${maskLine(line)}`);
  }
  const long = "x".repeat(64);
  assertEquals(maskLine(`${long} ${long}`), "***");
});

Deno.test("maskLine() leaves what is empty empty", () => {
  assertEquals(maskLine(""), "");
  assertEquals(maskLine("   "), "   ");
});

Deno.test("describeDifference() gives each hunk its head, and bounds its length", () => {
  const lines = [" ---", ...Array(300).fill("+key = value")];
  const { msg } = describeDifference("/a", [{ oldStart: 1, oldLines: 1, newStart: 1, newLines: 301, lines }], "masked");
  const shown = msg.split("\n");
  assertEquals(shown.slice(0, 4), ["what changed in /a:", "@@ -1,1 +1,301 @@", " ***", "+key = ***"]);
  assertEquals(shown.at(-1), "... and 102 more lines");
});
