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

/** A template resource that confd accepts. */
export interface TemplateResource {
  /** Its own file, by path below `conf.d/`, and the text of that. */
  file: string;
  text: string;
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
  /** How long the fork holds its changes back. */
  debounce?: string;
}

/** A resource, or why there is none; and what confd would ignore in silence. */
export interface ResourceReading {
  resource?: TemplateResource;
  problems: string[];
  warnings: string[];
}

/** How many characters a template resource's own words may have in a message. */
const QUOTED_LENGTH = 60;

type Check = (value: TomlValue) => string | undefined;
const isText: Check = (value) => typeof value === "string" ? undefined : "a string";
const isInteger: Check = (value) => Number.isInteger(value) ? undefined : "an integer";
const isTextList: Check = (value) =>
  Array.isArray(value) && value.every((item) => typeof item === "string") ? undefined : "a list of strings";
const isFilled: Check = (value) =>
  typeof value === "string" && value !== "" ? undefined : "a string with something in it";
const isAbsolute: Check = (value) =>
  typeof value === "string" && /^\/.*[^/]$/s.test(value) && !hasControl(value)
    ? undefined
    : "the absolute path of a file";
/** confd reads the mode as Go reads a literal: without a leading zero, "600" is a decimal number. */
const isMode: Check = (value) =>
  value === "" || typeof value === "string" && /^0o?[0-7]{3,4}$/.test(value)
    ? undefined
    : 'an octal number in a string that starts with 0, such as "0644"';

/** The keys of the `[template]` table, of both confds. */
const KEYS: Record<string, Check> = {
  src: isFilled,
  dest: isAbsolute,
  keys: isTextList,
  mode: isMode,
  uid: isInteger,
  gid: isInteger,
  owner: isText,
  group: isText,
  prefix: isText,
  check_cmd: isText,
  reload_cmd: isText,
  output_format: isText,
  min_reload_interval: isText,
  debounce: isText,
  check_cmd_timeout: isText,
  reload_cmd_timeout: isText,
};
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
    table = parse(text);
  } catch (error) {
    return { problems: [`${label}: not TOML: ${firstLine(error)}`], warnings: [] };
  }
  const template = field(table, "template");
  if (template === undefined || typeof template !== "object" || Array.isArray(template)) {
    return { problems: [`${label}: there is no [template] table`], warnings: [] };
  }
  const problems: string[] = [];
  const warnings: string[] = [];
  const values = template as TomlTable;
  for (const name of REQUIRED) {
    if (field(values, name) === undefined) problems.push(`${label}: '${name}' is missing from [template]`);
  }
  for (const [name, value] of Object.entries(values)) {
    const key = name.toLowerCase();
    const check = Object.hasOwn(KEYS, key) ? KEYS[key] : undefined;
    const wanted = check?.(value);
    if (check === undefined) {
      warnings.push(`${label}: confd ignores '${name}'${didYouMean(name, Object.keys(KEYS))}`);
    } else if (wanted !== undefined) {
      problems.push(`${label}: '${name}' is ${quote(value)}; wanted is ${wanted}`);
    }
  }
  if (field(table, "sidecar") !== undefined) {
    warnings.push(`${label}: the table [sidecar] has no meaning yet, and is ignored`);
  }
  const keys = field(values, "keys");
  const hasKeys = Array.isArray(keys) && keys.length > 0;
  if (!hasKeys) {
    warnings.push(
      `${label}: 'keys' names none: confd renders the file, but hears of no change, so it polls its backend`,
    );
  }
  if (problems.length > 0) return { problems, warnings };
  const words = (name: string) => (field(values, name) as string | undefined) || undefined;
  const resource = {
    file,
    text,
    src: words("src")!,
    dest: normalize(words("dest")!),
    spelled: words("dest")!,
    hasMode: words("mode") !== undefined,
    hasKeys,
    checkCmd: words("check_cmd"),
    reloadCmd: words("reload_cmd"),
    debounce: words("debounce"),
  };
  return { resource, problems, warnings };
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

function quote(value: TomlValue): string {
  const text = JSON.stringify(value, (_, item) => typeof item === "bigint" ? String(item) : item);
  return text.length > QUOTED_LENGTH ? `${text.slice(0, QUOTED_LENGTH)}...` : text;
}

/** smol-toml's message goes on with a picture of the place; its first line has the cause. */
function firstLine(error: unknown): string {
  const { message, line, column } = error as Error & { line?: number; column?: number };
  const cause = message.split("\n")[0].replace(/^Invalid TOML document: /, "");
  return line === undefined ? cause : `${cause} (line ${line}, column ${column})`;
}

/** True for text that has a control character in it. */
export function hasControl(text: string): boolean {
  // deno-lint-ignore no-control-regex
  return /[\x00-\x1f\x7f]/.test(text);
}
