/**
 * HAProxy after the recipe of docs/safe-reloads.md: a bad configuration never goes live, and no request fails.
 *
 * Touches: files, processes and the loopback network, through the support modules.
 * @module
 */
import { assertEquals } from "../support/assert.ts";
import { freePort } from "../support/keys.ts";
import type { Folder } from "../support/sidecar.ts";
import { play, type Played, recipeTest, reloads, stopWell } from "./recipe.ts";
import { Answering, answers, takenBack, Traffic } from "./traffic.ts";

const PROGRAMS = ["haproxy"] as const;
/** Right after a reload, the status is that of the worker that went. */
const STOPPED = [143, 0];
/** HAProxy's own page. */
const FORBIDDEN = "403 <html><body><h1>403 Forbidden</h1>\nRequest forbidden by administrative rules.\n</body></html>";

/** The recipe with a server, and the address that HAProxy listens on. */
function start(folder: Folder, server: string): Played & { url: string } {
  const port = `${freePort()}`;
  // A neighbour that nobody renders; the check has to find it.
  folder.write("haproxy/errors/503.http", "HTTP/1.0 503 Away\r\nContent-Type: text/plain\r\n\r\nour own page\r\n");
  const played = play(folder, {
    recipe: "HAProxy",
    programs: PROGRAMS,
    values: { HAPROXY_DIR: folder.at("haproxy"), HAPROXY_PORT: port },
    vary: (env) => ({ ...env, SIDECAR_VERIFY_TIMEOUT: "2s" }),
    keys: { "/server": server, "/blocked": "192.0.2.1" },
  });
  return { ...played, url: `http://127.0.0.1:${port}/` };
}

recipeTest("HAProxy: good changes go live, a refused one never does, and no request fails", async ({ folder }) => {
  await using one = new Answering("one");
  await using two = new Answering("two");
  await using played = start(folder, one.address);
  const { keys, sidecar, url } = played;
  await answers(url, "one");
  await using traffic = new Traffic(url);
  await keys.put({ "/server": two.address });
  await traffic.settles("two");
  await keys.put({ "/server": `${one.address} no-such-word` });
  await sidecar.stderr.next(/check: .*'no-such-word'/);
  await sidecar.stderr.next('refused: "haproxy" ended with status 1; main program goes on with the last good one');
  await traffic.settles("two");
  assertEquals(reloads(sidecar), 1);
  await keys.put({ "/server": one.address });
  await traffic.settles("one");
  assertEquals(traffic.others("one", "two"), []);
  assertEquals(reloads(sidecar), 2);
  await stopWell(sidecar, STOPPED);
}, PROGRAMS);

recipeTest("HAProxy: a refused file holds back a good one that came with it", async ({ folder }) => {
  await using one = new Answering("one");
  await using two = new Answering("two");
  await using played = start(folder, one.address);
  const { keys, sidecar, url } = played;
  await answers(url, "one");
  await keys.put({ "/blocked": "no address", "/server": two.address });
  await sidecar.stderr.next(/check: .*blocked\.lst/);
  await sidecar.stderr.next("the new configuration is refused");
  assertEquals(Deno.readTextFileSync(folder.at("haproxy/blocked.lst")), "192.0.2.1\n");
  await answers(url, "one");
  await keys.put({ "/blocked": "192.0.2.2" });
  await answers(url, "two");
  await answers(url, FORBIDDEN, { "X-Client": "192.0.2.2" });
  await stopWell(sidecar, STOPPED);
}, PROGRAMS);

recipeTest("HAProxy: a change that passes the check and breaks the service is taken back", async ({ folder }) => {
  await using one = new Answering("one");
  await using played = start(folder, one.address);
  await takenBack(played, "/server");
  await stopWell(played.sidecar, STOPPED);
}, PROGRAMS);
