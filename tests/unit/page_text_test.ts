/**
 * What the page says, as text: `UPDATE_TRANSCRIPTS=1` writes it anew.
 *
 * @module
 */
import type { StatusDocument } from "../../lib/status/document.ts";
import { renderPage } from "../../lib/status/page.ts";
import { assertEquals } from "../support/assert.ts";
import {
  busyDocument,
  downDocument,
  heldDocument,
  NOW_MS,
  refusedDocument,
  waitingDocument,
  wellDocument,
} from "../page/documents.ts";

const FOLDER = new URL("../page/texts/", import.meta.url);
const DOCUMENTS: Readonly<Record<string, StatusDocument>> = {
  well: wellDocument(),
  refused: refusedDocument(),
  waiting: waitingDocument(),
  busy: busyDocument(),
  held: heldDocument(),
  down: downDocument(),
};

/** Lines where a reader sees lines; an icon as its name. */
function textOf(html: string): string {
  return html
    .replace(/<(style|script|title|symbol)\b.*?<\/\1>/gs, "")
    .replace(/<svg class="icon (\w+)".*?<\/svg>/g, " [$1] ")
    .replace(/<(?:\/dt|\/th|\/td)>/g, " | ")
    .replace(/<\/?(?:section|h\d|p|li|ol|ul|dl|div|tr|pre|details|summary|header|footer|a)\b[^>]*>/g, "\n")
    .replace(/<[^>]*>/g, "")
    .replace(/&quot;/g, '"')
    .split("\n").map((line) => line.replace(/\s+/g, " ").trim()).filter((line) => line !== "").join("\n") + "\n";
}

for (const [name, document] of Object.entries(DOCUMENTS)) {
  Deno.test(`renderPage() says what tests/page/texts/${name}.txt has`, () => {
    const file = new URL(`${name}.txt`, FOLDER);
    const now = textOf(renderPage(document, NOW_MS));
    if (Deno.env.get("UPDATE_TRANSCRIPTS") === "1") Deno.writeTextFileSync(file, now);
    assertEquals(now.split("\n"), Deno.readTextFileSync(file).split("\n"));
  });
}
