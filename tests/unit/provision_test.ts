import { provision, type Wanted } from "../../lib/host/files/provision.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { Folder } from "../support/sidecar.ts";

function provide(wanted: Partial<Wanted>): ReturnType<typeof provision> {
  return provision({ files: [], folders: [], guarded: [], ...wanted });
}

function problemsOf(wanted: Partial<Wanted>): string[] {
  const done = provide(wanted);
  assert("problems" in done, "there are no problems");
  return done.problems;
}

/** Every path below a folder, with the content of files. */
function treeOf(folder: string, below = ""): Record<string, string> {
  const tree: Record<string, string> = {};
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) Object.assign(tree, { [`${below}${name}/`]: "" }, treeOf(path, `${below}${name}/`));
    else tree[below + name] = Deno.readTextFileSync(path);
  }
  return tree;
}

/** Runs something while one function of the runtime does otherwise. */
function replaced<T, K extends keyof T>(owner: T, name: K, other: T[K], act: () => void): void {
  const before = owner[name];
  owner[name] = other;
  try {
    act();
  } finally {
    owner[name] = before;
  }
}

Deno.test("provision() writes files whole, makes their folders, and those that others need", () => {
  using folder = new Folder();
  const files = [
    { path: folder.at("confd/conf.d/a.toml"), content: "[template]\n" },
    { path: folder.at("confd/templates/a.tmpl"), content: "\u00e9\n\n" },
    { path: folder.at("confd/templates/empty.tmpl"), content: "" },
  ];
  const done = provide({ files, folders: [folder.at("srv/deep/er")], guarded: [folder.at("confd")] });
  assertEquals(done, { written: files.map(({ path }) => path) });
  assertEquals(treeOf(folder.path), {
    "confd/": "",
    "confd/conf.d/": "",
    "confd/conf.d/a.toml": "[template]\n",
    "confd/templates/": "",
    "confd/templates/a.tmpl": "\u00e9\n\n",
    "confd/templates/empty.tmpl": "",
    "srv/": "",
    "srv/deep/": "",
    "srv/deep/er/": "",
  });
});

Deno.test("provision() keeps what it writes from other users", () => {
  using folder = new Folder();
  provide({ files: [{ path: folder.at("a"), content: "secret" }] });
  assertEquals(Deno.statSync(folder.at("a")).mode! & 0o777, 0o600);
});

Deno.test("provision() does not touch files that are as they should be", () => {
  using folder = new Folder();
  const same = folder.write("same", "x", 0o640);
  const other = folder.write("other", "x");
  const before = Deno.statSync(same);
  const done = provide({ files: [{ path: same, content: "x" }, { path: other, content: "y" }] });
  const after = Deno.statSync(same);
  assertEquals(done, { written: [other] });
  assertEquals([after.ino, after.mtime, after.ctime, after.mode], [
    before.ino,
    before.mtime,
    before.ctime,
    before.mode,
  ]);
  assertEquals(treeOf(folder.path), { same: "x", other: "y" });
});

Deno.test("provision() needs no right to write where nothing differs", () => {
  using folder = new Folder();
  const path = folder.write("conf.d/a.toml", "x");
  replaced(Deno, "writeTextFileSync", () => assert(false, "it wrote"), () => {
    assertEquals(provide({ files: [{ path, content: "x" }], folders: [folder.path] }), { written: [] });
  });
});

Deno.test("provision() replaces a file, so that who reads the old one still has it whole", () => {
  using folder = new Folder();
  const path = folder.write("a", "old content");
  using reader = Deno.openSync(path);
  provide({ files: [{ path, content: "new" }] });
  const bytes = new Uint8Array(100);
  assertEquals(new TextDecoder().decode(bytes.subarray(0, reader.readSync(bytes)!)), "old content");
  assertEquals(Deno.readTextFileSync(path), "new");
});

Deno.test("provision() refuses a symbolic link where a file should stand, and leaves its target alone", () => {
  using folder = new Folder();
  const target = folder.write("target", "precious");
  for (const [name, to] of [["link", target], ["dangling", folder.at("nowhere")]]) {
    Deno.symlinkSync(to, folder.at(name));
    assertEquals(problemsOf({ files: [{ path: folder.at(name), content: "x" }] }), [
      `${folder.at(name)} is a symbolic link (to ${to}): nothing is written through it; give the real path`,
    ]);
  }
  assertEquals(Deno.readTextFileSync(target), "precious");
  assert(Deno.lstatSync(folder.at("link")).isSymlink);
});

Deno.test("provision() refuses a guarded folder that is a symbolic link, and writes nothing elsewhere either", () => {
  using folder = new Folder();
  Deno.mkdirSync(folder.at("real"));
  Deno.symlinkSync(folder.at("real"), folder.at("conf.d"));
  const problems = problemsOf({
    files: [{ path: folder.at("other/b"), content: "x" }, { path: folder.at("conf.d/a"), content: "x" }],
    guarded: [folder.at("conf.d"), folder.at("other")],
  });
  assertEquals(problems.length, 1);
  assertMatch(problems[0], /conf\.d is a symbolic link/);
  assertEquals([...Deno.readDirSync(folder.at("real"))], []);
  assertEquals([...Deno.readDirSync(folder.path)].map(({ name }) => name).sort(), ["conf.d", "real"]);
});

Deno.test("provision() reports every link at once", () => {
  using folder = new Folder();
  for (const name of ["a", "b"]) Deno.symlinkSync("/dev/null", folder.at(name));
  const files = ["a", "b"].map((name) => ({ path: folder.at(name), content: "x" }));
  assertEquals(problemsOf({ files }).length, 2);
});

Deno.test("provision() never writes through what somebody laid out under a temporary name", () => {
  using folder = new Folder();
  const target = folder.write("target", "precious");
  const guessed = "00000000-0000-4000-8000-000000000000";
  Deno.symlinkSync(target, folder.at(`.a.${guessed.slice(0, 8)}.new`));
  replaced(crypto, "randomUUID", () => guessed, () => {
    assertMatch(problemsOf({ files: [{ path: folder.at("a"), content: "x" }] })[0], /cannot be written: .*exists/i);
  });
  assertEquals(Deno.readTextFileSync(target), "precious");
});

Deno.test("provision() makes nothing where a folder cannot be made", () => {
  using folder = new Folder();
  folder.write("file", "x");
  const problems = problemsOf({
    files: [{ path: folder.at("new/deep/a"), content: "x" }],
    folders: [folder.at("also/new"), folder.at("file/below")],
  });
  assertEquals(problems.length, 1);
  assertMatch(problems[0], /^the folder .*\/file\/below cannot be made: /);
  assertEquals(treeOf(folder.path), { file: "x" });
});

Deno.test("provision() says that a folder's place is taken by a file", () => {
  using folder = new Folder();
  const path = folder.write("conf.d", "x");
  assertEquals(problemsOf({ folders: [path] }), [`the folder ${path} cannot be made: it is a file`]);
});

Deno.test("provision() changes nothing where a folder stands in a file's place", () => {
  using folder = new Folder();
  folder.write("a", "old");
  Deno.mkdirSync(folder.at("b"));
  const files = ["a", "b"].map((name) => ({ path: folder.at(name), content: "new" }));
  assertEquals(problemsOf({ files }), [`${folder.at("b")} cannot be written: it is a folder`]);
  assertEquals(treeOf(folder.path), { a: "old", "b/": "" });
});

Deno.test("provision() takes everything back when one file cannot be written", () => {
  using folder = new Folder();
  folder.write("a", "old");
  const write = Deno.writeTextFileSync;
  const full: typeof write = (path, ...rest) => {
    if (String(path).includes("/.b.")) throw new Error("No space left on device");
    write(path, ...rest);
  };
  const files = ["a", "new/b"].map((name) => ({ path: folder.at(name), content: "new" }));
  replaced(Deno, "writeTextFileSync", full, () => {
    assertEquals(problemsOf({ files, folders: [folder.at("dest/x")] }), [
      `${folder.at("new/b")} cannot be written: No space left on device`,
    ]);
  });
  assertEquals(treeOf(folder.path), { a: "old" });
});

Deno.test("provision() brings back what it had replaced when a later file cannot be put in place", () => {
  using folder = new Folder();
  folder.write("a", "old", 0o640);
  const rename = Deno.renameSync;
  const busy: typeof rename = (from, to) => {
    if (String(to).endsWith("/c")) throw new Error("Device or resource busy");
    rename(from, to);
  };
  const files = ["a", "b", "c", "d"].map((name) => ({ path: folder.at(name), content: "new" }));
  replaced(Deno, "renameSync", busy, () => {
    assertEquals(problemsOf({ files }), [`${folder.at("c")} cannot be written: Device or resource busy`]);
  });
  assertEquals(treeOf(folder.path), { a: "old" });
  assertEquals(Deno.statSync(folder.at("a")).mode! & 0o777, 0o640);
});

Deno.test("provision() leaves folders that it made and that others have filled meanwhile", () => {
  using folder = new Folder();
  const write = Deno.writeTextFileSync;
  const intruding: typeof write = () => {
    write(folder.at("new/theirs"), "x");
    throw new Error("no");
  };
  replaced(Deno, "writeTextFileSync", intruding, () => {
    problemsOf({ files: [{ path: folder.at("new/a"), content: "x" }] });
  });
  assertEquals(treeOf(folder.path), { "new/": "", "new/theirs": "x" });
});
