/**
 * Real sidecars that take turns: what a member does while it waits, when its change does harm, and when its store is away.
 *
 * Touches: files, processes, the loopback network, through the support modules.
 * @module
 */
import { CLOCK } from "../../lib/host/clock.ts";
import { EtcdStore } from "../../lib/host/fleet/etcd.ts";
import { parseFleet } from "../../lib/settings/fleet.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { client, get, portOf, statusOf, untilStatus } from "../support/asking.ts";
import { ANY_CONFD, e2e } from "../support/confds.ts";
import { Etcd } from "../support/etcd.ts";
import { FileKeys } from "../support/keys.ts";
import { Scene } from "../support/scene.ts";
import type { Folder, Sidecar } from "../support/sidecar.ts";
import { until } from "../support/sidecar.ts";
import { standStill } from "../support/standstill.ts";
import { find } from "../support/survivors.ts";
import { FleetLockServer } from "./fleetlock_server.ts";

const PARTS = { parts: [ANY_CONFD.part, "etcd"] } as const;
const NEVER = new AbortController().signal;

/** A fleet in an etcd of its own. */
class Store {
  readonly etcd: Etcd;
  readonly #look: EtcdStore;

  constructor(folder: Folder) {
    this.etcd = new Etcd(folder, "etcd");
    this.#look = new EtcdStore({ address: parseFleet(this.address)!, clock: CLOCK, tokenFile: "" }, { id: "-", n: 1 });
  }

  get address(): string {
    return `etcd://${this.etcd.address}/web?n=1`;
  }

  /** Somebody who stands before everybody else, and stays there. */
  async block(): Promise<void> {
    await this.etcd.put({ "web/queue/somebody": JSON.stringify({ id: "somebody", n: 1, state: "working" }) });
  }

  async unblock(): Promise<void> {
    await this.#remove("web/queue/somebody", "web/queue/somebody.");
  }

  /** No set is known to be bad any more. */
  async forget(): Promise<void> {
    await this.#remove("web/bad/", "web/bad0");
  }

  async #remove(from: string, to: string): Promise<void> {
    const [key, range_end] = [from, to].map((text) => new TextEncoder().encode(text).toBase64());
    const body = JSON.stringify({ key, range_end });
    const answer = await fetch(`${this.etcd.url}/v3/kv/deleterange`, { method: "POST", body });
    await answer.body?.cancel();
  }

  /** Everybody else in the queue, and what they do. */
  async others(): Promise<string[]> {
    const { entries } = await this.#look.look("", NEVER);
    return entries.filter(({ id }) => id !== "somebody").map(({ id, state }) => `${id} ${state}`);
  }

  async untilOthers(...wanted: string[]): Promise<void> {
    await until(`in the queue: ${wanted}`, async () => String(await this.others()) === String(wanted));
  }
}

interface Stage {
  store: Store;
  keys: FileKeys;
  scene: Scene;
}

function stageOf(folder: Folder): Stage {
  const keys = new FileKeys(folder, { "/key": "one" });
  return { store: new Store(folder), keys, scene: new Scene(folder, { confd: ANY_CONFD, keys }) };
}

function member(store: Store, id: string): Record<string, string> {
  return { SIDECAR_FLEET: store.address, SIDECAR_FLEET_ID: id };
}

/** A check that refuses a file with the word `bad` in it. */
function refusesBad(folder: Folder, dest: string): Record<string, string> {
  return { SIDECAR_CHECK: `${folder.write("check.sh", '#!/bin/sh\n! grep -q bad "$1"\n', 0o755)} ${dest}` };
}

/** A member in the middle of its turn: it checks a change, and goes on checking until that may pass. */
interface Checking extends AsyncDisposable {
  sidecar: Sidecar;
  pass(): void;
}

async function checksInItsTurn(folder: Folder, { store, keys, scene }: Stage): Promise<Checking> {
  const file = folder.at("go");
  const script = `#!/bin/sh\nwhile grep -q two "$1" && [ ! -e ${file} ]; do sleep 0.05; done\n`;
  const check = `${folder.write("slow.sh", script, 0o755)} ${scene.dest}`;
  await using stack = new AsyncDisposableStack();
  const sidecar = stack.use(scene.start({ env: { ...member(store, "a"), SIDECAR_CHECK: check } }));
  await sidecar.stdout.next("start: value=one");
  await keys.put({ "/key": "two" });
  await sidecar.stderr.next("it is our turn in the fleet");
  const started = stack.move();
  return {
    sidecar,
    pass: () => Deno.writeTextFileSync(file, ""),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

function reloads(sidecar: Sidecar): string[] {
  return sidecar.stdout.all.filter((line) => line.startsWith("HUP"));
}

e2e("who waits for a turn serves and is ready; a change that is taken back leaves the queue", async ({ folder }) => {
  const { store, keys, scene } = stageOf(folder);
  await using _etcd = await store.etcd.start();
  await store.block();
  await using sidecar = scene.start({ env: { ...member(store, "a"), SIDECAR_LISTEN: ":0" } });
  const port = await portOf(sidecar);
  await sidecar.stdout.next("start: value=one");
  await keys.put({ "/key": "two" });
  await sidecar.stderr.next("waiting for our turn in the fleet");
  await store.untilOthers("a waiting");
  assertEquals((await get(port, "/readyz")).status, 200);
  await keys.put({ "/key": "one" });
  await store.untilOthers();
  assertEquals(reloads(sidecar), []);
}, PARTS);

e2e("who waits goes once nobody is before it, with what is newest then", async ({ folder }) => {
  const { store, keys, scene } = stageOf(folder);
  await using _etcd = await store.etcd.start();
  await store.block();
  await using sidecar = scene.start({ env: member(store, "a") });
  await sidecar.stdout.next("start: value=one");
  for (const value of ["two", "three"]) {
    await keys.put({ "/key": value });
    await untilStatus(scene, `${value} is pending`, ({ config, phase }) => {
      return config.pendingSince !== null && phase !== "waiting" &&
        Deno.readTextFileSync(scene.dest) === `value=${value}\n`;
    });
  }
  await store.untilOthers("a waiting");
  await store.unblock();
  await sidecar.stdout.next("HUP: value=three");
  await store.untilOthers();
  assertEquals(reloads(sidecar), ["HUP: value=three "]);
}, PARTS);

e2e("people can ask who waits for whom", async ({ folder }) => {
  const { store, keys, scene } = stageOf(folder);
  await using _etcd = await store.etcd.start();
  await store.block();
  await using sidecar = scene.start({ env: member(store, "a") });
  await sidecar.stdout.next("start: value=one");
  await keys.put({ "/key": "two" });
  await untilStatus(scene, "its place is known", ({ fleet }) => fleet?.queue !== null);
  const { out: queue, code } = await client(scene, "--fleet-status");
  assertEquals(code, 0);
  assertMatch(queue, /^a in web \(etcd, 1 at once\):\n/);
  assertMatch(queue, /\n1 +somebody +has its turn +- +1\n2 +a \(this one\) +waits +(now|\d+ s ago) +1$/);
  assertMatch(
    (await client(scene, "--status")).out,
    /\nfleet +a in web \(etcd, 1 at once\), waits .* behind somebody, /,
  );
  await store.etcd.stop();
  const away = await client(scene, "--fleet-status");
  assertEquals(away.code, 1);
  assertMatch(away.err, /the fleet's store cannot be asked: http:\/\/127\.0\.0\.1:\d+: connection refused$/);
}, PARTS);

e2e("a stop while waiting leaves the queue, and is not delayed", async ({ folder }) => {
  const { store, keys, scene } = stageOf(folder);
  await using _etcd = await store.etcd.start();
  await store.block();
  await using sidecar = scene.start({ env: member(store, "a") });
  await sidecar.stdout.next("start: value=one");
  await keys.put({ "/key": "two" });
  await store.untilOthers("a waiting");
  sidecar.signal("SIGTERM");
  assertEquals(await sidecar.status(), 0);
  assertEquals(await store.others(), []);
}, PARTS);

e2e("who has waited for too long goes without a turn, after a random delay", async ({ folder }) => {
  const { store, keys, scene } = stageOf(folder);
  await using _etcd = await store.etcd.start();
  await store.block();
  const env = { ...member(store, "a"), SIDECAR_FLEET_TIMEOUT: "500ms", SIDECAR_SPLAY: "300ms" };
  await using sidecar = scene.start({ env });
  await sidecar.stdout.next("start: value=one");
  await keys.put({ "/key": "two" });
  await sidecar.stderr.next(
    "warning: no turn in the fleet for 500ms (SIDECAR_FLEET_TIMEOUT): the change goes ahead without one within 300ms",
  );
  await sidecar.stdout.next("HUP: value=two");
  await store.untilOthers();
}, PARTS);

e2e("a store that is away delays a reload and nothing else: neither the start nor readiness", async ({ folder }) => {
  const { store, keys, scene } = stageOf(folder);
  await using _etcd = store.etcd;
  await using sidecar = scene.start({ env: { ...member(store, "a"), SIDECAR_LISTEN: ":0" } });
  const port = await portOf(sidecar);
  await sidecar.stdout.next("start: value=one");
  await keys.put({ "/key": "two" });
  const line = await sidecar.stderr.next("the fleet cannot be asked for a turn");
  assertMatch(line, /: http:\/\/127\.0\.0\.1:\d+: connection refused; changes wait until it can$/);
  assertEquals((await get(port, "/readyz")).status, 200);
  assertEquals(reloads(sidecar), []);
  await store.etcd.start();
  await sidecar.stdout.next("HUP: value=two");
  assert(sidecar.stderr.all.some((line) => line.includes("the fleet can be asked again")), "that is told");
}, PARTS);

e2e("a member whose change is refused keeps its turn until an operator releases it", async ({ folder }) => {
  const { store, keys, scene } = stageOf(folder);
  await using _etcd = await store.etcd.start();
  await using sidecar = scene.start({ env: { ...member(store, "a"), ...refusesBad(folder, scene.dest) } });
  await sidecar.stdout.next("start: value=one");
  await keys.put({ "/key": "bad" });
  await store.untilOthers("a kept");
  assertEquals(reloads(sidecar), []);
  const { code } = await client(scene, "--release");
  assertEquals(code, 0);
  await store.untilOthers();
  // It can be hurt again, and keeps its turn again; then a good change ends that.
  await keys.put({ "/key": "bad again" });
  await store.untilOthers("a kept");
  await keys.put({ "/key": "good" });
  await sidecar.stdout.next("HUP: value=good");
  await store.untilOthers();
}, PARTS);

e2e(
  "a set that did harm elsewhere is not tried, until it is forgotten and an operator wants it",
  async ({ folder }) => {
    const { store, keys, scene } = stageOf(folder);
    await using _etcd = await store.etcd.start();
    const check = refusesBad(folder, scene.dest);
    await using first = scene.start({ env: { ...member(store, "a"), ...check } });
    await first.stdout.next("start: value=one");
    // The same files, to the same place; nothing is wrong with them by its own lights.
    const env = {
      ...member(store, "b"),
      SIDECAR_SETTLE: "2s",
      CONFD_CONFDIR: folder.at("b"),
      SIDECAR_CHECK: `true ${scene.dest}`,
    };
    await using second = scene.start({ env });
    await second.stdout.next("start: value=one");
    await keys.put({ "/key": "bad" });
    await store.untilOthers("a kept");
    const line = await second.stderr.next("the new configuration is refused");
    assertMatch(
      line,
      /refused: a has tried it: it was refused by its check; main program goes on with the last good one$/,
    );
    await store.untilOthers("a kept");
    assertEquals(reloads(second), []);
    const ask = async () => assertEquals((await client({ env: { ...scene.env, ...env } }, "--release")).code, 0);
    await ask();
    await second.stderr.next("the new configuration is refused");
    await store.forget();
    await ask();
    await store.untilOthers("a kept", "b waiting");
    // A stop gives a turn back that is kept, too.
    first.signal("SIGTERM");
    await second.stdout.next("HUP: value=bad");
    await store.untilOthers();
  },
  PARTS,
);

e2e("two members with one name are two members", async ({ folder }) => {
  const { store, keys, scene } = stageOf(folder);
  await using _etcd = await store.etcd.start();
  const env = member(store, "a");
  await using first = scene.start({ env });
  await using second = scene.start({ env: { ...env, CONFD_CONFDIR: folder.at("b") } });
  for (const sidecar of [first, second]) await sidecar.stdout.next("start: value=one");
  await store.block();
  await keys.put({ "/key": "two" });
  await store.untilOthers("a waiting", "a waiting");
  await store.unblock();
  for (const sidecar of [first, second]) await sidecar.stdout.next("HUP: value=two");
  await store.untilOthers();
}, PARTS);

e2e("a turn that is lost while files are checked begins no reload: the store is silent", async ({ folder }) => {
  const stage = stageOf(folder);
  await using _etcd = await stage.store.etcd.start();
  await using checking = await checksInItsTurn(folder, stage);
  const { sidecar } = checking;
  const [etcd] = find(folder.path, /etcd.*--data-dir/);
  await standStill(etcd);
  try {
    await sidecar.stderr.next("warning: our turn in the fleet is lost: the store has not heard of us for too long");
    checking.pass();
    await sidecar.stderr.next("waiting for our turn in the fleet");
    assertEquals(reloads(sidecar), []);
  } finally {
    Deno.kill(etcd, "SIGCONT");
  }
  await sidecar.stderr.next("it is our turn in the fleet");
  await sidecar.stdout.next("HUP: value=two");
}, PARTS);

e2e("a turn that is lost while the sidecar stands still begins no reload", async ({ folder }) => {
  const stage = stageOf(folder);
  const { store } = stage;
  await using _etcd = await store.etcd.start();
  await using checking = await checksInItsTurn(folder, stage);
  const { sidecar } = checking;
  await standStill(sidecar.pid);
  try {
    await store.untilOthers();
    await store.block();
    checking.pass();
    await until("the check has ended", () => find(folder.path, /slow\.sh/).length === 0);
  } finally {
    sidecar.signal("SIGCONT");
  }
  await sidecar.stderr.next("our turn in the fleet is lost");
  await store.untilOthers("a waiting");
  assertEquals(reloads(sidecar), []);
}, PARTS);

e2e("two members take turns by a FleetLock server, and a stop gives a slot back", async ({ folder }) => {
  const { keys, scene } = stageOf(folder);
  await using server = new FleetLockServer(1);
  const env = { SIDECAR_FLEET: `fleetlock+http://${server.address}/web`, SIDECAR_FLEET_ID: "a" };
  await using sidecar = scene.start({ env: { ...env, ...refusesBad(folder, scene.dest) } });
  await sidecar.stdout.next("start: value=one");
  await until("the server is told of the start", () => server.requests.length === 1);
  server.holders.add("b");
  await keys.put({ "/key": "two" });
  await until("it is refused a slot", () => server.requests.includes("pre-reboot a 423"));
  server.holders.delete("b");
  await sidecar.stdout.next("HUP: value=two");
  await until("the slot is given back", () => server.holders.size === 0);
  await keys.put({ "/key": "bad" });
  await sidecar.stderr.next("our turn in the fleet is kept");
  assertEquals([...server.holders], ["a"]);
  sidecar.signal("SIGTERM");
  await sidecar.status();
  assertEquals([...server.holders], []);
}, { parts: [ANY_CONFD.part] });

e2e("settings of a fleet that cannot work are told at the start", async ({ folder }) => {
  const { store, scene } = stageOf(folder);
  const env = { ...member(store, "a"), SIDECAR_FLEET_TOKEN_FILE: folder.at("none") };
  await using sidecar = scene.start({ env });
  assertEquals(await sidecar.status(), 78);
  const said = sidecar.stderr.all.join("\n");
  assert(said.includes(`SIDECAR_FLEET_TOKEN_FILE: ${folder.at("none")} cannot be read`), said);
}, { parts: [ANY_CONFD.part] });

e2e("settings of a fleet have no effect without one, which is told", async ({ folder }) => {
  const { scene } = stageOf(folder);
  await using sidecar = scene.start({ env: { SIDECAR_FLEET_TIMEOUT: "1m" } });
  await sidecar.stderr.next("SIDECAR_FLEET_TIMEOUT has no effect without SIDECAR_FLEET");
  await statusOf(scene);
}, { parts: [ANY_CONFD.part] });
