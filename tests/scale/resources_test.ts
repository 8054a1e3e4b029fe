/**
 * Two hundred template resources and two hundred templates, each in a variable of its own. With keys in etcd: for a file
 * of keys, confd opens one inotify instance for each resource, and a user has 128.
 *
 * Touches: files and processes, through the support modules; standard output, for figures.
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import { ANY_CONFD, e2e, eachConfd } from "../support/confds.ts";
import { Etcd } from "../support/etcd.ts";
import { FileKeys } from "../support/keys.ts";
import { destination, type Rendered, Scene } from "../support/scene.ts";
import { type Folder, Sidecar } from "../support/sidecar.ts";
import { inMib, memoryOf } from "../support/usage.ts";

const COUNT = 200;
const MANY: Rendered[] = Array.from({ length: COUNT }, (_, i) => ({
  name: `${i + 1}.conf`,
  template: `number=${i + 1} value={{getv "/key"}}\n`,
}));
const LAST = MANY[COUNT - 1];
/** Long enough for a slow confd to render two hundred files without a pause as long. */
const SETTLE = "2s";

/** The values that all files have, each once. */
function valuesIn(folder: Folder, rendered = MANY): string[] {
  const texts = rendered.map((one) => Deno.readTextFileSync(destination(folder, one)));
  texts.forEach((text, i) => assert(text.startsWith(`number=${i + 1} value=`) && text.endsWith("\n"), text));
  return [...new Set(texts.map((text) => text.trim().split("value=")[1]))];
}

function count(lines: readonly string[], what: string): number {
  return lines.filter((line) => line.includes(what)).length;
}

eachConfd("200 resources: all are rendered before the one start, and a change of all is one reload", async (given) => {
  const { confd, folder } = given;
  await using keys = await new Etcd(folder, confd.etcd).start();
  await keys.put({ "/key": "one" });
  const scene = new Scene(folder, { confd, keys, rendered: MANY });
  const begun = performance.now();
  await using sidecar = scene.start({ env: { SIDECAR_SETTLE: SETTLE } });
  await sidecar.stdout.next("start: number=1 value=one");
  const startMs = performance.now() - begun;
  assertEquals(valuesIn(folder), ["one"]);
  for (const value of ["two", "three"]) {
    await keys.put({ "/key": value });
    await sidecar.stdout.next(`HUP: number=1 value=${value}`);
    assertEquals(valuesIn(folder), [value]);
  }
  console.log(
    `    ${confd.name}: started after ${Math.round(startMs)} ms; ${inMib(memoryOf(sidecar.pid).rss)} of its own`,
  );
  sidecar.signal("SIGTERM");
  assertEquals(await sidecar.status(), 0);
  assertEquals(count(sidecar.stdout.all, "start:"), 1);
  assertEquals(count(sidecar.stdout.all, "HUP"), 2);
}, { parts: ["etcd"] });

eachConfd("200 resources: a start that finds all files in sync", async ({ confd, folder }) => {
  await using keys = await new Etcd(folder, confd.etcd).start();
  await keys.put({ "/key": "one" });
  const scene = new Scene(folder, { confd, keys, rendered: MANY });
  for (const one of MANY) folder.write(`out/${one.name}`, one.template.replace(/{{.*}}/, "one"));
  await using sidecar = scene.start();
  await sidecar.stdout.next("start: number=1 value=one");
  assertEquals(count(sidecar.stderr.all, "has been updated"), 0);
}, { parts: ["etcd"] });

e2e("200 resources, with a check: the 200th file alone can have all of them refused", async ({ folder }) => {
  const confd = ANY_CONFD;
  await using keys = await new Etcd(folder, confd.etcd).start();
  await keys.put({ "/key": "one", "/last": "one" });
  const rendered = [...MANY.slice(0, -1), { ...LAST, template: LAST.template.replace("/key", "/last") }];
  const scene = new Scene(folder, { confd, keys, rendered });
  const check = folder.write("check.sh", '#!/bin/sh\nls "$1" | grep -c conf\n! grep -l bad "$1"/*\n', 0o755);
  const env = { SIDECAR_SETTLE: SETTLE, SIDECAR_CHECK: `${check} ${folder.at("out")}` };
  await using sidecar = scene.start({ env });
  await sidecar.stderr.next(`check: ${COUNT}`);
  await sidecar.stdout.next("start: number=1 value=one");
  await keys.put({ "/key": "two", "/last": "bad" });
  await sidecar.stderr.next(`check: ${destination(folder, LAST)}`);
  await sidecar.stderr.next("warning: the new configuration is refused");
  assertEquals(valuesIn(folder, rendered), ["one"]);
  await keys.put({ "/key": "three", "/last": "three" });
  await sidecar.stdout.next("HUP: number=1 value=three");
  assertEquals(valuesIn(folder, rendered), ["three"]);
  assertEquals(count(sidecar.stdout.all, "HUP"), 1);
}, { parts: [ANY_CONFD.part, "etcd"] });

e2e("200 resources from a file of keys, polled: confd opens nothing to watch it with", async ({ folder }) => {
  const keys = new FileKeys(folder, { "/key": "one" });
  const scene = new Scene(folder, { confd: ANY_CONFD, keys, rendered: MANY });
  const env = { SIDECAR_SETTLE: SETTLE, SIDECAR_CONFD_INTERVAL: "1s" };
  await using sidecar = scene.start({ confdArgs: "--watch=false", env });
  await sidecar.stdout.next("start: number=1 value=one");
  await keys.put({ "/key": "two" });
  await sidecar.stdout.next("HUP: number=1 value=two");
  assertEquals(valuesIn(folder), ["two"]);
  assertEquals(count(sidecar.stderr.all, "too many open files"), 0);
}, { parts: [ANY_CONFD.part] });

e2e("200 resources: what is wrong with the 200th is told by its name, and nothing is written", async ({ folder }) => {
  const keys = new FileKeys(folder, { "/key": "one" });
  const { env, confdDir } = new Scene(folder, { confd: ANY_CONFD, keys, rendered: MANY });
  const wrong = {
    ...env,
    CONFD_CONFDFILE_199: env.CONFD_CONFDFILE_199.replace("199.conf.tmpl", "none.tmpl"),
    CONFD_CONFDFILE_200: env.CONFD_CONFDFILE_200.replace("keys =", "keys"),
  };
  await using sidecar = new Sidecar({ args: ["true"], env: wrong });
  assertEquals(await sidecar.status(), 78);
  assertEquals(sidecar.stderr.all.length, 2, sidecar.stderr.all.join("\n"));
  await sidecar.stderr.next("CONFD_CONFDFILE_199 (199.conf.toml): 'src' is \"none.tmpl\"");
  await sidecar.stderr.next("CONFD_CONFDFILE_200 (200.conf.toml): not TOML");
  assert(!count([...Deno.readDirSync(folder.path)].map(({ name }) => name), confdDir.split("/").at(-1)!));
}, { parts: [ANY_CONFD.part] });
