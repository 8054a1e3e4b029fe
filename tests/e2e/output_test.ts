/**
 * What is printed: confd's lines and the service's bytes pass as they are, and nobody's reading holds anything up.
 *
 * Touches: files and processes, through the support modules.
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import { e2e, eachConfd } from "../support/confds.ts";
import { fakeConfd, NO_KEYS } from "../support/fake_confd.ts";
import { steadyKeys } from "../support/etcd.ts";
import { FileKeys } from "../support/keys.ts";
import { CONF, Scene, type SceneStart } from "../support/scene.ts";
import { type Folder, type Sidecar, until } from "../support/sidecar.ts";

/** How much more memory a flood may take than no flood, in bytes. The flood is 200 MB. */
const FLOOD_MEMORY = 64 << 20;

/** A sidecar with a confd of our own; `one` is in the rendered file. */
function withConfd(folder: Folder, script: string, start: SceneStart = {}): Sidecar {
  const all = `dest=${folder.at("out/service.conf")}\n${script}`;
  return new Scene(folder, { confd: fakeConfd(all), keys: NO_KEYS }).start(start);
}

e2e("a line of 300 kB from confd is passed on whole, whatever else is logged meanwhile", async ({ folder }) => {
  const half = `head -c 150000 /dev/zero | tr '\\0' x >&2`;
  const script = `${half}; render $dest one; wait_for -e ${
    folder.at("go")
  }; ${half}; echo " end" >&2; render $dest two`;
  await using sidecar = withConfd(folder, `${script}; exec sleep 100000`);
  await sidecar.stdout.next("start: one");
  folder.write("go", "");
  await sidecar.stdout.next("HUP: two");
  assert(sidecar.stderr.all.includes(`${"x".repeat(300_000)} end`), "the line is torn apart");
});

for (const [what, filter] of [["lines", "cat"], ["one line without an end", "tr -d '\\n'"]]) {
  e2e(`a flood of 200 MB from confd, as ${what}, takes no memory`, async ({ folder }) => {
    const flood = `yes 'INFO some line of a confd that has much to say' | ${filter} | head -c 200000000 >&2`;
    const script = `render $dest one; wait_for -e ${folder.at("go")}; ${flood}; render $dest two; exec sleep 100000`;
    const prefix = ["sh", "-c", 'exec "$@" 2> /dev/null', "sh"];
    await using sidecar = withConfd(folder, script, { prefix });
    await sidecar.stdout.next("start: one");
    const before = highestMemory(sidecar.pid);
    folder.write("go", "");
    await sidecar.stdout.next("HUP: two");
    const taken = highestMemory(sidecar.pid) - before;
    assert(taken < FLOOD_MEMORY, `${taken} bytes more than before`);
  });
}

/** The most that a process had in memory so far, in bytes. */
function highestMemory(pid: number): number {
  const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`))!;
  return Number(kib) * 1024;
}

e2e("what the service prints passes byte for byte, on both outputs", async ({ folder }) => {
  const bytes = Uint8Array.from({ length: 70_000 }, (_, i) => i % 256);
  Deno.writeFileSync(folder.at("bytes"), bytes);
  const redirect = `exec "$@" > ${folder.at("stdout")} 2> ${folder.at("stderr")}`;
  await using sidecar = withConfd(folder, "render $dest one; exec sleep 100000", {
    args: ["sh", "-c", 'cat "$0"; cat "$0" >&2', folder.at("bytes")],
    prefix: ["sh", "-c", redirect, "sh"],
    // Nothing of the sidecar's own stands between.
    env: { SIDECAR_LOG_LEVEL: "error" },
  });
  assertEquals(await sidecar.status(), 0);
  assert(equal(Deno.readFileSync(folder.at("stdout")), bytes), "standard output differs");
  assert(equal(Deno.readFileSync(folder.at("stderr")), bytes), "standard error differs");
});

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** How a standard error can be out of order. */
const UNREAD: Record<string, SceneStart> = {
  "a standard error whose reader is gone": { reader: "gone" },
  "a standard error that was closed from the beginning": { prefix: ["sh", "-c", 'exec "$@" 2>&-', "sh"] },
  "a standard error that is full, since nobody reads it": { reader: "asleep" },
};

for (const [what, start] of Object.entries(UNREAD)) {
  eachConfd(`${what}, holds no reload and no stop up`, async ({ confd, folder }) => {
    await using keys = await steadyKeys(folder, confd, { "/key": "one" });
    const scene = new Scene(folder, { confd, keys });
    await using sidecar = scene.start({ ...start, service: { status: 3 } });
    await sidecar.stdout.next("start: value=one");
    await keys.put({ "/key": "two" });
    await sidecar.stdout.next("HUP: value=two");
    sidecar.signal("SIGTERM");
    assertEquals(await sidecar.status(), 3);
  }, { steadyKeys: true });
}

e2e("a standard error that is full holds up neither confd nor a signal nor a reload", async ({ folder }) => {
  const flood = "yes 'a line that nobody reads' | head -c 5000000 >&2";
  const script = `render $dest one; wait_for -e ${folder.at("go")}; ${flood}; render $dest two; exec sleep 100000`;
  await using sidecar = withConfd(folder, script, { reader: "asleep", service: { status: 3 } });
  await sidecar.stdout.next("start: one");
  folder.write("go", "");
  sidecar.signal("SIGUSR1");
  await sidecar.stdout.next("USR1");
  await sidecar.stdout.next("HUP: two");
  sidecar.signal("SIGTERM");
  assertEquals(await sidecar.status(), 3);
});

e2e("a standard output that was closed from the beginning is no reason to end", async ({ folder }) => {
  const prefix = ["sh", "-c", 'exec "$@" >&-', "sh"];
  const args = [
    "sh",
    "-c",
    `trap ': > ${folder.at("reloaded")}' HUP; : > ${folder.at("ready")}; sleep 30 & wait; kill $!; exit 4`,
  ];
  const script = `render $dest one; wait_for -e ${folder.at("ready")}; render $dest two; exec sleep 100000`;
  await using sidecar = withConfd(folder, script, { prefix, args });
  await until("the service is told to reload", () => exists(folder.at("reloaded")));
  assertEquals(await sidecar.status(), 4);
});

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

eachConfd("the log as JSON is one object a line, from the first to the last", async ({ confd, folder }) => {
  const keys = new FileKeys(folder, { "/key": "one" });
  const scene = new Scene(folder, { confd, keys });
  const env = { SIDECAR_LOG_FORMAT: "json", SIDECAR_LOG_LEVEL: "debug" };
  await using sidecar = scene.start({ env, service: { status: 3 } });
  await sidecar.stdout.next("start: value=one");
  await keys.put({ "/key": "two" });
  await sidecar.stdout.next("HUP: value=two");
  sidecar.signal("SIGTERM");
  assertEquals(await sidecar.status(), 3);
  const own = sidecar.stderr.all.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
  assert(own.length > 8, `only ${own.length} lines`);
  for (const { time, level, pid, msg } of own) {
    assertEquals(new Date(time).toISOString(), time);
    assert(["debug", "info", "warn", "error"].includes(level), level);
    assertEquals(pid, sidecar.pid);
    assert(typeof msg === "string" && msg !== "");
  }
  for (const msg of ["starting main program now", "reloading main program now"]) {
    assert(own.some((line) => line.msg === msg && line.level === "info"), msg);
  }
  // Everything else is confd's, and passed on as it came.
  const others = sidecar.stderr.all.filter((line) => !line.startsWith("{"));
  assert(!others.some((line) => line.includes("supervisor[")), others.join("\n"));
});

e2e("bad settings are told as JSON too, where JSON is asked for", async ({ folder }) => {
  const scene = new Scene(folder, { confd: fakeConfd(""), keys: NO_KEYS, rendered: [CONF] });
  await using sidecar = scene.start({ env: { SIDECAR_LOG_FORMAT: "json", SIDECAR_SETTLE: "soon" } });
  assertEquals(await sidecar.status(), 78);
  const lines = sidecar.stderr.all.map((line) => JSON.parse(line));
  assertEquals(lines.map(({ level }) => level), ["error"]);
  assert(lines[0].msg.startsWith('SIDECAR_SETTLE: "soon" is not a duration'), lines[0].msg);
});
