/**
 * Steering a real run: over the control socket, and with the executable as its own client.
 *
 * Touches: files, processes and sockets, through the support modules.
 * @module
 */
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { client, overSocket, socketOf, statusOf, untilStatus } from "../support/asking.ts";
import { ANY_CONFD } from "../support/confds.ts";
import { FileKeys } from "../support/keys.ts";
import { Scene } from "../support/scene.ts";
import { Folder, until } from "../support/sidecar.ts";

interface Parts {
  folder: Folder;
  keys: FileKeys;
  scene: Scene;
}

function stage(folder: Folder): Parts {
  const keys = new FileKeys(folder, { "/key": "one" });
  return { folder, keys, scene: new Scene(folder, { confd: ANY_CONFD, keys }) };
}

/** A check that refuses a file with the word `bad` in it. */
function checked({ folder, scene }: Parts): Record<string, string> {
  const check = folder.write("check.sh", '#!/bin/sh\n! grep -q bad "$1"\n', 0o755);
  return { SIDECAR_CHECK: `${check} ${scene.dest}` };
}

Deno.test("the control socket is for its owner alone, and goes with the run", async () => {
  using folder = new Folder();
  const { scene } = stage(folder);
  const sidecar = scene.start();
  await statusOf(scene);
  const { mode, isSocket } = Deno.lstatSync(socketOf(scene));
  assertEquals([isSocket, mode! & 0o777], [true, 0o600]);
  await sidecar[Symbol.asyncDispose]();
  assertEquals([...Deno.readDirSync(`${scene.confdDir}/.confd-sidecar`)].map(({ name }) => name), ["run.json"]);
});

Deno.test("a forced reload reloads although nothing has changed, and says when it is done", async () => {
  using folder = new Folder();
  const { scene } = stage(folder);
  await using sidecar = scene.start();
  await sidecar.stdout.next("start: value=one");
  await statusOf(scene);
  const { code, out, err } = await client(scene, "--reload");
  assertMatch(out, /^main program was reloaded in [\d.]+ s$/);
  assertEquals([code, err], [0, ""]);
  await sidecar.stdout.next("HUP: value=one");
  const { rollouts } = await statusOf(scene);
  assertEquals(rollouts.at(-1)?.trigger, "reload");
});

Deno.test("a reload that fails is told to the one who asked", async () => {
  using folder = new Folder();
  const { scene } = stage(folder);
  await using sidecar = scene.start({ env: { SIDECAR_RELOAD: "exec:/bin/false" } });
  await sidecar.stdout.next("start: value=one");
  await statusOf(scene);
  const { code, out, err } = await client(scene, "--reload");
  assertEquals([code, out, err], [1, "", 'confd-sidecar: "/bin/false" ended with status 1']);
});

Deno.test("a restart starts the service anew", async () => {
  using folder = new Folder();
  const { scene } = stage(folder);
  await using sidecar = scene.start();
  await sidecar.stdout.next("start: value=one");
  const { service: { pid } } = await statusOf(scene);
  const { code, out } = await client(scene, "--restart");
  assertMatch(out, /^main program was restarted in [\d.]+ s$/);
  assertEquals(code, 0);
  await sidecar.stdout.next("TERM");
  await sidecar.stdout.next("start: value=one");
  const after = await statusOf(scene);
  assertEquals([after.service.starts, after.service.state, after.phase], [2, "running", "running"]);
  assert(after.service.pid !== pid, "it is another process");
});

Deno.test("a hold keeps a checked change until it is released, and outlives a restart", async () => {
  using folder = new Folder();
  const parts = stage(folder);
  const { scene, keys } = parts;
  const env = checked(parts);
  let since = 0;
  {
    await using sidecar = scene.start({ env });
    await sidecar.stdout.next("start: value=one");
    await statusOf(scene);
    const { code, out } = await client(scene, "--hold=1h", "the night before");
    assertEquals([code, out], [0, "changes are held"]);
    await sidecar.stderr.next("changes are held for 1h (the night before)");
    await keys.put({ "/key": "two" });
    await sidecar.stderr.next("changed, and on hold: ");
    const document = await statusOf(scene);
    assertEquals(document.hold?.reason, "the night before");
    since = JSON.parse(Deno.readTextFileSync(`${scene.confdDir}/.confd-sidecar/hold.json`)).since;
    assert(since >= Date.parse(document.hold!.since), "it is written down once it is decided");
    assertEquals(document.rollouts.at(-1)?.outcome, "held");
    assert(document.ready, "a hold does not make it unready");
    assertEquals(document.conditions.filter(({ name }) => name === "hold").map(({ is }) => is), ["remark"]);
    assertMatch((await overSocket(scene, "GET", "/metrics")).body, /^confd_sidecar_hold 1$/m);
    await keys.put({ "/key": "bad" });
    await untilStatus(scene, "a held change is checked", ({ trouble }) => trouble?.kind === "refused");
    await keys.put({ "/key": "three" });
    await untilStatus(scene, "the next one is held", ({ trouble, phase }) => trouble === null && phase === "running");
    assertEquals(Deno.readTextFileSync(scene.dest), "value=one\n");
  }
  await using sidecar = scene.start({ env });
  await sidecar.stderr.next("changes are still held for ");
  await sidecar.stdout.next("start: value=one");
  const later = await untilStatus(
    scene,
    "the change to be held",
    ({ rollouts }) => rollouts.at(-1)?.outcome === "held",
  );
  assertEquals(Date.parse(later.hold!.since), since);
  assert(Date.parse(later.started) > since, "the run began after that");
  assertEquals(await client(scene, "--release"), { code: 0, out: "changes are held no longer", err: "" });
  await sidecar.stdout.next("HUP: value=three");
  assertEquals(await client(scene, "--release"), { code: 0, out: "nothing was held", err: "" });
});

Deno.test("a hold ends by itself at its time", async () => {
  using folder = new Folder();
  const { scene, keys } = stage(folder);
  await using sidecar = scene.start();
  await sidecar.stdout.next("start: value=one");
  await statusOf(scene);
  assertEquals((await client(scene, "--hold=2s")).code, 0);
  await keys.put({ "/key": "two" });
  await sidecar.stderr.next("changes are held no longer: the time is over");
  await sidecar.stdout.next("HUP: value=two");
  assertEquals((await statusOf(scene)).hold, null);
});

Deno.test("a roll back goes to the set before, which stays until something changes", async () => {
  using folder = new Folder();
  const parts = stage(folder);
  const { scene, keys } = parts;
  await using sidecar = scene.start({ env: checked(parts) });
  await sidecar.stdout.next("start: value=one");
  await statusOf(scene);
  const none = await client(scene, "--rollback");
  assertEquals([none.code, none.err], [1, "confd-sidecar: the files cannot be put in place"]);
  await keys.put({ "/key": "two" });
  await sidecar.stdout.next("HUP: value=two");
  const { code, out } = await client(scene, "--rollback");
  assertMatch(out, /^main program was taken back to the configuration from before in [\d.]+ s$/);
  assertEquals(code, 0);
  await sidecar.stdout.next("HUP: value=one");
  assertEquals(Deno.readTextFileSync(scene.dest), "value=one\n");
  const document = await statusOf(scene);
  assertEquals(document.trouble?.kind, "rolledBack");
  assertEquals(document.config.destinations.map(({ state }) => state), ["refused"]);
  assertEquals((await client(scene, "--rollback")).code, 1, "there is none before that");
  await keys.put({ "/key": "three" });
  await sidecar.stdout.next("HUP: value=three");
});

Deno.test("without staging there is nothing to go back to, and that is said", async () => {
  using folder = new Folder();
  const { scene } = stage(folder);
  await using sidecar = scene.start();
  await sidecar.stdout.next("start: value=one");
  await statusOf(scene);
  const { code, err } = await client(scene, "--rollback");
  assertEquals(code, 1);
  assertMatch(err, /without SIDECAR_CHECK or SIDECAR_VERIFY/);
});

Deno.test("--healthcheck and --status ask a run that waits, and one that runs", async () => {
  using folder = new Folder();
  const { scene, keys } = { ...stage(folder), keys: new FileKeys(folder, { "/other": "x" }) };
  await using sidecar = scene.start();
  await sidecar.stderr.next("main program waits for confd to render");
  await statusOf(scene);
  assertEquals(await client(scene, "--healthcheck=live"), { code: 0, out: "ok", err: "" });
  const waits = await client(scene, "--healthcheck");
  assertEquals([waits.code, waits.out], [1, ""]);
  assertMatch(waits.err, /^confd-sidecar: not ready: rendered waiting for .*service\.conf; service not started/);
  await keys.put({ "/key": "one" });
  await sidecar.stdout.next("start: value=one");
  await until("ready", async () => (await client(scene, "--healthcheck=ready")).code === 0);
  const table = await client(scene, "--status");
  assertEquals([table.code, table.err], [0, ""]);
  assertMatch(table.out, /^All is well\. /);
  assertMatch(table.out, /^service +running, process \d+, started /m);
  assertMatch(table.out, new RegExp(`^${scene.dest} +current `, "m"));
  assertEquals(JSON.parse((await client(scene, "--status=json")).out).schema, 1);
});

Deno.test("nobody answers: the status is 69, and the message says what to look at", async () => {
  using folder = new Folder();
  const { scene } = stage(folder);
  for (const option of ["--status", "--healthcheck", "--reload"]) {
    const { code, out, err } = await client(scene, option);
    assertEquals([code, out], [69, ""]);
    assertEquals(
      err,
      `confd-sidecar: nobody answers at ${socketOf(scene)}: no sidecar runs here, ` +
        "or its SIDECAR_SOCKET, SIDECAR_STATE or CONFD_CONFDIR is another",
    );
  }
});

Deno.test("SIDECAR_SOCKET moves the control socket, or there is none", async () => {
  using folder = new Folder();
  const { scene } = stage(folder);
  {
    await using sidecar = scene.start({ env: { SIDECAR_SOCKET: folder.at("here.sock") } });
    await sidecar.stdout.next("start: value=one");
    assert(Deno.lstatSync(folder.at("here.sock")).isSocket, "it is there before the service");
    await using other = scene.start({
      env: {
        SIDECAR_SOCKET: folder.at("here.sock"),
        SIDECAR_STATE: folder.at("state"),
        CONFD_CONFDIR: folder.at("other"),
      },
    });
    await other.stderr.next(`SIDECAR_SOCKET: ${folder.at("here.sock")} is in use by another process`);
    assertEquals(await other.status(), 73);
  }
  await using sidecar = scene.start({ env: { SIDECAR_SOCKET: "off" } });
  await sidecar.stdout.next("start: value=one");
  assertEquals([...Deno.readDirSync(`${scene.confdDir}/.confd-sidecar`)].map(({ name }) => name), ["run.json"]);
});

Deno.test("what a killed run has left in the socket's place is no obstacle", async () => {
  using folder = new Folder();
  const { scene } = stage(folder);
  {
    await using sidecar = scene.start();
    await sidecar.stdout.next("start: value=one");
    await statusOf(scene);
    sidecar.signal("SIGKILL");
    await sidecar.process.status;
    assert(Deno.lstatSync(socketOf(scene)).isSocket, "it is left behind");
    assertEquals((await client(scene, "--status")).code, 69);
  }
  await using sidecar = scene.start();
  await sidecar.stdout.next("start: value=one");
  assertEquals((await statusOf(scene)).phase, "running");
});
