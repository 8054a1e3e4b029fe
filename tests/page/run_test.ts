/**
 * The page of a real run: a sidecar, a confd, a service and a browser.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { overSocket, portOf } from "../support/asking.ts";
import { Browser } from "../support/browser.ts";
import { ANY_CONFD, e2e } from "../support/confds.ts";
import { FileKeys } from "../support/keys.ts";
import { Scene } from "../support/scene.ts";
import type { Sidecar } from "../support/sidecar.ts";

async function addressOf(sidecar: Sidecar): Promise<string> {
  return `http://127.0.0.1:${await portOf(sidecar)}/`;
}

const PARTS = ["chromium", ANY_CONFD.part] as const;

e2e("page of a run: a change appears by itself, a refused one with its reason", async ({ folder }) => {
  const keys = new FileKeys(folder, { "/key": "one" });
  const scene = new Scene(folder, { confd: ANY_CONFD, keys });
  const check = folder.write("check.sh", '#!/bin/sh\n! grep bad "$1"\n', 0o755);
  const env = {
    SIDECAR_LISTEN: "127.0.0.1:0",
    SIDECAR_CHECK: `${check} ${scene.dest}`,
    SIDECAR_DIFF: "masked",
    PASSWORD: "hunter2",
  };
  await using sidecar = scene.start({ env });
  await using browser = await Browser.start();
  const address = await addressOf(sidecar);
  await sidecar.stdout.next("start: value=one");
  const page = await browser.open(address);
  await page.evaluate("window.kept = true");
  await page.until(`document.querySelector("h1").textContent === "All is well"`);

  await keys.put({ "/key": "two" });
  await sidecar.stdout.next("HUP: value=two");
  const newest = `document.querySelector(".timeline > li")`;
  await page.until(`${newest}?.textContent.includes("reloaded")`);
  assertMatch(await page.text(".timeline > li"), /^Loaded/);
  await page.evaluate(`${newest}.querySelector("details").open = true`);
  assert((await page.text(".timeline > li")).includes("-value=***\n+value=***"));

  await keys.put({ "/key": "bad" });
  await page.until(`document.querySelector("h1").textContent === "The newest configuration was refused"`);
  assertMatch(await page.text(".timeline > li"), /^Refused[^]*check failed/);
  assertMatch(await page.text("#verdict"), /check\.sh[^]*ended with status 1[^]*Ready\s+Yes/);
  assertMatch(await page.text("#destinations"), /Refused/);

  await keys.put({ "/key": "three" });
  await page.until(`document.querySelector("h1").textContent === "All is well"`);

  await overSocket(scene, "POST", "/hold?for=30m&reason=migration");
  await keys.put({ "/key": "four" });
  await page.until(`${newest}.textContent.startsWith("On hold")`);
  assertMatch(await page.text("#verdict"), /Changes are on hold[^]*migration[^]*\(in (29|30) min\)/);
  assert(!(await page.text(".timeline > li")).includes("put in place"));
  assertMatch(await page.text("#destinations"), /On hold/);
  assertEquals(await page.evaluate("window.kept"), true);
  assert(!(await page.evaluate("document.documentElement.outerHTML")).includes("hunter2"));
  page.assertQuiet();

  sidecar.signal("SIGTERM");
  assertEquals(await sidecar.status(), 0);
  await page.until(`document.getElementById("link").textContent.startsWith("The sidecar does not answer.")`);
}, { parts: PARTS });

e2e("page of a run: what the service waits for", async ({ folder }) => {
  const keys = new FileKeys(folder, {});
  const scene = new Scene(folder, { confd: ANY_CONFD, keys });
  await using sidecar = scene.start({ env: { SIDECAR_LISTEN: "127.0.0.1:0" } });
  await using browser = await Browser.start();
  const page = await browser.open(await addressOf(sidecar), { script: false });
  assertMatch(await page.text("#verdict"), /Waiting since[^]*Ready\s+No/);
  assertMatch(await page.text("#service"), /Not started/);
  page.assertQuiet();
}, { parts: PARTS });
