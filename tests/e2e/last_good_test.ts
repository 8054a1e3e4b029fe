/**
 * A start on the last good files: what a service has lived with is kept, and serves when nothing can be rendered.
 *
 * Touches: files and processes, through the support modules.
 * @module
 */
import { exists } from "../../lib/host/files/disk.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { ANY_CONFD, e2e } from "../support/confds.ts";
import { fakeConfd, NO_KEYS } from "../support/fake_confd.ts";
import { FileKeys } from "../support/keys.ts";
import { Scene } from "../support/scene.ts";
import { Folder, until } from "../support/sidecar.ts";

const RENDERS = fakeConfd('render "$DEST" "value=good"; wait_for -e "$DEST.never"');
const SILENT = fakeConfd('wait_for -e "$DEST.never"');
const ENDS = fakeConfd("exit 1");
const LAST_GOOD = { SIDECAR_START: "last-good" };

/** Lets a service live until its files are kept, then stops it; returns the scene that another run goes on with. */
async function livedOnce(folder: Folder): Promise<Scene> {
  const scene = new Scene(folder, { confd: RENDERS, keys: NO_KEYS });
  await using sidecar = scene.start({ env: { ...LAST_GOOD, DEST: scene.dest } });
  await sidecar.stdout.next("start: value=good");
  await until("the files are kept", () => exists(`${scene.confdDir}/.confd-sidecar/last-good/files.json`));
  sidecar.signal("SIGTERM");
  assertEquals(await sidecar.status(), 0);
  return scene;
}

Deno.test("the service is started on the last good files when nothing can be rendered, and reloaded later", async () => {
  using folder = new Folder();
  const scene = await livedOnce(folder);
  Deno.removeSync(scene.dest);
  SILENT.path(folder);
  const late = fakeConfd('wait_for -e "$DEST.now"; render "$DEST" "value=new"; wait_for -e "$DEST.never"');
  late.path(folder);
  await using sidecar = scene.start({ env: { ...LAST_GOOD, DEST: scene.dest, SIDECAR_START_TIMEOUT: "500ms" } });
  await sidecar.stderr.next("nothing could be rendered: main program is started on the last good files");
  await sidecar.stdout.next("start: value=good");
  Deno.writeTextFileSync(`${scene.dest}.now`, "");
  await sidecar.stdout.next("HUP: value=new");
});

Deno.test("a file that is not the last good one gives way to it", async () => {
  using folder = new Folder();
  const scene = await livedOnce(folder);
  Deno.writeTextFileSync(scene.dest, "value=from the image\n");
  Deno.chmodSync(scene.dest, 0o600);
  SILENT.path(folder);
  await using sidecar = scene.start({ env: { ...LAST_GOOD, DEST: scene.dest, SIDECAR_START_TIMEOUT: "500ms" } });
  await sidecar.stdout.next("start: value=good");
  assertEquals(Deno.statSync(scene.dest).mode! & 0o777, 0o644, "the mode is that of the kept file");
});

Deno.test("without last good files nothing but a rendering starts the service", async () => {
  using folder = new Folder();
  const scene = new Scene(folder, { confd: ENDS, keys: NO_KEYS });
  await using sidecar = scene.start({ env: { ...LAST_GOOD, SIDECAR_CONFD_EXIT: "stop" } });
  assertEquals(await sidecar.status(), 69);
  assertEquals(sidecar.stdout.all, []);
});

Deno.test("last good files that are kept serve only where that is wanted", async () => {
  using folder = new Folder();
  const scene = await livedOnce(folder);
  Deno.removeSync(scene.dest);
  SILENT.path(folder);
  await using sidecar = scene.start({ env: { DEST: scene.dest, SIDECAR_START_TIMEOUT: "500ms" } });
  assertEquals(await sidecar.status(), 69);
  assert(!exists(scene.dest), "nothing is put in place");
});

e2e(
  "what is checked and verified starts on the last good files too, and nothing counts as gone",
  async ({ folder }) => {
    const keys = new FileKeys(folder, { "/key": "good" });
    const scene = new Scene(folder, { confd: ANY_CONFD, keys });
    const env = {
      ...LAST_GOOD,
      SIDECAR_CHECK: `true ${scene.dest}`,
      SIDECAR_VERIFY: "exec:true",
      SIDECAR_START_TIMEOUT: "5s",
    };
    {
      await using sidecar = scene.start({ env });
      await sidecar.stdout.next("start: value=good");
      await sidecar.stderr.next("verified: main program is well");
      await until("the files are kept", () => exists(`${scene.confdDir}/.confd-sidecar/last-good/files.json`));
    }
    Deno.removeSync(folder.at("keys.yml"));
    await using sidecar = scene.start({
      env: { ...env, SIDECAR_START_TIMEOUT: "500ms", SIDECAR_CONFD_INTERVAL: "1s" },
    });
    await sidecar.stdout.next("start: value=good");
    await sidecar.stderr.next("verified: main program is well");
    await keys.put({ "/key": "new" });
    await sidecar.stdout.next("HUP: value=new");
    assertEquals(sidecar.stderr.all.filter((line) => line.includes("is gone")), []);
  },
  { parts: [ANY_CONFD.part] },
);
