/** The three places that name settings (the table in the code, the reference's, the manual's) held together. */
import { parseDuration } from "../../lib/settings/duration.ts";
import { helpText } from "../../lib/settings/help.ts";
import { ASKING_OPTIONS } from "../../lib/settings/client.ts";
import { parseCommandLine } from "../../lib/settings/command_line.ts";
import { ASKING, type Line, OPTIONS, STATUSES, VARIABLES } from "../../lib/settings/manual.ts";
import { VERSION } from "../../lib/settings/version.ts";
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

function referenceRows(): Row[] {
  return rowsOf(Deno.readTextFileSync(new URL("docs/reference.md", ROOT)));
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

Deno.test("docs/reference.md has one row for each setting, and its meaning", () => {
  const named = referenceRows().flatMap(({ names }) => names);
  for (const { name } of ALL) {
    assertEquals(named.filter((each) => each === name).length, 1, `docs/reference.md: rows of ${name}`);
  }
  for (const { names, meaning } of referenceRows()) {
    assert(meaning !== "", `docs/reference.md: ${names} has no meaning`);
  }
});

Deno.test("docs/reference.md has no row for a setting that does not exist", () => {
  const known = ALL.map(({ name }) => name);
  for (const { names } of referenceRows()) {
    for (const name of names) {
      if (!OURS.test(name) || FILE_VARIABLES.test(name.replace(/<.*>|\.\.\.$/, ""))) continue;
      assert(known.includes(name), `docs/reference.md has a row for ${name}, which is no setting`);
    }
  }
});

Deno.test("docs/reference.md gives the defaults that SETTINGS has", () => {
  for (const { names, byDefault } of referenceRows()) {
    for (const setting of ALL.filter(({ name }) => names.includes(name))) {
      assert(
        sameDefault(setting, byDefault),
        `docs/reference.md says that the default of ${setting.name} is ${byDefault}; it is ${
          setting.default ?? "none"
        }`,
      );
    }
  }
});

Deno.test("docs/reference.md tells of the variables that hold files", () => {
  const named = referenceRows().flatMap(({ names }) => names);
  for (const name of ["CONFD_CONFDFILE", "CONFD_TEMPLATE"]) {
    assert(named.includes(name), `docs/reference.md: no row has ${name} in it`);
  }
});

Deno.test("SETTINGS accepts each of its own defaults, and names every variable once", () => {
  for (const { name, default: byDefault, parse, absent } of ALL) {
    if (byDefault === undefined) assert(absent !== undefined, `${name} has neither a default nor a value without one`);
    else assert(parse(byDefault) !== undefined, `${name} refuses its own default, ${byDefault}`);
  }
  assertEquals(new Set(ALL.map(({ name }) => name)).size, ALL.length);
});

/** A setting as the manual has it: `[_x]` stands for several. */
function inManual(name: string): string | undefined {
  return VARIABLES.find(([term]) => term === name)?.[1];
}

Deno.test("VARIABLES has every setting, and nothing that does not exist", () => {
  for (const { name } of ALL) assert(inManual(name) !== undefined, `the manual does not have ${name}`);
  const known = ALL.map(({ name }) => name);
  for (const [term] of VARIABLES) {
    assert(
      known.includes(term) || FILE_VARIABLES.test(term.replace("[_x]", "")),
      `the manual has ${term}, which is no setting`,
    );
  }
});

Deno.test("VARIABLES gives the defaults that SETTINGS has", () => {
  for (const { name, default: byDefault } of ALL) {
    if (byDefault === undefined) continue;
    const brackets = inManual(name)!.match(/\(([^()]*)\)/g)?.join(" ") ?? "";
    const shown = brackets.includes(byDefault) || (name === "SIDECAR_CONFD_INTERVAL" && brackets.includes("60s"));
    assert(shown, `the manual has no default ${byDefault} for ${name}: ${inManual(name)}`);
  }
});

Deno.test("helpText() fits a terminal's width of 80, and has every term of the manual", () => {
  const help = helpText();
  for (const line of help.split("\n")) assert(line.length <= 80, line);
  for (const [term] of [...OPTIONS, ...ASKING, ...VARIABLES, ...STATUSES]) {
    assert(help.includes(`\n  ${term}`), `the help has ${term}`);
  }
});

Deno.test("OPTIONS and ASKING are the options that are read", () => {
  const first = ([term]: Line) => term.split(/[=[ ]/)[0];
  for (const option of OPTIONS.map(first)) {
    assert(parseCommandLine([option]).mode !== "misuse", `${option} is read`);
  }
  assertEquals(ASKING.map(first).sort(), [...ASKING_OPTIONS].sort());
});

Deno.test("VERSION is that of deno.json", () => {
  const { version } = JSON.parse(Deno.readTextFileSync(new URL("deno.json", ROOT)));
  assertEquals(VERSION, version);
});
