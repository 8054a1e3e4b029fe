import type { WantedFile } from "../../lib/confd/file_variables.ts";
import { type Image, readResources } from "../../lib/confd/resources.ts";
import { assert, assertEquals } from "../support/assert.ts";

function image(resources: Record<string, string> = {}, { templates = ["a.tmpl"], hasShell = true } = {}): Image {
  return { resources: new Map(Object.entries(resources)), hasTemplate: (src) => templates.includes(src), hasShell };
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
