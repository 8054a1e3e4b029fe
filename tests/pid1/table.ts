/**
 * The tables in docs/process-1.md: who passes which scenario. With `UPDATE_DOCS=1` what was seen is written into them,
 * one test file after the other; otherwise they are held against it.
 *
 * Touches: docs/process-1.md.
 * @module
 */
import { PEERS, type SupervisorName } from "./supervisors.ts";

const PATH = new URL("../../docs/process-1.md", import.meta.url);

/** True where the table is written and not compared. */
export const UPDATING = Deno.env.get("UPDATE_DOCS") === "1";

const COLUMNS: readonly SupervisorName[] = ["sidecar", ...PEERS];

/** What a cell says. */
export type Verdict = "yes" | "no" | "n.a.";

/** A scenario's verdicts. */
export type Row = Partial<Record<SupervisorName, Verdict>>;

/** The rows of a section by their names, as the file has them. */
export function storedRows(section: string): Map<string, Row> {
  const rows = new Map<string, Row>();
  const lines = sectionOf(read(), section)?.text.split("\n").filter((line) => line.startsWith("|")) ?? [];
  for (const line of lines.slice(2)) {
    const [, name, ...cells] = line.split("|").map((cell) => cell.trim());
    rows.set(name, Object.fromEntries(COLUMNS.map((column, i) => [column, cells[i] as Verdict])));
  }
  return rows;
}

/** Puts a section's rows into the file. A verdict that nobody could come to here stays what it was. */
export function storeRows(section: string, rows: ReadonlyMap<string, Row>): void {
  const before = storedRows(section);
  const lines = [...rows].map(([name, row]) =>
    `| ${[name, ...COLUMNS.map((column) => row[column] ?? before.get(name)?.[column] ?? "not run")].join(" | ")} |`
  );
  const table = [`| scenario | ${COLUMNS.join(" | ")} |`, `|---|${"---|".repeat(COLUMNS.length)}`, ...lines];
  const text = read();
  const found = sectionOf(text, section);
  if (found === undefined) throw new Error(`${PATH.pathname} has no table '${section}'`);
  const { start, end } = found;
  Deno.writeTextFileSync(PATH, `${text.slice(0, start)}\n${table.join("\n")}\n${text.slice(end)}`);
}

/** A table stands between `<!-- table: NAME -->` and `<!-- end -->`. */
function sectionOf(text: string, section: string): { text: string; start: number; end: number } | undefined {
  const mark = `<!-- table: ${section} -->\n`;
  const at = text.indexOf(mark);
  if (at === -1) return undefined;
  const start = at + mark.length;
  const end = text.indexOf("\n<!-- end -->", start - 1);
  return { text: text.slice(start, end), start, end };
}

function read(): string {
  try {
    return Deno.readTextFileSync(PATH);
  } catch {
    return "";
  }
}
