import type { WantedFile } from "../../lib/confd/file_variables.ts";
import { type Image, readResources } from "../../lib/confd/resources.ts";
import { assert, assertEquals } from "../support/assert.ts";

function image(resources: Record<string, string> = {}, { templates = ["a.tmpl"], hasShell = true } = {}): Image {
  const template = (src: string) => templates.includes(src) ? new Uint8Array() : undefined;
  return { resources: new Map(Object.entries(resources)), template, hasShell };
}

function text(dest: string, { src = "a.tmpl", more = "" } = {}): string {
  return `[template]\nsrc = "${src}"\ndest = "${dest}"\nkeys = ["/"]\n${more}`;
}

function fromVariable(folder: "conf.d" | "templates", name: string, content: string): WantedFile {
  return { variable: folder === "conf.d" ? "CONFD_CONFDFILE_1" : "CONFD_TEMPLATE_1", folder, name, content };
}

Deno.test("readResources() puts those from variables and those in the image together", () => {
  const files = [
    fromVariable("conf.d", "b.toml", text("/b", { src: "b.tmpl" })),
    fromVariable("templates", "b.tmpl", ""),
  ];
  const { resources, problems, warnings } = readResources(
    files,
    image({ "a.toml": text("/a"), "sub/c.toml": text("/c") }),
  );
  assertEquals([problems, warnings], [[], []]);
  assertEquals(resources.map(({ dest }) => dest), ["/a", "/c", "/b"]);
});

Deno.test("readResources() lets a variable's file stand for the one of its name in the image", () => {
  const files = [fromVariable("conf.d", "a.toml", text("/new"))];
  const { resources, problems } = readResources(
    files,
    image({ "a.toml": "not TOML at all", "sub/a.toml": text("/sub") }),
  );
  assertEquals(problems, []);
  assertEquals(resources.map(({ dest }) => dest), ["/new", "/sub"]);
});

Deno.test("readResources() wants at least one", () => {
  assertEquals(readResources([fromVariable("templates", "a.tmpl", "")], image()), {
    resources: [],
    leftOver: [],
    tellTime: [],
    problems: [
      "there is no template resource: set CONFD_CONFDFILE_1 (first line: a name such as service.toml; then its content) " +
      "and CONFD_TEMPLATE_1, or put files into conf.d/ and templates/",
    ],
    warnings: [],
  });
});

Deno.test("readResources() does not say that there is none where there is a bad one", () => {
  const { problems } = readResources([fromVariable("conf.d", "a.toml", "[template]")], image());
  assertEquals(problems.length, 2);
  assert(problems.every((problem) => problem.startsWith("CONFD_CONFDFILE_1 (a.toml): ")), problems.join());
});

Deno.test("readResources() tells of a template that is nowhere, and which was meant", () => {
  const files = [
    fromVariable("conf.d", "a.toml", text("/a", { src: "servce.tmpl" })),
    fromVariable("templates", "service.tmpl", ""),
  ];
  assertEquals(readResources(files, image({ "b.toml": text("/b", { src: "zzz.tmpl" }) })).problems, [
    `conf.d/b.toml: 'src' is "zzz.tmpl", which neither a CONFD_TEMPLATE variable names nor templates/ holds`,
    `CONFD_CONFDFILE_1 (a.toml): 'src' is "servce.tmpl", which neither a CONFD_TEMPLATE variable names nor ` +
    `templates/ holds; did you mean "service.tmpl"?`,
  ]);
});

Deno.test("readResources() does not take a resource from a variable for a template", () => {
  const files = [fromVariable("conf.d", "a.toml", text("/a", { src: "a.toml" }))];
  assertEquals(readResources(files, image()).problems.length, 1);
});

Deno.test("readResources() refuses two resources with one destination, however it is spelled", () => {
  const { problems } = readResources([], image({ "a.toml": text("/srv/x"), "b.toml": text("/srv//x") }));
  assertEquals(problems, [
    "conf.d/b.toml: 'dest' is /srv/x, and so it is in conf.d/a.toml: they would overwrite each other",
  ]);
});

Deno.test("readResources() accepts the twins that a mounted ConfigMap shows", () => {
  const mounted = { "..2026_11_22/a.toml": text("/a"), "a.toml": text("/a") };
  const { resources, problems, warnings } = readResources([], image(mounted));
  assertEquals([problems, warnings], [[], []]);
  assertEquals(resources.map(({ dest }) => dest), ["/a"]);
});

Deno.test("readResources() tells of commands that need a shell where there is none", () => {
  const more = 'check_cmd = "check"\nreload_cmd = "reload"\n';
  const { problems, warnings } = readResources([], image({ "a.toml": text("/a", { more }) }, { hasShell: false }));
  assertEquals(problems, ["conf.d/a.toml: 'check_cmd' needs /bin/sh, which is not here: it would always fail"]);
  assertEquals(warnings, ["conf.d/a.toml: 'reload_cmd' needs /bin/sh, which is not here: it will fail"]);
  const shell = readResources([], image({ "a.toml": text("/a", { more }) }));
  assertEquals([shell.problems, shell.warnings], [[], []]);
  assertEquals(readResources([], image({ "a.toml": text("/a") }, { hasShell: false })).problems, []);
});

Deno.test("readResources() reports the problems and warnings of all", () => {
  const { problems, warnings } = readResources(
    [],
    image({
      "a.toml": "nonsense",
      "b.toml": text("relative"),
      "c.toml": text("/c", { more: "what = 1\n" }),
      "d.toml": text("/d", { src: "nowhere" }),
    }),
  );
  assertEquals(problems.map((problem) => problem.slice(0, 13)), ["conf.d/a.toml", "conf.d/b.toml", "conf.d/d.toml"]);
  assertEquals(warnings, ["conf.d/c.toml: confd ignores 'what'"]);
});

Deno.test("readResources() lists those that no variable names", () => {
  const files = [fromVariable("conf.d", "a.toml", text("/a"))];
  const { leftOver } = readResources(
    files,
    image({ "a.toml": text("/a"), "b.toml": text("/b"), "..1/b.toml": text("/b") }),
  );
  assertEquals(leftOver, ["b.toml"]);
});

Deno.test("readResources() tells of all problems where a name is bad, and of none that follows from that", () => {
  const refused = [
    fromVariable("templates", "b.tmpl", ""),
    fromVariable("conf.d", "bad.conf", text("relative")),
    fromVariable("conf.d", "lost", ""),
  ];
  const { problems } = readResources(
    [fromVariable("conf.d", "a.toml", text("/a", { src: "b.tmpl" }))],
    image(),
    refused,
  );
  assertEquals(problems, [`CONFD_CONFDFILE_1: 'dest' is "relative"; wanted is the absolute path of a file`]);
  assertEquals(readResources([], image(), refused.slice(2)).problems, []);
});

Deno.test("readResources() finds templates that tell the time", () => {
  const files = [
    fromVariable("conf.d", "a.toml", text("/a", { src: "b.tmpl" })),
    fromVariable("templates", "b.tmpl", '{{ datetime.Format "06" }}'),
  ];
  assertEquals(readResources(files, image({ "c.toml": text("/c") })).tellTime, ["CONFD_CONFDFILE_1 (a.toml)"]);
});

Deno.test("readResources() refuses a template with bytes in an action that are not UTF-8", () => {
  const read = (bytes: string) => {
    const template = () => Uint8Array.from(bytes, (letter) => letter.charCodeAt(0));
    return readResources([], { ...image({ "a.toml": text("/a") }), template }).problems;
  };
  assertEquals(read('{{getv "/a\xe9"}}'), [
    "conf.d/a.toml: templates/a.tmpl has an action between {{ and }} that is not valid UTF-8: confd cannot read it",
  ]);
  for (const right of ["r\xe9={{getv}}\xe9", "{{/* \xe9 */}}", '{{getv "/\xc3\xa9"}}', ""]) {
    assertEquals(read(right), [], right);
  }
});
