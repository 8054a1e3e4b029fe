/**
 * examples/patroni-haproxy with the real HAProxy, a real confd, and keys in an etcd as Patroni writes them.
 *
 * Touches: files, processes and the loopback network, through the support modules.
 * @module
 */
import { assertEquals } from "../support/assert.ts";
import { Etcd } from "../support/etcd.ts";
import { freePort } from "../support/keys.ts";
import { until } from "../support/sidecar.ts";
import { exampleTest, play, reloads, stopWell } from "./example.ts";

/** A member of a cluster: a PostgreSQL that says its name and nothing else, and Patroni's REST API. */
class Member implements AsyncDisposable {
  readonly name: string;
  role: "primary" | "replica";
  readonly #database: Deno.Listener & { readonly addr: Deno.NetAddr };
  readonly #serving: Promise<void>;
  readonly #api: Deno.HttpServer<Deno.NetAddr>;

  constructor(name: string, role: "primary" | "replica") {
    this.name = name;
    this.role = role;
    this.#database = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.#serving = this.#serve();
    const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
    this.#api = Deno.serve(options, ({ url }) => {
      const status = new URL(url).pathname === `/${this.role}` ? 200 : 503;
      return new Response("", { status, headers: { connection: "close" } });
    });
  }

  /** What Patroni writes of it. */
  get key(): Record<string, string> {
    const value = {
      conn_url: `postgres://127.0.0.1:${this.#database.addr.port}/postgres`,
      api_url: `http://127.0.0.1:${this.#api.addr.port}/patroni`,
      state: "running",
      role: this.role,
      version: "4.0.4",
      xlog_location: 67108960,
      timeline: 1,
    };
    return { [`/service/batman/members/${this.name}`]: JSON.stringify(value) };
  }

  async #serve(): Promise<void> {
    try {
      for await (const connection of this.#database) {
        await connection.write(new TextEncoder().encode(this.name)).catch(() => {});
        connection.close();
      }
    } catch {
      // Closed.
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#database.close();
    await this.#serving;
    await this.#api.shutdown();
  }
}

/** Who answers at a port. */
async function whoAnswers(port: number): Promise<string> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port }).catch(() => undefined);
  if (connection === undefined) return "nobody";
  const buffer = new Uint8Array(16);
  const read = await connection.read(buffer).catch(() => null);
  connection.close();
  return read === null ? "nobody" : new TextDecoder().decode(buffer.subarray(0, read));
}

/**
 * Whether no other member answers at a port: one answer says nothing, since HAProxy takes a server that it has not checked
 * yet for one that is up, and goes round all that are.
 */
async function isAlone(port: number, name: string): Promise<boolean> {
  for (let i = 0; i < 6; i++) if (await whoAnswers(port) !== name) return false;
  return true;
}

exampleTest("examples/patroni-haproxy: a failover needs no reload, a new member does", async ({ folder }) => {
  await using etcd = await new Etcd(folder, "etcd").start();
  await using one = new Member("pg1", "primary");
  await using two = new Member("pg2", "replica");
  await etcd.put({ ...one.key, ...two.key, "/service/batman/leader": "pg1" });
  const [primary, replicas] = [freePort(), freePort()];
  await using played = await play(folder, {
    example: "patroni-haproxy",
    programs: ["haproxy"],
    env: { ...etcd.env, SIDECAR_CONFD_ARGS: "", PRIMARY_PORT: `${primary}`, REPLICA_PORT: `${replicas}` },
  });
  const { sidecar } = played;
  const leadsTo = (port: number, name: string) => until(`${port} leads to ${name} alone`, () => isAlone(port, name));
  await leadsTo(primary, "pg1");
  await leadsTo(replicas, "pg2");

  [one.role, two.role] = ["replica", "primary"];
  // Patroni writes the members anew, too: what the templates read.
  await etcd.put({ ...one.key, ...two.key, "/service/batman/leader": "pg2" });
  await leadsTo(primary, "pg2");
  await leadsTo(replicas, "pg1");
  assertEquals(reloads(sidecar), 0, "a failover is no change of the configuration");

  await using three = new Member("pg3", "replica");
  await etcd.put(three.key);
  await until("HAProxy is reloaded", () => reloads(sidecar) === 1);
  [two.role, three.role] = ["replica", "primary"];
  await leadsTo(primary, "pg3");
  await stopWell(sidecar, [143, 0]);
}, ["haproxy", "etcd"]);
