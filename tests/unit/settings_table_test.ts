/** The three places that name settings (the table in the code, the README's, the help) held together. */
import { parseDuration } from "../../lib/settings/duration.ts";
import { HELP, VERSION } from "../../lib/settings/help.ts";
import { type Setting, SETTINGS } from "../../lib/settings/table.ts";
import { assert, assertEquals } from "../support/assert.ts";

const ROOT = new URL("../../", import.meta.url);
const ALL: Setting<unknown>[] = Object.values(SETTINGS);
/** Variables that hold files: named in the documents, and no settings. */
const FILE_VARIABLES = /^CONFD_(CONFDFILE|TEMPLATE)(_.*)?$/;
/** Variables of the tests and of confd itself are no rows of the table. */
const OURS = /^(SIDECAR|CONFD)_/;

/** Defaults that follow from something else, and what a row must say of them. */
const DERIVED = new Map<Setting<unknown>, RegExp>([
  [SETTINGS.state, /below `CONFD_CONFDIR`|\.confd-sidecar/],
  [SETTINGS.stopSignal, /SIGTERM/],
  [SETTINGS.socket, /`control\.sock` in `SIDECAR_STATE`/],
  [SETTINGS.fleetId, /^the host's name$/],
]);

interface Row {
  names: string[];
  byDefault: string;
  meaning: string;
}

/** The rows `| \`NAME\`, ... | default | meaning |` of a Markdown text; `\|` within a cell is none of its bounds. */
function rowsOf(markdown: string): Row[] {
  return markdown.split("\n").filter((line) => /^\|\s*`(SIDECAR|CONFD)_/.test(line)).map((line) => {
    const [first, byDefault = "", ...rest] = line.trim().replace(/^\||\|$/g, "").split(/(?<!\\)\|/);
    const names = [...first.matchAll(/`([^`]+)`/g)].map(([, name]) => name);
    return { names, byDefault: byDefault.trim(), meaning: rest.join("|").trim() };
  });
}

function readmeRows(): Row[] {
  return rowsOf(Deno.readTextFileSync(new URL("README.md", ROOT)));
}

/** A cell without its marks: the first word in backquotes where there is one. */
function valueOf(cell: string): string {
  return /`([^`]*)`/.exec(cell)?.[1] ?? cell;
}

function sameDefault(setting: Setting<unknown>, cell: string): boolean {
  const derived = DERIVED.get(setting);
  if (derived !== undefined) return derived.test(cell);
  if (setting.default === undefined) return cell === "none";
  const shown = valueOf(cell);
  if (shown === setting.default) return true;
  const ms = parseDuration(setting.default);
  return ms !== undefined && parseDuration(shown) === ms;
}

Deno.test("README.md has one row for each setting, and its meaning", () => {
  const named = readmeRows().flatMap(({ names }) => names);
  for (const { name } of ALL) {
    assertEquals(named.filter((each) => each === name).length, 1, `README.md: rows of ${name}`);
  }
  for (const { names, meaning } of readmeRows()) assert(meaning !== "", `README.md: ${names} has no meaning`);
});

Deno.test("README.md has no row for a setting that does not exist", () => {
  const known = ALL.map(({ name }) => name);
  for (const { names } of readmeRows()) {
    for (const name of names) {
      if (!OURS.test(name) || FILE_VARIABLES.test(name.replace(/<.*>|\.\.\.$/, ""))) continue;
      assert(known.includes(name), `README.md has a row for ${name}, which is no setting`);
    }
  }
});

Deno.test("README.md gives the defaults that SETTINGS has", () => {
  for (const { names, byDefault } of readmeRows()) {
    for (const setting of ALL.filter(({ name }) => names.includes(name))) {
      assert(
        sameDefault(setting, byDefault),
        `README.md says that the default of ${setting.name} is ${byDefault}; it is ${setting.default ?? "none"}`,
      );
    }
  }
});

Deno.test("README.md tells of the variables that hold files", () => {
  const named = readmeRows().flatMap(({ names }) => names);
  for (const name of ["CONFD_CONFDFILE", "CONFD_TEMPLATE"]) {
    assert(named.includes(name), `README.md: no row has ${name} in it`);
  }
});

Deno.test("SETTINGS accepts each of its own defaults, and names every variable once", () => {
  for (const { name, default: byDefault, parse, absent } of ALL) {
    if (byDefault === undefined) assert(absent !== undefined, `${name} has neither a default nor a value without one`);
    else assert(parse(byDefault) !== undefined, `${name} refuses its own default, ${byDefault}`);
  }
  assertEquals(new Set(ALL.map(({ name }) => name)).size, ALL.length);
});

Deno.test("HELP names every setting and nothing that does not exist", () => {
  const named = new Set(HELP.match(/\b(SIDECAR|CONFD)_[A-Z_]*[A-Z]\b/g));
  for (const { name } of ALL) assert(named.has(name), `the help does not name ${name}`);
  const known = ALL.map(({ name }) => name);
  for (const name of named) {
    assert(known.includes(name) || FILE_VARIABLES.test(name), `the help names ${name}, which is no setting`);
  }
});

Deno.test("HELP gives the defaults that SETTINGS has", () => {
  // The lines that tell of settings, and their last parenthesis: the defaults in the order of the names.
  for (const line of HELP.split("\n").filter((line) => /^ {4}(SIDECAR|CONFD)_/.test(line))) {
    const settings = ALL.filter(({ name }) => new RegExp(`\\b${name}\\b(?!_)`).test(line.slice(0, 44)));
    for (const { name, default: byDefault } of settings) {
      if (byDefault === undefined) continue;
      assert(line.slice(44).includes(byDefault.trim()), `the help has no default ${byDefault} for ${name}: ${line}`);
    }
  }
});

Deno.test("HELP fits a terminal's width of 120", () => {
  for (const line of HELP.split("\n")) assert(line.length <= 120, line);
});

Deno.test("VERSION is that of deno.json", () => {
  const { version } = JSON.parse(Deno.readTextFileSync(new URL("deno.json", ROOT)));
  assertEquals(VERSION, version);
});
