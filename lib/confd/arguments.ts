/**
 * confd's command line: what the sidecar asks for, in the words of the confd that was found, and the user's own.
 *
 * Pure.
 * @module
 */
import type { Following } from "../core/protocol.ts";
import type { Environment } from "../settings/settings.ts";
import { findBackend } from "./backends.ts";
import type { Dialect } from "./dialect.ts";
import { OPTIONS, readFlag, userValues } from "./options.ts";

/** What confd is asked to do. */
export interface Request {
  dialect: Dialect;
  confdDir: string;
  backend: string;
  nodes: readonly string[];
  intervalMs: number;
  /** confd's own settings file, where it is not the one that confd reads by itself. */
  configFile?: string;
  /** The user's own words, `SIDECAR_CONFD_ARGS`: of a flag that is given twice, the last one wins. */
  args: readonly string[];
}

/** What Go reads as false. */
const FALSE = ["0", "f", "F", "false", "False", "FALSE"];

/** True for a word of the user's that turns watching off. The fork does not know it, so it is answered here. */
function turnsWatchOff(word: string): boolean {
  const { flag, value = "" } = readFlag(word) ?? {};
  return flag === "watch" && FALSE.includes(value);
}

/** How confd can follow its backend: by watching it, where that works and is wanted, or else by polling. */
export function followingOf({ backend, args }: Pick<Request, "backend" | "args">): Following {
  return findBackend(backend)?.watchable && !args.some(turnsWatchOff) ? "watch" : "poll";
}

/** The words that make confd follow its backend. */
export function followArguments(request: Request, by = followingOf(request)): string[] {
  const mode = by === "watch" ? "watch" : `interval=${request.intervalMs / 1000}`;
  return [...leadingWords(request, [mode]), ...usersWords(request), ...configFileWord(request)];
}

/**
 * The words that make confd say, once and without touching anything, which destinations are what it would render.
 * See `readDryRun` in log_lines.ts for the answer.
 */
export function dryRunArguments(request: Request): string[] {
  // The classic one reads no flags after a word that is none: what keeps it from writing comes before the user's words.
  const first = leadingWords(request, ["noop", "onetime"]);
  const last = OPTIONS.flatMap(({ flag, dryRun }) =>
    dryRun?.dialects.includes(request.dialect) ? [`--${flag}=${dryRun.value}`] : []
  );
  return [...first, ...usersWords(request), ...configFileWord(request), ...last];
}

/** The user's words, as the confd that was found takes them: the fork refuses the single dash of the classic one. */
function usersWords({ dialect, args }: Request): string[] {
  const words = args.filter((word) => !turnsWatchOff(word));
  const isLong = (word: string) => (readFlag(word)?.flag.length ?? 0) > 1;
  return dialect === "fork" ? words.map((word) => isLong(word) ? word.replace(/^--?/, "--") : word) : words;
}

/** Both dialects take two dashes; `-node` is repeated, since confd does not split it at commas. */
function leadingWords({ dialect, confdDir, backend, nodes }: Request, mode: readonly string[]): string[] {
  const words = dialect === "fork"
    ? [backend, `--confdir=${confdDir}`]
    : [`-confdir=${confdDir}`, `-backend=${backend}`];
  const dash = dialect === "fork" ? "--" : "-";
  for (const flag of mode) words.push(dash + flag);
  // The fork refuses nodes for a backend that has none.
  if (findBackend(backend)?.nodes) words.push(...nodes.map((node) => `${dash}node=${node}`));
  return words;
}

/** Comes after the user's words: they may name the very file that the private copy stands for. */
function configFileWord({ configFile }: Request): string[] {
  return configFile === undefined ? [] : [`--config-file=${configFile}`];
}

/** Words of `SIDECAR_CONFD_ARGS` that would undo what other settings ask for. */
export function argumentProblems(args: readonly string[]): string[] {
  return args.flatMap((word) => {
    const { flag, decidedBy, asWord } = OPTIONS.find(({ flag }) => flag === readFlag(word)?.flag) ?? {};
    if (decidedBy === undefined || asWord) return [];
    return [`SIDECAR_CONFD_ARGS: '-${flag}' is not for this setting; what decides it is ${decidedBy}`];
  });
}

/** Where both confds look for their own settings. */
export const DEFAULT_CONFIG_FILE = "/etc/confd/confd.toml";

/** The file that confd reads its own settings from: the user's `-config-file`, the variable of the fork, or the default. */
export function configFilePath(args: readonly string[], env: Environment): string {
  return String(userValues("config-file", { args, env })[0] ?? DEFAULT_CONFIG_FILE);
}
