import { FileSet, type Source } from "../../lib/host/files/file_set.ts";
import { Libc } from "../../lib/host/linux/libc.ts";
import { assert, assertEquals, assertRejects } from "../support/assert.ts";
import { whyNoMounts } from "../support/mounts.ts";
import { Folder } from "../support/sidecar.ts";

/** Opened once: to open it in a test would be a leak. */
const libc = new Libc();
const OURS = { uid: Deno.uid()!, gid: Deno.gid()! };
const NAMES = ["a.conf", "b.conf", "c.conf"];

/** Three files of one version, to be copied, and where they go. */
function sources(folder: Folder, version: string): Source[] {
  return NAMES.map((name) => ({
    dest: folder.at(`out/${name}`),
    from: folder.write(`from/${name}`, version),
    mode: 0o640,
    ...OURS,
  }));
}

/** A set with a folder for its destinations. */
function stage(folder: Folder, name = "set"): FileSet {
  Deno.mkdirSync(folder.at("out"), { recursive: true });
  return new FileSet(folder.at(`state/${name}`));
}

function inPlace(folder: Folder): string[] {
  return NAMES.map((name) => Deno.readTextFileSync(folder.at(`out/${name}`)));
}

function namesIn(path: string): string[] {
  return [...Deno.readDirSync(path)].map(({ name }) => name).sort();
}

Deno.test("FileSet keeps copies, and puts them in place with their modes", async () => {
  using folder = new Folder();
  const set = stage(folder);
  await set.write(sources(folder, "one"));
  sources(folder, "another");
  assert(set.has([folder.at("out/a.conf")]) && !set.has([folder.at("out/d.conf")]));
  await set.putInPlace();
  assertEquals(inPlace(folder), ["one", "one", "one"]);
  assertEquals(Deno.statSync(folder.at("out/a.conf")).mode! & 0o7777, 0o640);
  await set.putInPlace();
  assertEquals(inPlace(folder), ["one", "one", "one"], "again and again");
  assertEquals(namesIn(folder.at("out")), NAMES, "nothing else is left");
});

Deno.test("FileSet puts some destinations in place and leaves the others alone", async () => {
  using folder = new Folder();
  const set = stage(folder);
  for (const name of NAMES) folder.write(`out/${name}`, "old");
  await set.write(sources(folder, "one"));
  await set.putInPlace({ dests: [folder.at("out/b.conf")] });
  assertEquals(inPlace(folder), ["old", "one", "old"]);
});

Deno.test("FileSet is not there before it is whole, and not any more once it is removed", async () => {
  using folder = new Folder();
  const set = stage(folder);
  assertEquals(set.members(), []);
  const missing = sources(folder, "one").map((source, i) => i === 2 ? { ...source, from: folder.at("none") } : source);
  await assertRejects(() => set.write(missing), Deno.errors.NotFound);
  assertEquals(set.members(), []);
  await set.write(sources(folder, "one"));
  await assertRejects(() => set.write(missing), Deno.errors.NotFound);
  assertEquals(set.members().length, 3, "what fails leaves the older one");
  await set.remove();
  assertEquals(set.members(), []);
});

Deno.test("FileSet is found under its old name, where a crash has left it there", async () => {
  using folder = new Folder();
  const set = stage(folder);
  await set.write(sources(folder, "one"));
  Deno.renameSync(folder.at("state/set"), folder.at("state/set.old"));
  assert(set.has([folder.at("out/a.conf")]));
  await set.putInPlace();
  assertEquals(inPlace(folder), ["one", "one", "one"]);
  await set.write(sources(folder, "two"));
  assertEquals(namesIn(folder.at("state")), ["set"], "the next one takes its place");
});

for (const [what, spoil] of Object.entries({ "a list": "files.json", "a copy": "1" })) {
  Deno.test(`FileSet without ${what} is none: the older one serves`, async () => {
    using folder = new Folder();
    const set = stage(folder);
    await set.write(sources(folder, "one"));
    Deno.renameSync(folder.at("state/set"), folder.at("kept"));
    await set.write(sources(folder, "two"));
    Deno.renameSync(folder.at("kept"), folder.at("state/set.old"));
    Deno.removeSync(folder.at(`state/set/${spoil}`));
    await set.putInPlace();
    assertEquals(inPlace(folder), ["one", "one", "one"]);
  });
}

Deno.test("FileSet.moveTo() makes it another set, and that one's files are gone", async () => {
  using folder = new Folder();
  const [set, other] = [stage(folder), stage(folder, "other")];
  await other.write(sources(folder, "one"));
  await set.write(sources(folder, "two"));
  await set.moveTo(other);
  assertEquals(set.members(), []);
  await other.putInPlace();
  assertEquals(inPlace(folder), ["two", "two", "two"]);
  assertEquals(namesIn(folder.at("state")), ["other"]);
});

Deno.test("FileSet.putInPlace() replaces nothing where one destination's folder is gone", async () => {
  using folder = new Folder();
  const set = stage(folder);
  for (const name of NAMES) folder.write(`out/${name}`, "old");
  await set.write([...sources(folder, "one"), { ...sources(folder, "one")[0], dest: folder.at("gone/d.conf") }]);
  await assertRejects(() => set.putInPlace(), Deno.errors.NotFound);
  assertEquals(inPlace(folder), ["old", "old", "old"]);
  assertEquals(namesIn(folder.at("out")), NAMES);
});

Deno.test("FileSet.putInPlace() brings back what was there where one destination cannot be replaced", async () => {
  using folder = new Folder();
  const set = stage(folder);
  folder.write("out/b.conf", "old", 0o604);
  Deno.mkdirSync(folder.at("out/c.conf"));
  await set.write(sources(folder, "one"));
  await assertRejects(() => set.putInPlace());
  assertEquals(namesIn(folder.at("out")), ["b.conf", "c.conf"]);
  assertEquals(Deno.readTextFileSync(folder.at("out/b.conf")), "old");
  assertEquals(Deno.statSync(folder.at("out/b.conf")).mode! & 0o7777, 0o604);
});

Deno.test({
  name: `FileSet.putInPlace() gives a file its owner, and a mode with setgid${
    Deno.uid() === 0 ? "" : " (skipped: not root)"
  }`,
  ignore: Deno.uid() !== 0,
  fn: async () => {
    using folder = new Folder();
    const set = stage(folder);
    await set.write(sources(folder, "one").map((source) => ({ ...source, mode: 0o2750, uid: 65534, gid: 65533 })));
    await set.putInPlace();
    const { uid, gid, mode } = Deno.statSync(folder.at("out/a.conf"));
    assertEquals([uid, gid, mode! & 0o7777], [65534, 65533, 0o2750]);
  },
});

const noMounts = whyNoMounts();
Deno.test({
  name: `FileSet.putInPlace() writes in place where the destination is a mount of its own${
    noMounts === undefined ? "" : ` (skipped: ${noMounts})`
  }`,
  ignore: noMounts !== undefined,
  fn: async () => {
    using folder = new Folder();
    const set = stage(folder);
    await set.write(sources(folder, "one"));
    folder.write("mounted", "a longer old content");
    folder.write("out/b.conf", "");
    const module = new URL("../../lib/host/files/file_set.ts", import.meta.url).href;
    const code = `import { FileSet } from "${module}"; await new FileSet("${folder.at("state/set")}").putInPlace();`;
    const script = 'mount --bind "$1" "$2" && shift 2 && exec "$@"';
    const args = ["-m", "sh", "-c", script, "sh", folder.at("mounted"), folder.at("out/b.conf")];
    const runtime = [Deno.execPath(), "run", "-A", "--quiet", folder.write("put.ts", code)];
    const { code: status, stderr } = new Deno.Command("unshare", { args: [...args, ...runtime] }).outputSync();
    assertEquals(status, 0, new TextDecoder().decode(stderr));
    assertEquals(Deno.readTextFileSync(folder.at("mounted")), "one");
    assertEquals(Deno.readTextFileSync(folder.at("out/c.conf")), "one");
    assertEquals(namesIn(folder.at("out")), NAMES, "nothing else is left");
  },
});

/** What changes something on the disk. */
const CHANGES = ["mkdirSync", "openSync", "linkSync", "renameSync", "chmodSync", "removeSync"] as const;

/** Runs something that a crash ends before its n-th change of the disk; true if it came to its end. */
async function crashesAt(change: number, act: () => Promise<void>): Promise<boolean> {
  const runtime = Deno as unknown as Record<string, (...args: unknown[]) => unknown>;
  const before = CHANGES.map((name) => runtime[name]);
  let count = 0;
  for (const [i, name] of CHANGES.entries()) {
    runtime[name] = (...args) => {
      if (++count === change && name === "removeSync") loseSome(String(args[0]), before[i]);
      if (count >= change) throw new Error("crash");
      return before[i](...args);
    };
  }
  try {
    await act();
    return count < change;
  } catch (error) {
    if ((error as Error).message !== "crash") throw error;
    return false;
  } finally {
    for (const [i, name] of CHANGES.entries()) runtime[name] = before[i];
  }
}

/** A folder is not removed at one stroke. */
function loseSome(path: string, remove: (path: string) => unknown): void {
  try {
    for (const name of namesIn(path).slice(0, 2)) remove(`${path}/${name}`);
  } catch {
    // It is not there, or a file.
  }
}

Deno.test("FileSet leaves the old or the new, whichever step a crash comes before", async () => {
  const outcomes = new Set<string>();
  for (let change = 1, ended = false; !ended; change++) {
    using folder = new Folder();
    const [set, other] = [stage(folder), stage(folder, "other")];
    await set.write(sources(folder, "one"));
    await set.putInPlace();
    await other.write(sources(folder, "one"));
    const next = sources(folder, "two");
    ended = await crashesAt(change, async () => {
      await set.write(next);
      await set.moveTo(other);
      await other.putInPlace();
      await other.remove();
    });
    // The next start.
    await other.putInPlace();
    await other.remove();
    const found = inPlace(folder);
    assertEquals(new Set(found).size, 1, `a crash before change ${change} leaves ${found}`);
    assertEquals(namesIn(folder.at("out")), NAMES, `a crash before change ${change} leaves something lying about`);
    assertEquals(
      other.members(),
      [],
      `after a crash before change ${change} there is still something to be put in place`,
    );
    if (outcomes.has("two")) assertEquals(found[0], "two", `a crash before change ${change} brings the old ones back`);
    outcomes.add(found[0]);
  }
  assertEquals([...outcomes], ["one", "two"]);
});

Deno.test("FileSet.putInPlace() that is ended leaves what a crash would leave, and the next start completes it", async () => {
  using folder = new Folder();
  const set = stage(folder);
  for (const name of NAMES) folder.write(`out/${name}`, "old");
  await set.write(sources(folder, "one"));
  const ended = new AbortController();
  const rename = Deno.renameSync;
  Deno.renameSync = (...args) => {
    rename(...args);
    ended.abort();
  };
  try {
    await assertRejects(() => set.putInPlace({ signal: ended.signal }), { name: "AbortError" });
  } finally {
    Deno.renameSync = rename;
  }
  assertEquals(inPlace(folder), ["one", "old", "old"]);
  await set.putInPlace();
  assertEquals(inPlace(folder), ["one", "one", "one"]);
  assertEquals(namesIn(folder.at("out")), NAMES, "nothing else is left");
});

Deno.test("FileSet syncs many files at once, with the C library", async () => {
  using folder = new Folder();
  Deno.mkdirSync(folder.at("out"));
  const many = Array.from({ length: 40 }, (_, i): Source => {
    return { dest: folder.at(`out/${i}`), from: folder.write(`from/${i}`, `${i}`), mode: 0o600, ...OURS };
  });
  const set = new FileSet(folder.at("state/set"), libc);
  await set.write(many);
  await set.putInPlace();
  assertEquals(many.map(({ dest }) => Deno.readTextFileSync(dest)), many.map((_, i) => `${i}`));
});
