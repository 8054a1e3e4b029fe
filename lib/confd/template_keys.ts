/**
 * The keys of the `[template]` table, of all confds: what each takes, and which confds know it.
 *
 * Pure.
 * @module
 */
import type { TomlValue } from "smol-toml";
import type { FoundConfd } from "./dialect.ts";

/** One key. */
export interface TemplateKey {
  /** What is wanted instead of a value; undefined: the value is right. */
  readonly check: (value: TomlValue) => string | undefined;
  /** The confds that know it. @default all of them */
  readonly knownTo?: "forks" | "fork";
}

type Check = TemplateKey["check"];
const isText: Check = (value) => typeof value === "string" ? undefined : "a string";
/** Integers come as bigint: confd takes no `1e3` and no `1.0`. */
const isInteger: Check = (value) => typeof value === "bigint" ? undefined : "an integer, written with digits alone";
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
/** As Go reads a duration: unlike ours, it needs a unit. */
const isDuration: Check = (value) =>
  typeof value === "string" && /^$|^[+-]?(?:0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|ms|s|m|h))+)$/.test(value)
    ? undefined
    : 'a string with a duration and its unit, such as "30s"';
const isFormat: Check = (value) =>
  typeof value === "string" && /^(?:json|ya?ml|toml|xml)?$/.test(value) ? undefined : '"json", "yaml", "toml" or "xml"';

/** All keys that mean something. */
export const TEMPLATE_KEYS: Readonly<Record<string, TemplateKey>> = {
  src: { check: isFilled },
  dest: { check: isAbsolute },
  keys: { check: isTextList },
  mode: { check: isMode },
  uid: { check: isInteger },
  gid: { check: isInteger },
  owner: { check: isText, knownTo: "forks" },
  group: { check: isText, knownTo: "forks" },
  prefix: { check: isText },
  check_cmd: { check: isText },
  reload_cmd: { check: isText },
  output_format: { check: isFormat, knownTo: "fork" },
  min_reload_interval: { check: isDuration, knownTo: "fork" },
  debounce: { check: isDuration, knownTo: "fork" },
  check_cmd_timeout: { check: isDuration, knownTo: "fork" },
  reload_cmd_timeout: { check: isDuration, knownTo: "fork" },
};

/** Fields of confd's own that have no meaning in a file, but a type: of another, the file is refused. */
export const MEANINGLESS_KEYS: Readonly<Record<string, Check>> = { filemode: isInteger };

/** True if a confd knows a key. */
export function isKnownTo({ knownTo }: TemplateKey, { dialect, early }: FoundConfd): boolean {
  return knownTo === undefined || dialect === "fork" || (knownTo === "forks" && early);
}

/** True for text that has a control character in it. */
export function hasControl(text: string): boolean {
  // deno-lint-ignore no-control-regex
  return /[\x00-\x1f\x7f]/.test(text);
}
