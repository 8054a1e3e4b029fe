/**
 * A small fleet: one change reloads each service once, at any moment of the splay.
 *
 * Touches: files, processes and the loopback network, through the support modules.
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import { ANY_CONFD, e2e } from "../support/confds.ts";
import { Etcd } from "../support/etcd.ts";
import { commandUnderTest, type Folder, until } from "../support/sidecar.ts";
import { Fleet, type Member } from "./fleet.ts";

const SIZE = 5;
const SPLAY_MS = 4000;
/** That all delays of a small fleet lie in so short a time happens once in thirty thousand runs. */
const SPREAD_MS = 200;
const DRAWN = "main program will be reloaded within 4 seconds";
const NOW = "reloading main program now";

async function withFleet(folder: Folder, splayMs: number, body: (fleet: Fleet) => Promise<void>): Promise<void> {
  await using etcd = await new Etcd(folder, ANY_CONFD.etcd).start();
  const env = { SIDECAR_SETTLE: "200ms", SIDECAR_SPLAY: `${splayMs}ms` };
  const command = commandUnderTest();
  await using fleet = await Fleet.start(folder, { size: SIZE, confd: ANY_CONFD, etcd, command, env });
  await body(fleet);
}

/** When the sidecar said something, each time, in milliseconds, as its log has it. */
function timesOf({ stderr }: Member, msg: string): number[] {
  const entries = stderr.all.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
  return entries.filter((entry) => entry.msg === msg).map(({ time }) => Date.parse(time));
}

e2e("with a splay, one change reloads each service of a fleet once, and not all at once", async ({ folder }) => {
  await withFleet(folder, SPLAY_MS, async (fleet) => {
    const { members } = fleet;
    await fleet.change();
    await until("all is told", () => members.every((member) => timesOf(member, NOW).length > 0));
    assertEquals(members.map(({ reloads }) => reloads.length), members.map(() => 1));
    const delays = members.map((member) => timesOf(member, NOW)[0] - timesOf(member, DRAWN)[0]);
    assert(Math.max(...delays) - Math.min(...delays) >= SPREAD_MS, `the delays are ${delays} ms`);
    // A timer can be late on a busy machine, but not by as much again.
    assert(delays.every((delay) => delay < 2 * SPLAY_MS), `the delays are ${delays} ms`);
  });
}, { parts: [ANY_CONFD.part, "etcd"] });

e2e("without a splay, one change reloads each service of a fleet once, with no further delay", async ({ folder }) => {
  await withFleet(folder, 0, async (fleet) => {
    const { members } = fleet;
    for (let i = 1; i <= 2; i++) {
      await fleet.change();
      assertEquals(members.map(({ reloads }) => reloads.length), members.map(() => i));
    }
    for (const { stderr } of members) assertEquals(stderr.all.filter((line) => line.includes("reloaded within")), []);
  });
}, { parts: [ANY_CONFD.part, "etcd"] });
