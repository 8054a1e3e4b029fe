/**
 * The picture of the page that the README shows: `UPDATE_DOCS=1` takes it anew.
 *
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import { Browser } from "../support/browser.ts";
import { UPDATING } from "../support/doc_table.ts";
import { needs } from "../tools/parts.ts";
import { refusedDocument } from "./documents.ts";
import { Stub } from "./stub.ts";

const PICTURE = new URL("../../docs/page.png", import.meta.url);
const WIDTH = 960;

Deno.test({
  ...needs("the picture of the page in docs/ is one, and small", "chromium"),
  async fn() {
    await using stub = new Stub(refusedDocument());
    await using browser = await Browser.start();
    const page = await browser.open(stub.url, { size: { width: WIDTH, height: 1000 } });
    await page.until(`document.documentElement.dataset.link === "live"`);
    await page.evaluate(`document.querySelector("details").open = true`);
    // Down to the end of the second change: older ones look alike.
    const height = await page.evaluate(`document.getElementById("change-4").getBoundingClientRect().top`);
    const taken = await page.picture(Math.floor(height));
    if (UPDATING) Deno.writeFileSync(PICTURE, taken);
    const shown = Deno.readFileSync(PICTURE);
    // How high it is depends on fonts.
    assertEquals(widthOf(shown), widthOf(taken), "UPDATE_DOCS=1 takes the picture anew");
    assert(shown.length < 150 * 1024, `${shown.length} bytes`);
  },
});

/** The width of a PNG. */
function widthOf(png: Uint8Array): number {
  return new DataView(png.buffer, png.byteOffset).getUint32(16);
}
