/**
 * The HTTP endpoint of a real run: what it says, and that nobody who talks to it can do harm.
 *
 * Touches: files, processes and the network, through the support modules.
 * @module
 */
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { exchange, get, overSocket, portOf, untilStatus } from "../support/asking.ts";
import { ANY_CONFD, eachConfd } from "../support/confds.ts";
import { FileKeys } from "../support/keys.ts";
import { freePort } from "../support/ports.ts";
import { CONF, Scene } from "../support/scene.ts";
import { Folder, until } from "../support/sidecar.ts";

const LISTEN = { SIDECAR_LISTEN: "127.0.0.1:0" };

eachConfd("probes, metrics and status follow a run from the wait for files to the running service", async (given) => {
  const { confd, folder } = given;
  if (confd.panics) return;
  const keys = new FileKeys(folder, { "/other": "x" });
  const scene = new Scene(folder, { confd, keys });
  await using sidecar = scene.start({ env: LISTEN });
  const port = await portOf(sidecar);
  assertEquals((await get(port, "/livez")).body, "ok\n");
  assertEquals((await get(port, "/healthz")).status, 200);
  const waiting = await get(port, "/readyz?verbose");
  assertEquals(waiting.status, 503);
  assertMatch(waiting.body, /^\[-\]rendered waiting for .*service\.conf$/m);
  assertMatch(waiting.body, /^\[-\]service not started$/m);
  await keys.put({ "/key": "one" });
  await sidecar.stdout.next("start: value=one");
  await until("ready", async () => (await get(port, "/readyz")).status === 200);
  assertMatch((await get(port, "/readyz?verbose")).body, /^\[\+\]rendered ok\n\[\+\]service ok$/m);
  const metrics = await get(port, "/metrics");
  assertMatch(metrics.headers, /^Content-Type: text\/plain; version=0\.0\.4/m);
  assertMatch(metrics.body, /^reloader_last_reload_successful 1$/m);
  assertMatch(metrics.body, new RegExp(`^confd_sidecar_destination_current\\{dest="${scene.dest}"\\} 1$`, "m"));
  assertMatch(
    metrics.body,
    /^confd_sidecar_build_info\{version="[\d.]+",confd="(classic|fork)",confd_version="\S*"\} 1$/m,
  );
  assertMatch(metrics.body, /^confd_sidecar_phase\{phase="running"\} 1$/m);
  assertMatch(metrics.body, /^process_resident_memory_bytes \d+$/m);
  await keys.put({ "/key": "two" });
  await sidecar.stdout.next("HUP: value=two");
  const document = await untilStatus(scene, "the reload to be over", ({ rollouts }) => rollouts.length === 2);
  assertEquals(document.schema, 1);
  assertEquals(document.rollouts.map(({ trigger, outcome }) => [trigger, outcome]), [["start", "loaded"], [
    "change",
    "loaded",
  ]]);
  assertEquals(document.rollouts[1].steps.map(({ name }) => name), ["settle", "reload"]);
  assertEquals(document.config.destinations.map(({ path, state }) => [path, state]), [[scene.dest, "current"]]);
  assertEquals(document.service.pid, Number(/pid: (\d+)/.exec(sidecar.stdout.all.join())![1]));
  assertMatch((await get(port, "/metrics")).body, /^reloader_reloads_total 1$/m);
});

Deno.test("readiness does not fall for a refused change, unless it is to be strict", async () => {
  for (const ready of ["running", "strict"]) {
    using folder = new Folder();
    const keys = new FileKeys(folder, { "/key": "one" });
    const scene = new Scene(folder, { confd: ANY_CONFD, keys });
    const check = folder.write("check.sh", '#!/bin/sh\n! grep bad "$1"\n', 0o755);
    const env = { ...LISTEN, SIDECAR_READY: ready, SIDECAR_CHECK: `${check} ${scene.dest}` };
    await using sidecar = scene.start({ env });
    const port = await portOf(sidecar);
    await sidecar.stdout.next("start: value=one");
    await until("ready", async () => (await get(port, "/readyz")).status === 200);
    await keys.put({ "/key": "bad" });
    await untilStatus(scene, "the refusal", ({ trouble }) => trouble?.kind === "refused");
    const said = await get(port, "/readyz?verbose");
    assertMatch(said.body, /^\[!\]change refused: .*check\.sh" ended with status 1$/m);
    assertEquals(said.status, ready === "strict" ? 503 : 200);
    const metrics = (await get(port, "/metrics")).body;
    assertMatch(metrics, /^reloader_last_reload_successful 0$/m);
    assertMatch(metrics, /^confd_sidecar_refusals_total\{reason="check"\} 1$/m);
    await keys.put({ "/key": "two" });
    await untilStatus(scene, "no trouble", ({ trouble, phase }) => trouble === null && phase === "running");
    assertMatch((await get(port, "/metrics")).body, /^reloader_last_reload_successful 1$/m);
  }
});

Deno.test("the endpoint is where SIDECAR_LISTEN says, whatever DENO_SERVE_ADDRESS says", async () => {
  using folder = new Folder();
  const scene = new Scene(folder, { confd: ANY_CONFD, keys: new FileKeys(folder, { "/key": "one" }) });
  const port = freePort();
  const other = freePort();
  const env = { SIDECAR_LISTEN: `:${port}`, DENO_SERVE_ADDRESS: `tcp:127.0.0.1:${other}` };
  await using sidecar = scene.start({ env });
  assertEquals(await portOf(sidecar), port);
  assertEquals((await get(port, "/livez")).status, 200);
  const refused = await get(other, "/livez").catch((error) => error);
  assert(refused instanceof Deno.errors.ConnectionRefused, "nothing is at the other address");
});

Deno.test("a port that is taken ends the run before anything is written", async () => {
  using folder = new Folder();
  const scene = new Scene(folder, { confd: ANY_CONFD, keys: new FileKeys(folder, { "/key": "one" }) });
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await using sidecar = scene.start({ env: { SIDECAR_LISTEN: `:${listener.addr.port}` } });
  await sidecar.stderr.next(`SIDECAR_LISTEN: cannot listen at 127.0.0.1:${listener.addr.port}: the address is in use`);
  assertEquals(await sidecar.status(), 78);
  assertEquals([...Deno.readDirSync(folder.path)].map(({ name }) => name).includes("confd.d"), false);
});

Deno.test("nothing that changes anything is done over TCP, and pages of other sites get nothing", async () => {
  using folder = new Folder();
  const scene = new Scene(folder, { confd: ANY_CONFD, keys: new FileKeys(folder, { "/key": "one" }) });
  await using sidecar = scene.start({ env: LISTEN });
  const port = await portOf(sidecar);
  await sidecar.stdout.next("start: value=one");
  const send = async (head: string) => {
    return (await exchange(await Deno.connect({ hostname: "127.0.0.1", port }), `${head}\r\n\r\n`)).status;
  };
  for (const path of ["/reload", "/restart", "/hold", "/release", "/rollback"]) {
    assertEquals(await send(`POST ${path} HTTP/1.1\r\nHost: localhost`), 403, path);
  }
  assertEquals(await send("POST /status HTTP/1.1\r\nHost: localhost"), 405);
  assertEquals(await send("GET /status HTTP/1.1\r\nHost: evil.example:80"), 403, "a name that was pointed here");
  assertEquals(await send("GET /status HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example"), 403);
  assertEquals(await send("GET /status HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: cross-site"), 403);
  assertEquals(await send("GET /nothing HTTP/1.1\r\nHost: localhost"), 404);
  assertEquals(await send("nonsense"), 400);
  assertEquals(await send(`GET /${"x".repeat(10_000)} HTTP/1.1`), 400);
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const head = await exchange(connection, "HEAD /status HTTP/1.1\r\nHost: localhost\r\n\r\n");
  assertEquals([head.status, head.body], [200, ""]);
  await Deno.stat(scene.dest);
  assertEquals(sidecar.stdout.all.filter((line) => line.startsWith("HUP")), [], "nothing was reloaded");
});

Deno.test("a thousand connections, slow ones and silent ones, hold nothing up", async () => {
  using folder = new Folder();
  const keys = new FileKeys(folder, { "/key": "one" });
  const scene = new Scene(folder, { confd: ANY_CONFD, keys });
  await using sidecar = scene.start({ env: LISTEN });
  const port = await portOf(sidecar);
  await sidecar.stdout.next("start: value=one");
  const open = await Promise.all(Array.from({ length: 1000 }, () => Deno.connect({ hostname: "127.0.0.1", port })));
  // Some say nothing, some a byte, and some ask and never read.
  const words = ["", "G", "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"];
  for (const [i, connection] of open.entries()) {
    await connection.write(new TextEncoder().encode(words[i % 3])).catch(() => {});
  }
  assertEquals((await get(port, "/readyz")).status, 200);
  await keys.put({ "/key": "two" });
  await sidecar.stdout.next("HUP: value=two");
  sidecar.signal("SIGTERM");
  await sidecar.stdout.next("TERM");
  assertEquals(await sidecar.status(), 0);
  for (const connection of open) connection.close();
});

const SECRETS = {
  variable: "env-s3cret-value",
  node: "node-s3cret-value",
  word: "word-s3cret-value",
  file: "file-s3cret-value",
};

Deno.test("no secret is in what the endpoint says", async () => {
  using folder = new Folder();
  const keys = new FileKeys(folder, { "/key": "one" });
  const scene = new Scene(folder, {
    confd: ANY_CONFD,
    keys,
    rendered: [{ ...CONF, template: 'password={{getv "/key"}}\n' }],
  });
  const check = folder.write("check.sh", `#!/bin/sh\n! grep ${SECRETS.file} "$1" >/dev/null\n`, 0o755);
  const env = {
    ...LISTEN,
    SIDECAR_DIFF: "full",
    SIDECAR_CHECK: `${check} ${scene.dest} --token ${SECRETS.word}`,
    SIDECAR_RELOAD: `http://user:${SECRETS.node}@127.0.0.1:1/?token=${SECRETS.variable}`,
    DB_PASSWORD: SECRETS.variable,
    CONFD_PASSWORD: SECRETS.variable,
    DATABASE_URL: `postgres://user:${SECRETS.node}@db/app`,
  };
  await using sidecar = scene.start({ env });
  const port = await portOf(sidecar);
  await sidecar.stdout.next("start: password=one");
  await keys.put({ "/key": "two-s3cret-value" });
  await untilStatus(scene, "a reload that fails", ({ trouble }) => trouble?.kind === "failed");
  await keys.put({ "/key": SECRETS.file });
  await untilStatus(scene, "a refusal", ({ counts }) => counts.refusals === 1);
  const said = [
    ...await Promise.all(["/", "/status", "/metrics", "/readyz?verbose", "/livez"].map((path) => get(port, path))),
    await overSocket(scene, "GET", "/status"),
  ];
  const document = JSON.parse(said[1].body);
  assert(
    document.rollouts.some(({ differences }: { differences: unknown[] }) => differences.length > 0),
    "differences are shown",
  );
  for (const { body } of said) assert(!body.includes("s3cret"), body);
});
