/**
 * The tables in docs/process-1.md: who passes which scenario. With `UPDATE_DOCS=1` what was seen is written into them,
 * one test file after the other; otherwise they are held against it.
 *
 * Touches: docs/process-1.md.
 * @module
 */
import { readTable, writeTable } from "../support/doc_table.ts";
import { PEERS, type SupervisorName } from "./supervisors.ts";

const DOCUMENT = new URL("../../docs/process-1.md", import.meta.url);
const COLUMNS: readonly SupervisorName[] = ["sidecar", ...PEERS];

/** What a cell says. */
export type Verdict = "yes" | "no" | "n.a.";

/** A scenario's verdicts. */
export type Row = Partial<Record<SupervisorName, Verdict>>;

/** The rows of a section by their names, as the file has them. */
export function storedRows(section: string): Map<string, Row> {
  return new Map(
    readTable(DOCUMENT, section).map(([name, ...cells]) => [
      name,
      Object.fromEntries(COLUMNS.map((column, i) => [column, cells[i] as Verdict])),
    ]),
  );
}

/** Puts a section's rows into the file. A verdict that nobody could come to here stays what it was. */
export function storeRows(section: string, rows: ReadonlyMap<string, Row>): void {
  const before = storedRows(section);
  const lines = [...rows].map((
    [name, row],
  ) => [name, ...COLUMNS.map((column) => row[column] ?? before.get(name)?.[column] ?? "not run")]);
  writeTable(DOCUMENT, section, [["scenario", ...COLUMNS], ...lines]);
}
