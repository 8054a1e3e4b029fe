import { DIGESTS, PAGE_POLICY, renderPage } from "../../lib/status/page.ts";
import { SCRIPT } from "../../lib/status/page_script.ts";
import { STYLE } from "../../lib/status/page_style.ts";
import { wellDocument } from "../page/documents.ts";
import { hostileDocument } from "../page/hostile.ts";
import { assert, assertEquals } from "../support/assert.ts";

const NOW_MS = Date.parse("2026-11-25T14:31:20Z");

async function sha256(text: string): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))).toBase64();
}

Deno.test("PAGE_POLICY allows the page's own style and script", async () => {
  const right = { style: await sha256(STYLE), script: await sha256(SCRIPT) };
  assertEquals(DIGESTS, right, `in lib/status/page.ts, DIGESTS should be ${JSON.stringify(right)}`);
  assert(!PAGE_POLICY.includes("unsafe"), PAGE_POLICY);
});

Deno.test("renderPage() names nothing that is elsewhere, and no style of a single element", () => {
  const page = renderPage(wellDocument(), NOW_MS);
  for (const forbidden of ["http:", "https:", "//", " style=", " onclick="]) {
    const outside = page.replace(SCRIPT, "").replaceAll("http://127.0.0.1:8080/healthz", "");
    assert(!outside.includes(forbidden), forbidden);
  }
});

Deno.test("renderPage() escapes what others may choose", () => {
  const page = renderPage(hostileDocument(), NOW_MS);
  assertEquals(page.match(/<script/g)?.length, 1);
  assertEquals(page.match(/<(img|b onclick)/), null);
  assertEquals(page.match(/<\/main>/g)?.length, 1);
});

Deno.test("renderPage() says the day of what was on another", () => {
  const page = renderPage(wellDocument({ started: "2026-11-23T08:00:01Z" }), NOW_MS);
  assert(page.includes(">2026-11-23 08:00:01</time> (2 days ago)"), page);
});
