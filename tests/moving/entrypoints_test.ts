/**
 * docs/from-a-shell-entrypoint.md: what becomes of a container with each of the usual entrypoints, tried as process 1 with a real
 * confd.
 *
 * Touches: files, processes, through the support modules.
 * @module
 */
import { assertEquals } from "../support/assert.ts";
import { ANY_CONFD, e2e } from "../support/confds.ts";
import { readTable, UPDATING, writeTable } from "../support/doc_table.ts";
import { Folder } from "../support/sidecar.ts";
import { ENTRYPOINTS, Stage } from "./entrypoints.ts";
import { TRIALS } from "./entrypoint_trials.ts";
import { missing, NO_NAMESPACES } from "./first.ts";

const PAGE = new URL("../../docs/from-a-shell-entrypoint.md", import.meta.url);
const HEADINGS = ["entrypoint", ...Object.keys(TRIALS)];
const NEEDS = { parts: [ANY_CONFD.part], reason: NO_NAMESPACES ?? missing("dash") };

/** The page's table; `?` where it has nothing yet. */
const WANTED = UPDATING
  ? ENTRYPOINTS.map((name) => [name, ...Object.keys(TRIALS).map(() => "?")])
  : readTable(PAGE, "entrypoints");
const found = ENTRYPOINTS.map((name) => [name]);

for (const [column, [heading, trial]] of Object.entries(TRIALS).entries()) {
  e2e(`docs/from-a-shell-entrypoint.md: ${heading}`, async ({ folder }) => {
    const cells = await Promise.all(ENTRYPOINTS.map(async (name, row) => {
      using own = new Folder(folder.path);
      return await trial(new Stage(own, name), WANTED[row]?.[column + 1] ?? "?");
    }));
    for (const [row, cell] of cells.entries()) found[row].push(cell);
    if (UPDATING) return;
    const of = (cells: readonly string[]) => Object.fromEntries(cells.map((cell, row) => [ENTRYPOINTS[row], cell]));
    assertEquals(of(cells), of(WANTED.map((row) => row[column + 1])));
  }, NEEDS);
}

e2e(
  "docs/from-a-shell-entrypoint.md: a SIGTERM before the files are there ends those that wait",
  async ({ folder }) => {
    await Promise.all(
      ENTRYPOINTS.slice(-3).map(async (name) => {
        using own = new Folder(folder.path);
        const stage = new Stage(own, name);
        own.write("keys.yml", "other: key\n");
        await using run = stage.start();
        await run.stderr.next("key does not exist");
        await run.signal("SIGTERM");
        assertEquals([name, await run.status()], [name, 143]);
      }),
    );
  },
  NEEDS,
);

if (UPDATING) {
  Deno.test("docs/from-a-shell-entrypoint.md is written anew", () =>
    writeTable(PAGE, "entrypoints", [HEADINGS, ...found]));
}
