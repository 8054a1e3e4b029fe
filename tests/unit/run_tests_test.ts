/**
 * The test runner's last line and exit status: what a machine reads of a run.
 *
 * @module
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { ALONE, BARE, WHOLE } from "../tools/run_tests.ts";

const RUNNER = fileURLToPath(new URL("../tools/run_tests.ts", import.meta.url));

/** Runs the runner on one file of tests. */
async function run(source: string): Promise<{ code: number; lines: string[] }> {
  const folder = await Deno.makeTempDir({ prefix: "sidecar-test-" });
  try {
    const file = `${folder}/some_test.ts`;
    await Deno.writeTextFile(file, source);
    const { code, stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--allow-all", "--quiet", RUNNER, file],
      env: { TMPDIR: folder },
      stdin: "null",
      stderr: "null",
    }).output();
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["some_test.ts"]);
    return { code, lines: new TextDecoder().decode(stdout).trimEnd().split("\n") };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("run_tests names each skipped test with its reason and counts it", async () => {
  const { code, lines } = await run(`
    Deno.test("good", () => console.log("ok | 7 passed | 7 failed (1s)"));
    Deno.test({ name: "a <b> (skipped: no moon)", ignore: true, fn() {} });
    Deno.test({ name: "c", ignore: true, fn() {} });
    Deno.test({ name: "d (skipped: no moon)", ignore: true, fn() {} });
  `);
  assert.deepEqual(lines.slice(-6), [
    "SKIPPED: no moon",
    "  - a <b> (skipped: no moon)",
    "  - d (skipped: no moon)",
    "SKIPPED: the test itself says 'ignore'",
    "  - c",
    "1 passed, 0 failed, 3 skipped",
  ]);
  assert.equal(code, 0);
});

Deno.test("run_tests fails when a test fails, or leaves something open", async () => {
  const { code, lines } = await run(`
    Deno.test("good", () => {});
    Deno.test("bad", () => { throw new Error("bad"); });
    Deno.test("leaking", () => void Deno.openSync("/dev/null"));
  `);
  assert.equal(lines.at(-1), "1 passed, 2 failed");
  assert.equal(code, 1);
});

Deno.test("run_tests fails when no test runs, whatever the reason", async () => {
  for (const source of ["", "export const x = ;", 'throw new Error("at once");', "Deno.exit(0);"]) {
    const { code, lines } = await run(source);
    assert.equal(lines.at(-1), "0 passed, 1 failed", source);
    assert.equal(code, 1, source);
  }
});

Deno.test("run_tests runs every test file, and each once", () => {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const files: string[] = [];
  const walk = (folder: string) => {
    for (const { name, isDirectory } of Deno.readDirSync(`${root}/${folder}`)) {
      if (isDirectory) walk(`${folder}/${name}`);
      else if (name.endsWith("_test.ts")) files.push(`${folder}/${name}`);
    }
  };
  walk("tests");
  const places = [...BARE, ...WHOLE, ...ALONE];
  for (const file of files) {
    const of = places.filter((place) => file === place || file.startsWith(`${place}/`));
    assert.equal(of.length, 1, `${file} is run by ${of}`);
  }
});
