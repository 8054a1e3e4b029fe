/**
 * A run under systemd: what it is told, over a socket such as its own.
 *
 * Touches: files, processes and sockets, through the support modules.
 * @module
 */
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { client, statusOf } from "../support/asking.ts";
import { ANY_CONFD } from "../support/confds.ts";
import { openDatagrams } from "../support/datagrams.ts";
import { FileKeys } from "../support/keys.ts";
import { Scene } from "../support/scene.ts";
import { Folder } from "../support/sidecar.ts";

Deno.test("systemd is told of the wait, the start, a reload and the stop", async () => {
  using folder = new Folder();
  const keys = new FileKeys(folder, { "/other": "x" });
  const scene = new Scene(folder, { confd: ANY_CONFD, keys });
  await using systemd = await openDatagrams(folder.at("notify"));
  const { lines } = systemd;
  await using sidecar = scene.start({ env: { NOTIFY_SOCKET: folder.at("notify") } });
  await lines.next("EXTEND_TIMEOUT_USEC=30000000");
  await lines.next("STATUS=Waiting for the first configuration: ");
  assert(!lines.all.includes("READY=1"), "it is not ready before the service runs");
  await keys.put({ "/key": "one" });
  await lines.next("READY=1");
  await lines.next("STATUS=All is well: ");
  const before = performance.now();
  await keys.put({ "/key": "two" });
  const reloading = await lines.next("RELOADING=1|MONOTONIC_USEC=");
  await lines.next("READY=1");
  // CLOCK_MONOTONIC begins with the machine, as /proc/uptime does.
  const uptimeMs = Number(Deno.readTextFileSync("/proc/uptime").split(" ")[0]) * 1000;
  const sentMs = Number(/USEC=(\d+)/.exec(reloading)![1]) / 1000;
  const window = performance.now() - before + 5000;
  assert(sentMs <= uptimeMs + 1000 && sentMs >= uptimeMs - window, `${sentMs} is near ${uptimeMs}`);
  sidecar.signal("SIGTERM");
  await lines.next("STOPPING=1");
  assertEquals(await sidecar.status(), 0);
});

Deno.test("a service whose program cannot be executed is never ready", async () => {
  using folder = new Folder();
  const scene = new Scene(folder, { confd: ANY_CONFD, keys: new FileKeys(folder, { "/key": "one" }) });
  await using systemd = await openDatagrams(folder.at("notify"));
  const program = folder.write("service.sh", "#!/nowhere/sh\n", 0o755);
  await using sidecar = scene.start({ args: [program], env: { NOTIFY_SOCKET: folder.at("notify") } });
  assertEquals(await sidecar.status(), 127);
  await systemd.lines.next("STOPPING=1");
  assert(!systemd.lines.all.includes("READY=1"), systemd.lines.all.join("\n"));
});

Deno.test("a SIGHUP, as systemctl reload sends it, is answered although it is only forwarded", async () => {
  using folder = new Folder();
  const scene = new Scene(folder, { confd: ANY_CONFD, keys: new FileKeys(folder, { "/key": "one" }) });
  await using systemd = await openDatagrams(folder.at("notify"));
  await using sidecar = scene.start({ env: { NOTIFY_SOCKET: folder.at("notify") } });
  await sidecar.stdout.next("start: value=one");
  await systemd.lines.next("READY=1");
  sidecar.signal("SIGHUP");
  await systemd.lines.next("RELOADING=1|MONOTONIC_USEC=");
  await systemd.lines.next("READY=1");
  await sidecar.stdout.next("HUP: value=one");
});

Deno.test("systemd's watchdog gets its signs of life, from the process that it means alone", async () => {
  using folder = new Folder();
  const scene = new Scene(folder, { confd: ANY_CONFD, keys: new FileKeys(folder, { "/key": "one" }) });
  await using systemd = await openDatagrams(folder.at("notify"));
  {
    const env = { NOTIFY_SOCKET: folder.at("notify"), WATCHDOG_USEC: "200000" };
    await using _sidecar = scene.start({ env });
    for (let i = 0; i < 5; i++) await systemd.lines.next("WATCHDOG=1");
  }
  const count = () => systemd.lines.all.filter((line) => line === "WATCHDOG=1").length;
  await using sidecar = scene.start({
    env: { NOTIFY_SOCKET: folder.at("notify"), WATCHDOG_USEC: "200000", WATCHDOG_PID: "1" },
  });
  await systemd.lines.next("READY=1");
  const before = count();
  await client(scene, "--restart");
  await systemd.lines.next("RELOADING=1");
  assertEquals(count(), before, "another process is meant");
  await sidecar.stdout.next("TERM");
});

Deno.test("nothing that the sidecar starts can speak to systemd in its name", async () => {
  using folder = new Folder();
  const scene = new Scene(folder, { confd: ANY_CONFD, keys: new FileKeys(folder, { "/key": "one" }) });
  await using systemd = await openDatagrams(folder.at("notify"));
  const check = folder.write("check.sh", '#!/bin/sh\nenv | grep -c "^NOTIFY_\\|^WATCHDOG_"\ntrue\n', 0o755);
  const env = {
    NOTIFY_SOCKET: folder.at("notify"),
    WATCHDOG_USEC: "60000000",
    SIDECAR_CHECK: `${check} ${scene.dest}`,
  };
  await using sidecar = scene.start({ env });
  await sidecar.stderr.next("check: 0");
  await systemd.lines.next("READY=1");
  const { service, confd } = await statusOf(scene);
  for (const pid of [service.pid, confd.pid]) {
    const names = Deno.readTextFileSync(`/proc/${pid}/environ`).split("\0").map((entry) => entry.split("=")[0]);
    assertEquals(names.filter((name) => /^(NOTIFY|WATCHDOG)_/.test(name)), []);
  }
});

Deno.test("a socket that is not there is told once, and the run goes on", async () => {
  using folder = new Folder();
  const keys = new FileKeys(folder, { "/key": "one" });
  const scene = new Scene(folder, { confd: ANY_CONFD, keys });
  await using sidecar = scene.start({ env: { NOTIFY_SOCKET: folder.at("nowhere") } });
  await sidecar.stdout.next("start: value=one");
  await sidecar.stderr.next("warning: NOTIFY_SOCKET: systemd cannot be told of the run: sendto: ENOENT");
  await keys.put({ "/key": "two" });
  await sidecar.stdout.next("HUP: value=two");
  assertEquals(sidecar.stderr.all.filter((line) => line.includes("NOTIFY_SOCKET")).length, 1);
  assertMatch((await client(scene, "--status")).out, /^All is well/);
});
