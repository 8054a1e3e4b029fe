/**
 * What must hold after a reload, and the way back if it does not.
 *
 * Touches: files, processes and ports, through the support modules.
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import { ANY_CONFD } from "../support/confds.ts";
import { FileKeys } from "../support/keys.ts";
import { Scene, type SceneStart } from "../support/scene.ts";
import { Folder, type Sidecar, until } from "../support/sidecar.ts";

/** A service that loads its file at the start and at HUP; `dies` ends it, and its state stands in a file of its own. */
const SERVICE = `
const [file, state] = Deno.args;
function load() {
  const text = Deno.readTextFileSync(file).trim();
  console.log("loaded: " + text);
  if (text.includes("dies")) Deno.exit(9);
  Deno.writeTextFileSync(state, text + "\\n");
}
Deno.addSignalListener("SIGHUP", load);
Deno.addSignalListener("SIGTERM", () => Deno.exit(0));
setInterval(() => {}, 2 ** 31 - 1);
load();
`;

/** A sidecar whose service is well while its state has no \`bad\` in it. */
class Verified implements AsyncDisposable {
  readonly folder = new Folder();
  readonly keys = new FileKeys(this.folder, { "/key": "one" });
  readonly scene = new Scene(this.folder, { confd: ANY_CONFD, keys: this.keys });
  readonly state = this.folder.at("state");
  readonly sidecar: Sidecar;

  constructor({ env = {}, first = "one" }: SceneStart & { first?: string } = {}) {
    this.folder.write("loader.js", SERVICE);
    if (first !== "one") this.keys.put({ "/key": first });
    const well = this.folder.write(
      "well.sh",
      '#!/bin/sh\nread -r text < "$1" && case "$text" in *bad*) exit 1; esac\n',
      0o755,
    );
    const program = [Deno.execPath(), "run", "-A", "--quiet", "--no-config"];
    const args = [...program, this.folder.at("loader.js"), this.scene.dest, this.state];
    const verify = { SIDECAR_VERIFY: `exec:${well} ${this.state}`, SIDECAR_VERIFY_TIMEOUT: "1s" };
    this.sidecar = this.scene.start({ args, env: { ...verify, ...env } });
  }

  get out() {
    return this.sidecar.stdout;
  }

  get log() {
    return this.sidecar.stderr;
  }

  get live(): string {
    return Deno.readTextFileSync(this.scene.dest);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.sidecar[Symbol.asyncDispose]();
    this.folder[Symbol.dispose]();
  }
}

Deno.test("a change on which the service is well stays", async () => {
  await using run = new Verified();
  await run.log.next("verified: main program is well on its configuration");
  await run.keys.put({ "/key": "two" });
  await run.out.next("loaded: value=two");
  await run.log.next("verified: main program is well on its configuration");
  assertEquals(run.live, "value=two\n");
});

Deno.test("a change on which the service is not well is taken back, and not tried again before it changes", async () => {
  await using run = new Verified({ env: { SIDECAR_DIFF: "full" } });
  await run.log.next("verified:");
  await run.keys.put({ "/key": "bad" });
  await run.out.next("loaded: value=bad");
  await run.log.next("warning: the new configuration is taken back after one second: ");
  await run.log.next("the last good files are in place again");
  await run.out.next("loaded: value=one");
  await run.log.next("verified: main program is well on the last good configuration");
  assertEquals(run.live, "value=one\n");
  for (const line of ["-value=one", "+value=bad", "-value=bad", "+value=one"]) {
    assert(run.log.all.some((said) => said.endsWith(line)), `the log shows ${line}`);
  }
  await run.keys.put({ "/key": "three" });
  await run.out.next("loaded: value=three");
  await run.log.next("verified:");
  const loads = run.out.all.filter((line) => line.startsWith("loaded"));
  assertEquals(loads, ["loaded: value=one", "loaded: value=bad", "loaded: value=one", "loaded: value=three"]);
});

Deno.test("a change of which the service dies is taken back, and the service started again", async () => {
  await using run = new Verified();
  await run.log.next("verified:");
  await run.keys.put({ "/key": "dies" });
  await run.out.next("loaded: value=dies");
  await run.log.next("main program ended with status 9");
  await run.log.next("main program died before it was verified: the new configuration is taken back");
  await run.log.next("starting main program again");
  await run.out.next("loaded: value=one");
  await run.log.next("verified: main program is well on the last good configuration");
  assertEquals(run.live, "value=one\n");
  run.sidecar.signal("SIGTERM");
  assertEquals(await run.sidecar.status(), 0);
});

Deno.test("a first configuration on which the service is not well ends the run", async () => {
  await using run = new Verified({ first: "bad" });
  await run.log.next("error: main program fails verification on its configuration, and there is no other");
  assertEquals(await run.sidecar.status(), 69);
});

Deno.test("the last good files of an earlier run are there to go back to", async () => {
  await using run = new Verified();
  await run.log.next("verified:");
  run.sidecar.signal("SIGTERM");
  assertEquals(await run.sidecar.status(), 0);
  await run.keys.put({ "/key": "bad" });
  const program = [Deno.execPath(), "run", "-A", "--quiet", "--no-config"];
  const args = [...program, run.folder.at("loader.js"), run.scene.dest, run.state];
  const well = `exec:${run.folder.at("well.sh")} ${run.state}`;
  await using again = run.scene.start({ args, env: { SIDECAR_VERIFY: well, SIDECAR_VERIFY_TIMEOUT: "1s" } });
  await again.stdout.next("loaded: value=bad");
  await again.stderr.next("the new configuration is taken back");
  await again.stdout.next("loaded: value=one");
  await again.stderr.next("verified: main program is well on the last good configuration");
});

Deno.test("SIDECAR_VERIFY=tcp: wants a connection", async () => {
  using listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const { port } = listener.addr as Deno.NetAddr;
  await using well = new Verified({ env: { SIDECAR_VERIFY: `tcp:127.0.0.1:${port}` } });
  await well.log.next("verified:");
  // Port 1 is nobody's.
  await using run = new Verified({ env: { SIDECAR_VERIFY: "tcp:127.0.0.1:1" } });
  await run.log.next("127.0.0.1:1 takes no connection");
  assertEquals(await run.sidecar.status(), 69);
});

Deno.test("SIDECAR_VERIFY=http: wants an answer of 2xx", async () => {
  let status = 200;
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, () => {
    return new Response("", { status });
  });
  await using run = new Verified({ env: { SIDECAR_VERIFY: `http://127.0.0.1:${server.addr.port}/ready` } });
  await run.log.next("verified:");
  status = 503;
  await run.keys.put({ "/key": "two" });
  await run.log.next("is taken back after one second: ");
  status = 200;
  await run.log.next("verified: main program is well on the last good configuration");
  await until("the old file is back", () => run.live === "value=one\n");
});

Deno.test("a stop does not wait for a verification", async () => {
  await using run = new Verified({ env: { SIDECAR_VERIFY: "exec:/bin/sleep 1000", SIDECAR_VERIFY_TIMEOUT: "1h" } });
  await run.out.next("loaded: value=one");
  run.sidecar.signal("SIGTERM");
  assertEquals(await run.sidecar.status(), 0);
});

Deno.test("a verification that hangs is killed, and has not come true", async () => {
  await using run = new Verified({ env: { SIDECAR_VERIFY: "exec:/bin/sleep 1000" } });
  await run.log.next(
    "main program fails verification on its configuration, and there is no other, for one second: it gives no answer",
  );
  assertEquals(await run.sidecar.status(), 69);
});

Deno.test("a verification that prints a megabyte does not fill the log", async () => {
  using folder = new Folder();
  const loud = folder.write("loud.sh", "#!/bin/sh\nhead -c 1000000 /dev/zero | tr '\\0' x\nexit 1\n", 0o755);
  await using run = new Verified({ env: { SIDECAR_VERIFY: `exec:${loud}`, SIDECAR_LOG_LEVEL: "debug" } });
  await run.log.next("verify: ... and more");
  assertEquals(await run.sidecar.status(), 69);
  assert(run.log.all.join("\n").length < 300_000, "the log stays small");
});

Deno.test("a verification that is not there is a mistake that starts nothing", async () => {
  await using run = new Verified({ env: { SIDECAR_VERIFY: "exec:/nonexistent/well" } });
  await run.log.next('SIDECAR_VERIFY: "/nonexistent/well" does not exist');
  assertEquals(await run.sidecar.status(), 127);
  assertEquals(run.out.all, []);
});

Deno.test("a service that is not well on the last good files either is restarted as SIDECAR_RESTART says", async () => {
  await using run = new Verified({ env: { SIDECAR_RESTART: "on-failure", SIDECAR_RESTART_MAX: "1" }, first: "bad" });
  await run.log.next("main program fails verification on its configuration");
  await run.log.next("starting main program again");
  await run.log.next("main program fails verification on its configuration");
  assertEquals(await run.sidecar.status(), 69);
  assertEquals(run.out.all.filter((line) => line.startsWith("loaded")).length, 2);
});
