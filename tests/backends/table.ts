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
import { type ServerKind, SERVERS } from "./servers.ts";

const DOCUMENT = new URL("../../docs/backends.md", import.meta.url);
const SECTION = "journeys";

/** What each confd came to, by its name. */
export type Journeys = ReadonlyMap<string, Outcomes>;

/** Fails where a part came out badly; holds the others against the table, or writes them. */
export function hold(one: ServerKind, journeys: Journeys): void {
  const bad: string[] = [];
  for (const [confd, outcomes] of journeys) {
    for (const [part, outcome] of outcomes) {
      if (outcome instanceof Error) bad.push(`${one.name} with ${confd}, ${part}: ${outcome.message}`);
    }
  }
  if (bad.length > 0) throw new Error(bad.join("\n\n"));
  if (UPDATING) return store(one, journeys);
  compare(one, journeys);
}

/**
 * A part that is not in the table fails. Whether confd helped itself or was helped may hang on which of them was first:
 * that is only told.
 */
function compare(one: ServerKind, journeys: Journeys): void {
  const stored = storedRows();
  for (const [confd, outcomes] of journeys) {
    const row = stored.get(keyOf(one.name, confd));
    if (row === undefined) {
      throw new Error(`docs/backends.md has no row '${one.name}', ${confd}: UPDATE_DOCS=1 writes it`);
    }
    for (const [i, part] of PARTS.entries()) {
      const now = outcomes.get(part);
      if (row[i] !== now) console.log(`    ${one.name}, ${confd}, ${part}: '${now}', and the table says '${row[i]}'`);
    }
  }
}

function store(one: ServerKind, journeys: Journeys): void {
  const rows = storedRows();
  for (const [confd, outcomes] of journeys) {
    rows.set(keyOf(one.name, confd), PARTS.map((part) => String(outcomes.get(part))));
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
