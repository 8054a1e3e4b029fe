/**
 * Checks and destinations that behave badly: each is told of clearly, and the last good configuration stays.
 *
 * A check that hangs is a matter of tests/unit/staging_test.ts, since its limit is a minute.
 *
 * Touches: files and processes, through the support modules.
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import { ANY_CONFD, e2e } from "../support/confds.ts";
import { fakeConfd, NO_KEYS } from "../support/fake_confd.ts";
import { FileKeys } from "../support/keys.ts";
import { whyNoMounts } from "../support/mounts.ts";
import { CONF, destination, type Rendered, Scene } from "../support/scene.ts";
import type { Folder } from "../support/sidecar.ts";

const PARTS = { parts: [ANY_CONFD.part] };
/** How much of what a check prints may be in the log, in characters. */
const LOGGED = 80_000;

/** Starts on `one`, changes to `bad`, and returns what the log says of the refusal; then `two` has to be taken. */
async function refused(folder: Folder, ifBad: string): Promise<{ line: string; logged: number }> {
  const keys = new FileKeys(folder, { "/key": "one" });
  const scene = new Scene(folder, { confd: ANY_CONFD, keys });
  const check = folder.write("check.sh", `#!/bin/sh\nif grep -q bad "$1"; then ${ifBad}; fi\n`, 0o755);
  await using sidecar = scene.start({ env: { SIDECAR_CHECK: `${check} ${scene.dest}` } });
  await sidecar.stdout.next("start: value=one");
  const before = sidecar.stderr.all.join("\n").length;
  await keys.put({ "/key": "bad" });
  const line = await sidecar.stderr.next("the new configuration is refused");
  const logged = sidecar.stderr.all.join("\n").length - before;
  assertEquals(Deno.readTextFileSync(scene.dest), "value=one\n");
  await keys.put({ "/key": "two" });
  await sidecar.stdout.next("HUP: value=two");
  assert(!sidecar.stdout.all.some((shown) => shown.includes("bad")), "the bad one never reaches the service");
  return { line, logged };
}

e2e("a check that prints a megabyte is read to its end, and the log stays small", async ({ folder }) => {
  const megabyte =
    "i=0; while [ $i -lt 16384 ]; do echo 0123456789012345678901234567890123456789012345678901234567890123; " +
    "i=$((i+1)); done; exit 3";
  const { line, logged } = await refused(folder, megabyte);
  assert(line.includes("ended with status 3"), line);
  assert(logged > 10_000 && logged < LOGGED, `${logged} characters were logged`);
}, PARTS);

e2e("a check that a signal kills refuses", async ({ folder }) => {
  const { line } = await refused(folder, "kill -SEGV $$");
  assert(line.includes("was killed by SIGSEGV"), line);
}, PARTS);

const TWO: Rendered[] = [CONF, { name: "b.conf", template: 'b={{getv "/key"}}\n' }];

e2e(
  "a destination's folder that vanishes is told of, and the change is put in place once it is back",
  async (stage) => {
    const { folder } = stage;
    const rendered = [CONF, { ...TWO[1], dest: folder.at("other/b.conf") }];
    const keys = new FileKeys(folder, { "/key": "one" });
    const scene = new Scene(folder, { confd: ANY_CONFD, keys, rendered });
    await using sidecar = scene.start({ env: { SIDECAR_CHECK: `/bin/true ${scene.dest}` } });
    await sidecar.stdout.next("start: value=one");
    Deno.renameSync(folder.at("other"), folder.at("away"));
    await keys.put({ "/key": "two" });
    const line = await sidecar.stderr.next("the new files cannot be put in place");
    assert(line.includes(folder.at("other")), line);
    assertEquals(Deno.readTextFileSync(scene.dest), "value=one\n", "none is replaced where one cannot be");
    Deno.renameSync(folder.at("away"), folder.at("other"));
    await sidecar.stdout.next("HUP: value=two");
    assertEquals(Deno.readTextFileSync(folder.at("other/b.conf")), "b=two\n");
  },
  PARTS,
);

e2e("destinations on different file systems are put in place together", async ({ folder }) => {
  const rendered = [CONF, { ...TWO[1], dest: folder.at("memory/b.conf") }];
  Deno.mkdirSync(folder.at("memory"));
  const keys = new FileKeys(folder, { "/key": "one" });
  const scene = new Scene(folder, { confd: ANY_CONFD, keys, rendered });
  const script = 'mount -t tmpfs tmpfs "$1" && shift && exec "$@"';
  const check = folder.write("check.sh", '#!/bin/sh\ncat "$1" "$2"\n! grep bad "$2"\n', 0o755);
  const words = [check, ...rendered.map((one) => destination(folder, one))].join(" ");
  await using sidecar = scene.start({
    env: { SIDECAR_CHECK: words },
    prefix: ["unshare", "-m", "sh", "-c", script, "sh", folder.at("memory")],
  });
  await sidecar.stdout.next("start: value=one");
  await keys.put({ "/key": "bad" });
  await sidecar.stderr.next("the new configuration is refused");
  // The mount is seen by way of the sidecar.
  const inMemory = `/proc/${sidecar.pid}/root${folder.at("memory/b.conf")}`;
  assertEquals([Deno.readTextFileSync(scene.dest), Deno.readTextFileSync(inMemory)], ["value=one\n", "b=one\n"]);
  await keys.put({ "/key": "two" });
  await sidecar.stdout.next("HUP: value=two");
  assertEquals(Deno.readTextFileSync(inMemory), "b=two\n");
}, { ...PARTS, reason: whyNoMounts() });

const MISTAKES: Record<string, [dest: (folder: Folder) => string, says: string]> = {
  "two resources with one dest": [(folder) => destination(folder, CONF), "they would overwrite each other"],
  "a relative dest": [() => "out/b.conf", "wanted is the absolute path of a file"],
};

for (const [what, [dest, says]] of Object.entries(MISTAKES)) {
  e2e(`${what} is refused at the start, checked or not, and what is in place stays`, async ({ folder }) => {
    folder.write("out/service.conf", "value=old\n");
    const rendered = [CONF, { ...TWO[1], dest: dest(folder) }];
    const scene = new Scene(folder, { confd: fakeConfd("exit 1"), keys: NO_KEYS, rendered });
    await using sidecar = scene.start({ env: { SIDECAR_CHECK: `/bin/true ${scene.dest}` } });
    assertEquals(await sidecar.status(), 78);
    await sidecar.stderr.next(says);
    assertEquals(Deno.readTextFileSync(scene.dest), "value=old\n");
  });
}
