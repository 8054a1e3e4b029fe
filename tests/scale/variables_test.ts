/**
 * The largest variables that the kernel hands over, and files that are larger and so come with the image.
 *
 * A variable may take 32 pages (MAX_ARG_STRLEN), its name, the `=` and the zero byte at its end included; all variables
 * and arguments together a quarter of the stack's limit.
 *
 * Touches: files and processes, through the support modules; /proc, reading.
 * @module
 */
import { assert, assertEquals, assertThrows } from "../support/assert.ts";
import { ANY_CONFD, e2e, eachConfd } from "../support/confds.ts";
import { FileKeys } from "../support/keys.ts";
import { destination, type Rendered, resource, Scene } from "../support/scene.ts";
import type { Sidecar } from "../support/sidecar.ts";

const LIMIT_BYTES = 131_072;
const NAME = "CONFD_TEMPLATE_1";
const LARGE: Rendered = { name: "large.conf", template: "" };
const FIRST_LINE = `${LARGE.name}.tmpl\n`;
const ENCODER = new TextEncoder();

/** A text of so many bytes, in which no line is as another and some characters take several bytes. */
function textOf(bytes: number): string {
  let text = "";
  for (let line = 0, length = 0; length < bytes; line++) {
    const next = `${line} grüße, 設定 ${(line * 7919).toString(36)}\n`;
    const room = bytes - length;
    length += ENCODER.encode(next).length;
    text += length <= bytes ? next : "#".repeat(room - 1) + "\n";
  }
  return text;
}

/** The content of a template that makes its variable exactly so long as the kernel counts it. */
function templateOf(bytes: number, name = NAME, firstLine = FIRST_LINE): string {
  return textOf(bytes - ENCODER.encode(`${name}=${firstLine}\0`).length);
}

/** A variable as the service got it. */
function variableOf(sidecar: Sidecar, name: string): string | undefined {
  const pid = /pid: (\d+)/.exec(sidecar.stdout.all[0])![1];
  const variables = Deno.readTextFileSync(`/proc/${pid}/environ`).split("\0");
  return variables.find((variable) => variable.startsWith(`${name}=`))?.slice(name.length + 1);
}

eachConfd("a variable of 128 KiB, the most that the kernel takes, is rendered byte for byte", async (given) => {
  const { confd, folder } = given;
  const template = templateOf(LIMIT_BYTES);
  const value = FIRST_LINE + template;
  assertEquals(ENCODER.encode(`${NAME}=${value}\0`).length, LIMIT_BYTES);
  const keys = new FileKeys(folder, { "/key": "one" });
  const scene = new Scene(folder, { confd, keys, rendered: [{ ...LARGE, template }] });
  await using sidecar = scene.start();
  await sidecar.stdout.next("start: 0 grüße");
  assert(Deno.readTextFileSync(scene.dest) === template, "what is rendered is not what the variable holds");
  assert(variableOf(sidecar, NAME) === value, "the service did not get the variable as it is");
});

Deno.test("a variable that is a byte longer reaches no program at all: the kernel refuses", () => {
  const start = (bytes: number) =>
    new Deno.Command("true", { env: { [NAME]: FIRST_LINE + templateOf(bytes) }, clearEnv: true }).outputSync();
  assert(start(LIMIT_BYTES).success);
  assertThrows(() => start(LIMIT_BYTES + 1), /Argument list too long/);
});

e2e("a dozen variables of 128 KiB are rendered, and handed on to the service", async ({ folder }) => {
  const names = Array.from({ length: 12 }, (_, i) => `${i + 1}.conf`);
  const rendered = names.map((name, i) => ({
    name,
    template: templateOf(LIMIT_BYTES, `CONFD_TEMPLATE_${i + 1}`, `${name}.tmpl\n`),
  }));
  const keys = new FileKeys(folder, { "/key": "one" });
  await using sidecar = new Scene(folder, { confd: ANY_CONFD, keys, rendered }).start();
  await sidecar.stdout.next("start: 0 grüße");
  rendered.forEach((one, i) => {
    assert(
      Deno.readTextFileSync(destination(folder, one)) === one.template,
      `${one.name} is not what its variable holds`,
    );
    assert(variableOf(sidecar, `CONFD_TEMPLATE_${i + 1}`) === `${one.name}.tmpl\n${one.template}`, one.name);
  });
}, { parts: [ANY_CONFD.part] });

eachConfd("a template of a megabyte in the image, and its resource in a variable", async ({ confd, folder }) => {
  const template = textOf(1 << 20) + '{{getv "/key"}}\n';
  folder.write(`confd.d/templates/${LARGE.name}.tmpl`, template);
  const keys = new FileKeys(folder, { "/key": "one" });
  const scene = new Scene(folder, { confd, keys, rendered: [] });
  const env = { CONFD_CONFDFILE_1: `${LARGE.name}.toml\n${resource(folder, LARGE)}` };
  await using sidecar = scene.start({ env });
  await sidecar.stdout.next("ready");
  assert(Deno.readTextFileSync(destination(folder, LARGE)) === template.replace('{{getv "/key"}}', "one"));
});

e2e(
  "with all files in the image, nothing is written to confd's folder but a record, and changes arrive",
  async ({ folder }) => {
    const one = { ...LARGE, template: '{{getv "/key"}}\n' + textOf(1 << 20) };
    folder.write(`confd.d/conf.d/${one.name}.toml`, resource(folder, one));
    folder.write(`confd.d/templates/${one.name}.tmpl`, one.template);
    const before = stamps(folder.at("confd.d"));
    const keys = new FileKeys(folder, { "/key": "one" });
    const scene = new Scene(folder, { confd: ANY_CONFD, keys, rendered: [] });
    // The service shows a file's whole text: here it has nothing to show.
    await using sidecar = scene.start({ service: { file: "/dev/null" } });
    await sidecar.stdout.next("start: ");
    await keys.put({ "/key": "two" });
    await sidecar.stdout.next("HUP: ");
    assert(Deno.readTextFileSync(destination(folder, one)) === one.template.replace('{{getv "/key"}}', "two"));
    const ours = stamps(folder.at("confd.d")).filter((stamp) => !/confd\.d \d+$|\.confd-sidecar/.test(stamp));
    assertEquals(ours, before.filter((stamp) => !/confd\.d \d+$/.test(stamp)));
  },
  { parts: [ANY_CONFD.part] },
);

/** Each path below a folder, with the time of its last change. */
function stamps(path: string): string[] {
  const { isDirectory, mtime } = Deno.statSync(path);
  const below = isDirectory ? [...Deno.readDirSync(path)].flatMap(({ name }) => stamps(`${path}/${name}`)) : [];
  return [`${path} ${mtime?.getTime()}`, ...below].sort();
}
