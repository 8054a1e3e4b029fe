/**
 * The bench works: a quick one prints a table with all its rows, and leaves nothing behind. What its numbers are is no
 * matter of tests.
 *
 * Touches: processes; one temporary folder.
 * @module
 */
import { assertEquals } from "../support/assert.ts";
import { survivors } from "../support/survivors.ts";

/** The longest that a quick bench may take, in milliseconds. */
const LIMIT_MS = 150_000;

const ROWS = [
  /^exec to the service's first instruction$/,
  /^exec to the service's first instruction, without code cache$/,
  /^idle memory, anonymous$/,
  /^idle memory, PSS$/,
  /^idle memory, RSS$/,
  /^idle processor time in /,
  /^the control socket: later start$/,
  /^the control socket: anonymous memory$/,
  /^SIDECAR_LISTEN: anonymous memory/,
  /^change of a destination to SIGHUP/,
  /^SIGTERM to the end/,
  /^anonymous memory after \d+ reloads$/,
  /^anonymous memory with a check/,
  /^anonymous memory with OpenTelemetry/,
  /^signals for \d+ changes/,
  /^change of \d+ destinations to SIGHUP/,
  /^relayed from confd/,
  /^a signal forwarded/,
  /orphans made and reaped$/,
  /orphans made and reaped: processor time/,
];

Deno.test("bench --quick prints every row, each with a result, and cleans up", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--allow-all", "--no-check", new URL("bench.ts", import.meta.url).pathname, "--quick"],
      env: { TMPDIR: folder, BENCH_PEER: "" },
      stdin: "null",
      signal: AbortSignal.timeout(LIMIT_MS),
    }).output();
    assertEquals({ code, stderr: new TextDecoder().decode(stderr) }, { code: 0, stderr: "" });
    const lines = new TextDecoder().decode(stdout).split("\n").filter((line) => line.startsWith("| "));
    const [headings, , ...rows] = lines.map((line) => line.split(" | ").map((cell) => cell.replace(/^\| | \|$/g, "")));
    assertEquals(headings.length, 7);
    assertEquals(rows.map((cells) => cells.length), ROWS.map(() => headings.length));
    ROWS.forEach((name, i) => assertEquals([name.source, name.test(rows[i][0])], [name.source, true]));
    for (const cells of rows) assertEquals(["met", "missed", "n/a"].includes(cells[5]), true);
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), []);
    assertEquals(await survivors(folder), []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
