/**
 * The main job: confd renders, the service starts, a change reaches it as one SIGHUP.
 *
 * Touches: files and processes, through the support modules.
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import { eachConfd } from "../support/confds.ts";
import { Etcd, steadyKeys } from "../support/etcd.ts";
import { FileKeys, type Keys } from "../support/keys.ts";
import { CONF, destination, type Rendered, resource, Scene, SETTLE } from "../support/scene.ts";
import { service } from "../support/service.ts";
import { whyNoMounts } from "../support/mounts.ts";
import { type Sidecar, until } from "../support/sidecar.ts";

/** How often the service was told to reload. */
function reloads(sidecar: Sidecar): number {
  return sidecar.stdout.all.filter((line) => line.startsWith("HUP")).length;
}

/** The messages of the sidecar's own lines, without time and number. */
function messages(sidecar: Sidecar): string[] {
  return sidecar.stderr.all.flatMap((line) =>
    /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d supervisor\[\d+\]: (.*)$/.exec(line)?.[1] ?? []
  );
}

/** Changes a key and waits for the reload that comes of it. */
async function changeAndSee(sidecar: Sidecar, keys: Keys, value: string): Promise<void> {
  await keys.put({ "/key": value });
  await sidecar.stdout.next(`HUP: value=${value}`);
}

eachConfd("the log has the sentences that it always had, and in their order", async ({ confd, folder }) => {
  const keys = new FileKeys(folder, { "/key": "one" });
  const scene = new Scene(folder, { confd, keys });
  await using sidecar = scene.start({ env: { SIDECAR_SETTLE: "" } });
  await sidecar.stdout.next("start: value=one");
  await changeAndSee(sidecar, keys, "two");
  await sidecar.stderr.next("reloading main program now");
  const sentences = [
    `main program and arguments to be run: [${service(folder, { file: scene.dest }).join(" ")}]`,
    "creating / updating confd conf.d file service.conf.toml",
    "creating / updating confd template file service.conf.tmpl",
    "confd started — waiting one second to start main program",
    "confd has updated a config file — waiting one second to start main program",
    "starting main program now",
    "confd has updated a config file — waiting one second to reload main program",
    "reloading main program now",
  ];
  assertEquals(messages(sidecar).filter((msg) => sentences.includes(msg)), sentences);
  const confdSays = sidecar.stderr.all.filter((line) => /^\S+Z \S+ \S+\[\d+\]: INFO /.test(line));
  for (const words of ["Backend set to file", `${scene.dest} out of sync`, `${scene.dest} has been updated`]) {
    assert(confdSays.some((line) => line.endsWith(words)), `confd's own '${words}' is not in the log`);
  }
});

eachConfd("a change in the backend 'file' reaches the service", async ({ confd, folder }) => {
  const keys = new FileKeys(folder, { "/key": "one" });
  await using sidecar = new Scene(folder, { confd, keys }).start({ service: { status: 7 } });
  await sidecar.stdout.next("start: value=one");
  await changeAndSee(sidecar, keys, "two");
  sidecar.signal("SIGTERM");
  assertEquals(await sidecar.status(), 7);
  assertEquals(reloads(sidecar), 1);
});

eachConfd("each change is one reload, and two destinations that change together are one", async ({ confd, folder }) => {
  const rendered: Rendered[] = [CONF, { name: "other.conf", template: 'other={{getv "/key"}} {{getv "/more"}}\n' }];
  await using keys = await steadyKeys(folder, confd, { "/key": "one", "/more": "" });
  await using sidecar = new Scene(folder, { confd, keys, rendered }).start();
  await sidecar.stdout.next("start: value=one");
  await changeAndSee(sidecar, keys, "two");
  await keys.put({ "/more": "2" });
  await sidecar.stdout.next("HUP: value=two");
  await changeAndSee(sidecar, keys, "three");
  sidecar.signal("SIGTERM");
  assertEquals(await sidecar.status(), 0);
  assertEquals(reloads(sidecar), 3);
  assertEquals(Deno.readTextFileSync(destination(folder, rendered[1])), "other=three 2\n");
}, { steadyKeys: true });

eachConfd("a change that is taken back in time reloads nothing", async ({ confd, folder }) => {
  await using keys = await steadyKeys(folder, confd, { "/key": "one" });
  await using sidecar = new Scene(folder, { confd, keys }).start({ env: { SIDECAR_SETTLE: "1s" } });
  await sidecar.stdout.next("start: value=one");
  await keys.put({ "/key": "two" });
  await sidecar.stderr.next("waiting one second to reload main program");
  await keys.put({ "/key": "one" });
  await sidecar.stderr.next("the change was taken back: nothing to reload");
  await changeAndSee(sidecar, keys, "three");
  assertEquals(reloads(sidecar), 1);
}, { steadyKeys: true });

eachConfd("changes without end put neither start nor reload off for ever", async ({ confd, folder }) => {
  await using keys = await steadyKeys(folder, confd, { "/key": "0" });
  const env = { SIDECAR_SETTLE: "1s", SIDECAR_SETTLE_MAX: "1s" };
  await using sidecar = new Scene(folder, { confd, keys }).start({ env });
  let value = 0;
  // Each change comes long before the settle time is over: only the limit can end the windows.
  await until("a reload amid changes", async () => {
    await keys.put({ "/key": String(++value) });
    await new Promise((resolve) => setTimeout(resolve, 40));
    return reloads(sidecar) > 0;
  });
  assert(sidecar.stdout.all.some((line) => line.startsWith("start: value=")));
}, { steadyKeys: true });

eachConfd("a file rewritten with what it held before is no change", async ({ confd, folder }) => {
  const rendered: Rendered[] = [CONF, { name: "other.conf", template: 'other={{getv "/key"}}\n' }];
  const keys = new FileKeys(folder, { "/key": "one" });
  const scene = new Scene(folder, { confd, keys, rendered });
  await using sidecar = scene.start({ env: { SIDECAR_LOG_FORMAT: "json", SIDECAR_LOG_LEVEL: "debug" } });
  await sidecar.stdout.next("start: value=one");
  const before = sidecar.stderr.all.length;
  folder.write("out/service.conf", "value=one\n");
  folder.write("out/other.conf", "other=two\n");
  await sidecar.stdout.next("HUP: value=one");
  const changes = sidecar.stderr.all.slice(before).map((line) => JSON.parse(line)).filter(({ dest }) => dest);
  assertEquals([...new Set(changes.map(({ dest }) => dest))], [destination(folder, rendered[1])]);
});

eachConfd("files that are there already and in sync start the service, however little confd says", async (stage) => {
  const { confd, folder } = stage;
  await using keys = await steadyKeys(folder, confd, { "/key": "one" });
  const scene = new Scene(folder, { confd, keys });
  {
    await using first = scene.start();
    await first.stdout.next("start: value=one");
  }
  await using second = scene.start({ confdArgs: "--log-level=warn" });
  await second.stderr.next(`every config file is in place — waiting ${SETTLE} to start main program`);
  await second.stdout.next("start: value=one");
  assert(!messages(second).some((msg) => msg.startsWith("creating / updating")), "written though nothing differed");
  await changeAndSee(second, keys, "two");
}, { steadyKeys: true });

eachConfd("a file of the image's that nobody has rendered does not start the service", async ({ confd, folder }) => {
  // Nobody listens at the address.
  const scene = new Scene(folder, { confd, keys: new Etcd(folder, confd.etcd) });
  folder.write("out/service.conf", "value=of the image\n");
  await using sidecar = scene.start({ env: { SIDECAR_START_TIMEOUT: "3s" } });
  await sidecar.stderr.next(`main program waits for confd to render ${scene.dest}`);
  await sidecar.stderr.next(
    `error: giving up after SIDECAR_START_TIMEOUT, 3 seconds: main program waits for confd to render ${scene.dest}`,
  );
  assertEquals(await sidecar.status(), 69);
  assertEquals(sidecar.stdout.all, []);
});

eachConfd("a stale file is rendered anew before the service starts", async ({ confd, folder }) => {
  const keys = new FileKeys(folder, { "/key": "one" });
  folder.write("out/service.conf", "value=of the image\n");
  await using sidecar = new Scene(folder, { confd, keys }).start();
  assertEquals(await sidecar.stdout.next("start"), "start: value=one ");
});

eachConfd("template resources that are in the image count, in sub-folders too", async ({ confd, folder }) => {
  const keys = new FileKeys(folder, { "/key": "one" });
  const scene = new Scene(folder, { confd, keys, rendered: [] });
  const below: Rendered = { name: "below/other.conf", template: 'other={{getv "/key"}}\n' };
  for (const one of [CONF, below]) {
    folder.write(`confd.d/conf.d/${one.name}.toml`, resource(folder, one));
    folder.write(`confd.d/templates/${one.name}.tmpl`, one.template);
  }
  await using sidecar = scene.start();
  await sidecar.stdout.next("start: value=one");
  assertEquals(Deno.readTextFileSync(destination(folder, below)), "other=one\n");
});

eachConfd("a confd that logs errors alone makes no difference to reloads", async ({ confd, folder }) => {
  await using keys = await steadyKeys(folder, confd, { "/key": "one" });
  await using sidecar = new Scene(folder, { confd, keys }).start({ confdArgs: "--log-level=error" });
  await sidecar.stdout.next("start: value=one");
  await changeAndSee(sidecar, keys, "two");
  assert(!sidecar.stderr.all.some((line) => line.includes("Target config")), "confd was not silent");
}, { steadyKeys: true });

eachConfd(
  "a destination that is a mount of its own, and so is written in place, reloads",
  async ({ confd, folder }) => {
    await using keys = await steadyKeys(folder, confd, { "/key": "one" });
    const scene = new Scene(folder, { confd, keys });
    const source = folder.write("mounted.conf", "value=of the image\n");
    folder.write("out/service.conf", "hidden by the mount\n");
    const script = 'mount --bind "$1" "$2" && shift 2 && exec "$@"';
    await using sidecar = scene.start({ prefix: ["unshare", "-m", "sh", "-c", script, "sh", source, scene.dest] });
    assertEquals(await sidecar.stdout.next("start"), "start: value=one ");
    await changeAndSee(sidecar, keys, "two");
    await changeAndSee(sidecar, keys, "three");
    assertEquals(Deno.readTextFileSync(source), "value=three\n");
    assertEquals(Deno.readTextFileSync(scene.dest), "hidden by the mount\n");
  },
  { steadyKeys: true, reason: whyNoMounts() },
);

eachConfd("the folders of a destination are made", async ({ confd, folder }) => {
  const keys = new FileKeys(folder, { "/key": "one" });
  const rendered = [{ ...CONF, dest: folder.at("made/below/service.conf") }];
  await using sidecar = new Scene(folder, { confd, keys, rendered }).start();
  await sidecar.stdout.next("start: value=one");
});

eachConfd("the backend 'env' renders, though it cannot be watched", async ({ confd, folder }) => {
  const scene = new Scene(folder, { confd, keys: { env: { CONFD_BACKEND: "env", KEY: "one" } } });
  await using sidecar = scene.start();
  await sidecar.stdout.next("start: value=one");
});

eachConfd("the backend 'env' shows no bodies of templates and no settings of the sidecar's", async (stage) => {
  const { confd, folder } = stage;
  const all = ["/*", "/*/*", "/*/*/*"].map((depth) => `{{range gets "${depth}"}}{{.Key}}\n{{end}}`).join("");
  const rendered = [{ ...CONF, template: all }];
  const keys = { env: { CONFD_BACKEND: "env", KEY: "one", A_KEY_BELOW: "two" } };
  const scene = new Scene(folder, { confd, keys, rendered });
  await using sidecar = scene.start();
  await sidecar.stdout.next("start: ");
  const shown = Deno.readTextFileSync(scene.dest).split("\n");
  assert(shown.includes("/key") && shown.includes("/a/key/below"), `the keys are not all there: ${shown}`);
  for (const key of shown) assert(!/template|confdfile|sidecar/.test(key), `${key} is shown`);
});

eachConfd("confd is found through PATH", async ({ confd, folder }) => {
  const keys = new FileKeys(folder, { "/key": "one" });
  const scene = new Scene(folder, { confd, keys });
  const at = confd.path(folder);
  if (at !== folder.at("confd")) Deno.symlinkSync(at, folder.at("confd"));
  await using sidecar = scene.start({ env: { CONFD_PATH: "", PATH: `${folder.path}:${Deno.env.get("PATH")}` } });
  await sidecar.stdout.next("start: value=one");
});
