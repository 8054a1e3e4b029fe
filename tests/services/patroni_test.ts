/**
 * examples/patroni-haproxy with the real HAProxy, real confds, and keys in an etcd as Patroni writes them.
 *
 * Touches: files, processes and the loopback network, through the support modules.
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import { ANY_CONFD, type Confd, eachConfd, type Needs } from "../support/confds.ts";
import { Etcd } from "../support/etcd.ts";
import { freePort } from "../support/ports.ts";
import { type Folder, until } from "../support/sidecar.ts";
import { exampleTest, play, type Played, reloads, stopWell } from "./example.ts";
import { isAlone, Member } from "./patroni.ts";

const PARTS = ["haproxy", "etcd"] as const;
const NO_IPV6 = "needs IPv6 on the loopback network";

/** The example with an etcd, and waiting for one of its ports to lead to one member alone. */
interface Cluster extends Played {
  leadsTo(port: "primary" | "replica", name: string): Promise<void>;
  /** The configuration that HAProxy has been given. */
  configuration(): string;
}

async function start(folder: Folder, etcd: Etcd, confd: Confd = ANY_CONFD): Promise<Cluster> {
  const ports = { primary: freePort(), replica: freePort() };
  const played = await play(folder, {
    example: "patroni-haproxy",
    programs: ["haproxy"],
    // Its keys are in the etcd already, for each confd.
    confd: { ...confd, panics: false },
    env: {
      ...etcd.env,
      SIDECAR_CONFD_ARGS: "",
      PRIMARY_PORT: `${ports.primary}`,
      REPLICA_PORT: `${ports.replica}`,
    },
  });
  const leadsTo = (port: "primary" | "replica", name: string) =>
    until(`the ${port}'s port leads to ${name} alone`, () => isAlone(ports[port], name));
  return { ...played, leadsTo, configuration: () => Deno.readTextFileSync(played.at("etc/haproxy.cfg")) };
}

exampleTest("examples/patroni-haproxy: a failover needs no reload, a new member does", async ({ folder }) => {
  await using etcd = await new Etcd(folder, ANY_CONFD.etcd).start();
  await using one = new Member("pg1", { role: "primary" });
  await using two = new Member("pg2", { role: "replica" });
  await etcd.put({ ...one.key, ...two.key, "/service/batman/leader": "pg1" });
  await using cluster = await start(folder, etcd);
  const { sidecar, leadsTo } = cluster;
  await leadsTo("primary", "pg1");
  await leadsTo("replica", "pg2");

  [one.role, two.role] = ["replica", "primary"];
  // Patroni writes the members anew, too: what the templates read.
  await etcd.put({ ...one.key, ...two.key, "/service/batman/leader": "pg2" });
  await leadsTo("primary", "pg2");
  await leadsTo("replica", "pg1");
  assertEquals(reloads(sidecar), 0, "a failover is no change of the configuration");

  await using three = new Member("pg3", { role: "replica" });
  await etcd.put(three.key);
  await until("HAProxy is reloaded", () => reloads(sidecar) === 1);
  [two.role, three.role] = ["replica", "primary"];
  await leadsTo("primary", "pg3");
  await stopWell(sidecar, [143, 0]);
}, PARTS);

/** The two forms of an address: the second is left out where the machine has no IPv6. */
const HOSTS: readonly [string, string, Needs][] = [
  ["IPv4", "127.0.0.1", { parts: PARTS }],
  ["IPv6", "::1", { parts: PARTS, reason: canListen("::1") ? undefined : NO_IPV6 }],
];

for (const [form, host, needs] of HOSTS) {
  eachConfd(
    `examples/patroni-haproxy: of a member on ${form}, HAProxy gets host and port alone, and no password`,
    async ({ folder, confd }) => {
      await using etcd = await new Etcd(folder, confd.etcd).start();
      await using one = new Member("pg1", { role: "primary", host });
      await using two = new Member("pg2", { role: "replica", host, credentials: "replicator:s3%40cr:et" });
      await etcd.put({ ...one.key, ...two.key });
      await using cluster = await start(folder, etcd, confd);
      await cluster.leadsTo("primary", "pg1");
      await cluster.leadsTo("replica", "pg2");
      const servers = [...cluster.configuration().matchAll(/^ *(server .*)$/gm)].map(([, line]) => line);
      assertEquals(servers, [one.line, two.line, one.line, two.line]);
      assert(!/replicator|cr:et/.test(cluster.configuration()), "no user, and no part of a password");
      await stopWell(cluster.sidecar, [143, 0]);
    },
    needs,
  );
}

eachConfd(
  "examples/patroni-haproxy: without any member the start waits, and later the last servers stay",
  async ({ folder, confd }) => {
    await using etcd = await new Etcd(folder, confd.etcd).start();
    await etcd.put({ "/service/batman/config": "{}" });
    await using one = new Member("pg1", { role: "primary" });
    await using two = new Member("pg2", { role: "primary" });
    await using cluster = await start(folder, etcd, confd);
    const { sidecar, leadsTo } = cluster;
    const noMember = /error calling getv: .*\/members\/\*/;
    await sidecar.stderr.next(noMember);
    await etcd.put(one.key);
    await leadsTo("primary", "pg1");

    const good = cluster.configuration();
    const complaints = () => sidecar.stderr.all.filter((line) => noMember.test(line)).length;
    const before = complaints();
    await etcd.remove(one.path);
    await until("confd finds no member", () => complaints() > before);
    assertEquals(cluster.configuration(), good);
    assertEquals(reloads(sidecar), 0);
    await leadsTo("primary", "pg1");

    await etcd.put(two.key);
    await leadsTo("primary", "pg2");
    assertEquals(reloads(sidecar), 1);
    await stopWell(sidecar, [143, 0]);
  },
  { parts: PARTS },
);

function canListen(hostname: string): boolean {
  try {
    Deno.listen({ hostname, port: 0 }).close();
    return true;
  } catch {
    return false;
  }
}
