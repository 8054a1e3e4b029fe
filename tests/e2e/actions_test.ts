/**
 * What to do is said by the file that changed: the table `[sidecar]` of a template resource, with every confd.
 *
 * Touches: files and processes, through the support modules.
 * @module
 */
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { client, overSocket, untilStatus } from "../support/asking.ts";
import { ANY_CONFD, eachConfd } from "../support/confds.ts";
import { FileKeys } from "../support/keys.ts";
import { CONF, destination, type Rendered, resource, Scene } from "../support/scene.ts";
import { Folder, until } from "../support/sidecar.ts";

/** A second file beside the usual one, whose resource says something of its own. */
const OTHER: Rendered = { name: "other.conf", template: 'other={{getv "/other"}}\n', keys: ["/other"] };

/** A scene whose second file has a table `[sidecar]`. */
function sceneWith(
  { folder, keys, confd = ANY_CONFD, table, other = OTHER }: {
    folder: Folder;
    keys: FileKeys;
    confd?: typeof ANY_CONFD;
    table: string;
    other?: Rendered;
  },
): Scene {
  const scene = new Scene(folder, { confd, keys, rendered: [{ ...CONF, keys: ["/key"] }, other] });
  scene.env.CONFD_CONFDFILE_2 = `${other.name}.toml\n${resource(folder, other)}[sidecar]\n${table}\n`;
  return scene;
}

eachConfd("each file is reloaded in its own way, and both at once are one rollout", async ({ folder, confd }) => {
  if (confd.panics) return;
  const keys = new FileKeys(folder, { "/key": "one", "/other": "one" });
  const log = folder.at("ran");
  const command = folder.write("command.sh", `#!/bin/sh\necho ran >> ${log}\n`, 0o755);
  const scene = sceneWith({ folder, keys, confd, table: `reload = "exec:${command}"` });
  await using sidecar = scene.start();
  await sidecar.stdout.next("start: value=one");
  await keys.put({ "/other": "two" });
  await sidecar.stderr.next("main program was reloaded by its command");
  assertEquals(Deno.readTextFileSync(log), "ran\n");
  assertEquals(sidecar.stdout.all.filter((line) => line.startsWith("HUP")), [], "the other file has not changed");
  await keys.put({ "/key": "two", "/other": "three" });
  await sidecar.stdout.next("HUP: value=two");
  await sidecar.stderr.next("main program was reloaded in 2 ways");
  assertEquals(Deno.readTextFileSync(log), "ran\nran\n");
});

eachConfd("both confds ignore the table", async ({ folder, confd }) => {
  const keys = { env: { CONFD_BACKEND: "env", KEY: "one", OTHER: "two" } };
  const scene = new Scene(folder, { confd, keys, rendered: [CONF, OTHER] });
  for (const [i, one] of [CONF, OTHER].entries()) {
    const table = '[sidecar]\nreload = "exec:true"\nenv = false\nrequired = true\n';
    scene.env[`CONFD_CONFDFILE_${i + 1}`] = `${one.name}.toml\n${resource(folder, one)}${table}`;
  }
  await using sidecar = scene.start();
  await sidecar.stdout.next("start: value=one");
  assertEquals(Deno.readTextFileSync(destination(folder, OTHER)), "other=two\n");
  assert(!sidecar.stderr.all.some((line) => /warn.*sidecar|unknown|undecoded/i.test(line)), "nothing is said of it");
});

Deno.test("a file that wants a restart gets one, and the other files need nothing more", async () => {
  using folder = new Folder();
  const keys = new FileKeys(folder, { "/key": "one", "/other": "one" });
  const scene = sceneWith({ folder, keys, table: 'reload = "restart"' });
  await using sidecar = scene.start();
  await sidecar.stdout.next("start: value=one");
  await keys.put({ "/key": "two", "/other": "two" });
  await sidecar.stdout.next("TERM");
  await sidecar.stdout.next("start: value=two");
  await keys.put({ "/key": "three" });
  await sidecar.stdout.next("HUP: value=three");
  assertEquals(sidecar.stdout.all.filter((line) => line.startsWith("start:")).length, 2);
});

Deno.test("a way that fails is tried again by itself", async () => {
  using folder = new Folder();
  const keys = new FileKeys(folder, { "/key": "one", "/other": "one" });
  const command = folder.write("command.sh", `#!/bin/sh\ntest -e ${folder.at("now")}\n`, 0o755);
  const scene = sceneWith({ folder, keys, table: `reload = "exec:${command}"` });
  await using sidecar = scene.start();
  await sidecar.stdout.next("start: value=one");
  await keys.put({ "/key": "two", "/other": "two" });
  await sidecar.stdout.next("HUP: value=two");
  await sidecar.stderr.next("main program was not reloaded: ");
  folder.write("now", "");
  await sidecar.stderr.next("main program was reloaded by its command at the ");
  assertEquals(
    sidecar.stdout.all.filter((line) => line.startsWith("HUP")).length,
    1,
    "what has worked is not done again",
  );
});

const ENV: Rendered = {
  name: "service.env",
  template: '# for the service\nGREETING={{getv "/greeting"}}\nPATH_TO="{{getv "/path"}}"\n',
  keys: ["/greeting", "/path"],
};

/** A service that knows its environment alone, and shows it. */
function environmentService(folder: Folder): string[] {
  const script = `trap 'exit 0' TERM; echo "greeting=$GREETING path=$PATH_TO"; while :; do sleep 0.05; done`;
  return ["/bin/sh", "-c", script, folder.path];
}

function envScene(folder: Folder, keys: FileKeys): Scene {
  const scene = new Scene(folder, { confd: ANY_CONFD, keys, rendered: [ENV] });
  scene.env.CONFD_CONFDFILE_1 = `${ENV.name}.toml\n${resource(folder, ENV)}[sidecar]\nenv = true\n`;
  return scene;
}

Deno.test("an environment file is the service's environment, and a change starts it anew", async () => {
  using folder = new Folder();
  const keys = new FileKeys(folder, { "/greeting": "hello # there", "/path": "/a b" });
  const scene = envScene(folder, keys);
  const env = { GREETING: "inherited", SIDECAR_DIFF: "full" };
  await using sidecar = scene.start({ args: environmentService(folder), env });
  await sidecar.stdout.next("greeting=hello # there path=/a b");
  await keys.put({ "/greeting": "good-bye-s3cret" });
  await sidecar.stdout.next("greeting=good-bye-s3cret path=/a b");
  const status = (await overSocket(scene, "GET", "/status")).body + (await client(scene, "--status")).out;
  const log = sidecar.stderr.all.filter((line) => line.includes("supervisor["));
  for (const text of [status, ...log]) assert(!text.includes("s3cret"), "values are nobody else's affair");
});

Deno.test("a malformed environment file never goes live", async () => {
  using folder = new Folder();
  const keys = new FileKeys(folder, { "/greeting": "hello", "/path": "/a" });
  const scene = envScene(folder, keys);
  await using sidecar = scene.start({ args: environmentService(folder) });
  await sidecar.stdout.next("greeting=hello path=/a");
  await keys.put({ "/path": 'unclosed" s3cret' });
  await sidecar.stderr.next(
    `the new configuration is refused: ${
      destination(folder, ENV)
    } is no environment file: line 3: something stands behind the closing quote`,
  );
  assertMatch(Deno.readTextFileSync(destination(folder, ENV)), /^PATH_TO="\/a"$/m);
  await keys.put({ "/path": "/b" });
  await sidecar.stdout.next("greeting=hello path=/b");
});

Deno.test("the check sees the environment that the service would get", async () => {
  using folder = new Folder();
  const keys = new FileKeys(folder, { "/greeting": "hello", "/path": "/a" });
  const scene = envScene(folder, keys);
  const check = folder.write("check.sh", '#!/bin/sh\ntest "$GREETING" != rude\n', 0o755);
  const env = { SIDECAR_CHECK: `${check} ${destination(folder, ENV)}` };
  await using sidecar = scene.start({ args: environmentService(folder), env });
  await sidecar.stdout.next("greeting=hello path=/a");
  await keys.put({ "/greeting": "rude" });
  await sidecar.stderr.next("the new configuration is refused: ");
  await keys.put({ "/greeting": "kind" });
  await sidecar.stdout.next("greeting=kind path=/a");
});

Deno.test("a file that is not required joins when it comes", async () => {
  for (const staged of [false, true]) {
    using folder = new Folder();
    const keys = new FileKeys(folder, { "/key": "one" });
    const scene = sceneWith({ folder, keys, table: "required = false" });
    const check = folder.write("check.sh", "#!/bin/sh\ntrue\n", 0o755);
    await using sidecar = scene.start({ env: staged ? { SIDECAR_CHECK: `${check} ${scene.dest}` } : {} });
    await sidecar.stdout.next("start: value=one");
    const other = destination(folder, OTHER);
    const before = await untilStatus(scene, "the service to run", ({ phase }) => phase === "running");
    assertEquals(before.config.destinations.find(({ path }) => path === other)?.state, "missing");
    assert(before.ready, "it is ready without it");
    await keys.put({ "/other": "there" });
    await sidecar.stdout.next("HUP: value=one");
    await until("the file", () => Deno.readTextFileSync(other) === "other=there\n");
  }
});

Deno.test("what is wrong in a table is told with everything else that is wrong", async () => {
  using folder = new Folder();
  const keys = new FileKeys(folder, { "/key": "one", "/other": "one" });
  const scene = sceneWith({ folder, keys, table: 'relaod = "restart"\nreload = "exec:/nowhere/at-all"\nenv = 1' });
  await using sidecar = scene.start({ env: { SIDECAR_SETTLE: "soon" } });
  await sidecar.stderr.next("SIDECAR_SETTLE: ");
  await sidecar.stderr.next("there is no 'relaod' in [sidecar]; did you mean \"reload\"?");
  await sidecar.stderr.next("'env' in [sidecar] is 1; wanted is true or false");
  assertEquals(await sidecar.status(), 78);
});

Deno.test("a command of a table that is not there is found before anything is started", async () => {
  using folder = new Folder();
  const keys = new FileKeys(folder, { "/key": "one", "/other": "one" });
  const scene = sceneWith({ folder, keys, table: 'reload = "exec:/nowhere/at-all"' });
  await using sidecar = scene.start();
  await sidecar.stderr.next("other.conf.toml): 'reload' in [sidecar]: ");
  assertEquals(await sidecar.status(), 127);
});
