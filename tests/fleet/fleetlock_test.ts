/**
 * Turns by a FleetLock server.
 *
 * Touches: the loopback network; files.
 * @module
 */
import type { FleetNews } from "../../lib/host/fleet/client.ts";
import { FleetLockClient } from "../../lib/host/fleet/fleetlock.ts";
import { parseFleet } from "../../lib/settings/fleet.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { TestClock } from "../support/clock.ts";
import { freePort } from "../support/ports.ts";
import { Folder, until } from "../support/sidecar.ts";
import { FleetLockServer } from "./fleetlock_server.ts";

interface Member extends AsyncDisposable {
  client: FleetLockClient;
  clock: TestClock;
  news: FleetNews[];
}

function memberOf(address: string, { id = "a", tokenFile = "", scheme = "fleetlock+http" } = {}): Member {
  const clock = new TestClock();
  const news: FleetNews[] = [];
  const client = new FleetLockClient({
    address: parseFleet(`${scheme}://${address}/web`)!,
    clock,
    tokenFile,
    id,
    random: () => 1,
    tell: (one) => news.push(one),
  });
  const close = async () => {
    const closing = client.close();
    await clock.advance(1000);
    await closing;
  };
  return { client, clock, news, [Symbol.asyncDispose]: close };
}

const granted = ({ news }: Member) => news.some(({ type }) => type === "turnGranted");

Deno.test("FleetLockClient gives back what an earlier run may have left, asks again while there is no slot, and gives it back", async () => {
  await using server = new FleetLockServer(1);
  server.holders.add("b");
  await using a = memberOf(server.address);
  await until("it is told of the start", () => server.requests.length === 1);
  a.client.take();
  await until("it has asked", () => server.requests.length === 2);
  // One second, then two, then four.
  for (const [i, ms] of [1000, 2000, 4000].entries()) {
    await until("it waits", async () => {
      await a.clock.advance(0);
      return server.requests.length === 2 + i;
    });
    // What is waited for is a timer, which is there once the answer is.
    await until("it has asked again", async () => {
      await a.clock.advance(ms / 10);
      return server.requests.length === 3 + i;
    });
  }
  server.holders.delete("b");
  await until("it has a slot", async () => {
    await a.clock.advance(1000);
    return granted(a);
  });
  assertEquals([...server.holders], ["a"]);
  a.client.leave();
  await until("it has given it back", () => server.holders.size === 0);
  assertEquals(server.requests[0], "steady-state a 200");
  assertEquals(server.requests.slice(1, 5), Array(4).fill("pre-reboot a 423"));
  assertEquals(server.requests.slice(-2), ["pre-reboot a 200", "steady-state a 200"]);
  assertEquals(a.news.filter(({ type }) => type !== "turnGranted"), [], "a slot that is taken is no failure");
});

Deno.test("FleetLockClient keeps its slot for as long as it takes", async () => {
  await using server = new FleetLockServer(1);
  await using a = memberOf(server.address);
  await using b = memberOf(server.address, { id: "b" });
  a.client.take();
  await until("a has a slot", () => granted(a));
  a.client.keep();
  b.client.take();
  await until("b is refused", () => server.requests.includes("pre-reboot b 423"));
  await a.clock.advance(3_600_000);
  assertEquals([...server.holders], ["a"]);
  // For another set too: it is asked for, and granted at once.
  const grants = () => a.news.filter(({ type }) => type === "turnGranted").length;
  a.client.take();
  assertEquals([grants(), [...server.holders]], [2, ["a"]]);
  a.client.leave();
  await until("b has it", async () => {
    await b.clock.advance(1000);
    return granted(b);
  });
});

Deno.test("FleetLockClient gives a slot back even though the server was away, since it has no time to live", async () => {
  await using server = new FleetLockServer(1);
  await using a = memberOf(server.address);
  a.client.take();
  await until("it has a slot", () => granted(a));
  server.broken = { status: 502, body: "bad gateway" };
  a.client.leave();
  await until("the failure is told", () => a.news.length > 1);
  assertEquals(a.news.at(-1), {
    type: "fleetReported",
    report: { is: "failed", kind: "away", reason: "it answered 502: bad gateway", again: false },
  });
  assertEquals([...server.holders], ["a"]);
  server.broken = undefined;
  await until("it is given back", async () => {
    await a.clock.advance(1000);
    return server.holders.size === 0;
  });
  await until("that it answers is told", () => a.news.length > 2);
  assertEquals(a.news.at(-1), { type: "fleetReported", report: { is: "back" } });
});

Deno.test("FleetLockClient tells why it cannot ask: nobody there, not let in, no such group", async () => {
  const reasonOf = async (member: Member) => {
    member.client.take();
    await until("the failure is told", () => member.news.length > 0);
    const [news] = member.news;
    assert(news.type === "fleetReported" && news.report.is === "failed", JSON.stringify(news));
    return [news.report.kind, news.report.reason];
  };
  const nowhere = `127.0.0.1:${freePort()}`;
  {
    await using away = memberOf(nowhere);
    assertEquals(await reasonOf(away), ["away", `http://${nowhere}: connection refused`]);
  }
  using folder = new Folder();
  await using server = new FleetLockServer(1, "Bearer open-sesame");
  {
    await using stranger = memberOf(server.address);
    assertEquals(await reasonOf(stranger), [
      "denied",
      'it answered 401: {"kind":"unauthorized","value":"unauthorized: no"}',
    ]);
  }
  await using friend = memberOf(server.address, { tokenFile: folder.write("token", "open-sesame\n") });
  friend.client.take();
  await until("it has a slot", () => granted(friend));
  await using withPassword = new FleetLockServer(1, `Basic ${btoa("me:open")}`);
  await using user = memberOf(withPassword.address, { tokenFile: folder.write("password", "me:open") });
  user.client.take();
  await until("it has a slot", () => granted(user));
});

Deno.test("FleetLockClient lists itself alone, and says why", async () => {
  await using server = new FleetLockServer(1);
  await using a = memberOf(server.address);
  assertEquals((await a.client.list()).entries, []);
  a.client.take();
  await until("it has a slot", () => granted(a));
  const { entries, own, says } = await a.client.list();
  assertEquals(entries.map(({ id, state }) => [id, state]), [["a", "working"]]);
  assertEquals([own, says], ["a", "a FleetLock server does not say who else holds a slot or waits for one"]);
});
