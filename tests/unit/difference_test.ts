import { describeDifference, maskLine } from "../../lib/log/difference.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { forAll } from "../support/property.ts";

const hunk = (lines: string[]) => [{ oldStart: 1, oldLines: 1, newStart: 1, newLines: 1, lines }];
const masked = (lines: string[]) => describeDifference("/a", hunk(lines), "masked").more!.slice(1);

Deno.test("maskLine() keeps a known key and hides its value", () => {
  const keys = new Set(["password", "token", "targets", "listen"]);
  const cases: [string, string][] = [
    ["password = hunter2", "password = ***"],
    ['  "token": "abc",', '  "token": ***'],
    ["    - targets: [a, b]", "    - targets: ***"],
    ["secret: hunter2", "***"],
    ["listen 80;", "***"],
  ];
  for (const [line, wanted] of cases) assertEquals(maskLine(line, keys), wanted);
});

Deno.test("maskLine() hides a line whole where no key can be told from a value", () => {
  const keys = new Set(["hunter2", "YWJj", "MIIEpAIBAAKCAQEA7v"]);
  for (const line of ["hunter2", "  - hunter2", "hunter2 # x", "MIIEpAIBAAKCAQEA7v==", "YWJj=", "hunter2 on;"]) {
    assert(maskLine(line, keys).trim() === "***", `${line} became ${maskLine(line, keys)}`);
  }
});

Deno.test("maskLine() leaves what is empty empty", () => {
  assertEquals(maskLine("", new Set()), "");
  assertEquals(maskLine("   ", new Set()), "   ");
});

Deno.test("describeDifference() shows the keys that stand on both sides, and no others", () => {
  assertEquals(masked(["-port: 80", "+port: 81", " TOKEN: alice", "-old: 1", "+new: 1"]), [
    "-port: ***",
    "+port: ***",
    " ***",
    "-***",
    "+***",
  ]);
});

Deno.test("describeDifference() leaves the note on a missing line end as it is", () => {
  const note = "\\ No newline at end of file";
  assertEquals(masked(["-a: 1", note, "+a: 2", note]), ["-a: ***", note, "+a: ***", note]);
});

Deno.test("describeDifference() gives each hunk its head, and bounds its length", () => {
  const lines = [" ---", "-key = value", ...Array(300).fill("+key = value")];
  const shown = describeDifference("/a", hunk(lines), "masked").more!;
  assertEquals(shown.slice(0, 4), ["@@ -1,1 +1,1 @@", " ***", "-key = ***", "+key = ***"]);
  assertEquals(shown.at(-1), "... and 103 more lines");
});

/** Where secrets stand in the formats of configuration files. */
const FORMATS: ((secret: string) => string)[] = [
  (secret) => `password: ${secret}`,
  (secret) => `  "password": "${secret}",`,
  (secret) => `password = "${secret}"`,
  (secret) => `- ${secret}`,
  (secret) => `  - ${secret} # the token`,
  (secret) => `    ${secret}`,
  (secret) => `${secret}: alice`,
  (secret) => `"${secret}": true,`,
  (secret) => `    ${secret} alice;`,
  (secret) => `  user admin password ${secret}`,
  (secret) => `proxy_set_header Authorization "Bearer ${secret}";`,
  (secret) => `password = correct ${secret} staple`,
  (secret) => `-----BEGIN KEY----- ${secret}`,
  (secret) => `${secret}==`,
];

Deno.test("describeDifference() shows no secret, wherever it stands and whichever side has it", () =>
  forAll(200, (random) => {
    const secrets = Array.from({ length: 6 }, (_, i) => `s3cret${random.between(1000, 9999)}x${i}`);
    const lines = secrets.map((secret) => random.pick(["-", "+", " "]) + random.pick(FORMATS)(secret));
    const shown = masked(lines).join("\n");
    for (const secret of secrets) assert(!shown.includes(secret), `${secret} is in\n${shown}\nof\n${lines.join("\n")}`);
  }));
