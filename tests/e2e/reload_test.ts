/**
 * The ways to reload a service: a signal, a restart, a command, an HTTP request, or none; and the random delay.
 *
 * Touches: files, processes and a port, through the support modules.
 * @module
 */
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { fakeConfd, NO_KEYS } from "../support/fake_confd.ts";
import { Scene } from "../support/scene.ts";
import { Folder, type Sidecar, until } from "../support/sidecar.ts";

/** Renders `value=one`, and then each text that a test puts beside the destination. */
const FOLLOWS = fakeConfd(`
render "$DEST" "value=one"
while :; do
  wait_for -e "$DEST.next"
  mv "$DEST.next" "$DEST.now" && render "$DEST" "$(cat "$DEST.now")"
done
`);

/** A started sidecar whose service shows `value=one`. */
class Started implements AsyncDisposable {
  readonly folder = new Folder();
  readonly scene = new Scene(this.folder, { confd: FOLLOWS, keys: NO_KEYS });
  readonly sidecar: Sidecar;

  constructor(env: Record<string, string>) {
    this.sidecar = this.scene.start({ env: { ...env, DEST: this.scene.dest } });
  }

  get out() {
    return this.sidecar.stdout;
  }

  get log() {
    return this.sidecar.stderr;
  }

  /** Has confd render another text. */
  render(text: string): void {
    Deno.writeTextFileSync(`${this.scene.dest}.part`, text);
    Deno.renameSync(`${this.scene.dest}.part`, `${this.scene.dest}.next`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.sidecar[Symbol.asyncDispose]();
    this.folder[Symbol.dispose]();
  }
}

Deno.test("SIDECAR_RELOAD names another signal", async () => {
  await using run = new Started({ SIDECAR_RELOAD: "USR1" });
  await run.out.next("start: value=one");
  run.render("value=two");
  await run.out.next("USR1");
  assert(!run.out.all.some((line) => line.startsWith("HUP")), "nothing else is sent");
});

Deno.test("SIDECAR_RELOAD=restart stops the service, waits until it is gone, and starts it anew", async () => {
  await using run = new Started({ SIDECAR_RELOAD: "restart" });
  const first = await run.out.next("ready (pid:");
  await run.out.next("start: value=one");
  run.render("value=two");
  await run.out.next("TERM");
  const second = await run.out.next("ready (pid:");
  assert(first !== second, "it is another process");
  await run.out.next("start: value=two");
  await run.log.next("starting main program again");
  run.sidecar.signal("SIGTERM");
  assertEquals(await run.sidecar.status(), 0);
});

Deno.test("SIDECAR_RELOAD=restart kills a service that does not stop, and then starts it anew", async () => {
  using folder = new Folder();
  const scene = new Scene(folder, { confd: FOLLOWS, keys: NO_KEYS });
  const env = { SIDECAR_RELOAD: "restart", SIDECAR_STOP_TIMEOUT: "200ms", DEST: scene.dest };
  await using sidecar = scene.start({ env, service: { status: "ignore" } });
  await sidecar.stdout.next("start: value=one");
  Deno.writeTextFileSync(`${scene.dest}.next`, "value=two");
  await sidecar.stderr.next("has not stopped in 200ms: killing it");
  await sidecar.stdout.next("start: value=two");
});

Deno.test("a stop during a restart is a stop", async () => {
  using folder = new Folder();
  const scene = new Scene(folder, { confd: FOLLOWS, keys: NO_KEYS });
  const env = { SIDECAR_RELOAD: "restart", SIDECAR_STOP_TIMEOUT: "0", DEST: scene.dest };
  await using sidecar = scene.start({ env, service: { status: "ignore" } });
  await sidecar.stdout.next("start: value=one");
  Deno.writeTextFileSync(`${scene.dest}.next`, "value=two");
  await sidecar.stdout.next("TERM");
  sidecar.signal("SIGTERM");
  await sidecar.stdout.next("TERM");
  await sidecar.stopAgain();
  assertEquals(await sidecar.status(), 137);
  assertEquals(sidecar.stdout.all.filter((line) => line.startsWith("ready")).length, 1);
});

Deno.test("SIDECAR_RELOAD=none leaves the service to notice by itself", async () => {
  await using run = new Started({ SIDECAR_RELOAD: "none" });
  await run.out.next("start: value=one");
  run.render("value=two");
  await run.log.next("main program is left to notice the change by itself");
  run.sidecar.signal("SIGUSR2");
  await run.out.next("USR2");
  assert(!run.out.all.some((line) => line.startsWith("HUP")), "nothing is sent");
});

Deno.test("SIDECAR_RELOAD=exec: runs a command, and its words are the log's", async () => {
  using folder = new Folder();
  const script = folder.write("reload.sh", '#!/bin/sh\necho "told: $1"\necho "$SECRET." >&2\n', 0o755);
  await using run = new Started({
    SIDECAR_RELOAD: `exec:${script} 'two words'`,
    SECRET: "hidden",
    SIDECAR_ENV_HIDE: "SEC*",
  });
  await run.out.next("start: value=one");
  run.render("value=two");
  await run.log.next("reload: told: two words");
  await until("the command saw no secret", () => run.log.all.some((line) => line.endsWith("reload: .")));
});

Deno.test("a command that fails is tried again until it does not", async () => {
  using folder = new Folder();
  const count = folder.at("count");
  const script = folder.write(
    "reload.sh",
    `#!/bin/sh\necho x >> ${count}\n[ "$(grep -c x ${count})" -ge 3 ] || exit 9\n`,
    0o755,
  );
  await using run = new Started({ SIDECAR_RELOAD: `exec:${script}`, SIDECAR_LOG_LEVEL: "debug" });
  await run.out.next("start: value=one");
  run.render("value=two");
  assertMatch(await run.log.next("was not reloaded"), /"\/.*reload\.sh" ended with status 9; it will be tried again/);
  await run.log.next("was not reloaded");
  await until("the third try", () => Deno.readTextFileSync(count) === "x\nx\nx\n");
});

Deno.test("a command that takes too long is killed with all that it started", async () => {
  using folder = new Folder();
  const pids = folder.at("pids");
  const script = folder.write("reload.sh", `#!/bin/sh\nsleep 1000 & echo $! > ${pids}\nwait\n`, 0o755);
  await using run = new Started({ SIDECAR_RELOAD: `exec:${script}`, SIDECAR_RELOAD_TIMEOUT: "300ms" });
  await run.out.next("start: value=one");
  run.render("value=two");
  await run.log.next("was killed after 300ms; it will be tried again");
  const pid = Number(Deno.readTextFileSync(pids));
  await until("what it started is gone", () => !isAlive(pid));
});

Deno.test("a command that is no longer there is a failed reload, and the service lives on", async () => {
  using folder = new Folder();
  const command = folder.write("reload.sh", "#!/bin/sh\n", 0o755);
  await using run = new Started({ SIDECAR_RELOAD: `exec:${command}` });
  await run.out.next("start: value=one");
  Deno.removeSync(command);
  run.render("value=two");
  await run.log.next(`"${command}" cannot be started`);
  run.sidecar.signal("SIGUSR2");
  await run.out.next("USR2");
});

Deno.test("a command that is not there is a mistake that starts nothing", async () => {
  await using run = new Started({ SIDECAR_RELOAD: "exec:/nonexistent/reload" });
  await run.log.next('SIDECAR_RELOAD: "/nonexistent/reload" does not exist');
  assertEquals(await run.sidecar.status(), 127);
});

Deno.test("SIDECAR_RELOAD=http: posts, and again where the answer is no success", async () => {
  const seen: string[] = [];
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    seen.push(`${request.method} ${new URL(request.url).pathname}`);
    return new Response("", { status: seen.length === 1 ? 503 : 200 });
  });
  await using run = new Started({ SIDECAR_RELOAD: `http://127.0.0.1:${server.addr.port}/-/reload` });
  await run.out.next("start: value=one");
  run.render("value=two");
  await run.log.next("/-/reload answered 503; it will be tried again");
  await until("a second try", () => seen.length === 2);
  assertEquals(seen, ["POST /-/reload", "POST /-/reload"]);
});

Deno.test("an address that does not answer is a failed reload", async () => {
  using silent = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const { port } = silent.addr as Deno.NetAddr;
  await using run = new Started({
    SIDECAR_RELOAD: `http://127.0.0.1:${port}/`,
    SIDECAR_RELOAD_TIMEOUT: "300ms",
  });
  await run.out.next("start: value=one");
  run.render("value=two");
  await run.log.next("did not answer in time; it will be tried again");
});

Deno.test("going back to the old text after a failed reload does reload", async () => {
  using folder = new Folder();
  const count = folder.at("count");
  const script = folder.write("reload.sh", `#!/bin/sh\ncat "$DEST" >> ${count}\n[ -e ${folder.at("works")} ]\n`, 0o755);
  await using run = new Started({ SIDECAR_RELOAD: `exec:${script}` });
  await run.out.next("start: value=one");
  run.render("value=two");
  await run.log.next("was not reloaded");
  Deno.writeTextFileSync(folder.at("works"), "");
  run.render("value=one");
  await until("a reload with the old text", () => Deno.readTextFileSync(count).endsWith("value=one\n"));
});

Deno.test("SIDECAR_SPLAY puts a reload off by no more than that", async () => {
  await using run = new Started({ SIDECAR_SPLAY: "300ms" });
  await run.out.next("start: value=one");
  run.render("value=two");
  await run.log.next("main program will be reloaded within 300ms");
  await run.out.next("HUP: value=two");
});

Deno.test("a stop does not wait for the random delay", async () => {
  await using run = new Started({ SIDECAR_SPLAY: "24h" });
  await run.out.next("start: value=one");
  run.render("value=two");
  await run.log.next("main program will be reloaded within 24h");
  run.sidecar.signal("SIGTERM");
  assertEquals(await run.sidecar.status(), 0);
});

function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch {
    return false;
  }
}
