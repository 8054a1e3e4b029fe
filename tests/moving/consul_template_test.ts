/**
 * docs/from-consul-template.md: consul-template's exec mode and the sidecar, with the same service, the same key and the same
 * change, beside one another.
 *
 * Touches: files, processes, the loopback network, through the support modules.
 * @module
 */
import { ConsulServer } from "../backends/consul.ts";
import { readText } from "../docs/pages.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { ANY_CONFD, e2e } from "../support/confds.ts";
import { Scene } from "../support/scene.ts";
import { service } from "../support/service.ts";
import { Sidecar } from "../support/sidecar.ts";
import { binaryOf } from "../tools/parts.ts";

const PARTS = { parts: [ANY_CONFD.part, "consul", "consul-template"] } as const;

e2e("docs/from-consul-template.md: exec mode's words and ours do the same", async ({ folder }) => {
  await using consul = await new ConsulServer(folder).start();
  await consul.put({ "/key": "one" });
  const file = folder.at("theirs.conf");
  const template = folder.write("theirs.tmpl", 'value={{ key "key" }}\n');
  const words = service(folder, { file, status: 4 });
  const command = [
    binaryOf("consul-template"),
    `-consul-addr=${consul.address}`,
    `-template=${template}:${file}`,
    // It runs that by a shell, which its SIGHUP would end.
    `-exec=exec ${words.join(" ")}`,
    "-exec-reload-signal=SIGHUP",
    "-exec-kill-signal=SIGTERM",
    "-wait=200ms:2s",
  ];
  await using theirs = new Sidecar({ command, args: [] });
  const scene = new Scene(folder, { confd: ANY_CONFD, keys: consul });
  await using ours = scene.start({ service: { status: 4 } });
  for (const run of [theirs, ours]) await run.stdout.next("start: value=one");
  await consul.put({ "/key": "two" });
  for (const run of [theirs, ours]) await run.stdout.next("HUP: value=two");
  for (const run of [theirs, ours]) run.signal("SIGTERM");
  await theirs.status();
  assertEquals(await ours.status(), 4, "the exit status is the service's");
}, PARTS);

e2e("docs/from-consul-template.md: there a change restarts by default, here it is a SIGHUP", async ({ folder }) => {
  await using consul = await new ConsulServer(folder).start();
  await consul.put({ "/key": "one" });
  const file = folder.at("theirs.conf");
  const template = folder.write("theirs.tmpl", 'value={{ key "key" }}\n');
  const command = [
    binaryOf("consul-template"),
    `-consul-addr=${consul.address}`,
    `-template=${template}:${file}`,
    `-exec=${service(folder, { file }).join(" ")}`,
  ];
  await using theirs = new Sidecar({ command, args: [] });
  await theirs.stdout.next("start: value=one");
  await consul.put({ "/key": "two" });
  await theirs.stdout.next("start: value=two");
  assert(!theirs.stdout.all.some((line) => line.startsWith("HUP")), "it was started again");
}, PARTS);

/** The pairs that the page has: `{{ theirs }}` is `{{ ours }}`. */
const PAIRS = [...readText("docs/from-consul-template.md").matchAll(/`(\{\{[^`]+\}\})`\s+is\s+`(\{\{[^`]+\}\})`/g)]
  .map(([, theirs, ours]) => ({ theirs: closed(theirs, ".Key"), ours: closed(ours, "base .Key") }));

/** A template that stands alone: a range has a body and an end. */
function closed(template: string, key: string): string {
  return template.includes("range") ? `${template}{{ ${key} }}={{ .Value }};{{ end }}` : template;
}

e2e("docs/from-consul-template.md: the templates that it translates render the same", async ({ folder }) => {
  assertEquals(PAIRS.length, 4);
  await using consul = await new ConsulServer(folder).start();
  await consul.put({ "/a/b": "one", "/a/c": "two" });
  const file = folder.at("theirs.conf");
  const template = folder.write("theirs.tmpl", PAIRS.map(({ theirs }) => `${theirs}\n`).join(""));
  const command = [
    binaryOf("consul-template"),
    `-consul-addr=${consul.address}`,
    `-template=${template}:${file}`,
    "-once",
  ];
  await using theirs = new Sidecar({ command, args: [] });
  assertEquals(await theirs.status(), 0);
  const ours = PAIRS.map(({ ours }) => `${ours}\n`).join("");
  const scene = new Scene(folder, {
    confd: ANY_CONFD,
    keys: consul,
    rendered: [{ name: "ours.conf", template: ours }],
  });
  await using once = new Sidecar({ args: ["--once"], env: scene.env });
  assertEquals(await once.status(), 0);
  const rendered = Deno.readTextFileSync(scene.dest);
  assertEquals(rendered, Deno.readTextFileSync(file));
  assert(rendered.includes("one\nb=one;c=two;\n"), rendered);
}, PARTS);
