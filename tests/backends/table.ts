/**
 * The table of docs/backends.md: what came of each journey. With `UPDATE_DOCS=1` what was seen is written into it;
 * otherwise it is held against it.
 *
 * Touches: docs/backends.md.
 * @module
 */
import { readTable, UPDATING, writeTable } from "../support/doc_table.ts";
import { CONFDS } from "../support/confds.ts";
import { type Outcomes, PARTS } from "./journey.ts";
import { SERVERS } from "./servers.ts";

const DOCUMENT = new URL("../../docs/backends.md", import.meta.url);
const SECTION = "journeys";

/** What a journey came to. */
export interface Journey {
  kind: string;
  confd: string;
  outcomes: Outcomes;
}

/** Fails where a part came out badly; holds the others against the table, or writes them. */
export function hold(journeys: readonly Journey[]): void {
  const bad = journeys.flatMap(({ kind, confd, outcomes }) =>
    [...outcomes].flatMap(([part, outcome]) =>
      outcome instanceof Error ? [`${kind} with ${confd}, ${part}: ${outcome.message}`] : []
    )
  );
  if (bad.length > 0) throw new Error(bad.join("\n\n"));
  if (UPDATING) store(journeys);
  else journeys.forEach(compare);
}

/**
 * A row that is not in the table fails. Whether confd helped itself or was helped may hang on which of them was first:
 * that is only told.
 */
function compare({ kind, confd, outcomes }: Journey): void {
  const row = storedRows().get(keyOf(kind, confd));
  if (row === undefined) throw new Error(`docs/backends.md has no row '${kind}', ${confd}: UPDATE_DOCS=1 writes it`);
  for (const [i, part] of PARTS.entries()) {
    const now = outcomes.get(part);
    if (row[i] !== now) console.log(`    ${kind}, ${confd}, ${part}: '${now}', and the table says '${row[i]}'`);
  }
}

function store(journeys: readonly Journey[]): void {
  const rows = storedRows();
  for (const { kind, confd, outcomes } of journeys) {
    rows.set(keyOf(kind, confd), PARTS.map((part) => String(outcomes.get(part))));
  }
  const order = SERVERS.flatMap(({ name }) => CONFDS.map((confd) => [name, confd.name]));
  const table = order.flatMap(([name, confd]) => {
    const row = rows.get(keyOf(name, confd));
    return row === undefined ? [] : [[name, confd.replace(/^confd-/, ""), ...row]];
  });
  writeTable(DOCUMENT, SECTION, [["backend", "confd", ...PARTS], ...table]);
}

function storedRows(): Map<string, string[]> {
  return new Map(readTable(DOCUMENT, SECTION).map(([name, confd, ...row]) => [keyOf(name, `confd-${confd}`), row]));
}

function keyOf(name: string, confd: string): string {
  return `${name} / ${confd}`;
}
