/**
 * Signals and ends: how a run is stopped at every point, what is forwarded, and which status comes out.
 *
 * Touches: files and processes, through the support modules.
 * @module
 */
import { assertEquals, assertMatch } from "../support/assert.ts";
import { ANY_CONFD, e2e, eachConfd } from "../support/confds.ts";
import { fakeConfd, NO_KEYS } from "../support/fake_confd.ts";
import { Etcd } from "../support/etcd.ts";
import { FileKeys } from "../support/keys.ts";
import { Random } from "../support/random.ts";
import { Scene, type SceneStart } from "../support/scene.ts";
import { type Folder, type Sidecar, until } from "../support/sidecar.ts";
import { survivors } from "../support/survivors.ts";

const STOPS = { SIGTERM: 143, SIGINT: 130 } as const;

for (const [signal, status] of Object.entries(STOPS) as [keyof typeof STOPS, number][]) {
  eachConfd(`${signal} while the service waits for its files ends at once with ${status}`, async (stage) => {
    const { confd, folder } = stage;
    await using sidecar = new Scene(folder, { confd, keys: new Etcd(folder, confd.etcd) }).start();
    await sidecar.stderr.next("main program waits for confd");
    await sidecar.stderr.next("Starting confd");
    sidecar.signal(signal);
    await endsWith(sidecar, { status, folder });
    assertEquals(sidecar.stdout.all, []);
  });

  eachConfd(`${signal} while the start is settling ends at once with ${status}`, async ({ confd, folder }) => {
    const keys = new FileKeys(folder, { "/key": "one" });
    await using sidecar = new Scene(folder, { confd, keys }).start({ env: { SIDECAR_SETTLE: "1h" } });
    await sidecar.stderr.next("confd has updated a config file — waiting 1h to start main program");
    sidecar.signal(signal);
    await endsWith(sidecar, { status, folder });
    assertEquals(sidecar.stdout.all, []);
  });

  eachConfd(
    `${signal} while a change is settling ends at once with the service's status`,
    async ({ confd, folder }) => {
      const keys = new FileKeys(folder, { "/key": "one" });
      const scene = new Scene(folder, { confd, keys });
      const env = { SIDECAR_SETTLE: "" };
      await using sidecar = scene.start({ env, service: { status: 9 } });
      await sidecar.stdout.next("start: value=one");
      folder.write("out/service.conf", "value=two\n");
      await sidecar.stderr.next("confd has updated a config file — waiting one second to reload main program");
      sidecar.signal(signal);
      await sidecar.stdout.next(signal.slice(3));
      await endsWith(sidecar, { status: 9, folder });
      assertEquals(sidecar.stdout.all.filter((line) => line.startsWith("HUP")), []);
    },
  );
}

/** The sidecar ends with a status, and leaves nothing behind. */
async function endsWith(sidecar: Sidecar, { status, folder }: { status: number; folder: Folder }): Promise<void> {
  assertEquals(await sidecar.status(), status);
  await until("nothing is left", () => survivors(folder.path).length === 0);
}

/** A sidecar whose confd has rendered at once; the service is what the test is about. */
function quick(folder: Folder, start: SceneStart = {}): Sidecar {
  const confd = fakeConfd(`render ${folder.at("out/service.conf")} one; exec sleep 100000`);
  return new Scene(folder, { confd, keys: NO_KEYS }).start({ ...start, env: { SIDECAR_SETTLE: "0", ...start.env } });
}

e2e("SIGTERM while confd is backing off ends at once", async ({ folder }) => {
  const scene = new Scene(folder, { confd: fakeConfd("exit 1"), keys: NO_KEYS });
  await using sidecar = scene.start();
  await sidecar.stderr.next("confd will be started again in 2 seconds");
  sidecar.signal("SIGTERM");
  await endsWith(sidecar, { status: 143, folder });
  assertEquals(sidecar.stderr.all.filter((line) => line.includes("in 4 seconds")), []);
});

e2e("SIGTERM before confd has said which one it is ends at once", async ({ folder }) => {
  const path = folder.write("slow-confd", "#!/bin/sh\n: > $0.asked\nexec sleep 100000\n", 0o755);
  await using sidecar = new Scene(folder, { confd: ANY_CONFD, keys: NO_KEYS }).start({ env: { CONFD_PATH: path } });
  await until("confd is asked", () => Deno.lstat(`${path}.asked`).then(() => true, () => false));
  sidecar.signal("SIGTERM");
  await endsWith(sidecar, { status: 143, folder });
});

e2e("a second SIGTERM kills a service that takes no notice of the first", async ({ folder }) => {
  await using sidecar = quick(folder, { service: { status: "ignore" } });
  await sidecar.stdout.next("start");
  sidecar.signal("SIGTERM");
  await sidecar.stdout.next("TERM");
  await sidecar.stopAgain();
  await sidecar.stderr.next("warning: SIGTERM again: killing what is left");
  await endsWith(sidecar, { status: 137, folder });
});

e2e("a SIGTERM that comes twice at once is one", async ({ folder }) => {
  await using sidecar = quick(folder, { service: { status: "ignore" }, env: { SIDECAR_LOG_LEVEL: "debug" } });
  await sidecar.stdout.next("start");
  sidecar.signal("SIGTERM");
  await sidecar.stderr.next("stopping main program with SIGTERM");
  sidecar.signal("SIGTERM");
  await sidecar.stderr.next("SIGTERM received once more, as part of the same stop");
  await sidecar.stopAgain();
  await endsWith(sidecar, { status: 137, folder });
});

e2e("every other signal is forwarded", async ({ folder }) => {
  await using sidecar = quick(folder, { service: { status: 8 } });
  await sidecar.stdout.next("start");
  for (
    const name of ["HUP", "USR1", "USR2", "WINCH", "CONT", "ALRM", "URG", "IO", "PWR", "TTIN", "TTOU", "TSTP", "QUIT"]
  ) {
    sidecar.signal(`SIG${name}` as Deno.Signal);
    await sidecar.stdout.next(name);
  }
  // The service of this test takes QUIT for an end.
  await endsWith(sidecar, { status: 8, folder });
});

const ENDS: Record<string, number> = {
  "exit 0": 0,
  "exit 1": 1,
  "exit 7": 7,
  "exit 255": 255,
  "kill -KILL $$": 137,
  "kill -TERM $$": 143,
  "kill -SEGV $$": 139,
};

for (const [script, status] of Object.entries(ENDS)) {
  e2e(`a service that does '${script}' makes the sidecar end with ${status}`, async ({ folder }) => {
    await using sidecar = quick(folder, { args: ["sh", "-c", script] });
    await endsWith(sidecar, { status, folder });
  });
}

e2e("the service gets its arguments and its environment exactly as given", async ({ folder }) => {
  const words = ["", " a  b ", "$HOME", "'\"\\", "--help", "-x", "*", "é\u{1f40c}"];
  const script = 'for word do printf "[%s]\\n" "$word"; done; printf "%s\\n" "$ODD" "$CONFD_TEMPLATE_1"';
  await using sidecar = quick(folder, { args: ["sh", "-c", script, "sh", ...words], env: { ODD: "a=b\tc" } });
  assertEquals(await sidecar.status(), 0);
  assertEquals(sidecar.stdout.all.slice(0, words.length), words.map((word) => `[${word}]`));
  assertMatch(sidecar.stdout.all.slice(words.length).join("\n"), /^a=b\tc\nservice\.conf\.tmpl\n/);
});

e2e("the service reads the sidecar's own standard input", async ({ folder }) => {
  await using sidecar = quick(folder, { args: ["sh", "-c", 'read line; echo "got $line"'], stdin: "piped" });
  const writer = sidecar.process.stdin.getWriter();
  await writer.write(new TextEncoder().encode("a line\n"));
  await sidecar.stdout.next("got a line");
  assertEquals(await sidecar.status(), 0);
  await writer.close().catch(() => {});
});

e2e("a program that goes away before it is started is told as not found", async ({ folder }) => {
  const program = folder.write("program", "#!/bin/sh\n", 0o755);
  const dest = folder.at("out/service.conf");
  const confd = fakeConfd(`rm ${program}; render ${dest} one; exec sleep 100000`);
  await using sidecar = new Scene(folder, { confd, keys: NO_KEYS }).start({ args: [program] });
  await sidecar.stderr.next(/error: cannot start main program: .*does not exist/);
  await endsWith(sidecar, { status: 127, folder });
});

e2e("a program whose interpreter does not exist is told as that", async ({ folder }) => {
  const program = folder.write("program", "#!/no/such/interpreter\n", 0o755);
  await using sidecar = quick(folder, { args: [program] });
  await sidecar.stderr.next(/error: cannot start main program: .*does not exist/);
  await endsWith(sidecar, { status: 127, folder });
});

e2e("SIGTERM at any moment of the start leaves nothing running, though nobody reads what is printed", async (stage) => {
  const seed = Number(Deno.env.get("TEST_SEED") ?? Math.floor(Math.random() * 2 ** 31));
  const random = new Random(seed);
  const { folder } = stage;
  const rendered = Array.from({ length: 200 }, (_, i) => ({ name: `${i}.conf`, template: "x" }));
  const scene = new Scene(folder, { confd: fakeConfd("exec sleep 100000"), keys: NO_KEYS, rendered });
  for (let round = 0; round < 15; round++) {
    await using sidecar = scene.start({ reader: "asleep" });
    const delayMs = random.between(0, 500);
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    sidecar.signal("SIGTERM");
    assertEquals((await sidecar.process.status).code, STOPS.SIGTERM, `TEST_SEED=${seed}`);
    await until(
      `TEST_SEED=${seed}: nothing runs, ${delayMs} ms after the start`,
      () => survivors(folder.path).length === 0,
    );
  }
});

e2e("a second sidecar on the same folder is refused with 73, and names the first", async ({ folder }) => {
  const keys = new FileKeys(folder, { "/key": "one" });
  const scene = new Scene(folder, { confd: ANY_CONFD, keys });
  await using first = scene.start();
  await first.stdout.next("start: value=one");
  await using second = scene.start();
  await second.stderr.next(
    `SIDECAR_STATE: ${folder.at("confd.d/.confd-sidecar")} is in use by another confd-sidecar, ` +
      `process ${first.pid}; give each its own`,
  );
  assertEquals(await second.status(), 73);
  first.signal("SIGTERM");
  assertEquals(await first.status(), 0);
  await using third = scene.start();
  await third.stdout.next("start: value=one");
}, { parts: [ANY_CONFD.part] });

e2e("what a killed sidecar has left running is ended by the next one, and nobody else is", async ({ folder }) => {
  const keys = new FileKeys(folder, { "/key": "one" });
  const scene = new Scene(folder, { confd: ANY_CONFD, keys });
  await using first = scene.start();
  await first.stdout.next("start: value=one");
  const left = survivors(folder.path).filter(({ pid }) => pid !== first.pid).map(({ pid }) => pid);
  assertEquals(left.length, 2, "confd and the service");
  first.signal("SIGKILL");
  await first.process.status;
  await using second = scene.start();
  await second.stderr.next("confd of an earlier run that was killed still runs, as process");
  await second.stderr.next("main program of an earlier run that was killed still runs, as process");
  await first.stdout.next("TERM");
  await second.stdout.next("start: value=one");
  assertEquals(survivors(folder.path).filter(({ pid }) => left.includes(pid)), []);
  second.signal("SIGTERM");
  assertEquals(await second.status(), 0);
}, { parts: [ANY_CONFD.part] });
