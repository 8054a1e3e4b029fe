/** What a test says that has waited in vain. */
import { assert, assertEquals } from "../support/assert.ts";
import { Sidecar, until } from "../support/sidecar.ts";

async function vain(what: string | (() => string)): Promise<string> {
  const never = until(what, () => false, { deadlineMs: 0 });
  return await never.then(() => "it came true", (error: Error) => error.message);
}

Deno.test("until() shows what the sidecars that run have printed", async () => {
  {
    await using sidecar = new Sidecar({ command: ["/bin/sh", "-c"], args: ["echo one; echo two >&2; exec sleep 60"] });
    await sidecar.stdout.next("one");
    await sidecar.stderr.next("two");
    assertEquals((await vain("three")).split("\n"), [
      "three did not come true within 0 ms",
      `standard error of sidecar ${sidecar.pid}:`,
      "two",
      `standard output of sidecar ${sidecar.pid}:`,
      "one",
    ]);
  }
  let count = 1;
  const answer = vain(() => `there are ${count}, and not three: that`);
  count = 2;
  assertEquals(await answer, "there are 2, and not three: that did not come true within 0 ms");
});

Deno.test("until() asks once more than it has time for", async () => {
  let asked = 0;
  await until("the first answer", () => ++asked === 1, { deadlineMs: -1 });
  assert(asked === 1, `${asked}`);
});
