/**
 * Tables in documents that tests write and hold: each stands between `<!-- table: NAME -->` and `<!-- end -->`.
 *
 * Touches: the document.
 * @module
 */

import { textOf } from "./text_of.ts";

/** True where tables are written and not compared. */
export const UPDATING = Deno.env.get("UPDATE_DOCS") === "1";

/** The cells of a table, without its head. */
export function readTable(document: URL, name: string): string[][] {
  const text = textOf(document);
  const found = find(text, name);
  const lines = found === undefined ? [] : text.slice(...found).split("\n").filter((line) => line.startsWith("|"));
  return lines.slice(2).map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
}

/** Puts a table into a document that has its place. */
export function writeTable(document: URL, name: string, [head, ...rows]: readonly (readonly string[])[]): void {
  const text = textOf(document);
  const found = find(text, name);
  if (found === undefined) throw new Error(`${document.pathname} has no table '${name}'`);
  const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const table = [row(head), `|${"---|".repeat(head.length)}`, ...rows.map(row)].join("\n");
  Deno.writeTextFileSync(document, `${text.slice(0, found[0])}\n${table}\n${text.slice(found[1])}`);
}

function find(text: string, name: string): [number, number] | undefined {
  const mark = `<!-- table: ${name} -->\n`;
  const at = text.indexOf(mark);
  if (at === -1) return undefined;
  const start = at + mark.length;
  return [start, text.indexOf("\n<!-- end -->", start - 1)];
}
