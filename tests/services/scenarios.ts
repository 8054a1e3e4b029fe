/**
 * Scenarios that more than one service is put through.
 *
 * Touches: files, processes and the loopback network, through the support modules.
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import { freePort } from "../support/ports.ts";
import { type Played, reloads } from "./example.ts";
import { family, familyIs } from "./family.ts";
import { Load } from "./load.ts";
import { Answering, answers, servedBy, Traffic } from "./traffic.ts";

/** A change of keys, and how to see that the service has it. */
export interface Change {
  keys: Record<string, string>;
  /** The names of the service's processes. */
  processes: readonly string[];
  /** Waits until the service itself reports it. */
  shows: () => Promise<void>;
}

/** A server behind a proxy that the example runs. */
export interface Proxy extends Played {
  url: string;
}

/** A change goes live, and afterwards there are as many processes as before. */
export async function goesLive({ keys, sidecar }: Played, { processes, ...change }: Change): Promise<void> {
  await sidecar.stderr.next("verified: main program is well on its configuration");
  // A service may have one more for a moment, as dnsmasq has for a connection; and its zombie, for another.
  const others = family(sidecar.pid).filter((name) => !processes.some((own) => name.startsWith(own)));
  const wanted = [...others, ...processes].sort();
  await familyIs(sidecar.pid, wanted);
  await keys.put(change.keys);
  await change.shows();
  await sidecar.stderr.next("verified: main program is well on its configuration");
  await familyIs(sidecar.pid, wanted);
  assertEquals(reloads(sidecar), 1);
}

/** A change that is to be refused. */
export interface Refusal {
  key: string;
  /** The address of the server `one`. */
  good: string;
  /** What the check refuses, made of an address. */
  bad: (address: string) => string;
  /** What the check says of it. */
  complaint: RegExp;
}

/** Good changes go live, a refused one never does, and no request fails meanwhile. */
export async function refuses(
  { keys, sidecar, url }: Proxy,
  { key, good, bad, complaint }: Refusal,
): Promise<void> {
  await using two = new Answering("two");
  await answers(url, "one");
  await using traffic = new Traffic(url);
  await keys.put({ [key]: two.address });
  await traffic.settles("two");
  await keys.put({ [key]: bad(good) });
  await sidecar.stderr.next(complaint);
  await sidecar.stderr.next(/refused: ".*" ended with status 1; main program goes on with the last good one/);
  await traffic.settles("two");
  assertEquals(reloads(sidecar), 1);
  await keys.put({ [key]: good });
  await traffic.settles("one");
  assertEquals(traffic.others("one", "two"), []);
  assertEquals(reloads(sidecar), 2);
}

/** The change that passes the check and breaks the service is taken back; the next good one stays. */
export async function takenBack({ keys, sidecar, url }: Proxy, key: string): Promise<void> {
  await using two = new Answering("two");
  await sidecar.stderr.next("verified: main program is well on its configuration");
  // Nobody listens there.
  await keys.put({ [key]: `127.0.0.1:${freePort()}` });
  await sidecar.stderr.next("the new configuration is taken back");
  await sidecar.stderr.next("verified: main program is well on the last good configuration");
  await answers(url, "one");
  await keys.put({ [key]: two.address });
  await answers(url, "two");
}

/**
 * A hundred changes of the server's address under load, each of which the proxy's answers show: no request fails, and
 * the processes afterwards are those that they should be.
 */
export async function hundredReloads(
  { keys, sidecar, url }: Proxy,
  { key, server, processes }: { key: string; server: Answering; processes: readonly string[] },
): Promise<void> {
  await answers(url, "one");
  await familyIs(sidecar.pid, processes);
  await using load = new Load(url);
  await using kept = new Load(url, { keepAlive: true });
  for (let number = 2; number <= 101; number++) {
    const address = server.addressNumber(number);
    await keys.put({ [key]: address });
    await servedBy(url, address);
  }
  const { requests, failures } = await load.end();
  assertEquals(failures, {});
  assert(requests > 1000, `only ${requests} requests`);
  // Who keeps a connection can always meet the moment at which the server closes it, but nothing worse.
  const { read: _, ...worse } = (await kept.end()).failures;
  assertEquals(worse, {});
  assertEquals(reloads(sidecar), 100);
  await familyIs(sidecar.pid, processes);
}
