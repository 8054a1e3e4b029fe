/**
 * A confd that lives and misses what its backend says.
 *
 * Touches: files and processes, through the support modules.
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import { type Confd, eachConfd } from "../support/confds.ts";
import { FileKeys } from "../support/keys.ts";
import { Scene } from "../support/scene.ts";
import type { Folder } from "../support/sidecar.ts";
import { standStill } from "../support/standstill.ts";
import { find } from "../support/survivors.ts";

/** With dry runs that often, a missed change is found within a few seconds. */
const ASKED = { SIDECAR_CONFD_INTERVAL: "1s" };

/** Stops the confd that follows its backend, as a lost connection without a time-out would. */
async function stopConfd(folder: Folder): Promise<void> {
  const sidecars = find(folder.path, /main\.ts|confd-sidecar/);
  const pids = find(folder.path, /-watch\b/).filter((pid) => !sidecars.includes(pid));
  assert(pids.length > 0, "no confd is running");
  await Promise.all(pids.map(standStill));
}

function stage(folder: Folder, confd: Confd, values: Record<string, string> = { "/key": "one" }) {
  const keys = new FileKeys(folder, values);
  return { keys, scene: new Scene(folder, { confd, keys }) };
}

eachConfd("a confd that hangs is found out, and started again", async ({ confd, folder }) => {
  const { keys, scene } = stage(folder, confd);
  await using sidecar = scene.start({ env: ASKED });
  await sidecar.stdout.next("start: value=one");
  await stopConfd(folder);
  await keys.put({ "/key": "two" });
  await sidecar.stderr.next(
    `warning: confd missed a change: ${scene.dest} has been out of date for one second; restarting confd`,
  );
  await sidecar.stderr.next("warning: confd has not stopped in one second: killing it");
  await sidecar.stderr.next("starting confd again");
  await sidecar.stdout.next("HUP: value=two");
  sidecar.signal("SIGTERM");
  assertEquals(await sidecar.status(), 0);
});

eachConfd(
  "a confd that hangs before the first rendering is started again, for the start's sake",
  async ({ confd, folder }) => {
    const { keys, scene } = stage(folder, confd, {});
    await using sidecar = scene.start({ env: ASKED });
    await sidecar.stderr.next("main program waits for confd to render");
    await sidecar.stderr.next("key does not exist: /key");
    await stopConfd(folder);
    await keys.put({ "/key": "one" });
    await sidecar.stderr.next("warning: confd missed a change: ");
    await sidecar.stdout.next("start: value=one");
  },
);

eachConfd("a confd that hangs does not put a stop off", async ({ confd, folder }) => {
  const { scene } = stage(folder, confd);
  await using sidecar = scene.start({ env: { SIDECAR_CONFD_INTERVAL: "1h" } });
  await sidecar.stdout.next("start: value=one");
  await stopConfd(folder);
  sidecar.signal("SIGTERM");
  assertEquals(await sidecar.status(), 0);
});

eachConfd("a confd that hears its backend is not disturbed by the questions", async ({ confd, folder }) => {
  const { keys, scene } = stage(folder, confd);
  await using sidecar = scene.start({ env: { ...ASKED, SIDECAR_LOG_LEVEL: "debug" } });
  await sidecar.stdout.next("start: value=one");
  for (let i = 0; i < 3; i++) await sidecar.stderr.next("dry run of confd: looking for changes that it has missed");
  await keys.put({ "/key": "two" });
  await sidecar.stdout.next("HUP: value=two");
  for (let i = 0; i < 3; i++) await sidecar.stderr.next("dry run of confd: looking for changes that it has missed");
  assertEquals(sidecar.stderr.all.filter((line) => line.includes("missed a change")), []);
  assertEquals(sidecar.stdout.all.filter((line) => line.startsWith("HUP")).length, 1);
});
