/**
 * What happens when confd ends by itself, before the service is started and after.
 *
 * Touches: files and processes, through the support modules.
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import { ANY_CONFD, e2e, eachConfd } from "../support/confds.ts";
import { fakeConfd, NO_KEYS } from "../support/fake_confd.ts";
import { FileKeys } from "../support/keys.ts";
import { Scene } from "../support/scene.ts";
import { type Folder, quietly, until } from "../support/sidecar.ts";
import { standStill } from "../support/standstill.ts";
import { find, survivors } from "../support/survivors.ts";

/** Sends a signal to the confd that follows its backend, and to what stands for it. */
function signalConfd(folder: Folder, signal: Deno.Signal): void {
  // Where one of them ends, the sidecar ends the others.
  for (const pid of confds(folder)) quietly(() => Deno.kill(pid, signal));
}

function confds(folder: Folder): number[] {
  const pids = find(folder.path, /-watch\b/).filter((pid) =>
    !find(folder.path, /main\.ts|confd-sidecar/).includes(pid)
  );
  assert(pids.length > 0, "no confd is running");
  return pids;
}

eachConfd("confd that is killed is started again, and the service is left alone", async ({ confd, folder }) => {
  const keys = new FileKeys(folder, { "/key": "one" });
  await using sidecar = new Scene(folder, { confd, keys }).start();
  await sidecar.stdout.next("start: value=one");
  signalConfd(folder, "SIGKILL");
  await sidecar.stderr.next("warning: confd ended by signal SIGKILL");
  await keys.put({ "/key": "two" });
  await sidecar.stderr.next("confd will be started again in one second");
  await sidecar.stderr.next("starting confd again");
  await sidecar.stdout.next("HUP: value=two");
  signalConfd(folder, "SIGKILL");
  await sidecar.stderr.next("confd will be started again in 2 seconds");
  assertEquals(sidecar.stdout.all.filter((line) => /ready|HUP/.test(line)).length, 2);
});

e2e("confd that keeps ending before the start is given up after 1, 2, 4, 8 and 16 seconds", async ({ folder }) => {
  const keys = new FileKeys(folder, { "/key": "one" });
  await using sidecar = new Scene(folder, { confd: ANY_CONFD, keys }).start({ confdArgs: "--log-level=nonsense" });
  const begun = performance.now();
  for (const wait of ["one second", "2 seconds", "4 seconds", "8 seconds", "16 seconds"]) {
    await sidecar.stderr.next("warning: confd ended with status 1");
    await sidecar.stderr.next(`confd will be started again in ${wait}`);
    await sidecar.stderr.next("starting confd again");
  }
  await sidecar.stderr.next("error: confd ended before main program could be started; its last lines were:");
  assertEquals(await sidecar.status(), 69);
  assert(performance.now() - begun >= 31_000, "it did not wait as it said");
  assertEquals(sidecar.stdout.all, []);
}, { parts: [ANY_CONFD.part] });

eachConfd("a confd that can never work ends the run at once", async ({ confd, folder }) => {
  const keys = new FileKeys(folder, { "/key": "one" });
  await using sidecar = new Scene(folder, { confd, keys }).start({ confdArgs: "--no-such-flag" });
  await sidecar.stderr.next("error: confd cannot work as it was started, and trying again would not help: ");
  assertEquals(await sidecar.status(), 78);
  assert(sidecar.stderr.all.at(-1)!.includes("no-such-flag"), "the line that matters is quoted");
});

eachConfd("with SIDECAR_CONFD_EXIT=stop it is given up at once, with confd's last lines", async ({ confd, folder }) => {
  const keys = new FileKeys(folder, { "/key": "one" });
  const scene = new Scene(folder, { confd, keys });
  await using sidecar = scene.start({ confdArgs: "--log-level=nonsense", env: { SIDECAR_CONFD_EXIT: "stop" } });
  assertEquals(await sidecar.status(), 69);
  const log = sidecar.stderr.all;
  const at = log.findIndex((line) => line.endsWith("could be started; its last lines were:"));
  assert(at > 0 && log.slice(at + 1).some((line) => line.includes("nonsense")), log.join("\n"));
  assert(log.slice(at).every((line) => / supervisor\[\d+\]: error: /.test(line)), log.join("\n"));
  assertEquals(sidecar.stdout.all, []);
});

eachConfd("with SIDECAR_CONFD_EXIT=stop the end of confd ends the service too", async ({ confd, folder }) => {
  const keys = new FileKeys(folder, { "/key": "one" });
  const scene = new Scene(folder, { confd, keys });
  await using sidecar = scene.start({ env: { SIDECAR_CONFD_EXIT: "stop" }, service: { status: 5 } });
  await sidecar.stdout.next("start: value=one");
  signalConfd(folder, "SIGKILL");
  await sidecar.stdout.next("TERM");
  assertEquals(await sidecar.status(), 5);
});

e2e("with SIDECAR_CONFD_EXIT=stop confd's status stands where the service's is 0", async ({ folder }) => {
  const confd = fakeConfd(`render ${folder.at("out/service.conf")} one; wait_for -e ${folder.at("end")}; exit 9`);
  const scene = new Scene(folder, { confd, keys: NO_KEYS });
  await using sidecar = scene.start({ env: { SIDECAR_CONFD_EXIT: "stop" } });
  await sidecar.stdout.next("start: one");
  folder.write("end", "");
  await sidecar.stdout.next("TERM");
  assertEquals(await sidecar.status(), 9);
});

e2e("the wait for a confd that renders nothing is limited by SIDECAR_START_TIMEOUT", async ({ folder }) => {
  const scene = new Scene(folder, { confd: fakeConfd("exec sleep 1000"), keys: NO_KEYS });
  await using sidecar = scene.start({ env: { SIDECAR_START_TIMEOUT: "500ms" } });
  await sidecar.stderr.next("error: giving up after SIDECAR_START_TIMEOUT, 500ms: main program waits for confd");
  assertEquals(await sidecar.status(), 69);
});

eachConfd("confd that hangs is killed at the end", async ({ confd, folder }) => {
  const keys = new FileKeys(folder, { "/key": "one" });
  await using sidecar = new Scene(folder, { confd, keys }).start({ service: { status: 6 } });
  await sidecar.stdout.next("start: value=one");
  await Promise.all(confds(folder).map(standStill));
  sidecar.signal("SIGTERM");
  await sidecar.stderr.next("warning: confd has not stopped in one second: killing it");
  assertEquals(await sidecar.status(), 6);
  await until("confd is gone", () => survivors(folder.path).length === 0);
});

e2e("confd whose program is gone for a while is started again when it is back", async ({ folder }) => {
  const keys = new FileKeys(folder, { "/key": "one" });
  const scene = new Scene(folder, { confd: ANY_CONFD, keys });
  const link = folder.at("link-to-confd");
  Deno.symlinkSync(scene.env.CONFD_PATH, link);
  await using sidecar = scene.start({ env: { CONFD_PATH: link } });
  await sidecar.stdout.next("start: value=one");
  Deno.renameSync(link, folder.at("away"));
  signalConfd(folder, "SIGKILL");
  await sidecar.stderr.next("confd will be started again in one second");
  await sidecar.stderr.next("error: cannot start confd: ");
  await keys.put({ "/key": "two" });
  Deno.renameSync(folder.at("away"), link);
  await sidecar.stdout.next("HUP: value=two");
}, { parts: [ANY_CONFD.part] });

e2e("what confd and the service leave behind in their groups goes with them", async ({ folder }) => {
  const confd = fakeConfd(`sleep 100001 & render ${folder.at("out/service.conf")} one; wait`);
  const scene = new Scene(folder, { confd, keys: NO_KEYS });
  await using sidecar = scene.start({ args: ["sh", "-c", "sleep 100002 & echo ready; exit 3"] });
  await sidecar.stdout.next("ready");
  assertEquals(await sidecar.status(), 3);
  await until("all that was left is gone", () => survivors(folder.path).length === 0);
});
