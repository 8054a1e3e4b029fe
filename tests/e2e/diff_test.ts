/**
 * What the log shows of a change, where the user wants to see it.
 *
 * Touches: files and processes, through the support modules.
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import { fakeConfd, NO_KEYS } from "../support/fake_confd.ts";
import { Scene } from "../support/scene.ts";
import { Folder } from "../support/sidecar.ts";

const TWO = fakeConfd(
  'render "$DEST" "port = 80\nsecret = first"; wait_for -e "$DEST.now"; render "$DEST" "port = 80\nsecret = second"; ' +
    'wait_for -e "$DEST.never"',
);

/** Runs a change and returns what the sidecar's own lines say. */
async function change(folder: Folder, diff: string): Promise<string[]> {
  const scene = new Scene(folder, { confd: TWO, keys: NO_KEYS });
  await using sidecar = scene.start({ env: { DEST: scene.dest, SIDECAR_DIFF: diff } });
  await sidecar.stdout.next("start: port");
  Deno.writeTextFileSync(`${scene.dest}.now`, "");
  await sidecar.stdout.next("HUP: port = 80 secret = second");
  if (diff !== "none") await sidecar.stderr.next("+secret");
  sidecar.signal("SIGTERM");
  assertEquals(await sidecar.status(), 0);
  return sidecar.stderr.all.map((line) => line.replace(/^.* supervisor\[\d+\]: /, ""));
}

Deno.test("SIDECAR_DIFF=full shows the change", async () => {
  using folder = new Folder();
  const said = await change(folder, "full");
  const start = said.findIndex((line) => line.startsWith("what changed in "));
  assertEquals(said.slice(start + 1, start + 5), [
    "@@ -1,2 +1,2 @@",
    " port = 80",
    "-secret = first",
    "+secret = second",
  ]);
});

Deno.test("SIDECAR_DIFF=masked shows which lines changed and none of the values", async () => {
  using folder = new Folder();
  const said = await change(folder, "masked");
  assert(said.includes("+secret = ***") && said.includes(" ***"), said.join("\n"));
  assert(!said.some((line) => /first|second/.test(line)), "no value is in the log");
});

Deno.test("SIDECAR_DIFF is none unless it is set", async () => {
  using folder = new Folder();
  assert(!(await change(folder, "none")).some((line) => line.includes("secret")));
});

Deno.test("SIDECAR_DIFF shows what was refused", async () => {
  using folder = new Folder();
  const scene = new Scene(folder, { confd: TWO, keys: NO_KEYS });
  const dest = `${folder.at("confd.d")}/.confd-sidecar/new${scene.dest}`;
  const check = folder.write("check.sh", '#!/bin/sh\n! grep second "$1"\n', 0o755);
  const env = { DEST: dest, SIDECAR_DIFF: "masked", SIDECAR_CHECK: `${check} ${scene.dest}` };
  await using sidecar = scene.start({ env });
  await sidecar.stdout.next("start: port");
  Deno.writeTextFileSync(`${dest}.now`, "");
  await sidecar.stderr.next("refused");
  await sidecar.stderr.next("+secret = ***");
  sidecar.signal("SIGTERM");
  assertEquals(await sidecar.status(), 0);
});

for (const reload of ["restart", "none"]) {
  Deno.test(`SIDECAR_DIFF shows the change with SIDECAR_RELOAD=${reload} too`, async () => {
    using folder = new Folder();
    const scene = new Scene(folder, { confd: TWO, keys: NO_KEYS });
    await using sidecar = scene.start({ env: { DEST: scene.dest, SIDECAR_DIFF: "masked", SIDECAR_RELOAD: reload } });
    await sidecar.stdout.next("start: port");
    Deno.writeTextFileSync(`${scene.dest}.now`, "");
    await sidecar.stderr.next("+secret = ***");
    if (reload === "restart") await sidecar.stdout.next("start: port = 80 secret = second");
    sidecar.signal("SIGTERM");
    assertEquals(await sidecar.status(), 0);
  });
}
