/**
 * The page in a real browser, before a stand-in of the sidecar that shows invented runs.
 *
 * @module
 */
import type { StatusDocument } from "../../lib/status/document.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { Browser, type Page, type PageOptions } from "../support/browser.ts";
import { needs } from "../tools/parts.ts";
import { TOO_FAINT } from "./contrast.ts";
import {
  busyDocument,
  downDocument,
  heldDocument,
  refusedDocument,
  rollout,
  waitingDocument,
  wellDocument,
} from "./documents.ts";
import { hostileDocument } from "./hostile.ts";
import { Stub } from "./stub.ts";

const ALL: Readonly<Record<string, StatusDocument>> = {
  well: wellDocument(),
  refused: refusedDocument(),
  waiting: waitingDocument(),
  busy: busyDocument(),
  held: heldDocument(),
  down: downDocument(),
};
const SCHEMES = ["light", "dark"];
const PHONE = { width: 320, height: 640 };

interface Shown {
  stub: Stub;
  page: Page;
  browser: Browser;
}

/** A test of the page as it shows a document. */
function test(
  name: string,
  { shown = wellDocument(), ...options }: PageOptions & { shown?: StatusDocument },
  fn: (shown: Shown) => Promise<void>,
): void {
  Deno.test({
    ...needs(`page: ${name}`, "chromium"),
    async fn() {
      await using stub = new Stub(shown);
      await using browser = await Browser.start();
      const page = await browser.open(stub.url, options);
      await fn({ stub, page, browser });
    },
  });
}

test("complete without scripts", { script: false, shown: refusedDocument() }, async ({ page, stub }) => {
  assertEquals(await page.text("h1"), "The newest configuration was refused");
  const text = await page.text("body");
  for (
    const part of [
      "ended with status 1",
      "Running since 14:10:02 (21 min ago)",
      "change refused\n",
      "/etc/nginx/conf.d/upstreams.conf",
      "etcdv3, watched",
      "check failed 214ms",
      "http://127.0.0.1:8080/healthz answered 502",
      "As of 14:31:20 UTC",
      "Reload the page",
    ]
  ) assert(text.includes(part), `${part} in\n${text}`);
  assertEquals(stub.asked, 1);
  page.assertQuiet();
});

test("a change appears in place, and what is open stays so", {}, async ({ page, stub }) => {
  await page.evaluate(`window.kept = document.getElementById("change-5"), void kept.querySelector("summary").focus()`);
  await page.press("Enter");
  await page.until(`kept.querySelector("details").open`);
  stub.shown = refusedDocument();
  await page.until(`document.querySelector("h1").textContent === "The newest configuration was refused"`);
  assertEquals(await page.evaluate(`document.querySelector(".timeline > li").id`), "change-6");
  assert(await page.evaluate(`kept === document.getElementById("change-5") && kept.querySelector("details").open`));
  assert(await page.evaluate(`document.activeElement === kept.querySelector("summary")`));
  assertMatch(await page.evaluate("document.title"), /^The newest configuration was refused/);
  assertEquals(await page.text("#link"), "Live");
  stub.shown = wellDocument({ rollouts: wellDocument().rollouts.slice(2) });
  await page.until(`document.querySelector("h1").textContent === "All is well"`);
  const ids = await page.evaluate(`[...document.querySelectorAll(".timeline > li")].map(({ id }) => id)`);
  assertEquals(ids, ["change-5", "change-4", "change-3"]);
  page.assertQuiet();
});

test("ages go on, and are not read out", {}, async ({ page, stub }) => {
  await page.evaluate(`{
    window.spoken = [];
    const watch = new MutationObserver((all) => spoken.push(...all.map(({ target }) => target.textContent)));
    for (const one of document.querySelectorAll("main [role=status]")) {
      watch.observe(one, { subtree: true, childList: true, characterData: true, attributes: true });
    }
  }`);
  stub.nowMs += 60_000;
  await page.until(`document.querySelector("main dl").textContent.includes("22 min ago")`);
  assertEquals(await page.evaluate("spoken"), []);
  stub.shown = refusedDocument();
  await page.until("spoken.length > 0");
});

test("says that the sidecar does not answer, and when it does again", {}, async ({ page, stub }) => {
  stub.answers(false);
  await page.until(`document.documentElement.dataset.link === "lost"`);
  assertEquals(
    await page.text("#link"),
    "The sidecar does not answer (HTTP status 502). What you see is as of 2026-11-25 14:31:20 UTC.",
  );
  assertEquals(await page.evaluate(TOO_FAINT), []);
  assertMatch(await page.evaluate("document.title"), /^No answer/);
  stub.answers(true);
  const { alter } = stub;
  stub.alter = () => "<p>Another program";
  await page.until(`document.getElementById("link").textContent.includes("(something else does)")`);
  assertEquals(await page.text("h1"), "All is well");
  stub.alter = alter;
  await page.until(`document.documentElement.dataset.link === "live"`);
  assertMatch(await page.evaluate("document.title"), /^All is well/);
});

test("a hidden tab does not ask", {}, async ({ page, stub }) => {
  await page.evaluate(`Object.defineProperty(document, "hidden", { value: true, configurable: true }), undefined`);
  await page.pass(60_000);
  const asked = stub.asked;
  await page.pass(60_000);
  assertEquals(stub.asked, asked);
  await page.evaluate(`delete document.hidden, document.dispatchEvent(new Event("visibilitychange")), undefined`);
  await page.until(`document.documentElement.dataset.link === "live"`);
  assert(stub.asked > asked);
});

test("another version of the sidecar brings its own page", {}, async ({ page, stub }) => {
  await page.evaluate("window.kept = true");
  stub.alter = (page) => page.replace('"use strict";', '"use strict"; ');
  await page.until("window.kept === undefined");
});

test("text of others is text", { shown: hostileDocument() }, async ({ page, stub }) => {
  const text = await page.text("body");
  assert(text.includes("<script>hurt(1)</script>"), text);
  const asked = stub.asked;
  await page.until(`document.documentElement.dataset.link === "live"`);
  assert(stub.asked > asked);
  assertEquals(await page.evaluate("document.scripts.length"), 1);
  assertEquals(await page.evaluate(`document.querySelectorAll("img, iframe, b b, [onclick]").length`), 0);
  page.assertQuiet();
});

test("nothing runs but its own script", {}, async ({ page }) => {
  await page.evaluate(`{
    const script = document.createElement("script");
    script.textContent = "window.hurt = true";
    document.body.append(script);
    document.body.setAttribute("style", "color: red");
  }`);
  assertEquals(await page.evaluate("window.hurt"), undefined);
  assertEquals(page.complaints.filter((one) => one.includes("Content Security Policy")).length > 0, true);
});

for (const scheme of SCHEMES) {
  const media = { "prefers-color-scheme": scheme };
  test(`enough contrast, ${scheme}`, { media }, async ({ page, stub }) => {
    const background = await page.evaluate("getComputedStyle(document.body).backgroundColor");
    assertEquals(background, scheme === "dark" ? "rgb(14, 19, 25)" : "rgb(244, 246, 248)");
    for (const [name, shown] of Object.entries(ALL)) {
      stub.shown = shown;
      await page.reload();
      await page.evaluate(`document.querySelectorAll("details").forEach((one) => one.open = true)`);
      assertEquals(await page.evaluate(TOO_FAINT), [], name);
    }
    page.assertQuiet();
  });
}

test("no scrolling to the side at 320 pixels", { size: PHONE }, async ({ page, stub }) => {
  for (const [name, shown] of Object.entries({ ...ALL, hostile: hostileDocument() })) {
    stub.shown = shown;
    await page.reload();
    await page.evaluate(`document.querySelectorAll("details").forEach((one) => one.open = true)`);
    assertEquals(await page.evaluate("document.scrollingElement.scrollWidth"), 320, name);
  }
});

test("landmarks, headings and a table, on a phone too", { size: PHONE, shown: refusedDocument() }, async ({ page }) => {
  const nodes = await page.accessible();
  const named = (role: string) => nodes.filter((one) => one.role === role).map(({ name }) => name);
  for (const landmark of ["banner", "main", "contentinfo"]) assertEquals(named(landmark).length, 1, landmark);
  const title = "The newest configuration was refused";
  assertEquals(named("region"), [title, "Ready", "Service", "confd", "Destinations", "Changes"]);
  const headings = named("heading");
  for (const heading of [...named("region"), "Refused #6, change"]) assert(headings.includes(heading), heading);
  assertEquals(named("columnheader"), ["File", "State", "Changed", "SHA-256"]);
  assertEquals(named("rowheader"), ["/etc/nginx/conf.d/upstreams.conf", "/etc/nginx/conf.d/maps.conf"]);
});

test("the keyboard reaches what can be opened, and shows where it is", {}, async ({ page }) => {
  for (let i = 0; i < 10; i++) {
    await page.press("Tab");
    if (await page.evaluate(`document.activeElement.localName === "summary"`)) break;
  }
  assertEquals(await page.evaluate("getComputedStyle(document.activeElement).outlineStyle"), "solid");
  await page.press("Enter");
  await page.until("document.activeElement.parentElement.open");
  assertMatch(await page.text("details"), /^\+ {2}\*{3}$/m);
});

test("nothing moves where that is not wanted", { shown: busyDocument() }, async ({ page }) => {
  await page.until("document.getAnimations().length > 0");
  await page.setMedia({ "prefers-reduced-motion": "reduce" });
  await page.until("document.getAnimations().length === 0");
});

test("stays small with all that is kept", {}, async ({ page, stub }) => {
  const empty = await page.evaluate(`fetch("./").then((answer) => answer.text()).then(({ length }) => length)`);
  assert(empty < 20 * 1024, `${empty} bytes`);
  stub.shown = wellDocument({ rollouts: Array.from({ length: 50 }, (_, i) => rollout(i + 1, {})) });
  await page.reload();
  assertEquals(await page.evaluate(`document.querySelectorAll(".timeline > li").length`), 20);
  assertMatch(await page.text("#changes"), /30 older ones/);
});
