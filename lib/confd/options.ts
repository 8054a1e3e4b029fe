/**
 * confd's options, as far as the sidecar has to do with them: what each is called on the command line, in the
 * environment and in `confd.toml`, and who decides it. Every other option is the user's alone.
 *
 * Flags are those of both confds; variables are read by the maintained fork only. In the classic confd what stands in
 * `confd.toml` wins over the command line; in the fork it only fills defaults, yet can turn `noop` on.
 *
 * Pure.
 * @module
 */
import type { TomlTable, TomlValue } from "smol-toml";
import type { Environment } from "../settings/settings.ts";
import type { Dialect } from "./dialect.ts";

/** One option of confd's. */
export interface ConfdOption {
  readonly flag: string;
  readonly variable?: string;
  /** Its names in `confd.toml`, in small letters: one of the classic confd, one of the fork. */
  readonly keys?: readonly string[];
  /** What decides it; undefined: the user, by any of its names. */
  readonly decidedBy?: string;
  /** True where `SIDECAR_CONFD_ARGS` may still name it. */
  readonly asWord?: true;
  /** What a dry run needs it to be, and the confds that have it; the user's choice must not reach that. */
  readonly dryRun?: { readonly value: string; readonly dialects: readonly Dialect[] };
  /** True if it makes confd delay changes for a while. */
  readonly delays?: true;
}

const BOTH: readonly Dialect[] = ["classic", "fork"];
const FORK: readonly Dialect[] = ["fork"];
const ENDS = "nothing: confd would not follow its backend";

/** All of them. */
export const OPTIONS: readonly ConfdOption[] = [
  { flag: "backend", keys: ["backend"], decidedBy: "CONFD_BACKEND" },
  { flag: "confdir", variable: "CONFD_CONFDIR", keys: ["confdir"], decidedBy: "CONFD_CONFDIR" },
  { flag: "interval", variable: "CONFD_INTERVAL", keys: ["interval"], decidedBy: "SIDECAR_CONFD_INTERVAL" },
  { flag: "noop", variable: "CONFD_NOOP", keys: ["noop"], decidedBy: "nothing: the files must be written" },
  { flag: "onetime", variable: "CONFD_ONETIME", keys: ["onetime"], decidedBy: "nothing: the sidecar follows changes" },
  { flag: "watch", variable: "CONFD_WATCH", keys: ["watch"], decidedBy: "CONFD_BACKEND", asWord: true },
  { flag: "help", decidedBy: ENDS },
  { flag: "version", decidedBy: ENDS },
  { flag: "check-config", decidedBy: ENDS },
  { flag: "preflight", decidedBy: ENDS },
  { flag: "validate", decidedBy: ENDS },
  { flag: "node", keys: ["nodes"] },
  { flag: "file", keys: ["file"] },
  { flag: "table", keys: ["table"] },
  { flag: "config-file", variable: "CONFD_CONFIG_FILE" },
  { flag: "template-cache", variable: "CONFD_TEMPLATE_CACHE", keys: ["template_cache"] },
  { flag: "debounce", variable: "CONFD_DEBOUNCE", keys: ["debounce"], delays: true },
  {
    flag: "batch-interval",
    variable: "CONFD_BATCH_INTERVAL",
    keys: ["batch-interval", "batch_interval"],
    delays: true,
  },
  {
    flag: "log-level",
    variable: "CONFD_LOG_LEVEL",
    keys: ["log-level"],
    dryRun: { value: "debug", dialects: BOTH },
  },
  {
    // A dry run must not leave a staged file beside the destination each time.
    flag: "keep-stage-file",
    variable: "CONFD_KEEP_STAGE_FILE",
    keys: ["keepstagefile", "keep_stage_file"],
    dryRun: { value: "false", dialects: BOTH },
  },
  {
    flag: "log-format",
    variable: "CONFD_LOG_FORMAT",
    keys: ["log-format"],
    dryRun: { value: "text", dialects: FORK },
  },
  {
    flag: "metrics-addr",
    variable: "CONFD_METRICS_ADDR",
    keys: ["metrics_addr"],
    dryRun: { value: "", dialects: FORK },
  },
];

/** The names in `confd.toml` of the options that are chosen. */
export function keysOf(chosen: (option: ConfdOption) => unknown): string[] {
  return OPTIONS.filter(chosen).flatMap(({ keys = [] }) => keys);
}

/** The variables of the options that are chosen. */
export function variablesOf(chosen: (option: ConfdOption) => unknown): string[] {
  return OPTIONS.filter(chosen).flatMap(({ variable = [] }) => variable);
}

/** A word of the command line that is a flag, and its value where that is a part of the word. */
export function readFlag(word: string): { flag: string; value?: string } | undefined {
  const [, flag, value] = /^--?([a-z][a-z-]*)(?:=(.*))?$/s.exec(word) ?? [];
  return flag === undefined ? undefined : { flag, value };
}

/** Where the user can say what an option is to be. */
export interface OptionSources {
  /** `SIDECAR_CONFD_ARGS`. */
  args?: readonly string[];
  env?: Environment;
  /** `confd.toml`. */
  table?: TomlTable;
}

/** What the user says of an option: what counts on the command line first, then elsewhere. */
export function userValues(flag: string, { args = [], env = {}, table = {} }: OptionSources): TomlValue[] {
  const { variable = "", keys = [] } = OPTIONS.find((option) => option.flag === flag)!;
  const words = args.flatMap((word, i) => {
    const read = readFlag(word);
    return read?.flag === flag ? [read.value ?? args[i + 1] ?? ""] : [];
  });
  const fromFile = Object.entries(table).filter(([key]) => keys.includes(key.toLowerCase())).map(([, value]) => value);
  return [...words.reverse(), ...(env[variable] ? [env[variable]] : []), ...fromFile];
}
