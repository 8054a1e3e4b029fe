/**
 * examples/haproxy: a bad configuration never goes live, and no request fails.
 *
 * Touches: files, processes and the loopback network, through the support modules.
 * @module
 */
import { assertEquals } from "../support/assert.ts";
import { eachConfd } from "../support/confds.ts";
import { freePort } from "../support/ports.ts";
import type { Folder } from "../support/sidecar.ts";
import { type ExampleOptions, exampleTest, play, stopWell } from "./example.ts";
import { goesLive, hundredReloads, type Proxy, refuses, takenBack } from "./scenarios.ts";
import { Answering, answers } from "./traffic.ts";

const PROGRAMS = ["haproxy"] as const;
/** The master and a worker. */
const PROCESSES = ["haproxy", "haproxy"];
/** Right after a reload, the status is that of the worker that went. */
const STOPPED = [143, 0];
/** HAProxy's own page. */
const FORBIDDEN = "403 <html><body><h1>403 Forbidden</h1>\nRequest forbidden by administrative rules.\n</body></html>";

/** The example with a server, and the address that HAProxy listens on. */
async function start(folder: Folder, server: string, rest: Partial<ExampleOptions> = {}): Promise<Proxy> {
  const port = `${freePort()}`;
  const played = await play(folder, {
    ...rest,
    example: "haproxy",
    programs: PROGRAMS,
    env: { HAPROXY_PORT: port, SIDECAR_VERIFY_TIMEOUT: "2s", ...rest.env },
    keys: { "/server": server },
  });
  return { ...played, url: `http://127.0.0.1:${port}/` };
}

eachConfd("examples/haproxy: a change goes live, with as many processes as before", async ({ folder, confd }) => {
  await using one = new Answering("one");
  await using two = new Answering("two");
  await using played = await start(folder, one.address, { confd });
  await goesLive(played, {
    processes: PROCESSES,
    keys: { "/server": two.address },
    shows: () => answers(played.url, "two"),
  });
  await stopWell(played.sidecar, STOPPED);
}, { parts: PROGRAMS, steadyKeys: true });

exampleTest("examples/haproxy: no request fails during a hundred reloads under load", async ({ folder }) => {
  await using server = new Answering("one", { delayMs: 5 });
  // Each verification takes half a second, and nothing here is to be verified.
  await using played = await start(folder, server.address, { env: { SIDECAR_VERIFY: "" } });
  await hundredReloads(played, { key: "/server", server, processes: ["confd", ...PROCESSES] });
  await stopWell(played.sidecar, STOPPED);
}, [...PROGRAMS, "wrk"]);

exampleTest(
  "examples/haproxy: good changes go live, a refused one never does, and no request fails",
  async ({ folder }) => {
    await using one = new Answering("one");
    await using played = await start(folder, one.address);
    await refuses(played, {
      key: "/server",
      good: one.address,
      bad: (address) => `${address} no-such-word`,
      complaint: /check: .*'no-such-word'/,
    });
    await stopWell(played.sidecar, STOPPED);
  },
  PROGRAMS,
);

exampleTest("examples/haproxy: a good file that came with a refused one does not go live", async ({ folder }) => {
  await using one = new Answering("one");
  await using two = new Answering("two");
  await using played = await start(folder, one.address);
  const { keys, sidecar, url } = played;
  await answers(url, "one");
  await keys.put({ "/blocked": "no address", "/server": two.address });
  await sidecar.stderr.next(/check: .*blocked\.lst/);
  await sidecar.stderr.next("the new configuration is refused");
  assertEquals(Deno.readTextFileSync(played.at("etc/blocked.lst")), "192.0.2.1\n");
  await answers(url, "one");
  await keys.put({ "/blocked": "192.0.2.2" });
  await answers(url, "two");
  await answers(url, FORBIDDEN, { "X-Client": "192.0.2.2" });
  await stopWell(sidecar, STOPPED);
}, PROGRAMS);

exampleTest(
  "examples/haproxy: a change that passes the check and breaks the service is taken back",
  async ({ folder }) => {
    await using one = new Answering("one");
    await using played = await start(folder, one.address);
    await takenBack(played, "/server");
    await stopWell(played.sidecar, STOPPED);
  },
  PROGRAMS,
);
