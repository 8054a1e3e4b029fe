/**
 * The bench of a fleet works: a quick one prints its two tables, and leaves nothing behind.
 *
 * Touches: processes; one temporary folder.
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import { ANY_CONFD } from "../support/confds.ts";
import { survivors } from "../support/survivors.ts";
import { needs } from "../tools/parts.ts";

/** The longest that a quick one may take, in milliseconds. */
const LIMIT_MS = 60_000;

Deno.test({
  ...needs("fleet --quick prints when services were reloaded and what they take", ANY_CONFD.part, "etcd"),
  fn: async () => {
    const folder = await Deno.makeTempDir();
    try {
      const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "--allow-all", "--no-check", new URL("fleet.ts", import.meta.url).pathname, "--quick"],
        env: { TMPDIR: folder },
        stdin: "null",
        signal: AbortSignal.timeout(LIMIT_MS),
      }).output();
      assertEquals({ code, stderr: new TextDecoder().decode(stderr) }, { code: 0, stderr: "" });
      const lines = new TextDecoder().decode(stdout).split("\n").filter((line) => line.startsWith("| "));
      const rows = lines.map((line) => line.split(" | ").map((cell) => cell.replace(/^\| | \|$/g, "")));
      const names = rows.map(([name]) => name);
      assertEquals(names, ["SIDECAR_SPLAY", "---", "none", "500ms", "process", "---", "sidecar", "its confd"]);
      for (const row of rows.filter(([name]) => /^(none|\d|sidecar|its)/.test(name))) {
        assert(row.slice(1).every((cell) => /^\d+(\.\d+)?( s| MiB)?$/.test(cell)), row.join(" | "));
      }
      assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), []);
      assertEquals(survivors(folder), []);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
