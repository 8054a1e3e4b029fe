/**
 * examples/nginx: a bad configuration never goes live, and no request fails.
 *
 * Touches: files, processes and the loopback network, through the support modules.
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import { eachConfd } from "../support/confds.ts";
import { freePort } from "../support/ports.ts";
import type { Folder } from "../support/sidecar.ts";
import { type ExampleOptions, exampleTest, play, stopWell } from "./example.ts";
import { goesLive, hundredReloads, type Proxy, refuses, takenBack } from "./scenarios.ts";
import { Answering, answers } from "./traffic.ts";

const PROGRAMS = ["nginx"] as const;
/** The master and two workers. */
const PROCESSES = ["nginx", "nginx", "nginx"];

/** The example with an upstream, and the address that nginx listens on. */
async function start(folder: Folder, upstream: string, rest: Partial<ExampleOptions> = {}): Promise<Proxy> {
  const port = `${freePort()}`;
  const played = await play(folder, {
    ...rest,
    example: "nginx",
    programs: PROGRAMS,
    env: { NGINX_PORT: port, SIDECAR_VERIFY_TIMEOUT: "2s", ...rest.env },
    keys: { "/upstream": upstream },
  });
  return { ...played, url: `http://127.0.0.1:${port}/` };
}

eachConfd("examples/nginx: a change goes live, with as many processes as before", async ({ folder, confd }) => {
  await using one = new Answering("one");
  await using two = new Answering("two");
  await using played = await start(folder, one.address, { confd });
  await goesLive(played, {
    processes: PROCESSES,
    keys: { "/upstream": two.address },
    shows: () => answers(played.url, "two"),
  });
  await stopWell(played.sidecar);
}, { parts: PROGRAMS, steadyKeys: true });

exampleTest("examples/nginx: no request fails during a hundred reloads under load", async ({ folder }) => {
  await using server = new Answering("one", { delayMs: 5 });
  // Each verification takes half a second, and nothing here is to be verified.
  await using played = await start(folder, server.address, { env: { SIDECAR_VERIFY: "" } });
  await hundredReloads(played, { key: "/upstream", server, processes: ["confd", ...PROCESSES] });
  await stopWell(played.sidecar);
}, [...PROGRAMS, "wrk"]);

exampleTest(
  "examples/nginx: good changes go live, a refused one never does, and no request fails",
  async ({ folder }) => {
    await using one = new Answering("one");
    await using played = await start(folder, one.address);
    await refuses(played, {
      key: "/upstream",
      good: one.address,
      bad: (address) => `${address}; no_such_directive on`,
      complaint: /check: .*unknown directive "no_such_directive"/,
    });
    await stopWell(played.sidecar);
  },
  PROGRAMS,
);

exampleTest("examples/nginx: a good file that came with a refused one does not go live", async ({ folder }) => {
  await using one = new Answering("one");
  await using two = new Answering("two");
  await using played = await start(folder, one.address);
  const { keys, sidecar, url } = played;
  await answers(url, "one");
  const site = Deno.readTextFileSync(played.at("etc/conf.d/site.conf"));
  await keys.put({ "/connections": "many", "/upstream": two.address });
  await sidecar.stderr.next(/check: .*invalid number "many"/);
  await sidecar.stderr.next("the new configuration is refused");
  assertEquals(Deno.readTextFileSync(played.at("etc/conf.d/site.conf")), site);
  await answers(url, "one");
  await keys.put({ "/connections": "128" });
  await answers(url, "two");
  assert(Deno.readTextFileSync(played.at("etc/nginx.conf")).includes("worker_connections 128;"));
  await stopWell(sidecar);
}, PROGRAMS);

exampleTest(
  "examples/nginx: a change that passes the check and breaks the service is taken back",
  async ({ folder }) => {
    await using one = new Answering("one");
    await using played = await start(folder, one.address);
    await takenBack(played, "/upstream");
    await stopWell(played.sidecar);
  },
  PROGRAMS,
);
