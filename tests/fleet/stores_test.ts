/**
 * The queue of a fleet in real stores: etcd, plain and behind TLS with a password, and Consul, open and with a token.
 *
 * Touches: files, processes, the loopback network, through the support modules.
 * @module
 */
import { CLOCK } from "../../lib/host/clock.ts";
import type { FleetNews } from "../../lib/host/fleet/client.ts";
import { ConsulStore } from "../../lib/host/fleet/consul.ts";
import { EtcdStore } from "../../lib/host/fleet/etcd.ts";
import { QueueClient } from "../../lib/host/fleet/queue_client.ts";
import { type FleetStore, StoreError } from "../../lib/host/fleet/store.ts";
import type { Success } from "../../lib/fleet/queue.ts";
import { type FleetAddress, parseFleet } from "../../lib/settings/fleet.ts";
import { ConsulServer } from "../backends/consul.ts";
import { EtcdSecure } from "../backends/etcd.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { e2e } from "../support/confds.ts";
import { Etcd } from "../support/etcd.ts";
import { freePort } from "../support/ports.ts";
import type { Folder } from "../support/sidecar.ts";
import { until } from "../support/sidecar.ts";
import type { PartName } from "../tools/parts.ts";

interface Kind {
  name: string;
  parts: readonly PartName[];
  open: (folder: Folder) => Promise<{ server: AsyncDisposable; address: string; tokenFile: string }>;
}

const KINDS: readonly Kind[] = [
  {
    name: "etcd",
    parts: ["etcd"],
    open: async (folder) => {
      const server = await new Etcd(folder, "etcd").start();
      return { server, address: `etcd://${server.address}/fleets/web?n=2`, tokenFile: "" };
    },
  },
  {
    name: "etcd behind TLS, with a password, and a node that is away",
    parts: ["etcd", "openssl"],
    open: async (folder) => {
      const server = await new EtcdSecure(folder, "etcd").start();
      const nodes = `127.0.0.1:${freePort()},${server.address}`;
      const address = `etcd+https://${nodes}/fleets/web?n=2&ca=${folder.at("authority.pem")}`;
      return { server, address, tokenFile: folder.write("token", "root:open-sesame\n") };
    },
  },
  {
    name: "Consul",
    parts: ["consul"],
    open: async (folder) => {
      const server = await new ConsulServer(folder).start();
      return { server, address: `consul://${server.address}/fleets/web?n=2`, tokenFile: "" };
    },
  },
  {
    name: "Consul with a token",
    parts: ["consul"],
    open: async (folder) => {
      const token = "11111111-2222-3333-4444-555555555555";
      const server = await new ConsulServer(folder, { token }).start();
      return { server, address: `consul://${server.address}/web?n=2`, tokenFile: folder.write("token", `${token}\n`) };
    },
  },
];

const NEVER = new AbortController().signal;

function storeOf(address: FleetAddress, { id, tokenFile }: { id: string; tokenFile: string }): FleetStore {
  const parts = { address, clock: CLOCK, tokenFile };
  const self = { id, n: 2 };
  return address.engine === "etcd" ? new EtcdStore(parts, self) : new ConsulStore(parts, self);
}

/** Why something is not done. */
async function failureOf(doing: Promise<unknown>): Promise<StoreError> {
  const error = await doing.then(() => undefined, (error) => error);
  assert(error instanceof StoreError, `it fails as stores do: ${error}`);
  return error;
}

for (const { name, parts, open } of KINDS) {
  e2e(`a queue in ${name}: in the order of coming, each entry for as long as it is wanted`, async ({ folder }) => {
    const { server, address, tokenFile } = await open(folder);
    await using _server = server;
    const stores = ["a", "b", "c"].map((id) => storeOf(parseFleet(address)!, { id, tokenFile }));
    const [a, b, c] = stores;
    const entries = [];
    for (const store of stores) entries.push(await store.enter("x", NEVER));
    const [first, second, third] = entries;
    const queue = await b.look("x", NEVER);
    assertEquals(queue.entries.map(({ id, n, state, digest }) => [id, n, state, digest]), [
      ["a", 2, "waiting", "x"],
      ["b", 2, "waiting", "x"],
      ["c", 2, "waiting", "x"],
    ]);
    assertEquals([queue.successes, queue.bad], [[], null]);
    assert(first.revision < second.revision && second.revision < third.revision, "later entries have later revisions");
    assert(queue.revision >= third.revision, "what is seen is as new as the newest");

    // Who waits for an entry hears that it is at work.
    const stirred = c.watch({ is: "entry", key: second.key }, queue.revision, NEVER);
    const granted = await b.mark(second.key, { state: "working", digest: "y" }, NEVER);
    await stirred;
    assert(granted > third.revision, "a claim has a revision of its own");
    const working = await c.look("x", NEVER);
    assertEquals(working.entries.map(({ state }) => state), ["waiting", "working", "waiting"]);
    assertEquals(working.entries.map(({ digest }) => digest), ["x", "y", "x"], "its set may have changed");

    // Who waits for somebody to leave hears that.
    const departed = c.watch({ is: "departure" }, working.revision, NEVER);
    const older: Success = { revision: 1, announced: 1, granted: 1, digest: "w", id: "c", shared: true };
    const success: Success = { revision: 0, announced: 1, granted, digest: "y", id: "b", shared: false };
    const reported = await b.leave(second.key, [success, older], NEVER);
    await departed;
    const after = await c.look("x", NEVER);
    assertEquals(after.entries.map(({ id }) => id), ["a", "c"]);
    assertEquals(after.successes, [{ ...success, revision: reported }, older]);
    assert(reported > granted && reported <= after.revision, "a success is newer than its turn");

    // What happened before somebody began to wait is not missed.
    await c.watch({ is: "departure" }, working.revision, NEVER);
    await c.watch({ is: "entry", key: second.key }, working.revision, NEVER);

    await a.renew(first.key, NEVER);
    assertEquals((await failureOf(b.renew(second.key, NEVER))).kind, "gone");
    assertEquals((await failureOf(b.mark(second.key, { state: "working", digest: "y" }, NEVER))).kind, "gone");

    await a.reportBad("y", "it failed its verification", NEVER);
    await c.reportBad("y", "it failed its verification", NEVER).catch(() => {});
    assertEquals((await c.look("x", NEVER)).bad, null);
    assert(/^[ac] has tried it: it failed its verification$/.test((await c.look("y", NEVER)).bad!), "it is known");

    // Nobody waits any more.
    const end = new AbortController();
    const watching = c.watch({ is: "departure" }, (await c.look("x", NEVER)).revision, end.signal);
    end.abort();
    await watching.catch(() => {});
    await a.leave(first.key, null, NEVER);
    await c.leave(third.key, null, NEVER);
    assertEquals((await c.look("x", NEVER)).entries, []);
    const last = (await c.look("x", NEVER)).successes;
    assertEquals(last.map(({ digest }) => digest), ["y", "w"], "who leaves without success reports none");
  }, { parts });
}

for (const { name, parts, open } of [KINDS[0], KINDS[2]]) {
  e2e(`${name}: an entry that nobody renews ends by itself, and one that is renewed does not`, async ({ folder }) => {
    const { server, address, tokenFile } = await open(folder);
    await using _server = server;
    const [a, b] = ["a", "b"].map((id) => storeOf(parseFleet(address)!, { id, tokenFile }));
    const ended = await a.enter("x", NEVER);
    const { key } = await b.enter("x", NEVER);
    await until("the entry that nobody renews is gone", async () => {
      await b.renew(key, NEVER);
      return (await b.look("", NEVER)).entries.length === 1;
    });
    assertEquals((await b.look("", NEVER)).entries.map(({ id }) => id), ["b"]);
    // Its turn is another's by now: nothing follows from what came of it.
    const success: Success = { revision: 0, announced: 1, granted: 2, digest: "x", id: "a", shared: false };
    assertEquals((await failureOf(a.leave(ended.key, [success], NEVER))).kind, "gone");
    assertEquals((await b.look("", NEVER)).successes, []);
  }, { parts });
}

e2e("who is not let in is told so, and nothing of the credentials", async ({ folder }) => {
  await using consul = await new ConsulServer(folder, { token: "11111111-2222-3333-4444-555555555555" }).start();
  const wrong = folder.write("token", "99999999-2222-3333-4444-555555555555");
  for (const tokenFile of ["", wrong]) {
    const store = storeOf(parseFleet(`consul://${consul.address}/web`)!, { id: "a", tokenFile });
    const error = await failureOf(store.enter("x", NEVER));
    assertEquals(error.kind, "denied");
    assert(!error.message.includes("99999999"), error.message);
  }
  const store = storeOf(parseFleet(`consul://${consul.address}/web`)!, { id: "a", tokenFile: folder.at("none") });
  const error = await failureOf(store.enter("x", NEVER));
  assert(error.message.startsWith("SIDECAR_FLEET_TOKEN_FILE: "), error.message);
}, { parts: ["consul"] });

e2e("a hundred members go three at a time, each once, first come, first served", async ({ folder }) => {
  await using etcd = await new Etcd(folder, "etcd").start();
  const address = parseFleet(`etcd://${etcd.address}/web?n=3`)!;
  const clients: QueueClient[] = [];
  let [working, peak, done] = [0, 0, 0];
  const order: number[] = [];
  const all = Promise.withResolvers<void>();
  const tell = (i: number) => async (news: FleetNews) => {
    if (news.type !== "turnGranted") return;
    peak = Math.max(peak, ++working);
    order.push(i);
    // The first goes alone. After that a turn lasts until all turns are taken, by as many as are left.
    const isFirst = order.length === 1;
    if (!isFirst) await until("all turns are taken", () => working >= Math.min(3, 100 - done) || done === 100);
    working--;
    done++;
    clients[i].leave("x");
    if (done === 100) all.resolve();
  };
  const stores = Array.from(
    { length: 100 },
    (_, i) => new EtcdStore({ address, clock: CLOCK, tokenFile: "" }, { id: `m${i}`, n: 3 }),
  );
  for (const [i, store] of stores.entries()) {
    clients.push(
      new QueueClient({ store, self: { id: `m${i}`, n: 3 }, clock: CLOCK, random: Math.random, tell: tell(i) }),
    );
    clients[i].take("x");
  }
  await all.promise;
  assertEquals(peak, 3);
  assertEquals(new Set(order).size, 100);
  await Promise.all(clients.map((client) => client.close()));
  assertEquals((await stores[0].look("", NEVER)).entries, [], "nothing is left in the queue");
}, { parts: ["etcd"] });
