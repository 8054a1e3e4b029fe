import { readImage } from "../../lib/host/files/confd_dir.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { Folder } from "../support/sidecar.ts";

Deno.test("readImage() takes a folder that does not exist for an empty one", () => {
  using folder = new Folder();
  const { image, problems } = readImage(folder.at("nowhere"));
  assertEquals([problems, [...image.resources], image.template("a.tmpl")], [[], [], undefined]);
});

Deno.test("readImage() reads the files of conf.d that confd reads, in sub-folders too", () => {
  using folder = new Folder();
  folder.write("conf.d/b.toml", "b");
  folder.write("conf.d/a.toml", "a");
  folder.write("conf.d/sub/deep/c.toml", "c");
  folder.write("conf.d/dtoml", "d");
  folder.write("conf.d/notes.txt", "x");
  folder.write("conf.d/a.toml.bak", "x");
  Deno.mkdirSync(folder.at("conf.d/folder.toml"));
  const { image, problems } = readImage(folder.path);
  assertEquals(problems, []);
  assertEquals([...image.resources], [["a.toml", "a"], ["b.toml", "b"], ["dtoml", "d"], ["sub/deep/c.toml", "c"]]);
});

Deno.test("readImage() follows symbolic links to files and not those to folders", () => {
  using folder = new Folder();
  folder.write("elsewhere/x.toml", "x");
  folder.write("conf.d/a.toml", "a");
  Deno.symlinkSync(folder.at("elsewhere/x.toml"), folder.at("conf.d/link.toml"));
  Deno.symlinkSync(folder.at("elsewhere"), folder.at("conf.d/folder"));
  Deno.symlinkSync(folder.at("nowhere"), folder.at("conf.d/dangling.toml"));
  Deno.symlinkSync(folder.at("elsewhere"), folder.at("conf.d/folder.toml"));
  const { image, problems } = readImage(folder.path);
  assertEquals([...image.resources], [["a.toml", "a"], ["link.toml", "x"]]);
  assertEquals(problems, []);
});

Deno.test("readImage() sees each file of a mounted ConfigMap twice, as confd does", () => {
  using folder = new Folder();
  folder.write("conf.d/..2026/a.toml", "a");
  Deno.symlinkSync("..2026", folder.at("conf.d/..data"));
  Deno.symlinkSync("..data/a.toml", folder.at("conf.d/a.toml"));
  assertEquals([...readImage(folder.path).image.resources], [["..2026/a.toml", "a"], ["a.toml", "a"]]);
});

Deno.test("readImage() tells which templates there are", () => {
  using folder = new Folder();
  folder.write("templates/a.tmpl", "x");
  folder.write("templates/sub/b.tmpl", "");
  Deno.symlinkSync(folder.at("templates/a.tmpl"), folder.at("templates/link"));
  const { template } = readImage(folder.path).image;
  for (const src of ["a.tmpl", "sub/b.tmpl", "link"]) assert(template(src) !== undefined, src);
  for (const src of ["b.tmpl", "sub", "A.tmpl", "x/a.tmpl"]) assertEquals(template(src), undefined, src);
  assertEquals(template("a.tmpl"), new TextEncoder().encode("x"));
});

Deno.test("readImage() tells of what cannot be read", () => {
  using folder = new Folder();
  folder.write("conf.d", "a file, not a folder");
  const { problems } = readImage(folder.path);
  assertEquals(problems.length, 1);
  assertMatch(problems[0], /^CONFD_CONFDIR: .*conf\.d\/? cannot be read: /);
});

Deno.test("readImage() tells of a resource that is not UTF-8, which confd refuses", () => {
  using folder = new Folder();
  folder.write("conf.d/a.toml", "");
  Deno.writeFileSync(folder.at("conf.d/a.toml"), new Uint8Array([0x23, 0xe9, 0x0a]));
  folder.write("conf.d/b.toml", "\ufeffb");
  const { image, problems } = readImage(folder.path);
  assertEquals([[...image.resources], problems], [
    [["b.toml", "b"]],
    ["conf.d/a.toml: it is not valid UTF-8, and confd refuses it"],
  ]);
});

Deno.test("readImage() knows whether there is a shell", () => {
  using folder = new Folder();
  assertEquals(readImage(folder.path).image.hasShell, Deno.statSync("/bin/sh").isFile);
});
