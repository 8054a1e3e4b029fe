/**
 * Template resources: the files of `conf.d/`, each of which names a template and the destination rendered from it.
 *
 * confd itself says little of a bad one (the classic ends, the fork skips it), so each is read here first.
 *
 * Pure.
 * @module
 */
import { parse, type TomlTable, type TomlValue } from "smol-toml";
import { didYouMean } from "../settings/nearest.ts";
import { readSidecarTable, type SidecarTable } from "./sidecar_table.ts";
import { MEANINGLESS_KEYS, TEMPLATE_KEYS } from "./template_keys.ts";

/** A template resource that confd accepts. */
export interface TemplateResource {
  /** Where it came from, for messages. */
  label: string;
  /** Its own file, by path below `conf.d/`, and the text of that. */
  file: string;
  text: string;
  /** All that `[template]` says, by keys in small letters. */
  values: ReadonlyMap<string, TomlValue>;
  /** Path of the template below `templates/`. */
  src: string;
  /** Absolute path of the file to be rendered. */
  dest: string;
  /** The same, spelled as the resource and confd's log spell it. */
  spelled: string;
  /** True if the resource says which mode the file is to have. */
  hasMode: boolean;
  /** True if it names keys: without any, confd hears of no change. */
  hasKeys: boolean;
  checkCmd?: string;
  reloadCmd?: string;
  /** How long the fork delays its changes. */
  debounce?: string;
  /** What a change of this file means. */
  sidecar: SidecarTable;
}

/** The destinations of resources that a start does not wait for. */
export function optionalDests(resources: readonly TemplateResource[]): ReadonlySet<string> {
  return new Set(resources.filter(({ sidecar }) => !sidecar.required).map(({ dest }) => dest));
}

/** A resource, or why there is none; and what confd would ignore in silence. */
export interface ResourceReading {
  resource?: TemplateResource;
  problems: string[];
  warnings: string[];
}

/** How many characters a template resource's own words may have in a message. */
const QUOTED_LENGTH = 60;

const REQUIRED = ["src", "dest"];

/** The text of a template resource, where it came from for messages, and its file below `conf.d/`. */
export interface ResourceSource {
  label: string;
  file: string;
  text: string;
}

/** Reads one file of `conf.d/`. */
export function parseResource({ label, file, text }: ResourceSource): ResourceReading {
  let table: TomlTable;
  try {
    table = parse(text, { integersAsBigInt: true });
  } catch (error) {
    return { problems: [`${label}: not TOML: ${causeOf(error, text)}`], warnings: [] };
  }
  const template = field(table, "template");
  if (template === undefined || typeof template !== "object" || Array.isArray(template)) {
    return { problems: [`${label}: there is no [template] table`], warnings: [] };
  }
  const { values, problems, warnings } = readValues(label, template as TomlTable);
  const sidecar = readSidecarTable(field(table, "sidecar"), label);
  problems.push(...sidecar.problems);
  const keys = values.get("keys");
  const hasKeys = Array.isArray(keys) && keys.length > 0;
  if (!hasKeys) {
    warnings.push(
      `${label}: 'keys' names none: confd renders the file, but hears of no change, so it polls its backend`,
    );
  }
  if (problems.length > 0) return { problems, warnings };
  const words = (name: string) => (values.get(name) as string | undefined) || undefined;
  const spelled = words("dest")!;
  const literal = /\{\{|\$\{?\w+\}?/.exec(spelled)?.[0];
  if (literal !== undefined) {
    warnings.push(`${label}: 'dest' has '${literal}' in it, which confd takes as it stands: it fills in nothing there`);
  }
  const resource = {
    label,
    file,
    text,
    values,
    src: words("src")!,
    dest: normalize(spelled),
    spelled,
    hasMode: words("mode") !== undefined,
    hasKeys,
    checkCmd: words("check_cmd"),
    reloadCmd: words("reload_cmd"),
    debounce: words("debounce"),
    sidecar: sidecar.table,
  };
  return { resource, problems, warnings };
}

/** Reads a `[template]` table. What only some confds know is judged once it is known which one was found. */
function readValues(label: string, table: TomlTable) {
  const problems: string[] = [];
  const warnings: string[] = [];
  for (const name of REQUIRED) {
    if (field(table, name) === undefined) problems.push(`${label}: '${name}' is missing from [template]`);
  }
  const values = new Map<string, TomlValue>();
  for (const [name, value] of Object.entries(table)) {
    const lower = name.toLowerCase();
    if (!values.has(lower) || name === lower) values.set(lower, value);
    const key = Object.hasOwn(TEMPLATE_KEYS, lower) ? TEMPLATE_KEYS[lower] : undefined;
    const meaningless = Object.hasOwn(MEANINGLESS_KEYS, lower) ? MEANINGLESS_KEYS[lower] : undefined;
    const wanted = key?.knownTo === undefined ? (key?.check ?? meaningless)?.(value) : undefined;
    if (wanted !== undefined) {
      problems.push(`${label}: '${name}' is ${quote(value)}; wanted is ${wanted}`);
    } else if (key === undefined) {
      warnings.push(`${label}: confd ignores '${name}'${didYouMean(name, Object.keys(TEMPLATE_KEYS))}`);
    }
  }
  return { values, problems, warnings };
}

/** An absolute path without empty, `.` and `..` parts, which say nothing about symbolic links here. */
function normalize(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}

/** confd's TOML library falls back to names that differ in the case of their letters alone. */
function field(table: TomlTable, name: string): TomlValue | undefined {
  return table[name] ?? Object.entries(table).find(([key]) => key.toLowerCase() === name)?.[1];
}

/** A value for a message, cut where it is long. */
export function quote(value: TomlValue): string {
  const text = typeof value === "bigint"
    ? String(value)
    : JSON.stringify(value, (_, item) => typeof item === "bigint" ? Number(item) : item);
  return text.length > QUOTED_LENGTH ? `${text.slice(0, QUOTED_LENGTH)}...` : text;
}

/** smol-toml's message goes on with a picture of the place; its first line has the cause. */
function causeOf(error: unknown, text: string): string {
  const { message, line, column } = error as Error & { line?: number; column?: number };
  const cause = message.split("\n")[0].replace(/^Invalid TOML document: /, "");
  if (line === undefined || column === undefined) return cause;
  const rest = text.split("\n")[line - 1]?.slice(column - 1).trimEnd();
  // A line that ends within a string is a control character to the library.
  const open = cause === "unfinished string" || (cause.startsWith("control characters") && rest === "");
  return `${open ? "a string is not closed" : cause} (line ${line}, column ${column})`;
}
