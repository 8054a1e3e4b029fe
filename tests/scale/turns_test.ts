/**
 * Fifty real sidecars, three at once: holders killed and cut off, a change that does harm, a good one after it, and one in the
 * middle of another one.
 *
 * Touches: processes, network namespaces, temporary folders, through the support modules.
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import { ANY_CONFD, e2e } from "../support/confds.ts";
import { whyNoIslands } from "./island.ts";
import { runTurns, SIZES } from "./turns.ts";

for (const engine of ["etcd", "consul"] as const) {
  e2e(`fifty sidecars take turns, three at once, by ${engine}`, async ({ folder }) => {
    const { members, n, killed } = SIZES;
    const { faults, bad, good, newer } = await runTurns(folder, engine, SIZES);
    for (const wave of [faults, bad, good, newer]) {
      assert(wave.peak <= n, `never more than ${n} at once: ${wave.peak}`);
      assertEquals(wave.canaries, 1, "the first goes alone");
    }
    assertEquals(faults.peak, n, "all turns are used");
    assertEquals(faults.touched, members);
    assert(bad.touched <= n, `a change that does harm stops: ${bad.touched} have tried it`);
    // The one that tried the bad one was taken back, and has the good one too.
    assertEquals(good.touched, members - killed);
    assertEquals(newer.touched, members - killed);
  }, { parts: [ANY_CONFD.part, "etcd", ...(engine === "consul" ? ["consul" as const] : [])], reason: whyNoIslands() });
}
