import { EMPTY } from "../../lib/core/files.ts";
import { Watcher } from "../../lib/host/files/destinations.ts";
import { CallError, Libc } from "../../lib/host/linux/libc.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { Folder, until } from "../support/sidecar.ts";

/** Opened once: to open it in a test would be a leak. */
const libc = new Libc();
const EMFILE = 24;
const exhausted = new class extends Libc {
  override call(): number {
    throw new CallError("inotify_init1", EMFILE);
  }
}();

/** A watcher, and what it told. */
class Watched implements AsyncDisposable {
  readonly changes: [string, string | null][] = [];
  readonly touched: string[] = [];
  readonly polling: string[] = [];
  readonly watcher: Watcher;
  readonly #dests: string[];

  constructor(dests: string[], library: Libc | null = libc) {
    this.#dests = dests;
    this.watcher = new Watcher({
      libc: library ?? undefined,
      onChange: (dest, digest) => this.changes.push([dest, digest]),
      onTouched: (dest) => this.touched.push(dest),
      onPolling: (reason) => this.polling.push(reason),
    });
  }

  open(): Promise<Map<string, string | null>> {
    return this.watcher.open(this.#dests);
  }

  /** Waits until the last that was told of a destination is this. */
  async told(dest: string, digest: string | null): Promise<void> {
    await until(`${dest} is ${digest}`, () => this.changes.findLast(([path]) => path === dest)?.[1] === digest);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // What is being looked at is looked at to its end: nothing may outlive a test.
    await Promise.all(this.#dests.map((dest) => this.watcher.check(dest)));
    await this.watcher.close();
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}

async function sha256(text: string): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))).toHex();
}

Deno.test("Watcher.open() returns the digest of every destination", async () => {
  using folder = new Folder();
  const [full, empty, none] = [folder.write("full", "hello"), folder.write("empty", ""), folder.at("none")];
  await using watched = new Watched([full, empty, none]);
  assertEquals(
    await watched.open(),
    new Map<string, string | null>([[full, await sha256("hello")], [empty, EMPTY], [none, null]]),
  );
  assertEquals(watched.polling, []);
});

Deno.test("Watcher tells of a file that is renamed into place", async () => {
  using folder = new Folder();
  const path = folder.write("a", "1");
  await using watched = new Watched([path]);
  await watched.open();
  folder.write("a", "2");
  await watched.told(path, await sha256("2"));
  folder.write("a", "3");
  await watched.told(path, await sha256("3"));
  assertEquals(watched.changes.length, 2);
});

Deno.test("Watcher tells of a file that is written in place", async () => {
  using folder = new Folder();
  const path = folder.write("a", "1");
  await using watched = new Watched([path]);
  await watched.open();
  Deno.writeTextFileSync(path, "22");
  await watched.told(path, await sha256("22"));
});

Deno.test("Watcher tells of a file of the same size and time with other content", async () => {
  using folder = new Folder();
  const path = folder.write("a", "1");
  const { mtime } = Deno.statSync(path);
  await using watched = new Watched([path]);
  await watched.open();
  Deno.writeTextFileSync(path, "2");
  Deno.utimeSync(path, mtime!, mtime!);
  await watched.told(path, await sha256("2"));
});

Deno.test("Watcher tells of a file that appears, that is emptied, and that goes", async () => {
  using folder = new Folder();
  const path = folder.at("a");
  await using watched = new Watched([path]);
  await watched.open();
  folder.write("a", "1");
  await watched.told(path, await sha256("1"));
  folder.write("a", "");
  await watched.told(path, EMPTY);
  Deno.removeSync(path);
  await watched.told(path, null);
});

Deno.test("Watcher tells that a file was replaced by its like", async () => {
  using folder = new Folder();
  const path = folder.write("a", "1");
  await using watched = new Watched([path]);
  await watched.open();
  folder.write("a", "1");
  await until("it was told", () => watched.touched.includes(path));
  assertEquals(watched.changes, []);
});

Deno.test("Watcher says nothing of other files in the folder", async () => {
  using folder = new Folder();
  const path = folder.write("a", "1");
  await using watched = new Watched([path]);
  await watched.open();
  folder.write("b", "x");
  folder.write(".a123", "x");
  Deno.removeSync(folder.at("b"));
  folder.write("a", "2");
  await watched.told(path, await sha256("2"));
  assertEquals(watched.changes.length, 1);
});

Deno.test("Watcher tells each destination apart, in several folders", async () => {
  using folder = new Folder();
  const paths = ["x/a", "x/b", "y/a"].map((name) => folder.write(name, name));
  await using watched = new Watched(paths);
  await watched.open();
  folder.write("x/b", "2");
  folder.write("y/a", "3");
  await watched.told(paths[1], await sha256("2"));
  await watched.told(paths[2], await sha256("3"));
  assertEquals(watched.changes.map(([path]) => path).sort(), [paths[1], paths[2]]);
});

Deno.test("Watcher tells the last state of a file that changes quickly", async () => {
  using folder = new Folder();
  const path = folder.write("a", "0");
  await using watched = new Watched([path]);
  await watched.open();
  for (let i = 1; i <= 100; i++) folder.write("a", String(i));
  await watched.told(path, await sha256("100"));
});

Deno.test("Watcher.check() looks by itself, and resolves when it has told", async () => {
  using folder = new Folder();
  const path = folder.write("a", "1");
  await using watched = new Watched([path]);
  await watched.open();
  const digest = await sha256("2");
  folder.write("a", "2");
  await watched.watcher.check(path);
  assertEquals(watched.changes, [[path, digest]]);
  await watched.watcher.check(folder.at("unknown"));
});

Deno.test("Watcher.check() that comes during a look sees what was written after that began", async () => {
  using folder = new Folder();
  const path = folder.write("a", "1");
  await using watched = new Watched([path]);
  await watched.open();
  const { readFile } = Deno;
  const wasRead = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  Deno.readFile = async (...args) => {
    const content = await readFile(...args);
    wasRead.resolve();
    await goOn.promise;
    return content;
  };
  try {
    const first = watched.watcher.check(path);
    await wasRead.promise;
    folder.write("a", "2");
    const second = watched.watcher.check(path);
    goOn.resolve();
    await first;
    assertEquals(watched.changes, []);
    await second;
    assertEquals(watched.changes, [[path, await sha256("2")]]);
  } finally {
    Deno.readFile = readFile;
  }
});

Deno.test("Watcher takes what cannot be read for something that is not there", async () => {
  using folder = new Folder();
  Deno.mkdirSync(folder.at("a"));
  await using watched = new Watched([folder.at("a")]);
  assertEquals(await watched.open(), new Map([[folder.at("a"), null]]));
});

Deno.test("Watcher goes on when a folder is taken away and comes back", async () => {
  using folder = new Folder();
  const path = folder.write("dir/a", "1");
  await using watched = new Watched([path]);
  await watched.open();
  Deno.removeSync(folder.at("dir"), { recursive: true });
  await watched.told(path, null);
  folder.write("dir/a", "2");
  await watched.told(path, await sha256("2"));
  folder.write("dir/a", "3");
  await watched.told(path, await sha256("3"));
});

Deno.test("Watcher looks again and again where nothing can be watched, and says why", async () => {
  using folder = new Folder();
  const path = folder.write("a", "1");
  await using watched = new Watched([path], exhausted);
  await watched.open();
  assertEquals(watched.polling.length, 1);
  assertMatch(watched.polling[0], /EMFILE.*max_user_instances/);
  folder.write("a", "2");
  await watched.told(path, await sha256("2"));
});

Deno.test("Watcher looks again and again without the C library", async () => {
  using folder = new Folder();
  const path = folder.write("a", "1");
  await using watched = new Watched([path], null);
  await watched.open();
  folder.write("a", "2");
  await watched.told(path, await sha256("2"));
});

Deno.test("Watcher does not mind a FIFO in the folder", async () => {
  using folder = new Folder();
  const path = folder.write("a", "1");
  await using watched = new Watched([path]);
  await watched.open();
  await new Deno.Command("mkfifo", { args: [folder.at("fifo")] }).output();
  Deno.renameSync(folder.at("fifo"), folder.at("fifo2"));
  folder.write("a", "2");
  await watched.told(path, await sha256("2"));
});

Deno.test("Watcher.close() ends all telling", async () => {
  using folder = new Folder();
  const path = folder.write("a", "1");
  const watched = new Watched([path]);
  await watched.open();
  const late = watched.watcher.check(path);
  const closed = watched.watcher.close();
  folder.write("a", "2");
  await late;
  await watched.watcher.check(path);
  await closed;
  assert(watched.changes.length === 0 && watched.touched.length === 0);
});
