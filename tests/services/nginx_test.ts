/**
 * nginx after the recipe of docs/safe-reloads.md: a bad configuration never goes live, and no request fails.
 *
 * Touches: files, processes and the loopback network, through the support modules.
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import { freePort } from "../support/keys.ts";
import type { Folder } from "../support/sidecar.ts";
import { play, type Played, recipeTest, reloads, stopWell } from "./recipe.ts";
import { Answering, answers, takenBack, Traffic } from "./traffic.ts";

const PROGRAMS = ["nginx"] as const;

/** The recipe with an upstream, and the address that nginx listens on. */
function start(folder: Folder, upstream: string): Played & { url: string } {
  const port = `${freePort()}`;
  const dir = folder.at("nginx");
  // A neighbour that nobody renders; the check has to find it.
  folder.write("nginx/mime.types", "types { text/html html; }\n");
  const played = play(folder, {
    recipe: "nginx",
    programs: PROGRAMS,
    values: { NGINX_DIR: dir, NGINX_PORT: port },
    vary: (env) => ({ ...env, SIDECAR_VERIFY_TIMEOUT: "2s" }),
    keys: { "/connections": "64", "/upstream": upstream },
  });
  return { ...played, url: `http://127.0.0.1:${port}/` };
}

recipeTest("nginx: good changes go live, a refused one never does, and no request fails", async ({ folder }) => {
  await using one = new Answering("one");
  await using two = new Answering("two");
  await using played = start(folder, one.address);
  const { keys, sidecar, url } = played;
  await answers(url, "one");
  await using traffic = new Traffic(url);
  await keys.put({ "/upstream": two.address });
  await traffic.settles("two");
  await keys.put({ "/upstream": `${one.address}; no_such_directive on` });
  await sidecar.stderr.next(/check: .*unknown directive "no_such_directive"/);
  await sidecar.stderr.next('refused: "nginx" ended with status 1; main program goes on with the last good one');
  await traffic.settles("two");
  assertEquals(reloads(sidecar), 1);
  await keys.put({ "/upstream": one.address });
  await traffic.settles("one");
  assertEquals(traffic.others("one", "two"), []);
  assertEquals(reloads(sidecar), 2);
  await stopWell(sidecar);
}, PROGRAMS);

recipeTest("nginx: a refused file holds back a good one that came with it", async ({ folder }) => {
  await using one = new Answering("one");
  await using two = new Answering("two");
  await using played = start(folder, one.address);
  const { keys, sidecar, url } = played;
  await answers(url, "one");
  const site = Deno.readTextFileSync(folder.at("nginx/conf.d/site.conf"));
  await keys.put({ "/connections": "many", "/upstream": two.address });
  await sidecar.stderr.next(/check: .*invalid number "many"/);
  await sidecar.stderr.next("the new configuration is refused");
  assertEquals(Deno.readTextFileSync(folder.at("nginx/conf.d/site.conf")), site);
  await answers(url, "one");
  await keys.put({ "/connections": "128" });
  await answers(url, "two");
  assert(Deno.readTextFileSync(folder.at("nginx/nginx.conf")).includes("worker_connections 128;"));
  await stopWell(sidecar);
}, PROGRAMS);

recipeTest("nginx: a change that passes the check and breaks the service is taken back", async ({ folder }) => {
  await using one = new Answering("one");
  await using played = start(folder, one.address);
  await takenBack(played, "/upstream");
  await stopWell(played.sidecar);
}, PROGRAMS);
