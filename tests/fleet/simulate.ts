/**
 * Simulates fleets of up to 10,000 members: prints the table of docs/fleet.md, and writes its picture, docs/fleet.svg.
 *
 * Touches: standard output; docs/fleet.svg.
 * @module
 */
import { CASES, figuresOf, HEADINGS, rowOf } from "./figures.ts";
import { plot } from "./plot.ts";

const PICTURE = new URL("../../docs/fleet.svg", import.meta.url);

if (import.meta.main) {
  const rows = [HEADINGS, HEADINGS.map(() => "---"), ...CASES.map((one) => rowOf(figuresOf(one)))];
  console.log(rows.map((row) => `| ${row.join(" | ")} |`).join("\n"));
  Deno.writeTextFileSync(PICTURE, plot());
}
