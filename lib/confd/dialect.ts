/**
 * The two ways in which confds are spoken to, told apart by asking.
 *
 * The classic confd (kelseyhightower/confd, and the fork up to 0.33) takes Go flags; the maintained fork
 * (abtreece/confd 0.40 and later) takes a sub-command for the backend. The classic one, given the new style, ignores all
 * of it and runs etcd on /etc/confd in silence, so the question comes first. `--version` is no answer: forks of 0.31 to
 * 0.33 say 0.30.0 and plain builds say `dev`.
 *
 * Pure.
 * @module
 */
import { BACKENDS } from "./backends.ts";

/** How a confd is spoken to. */
export type Dialect = "classic" | "fork";

/**
 * Tells from what `confd --help` printed which confd it is: the classic one prints on standard error (and its status is
 * 0 or 2), the fork on standard output.
 *
 * @returns undefined if it is neither.
 */
export function identify(stdout: string, stderr: string): Dialect | undefined {
  if (/^Usage: \S+ <command> \[flags\]/m.test(stdout)) return "fork";
  if (/^Usage of .*:$/m.test(stderr) && /^\s+-confdir\b/m.test(stderr)) return "classic";
  return undefined;
}

/** What confd is asked to do. */
export interface Request {
  dialect: Dialect;
  confdDir: string;
  backend: string;
  nodes: readonly string[];
  intervalMs: number;
  /** confd's own settings file, where it is not the one that confd reads by itself. */
  configFile?: string;
  /** The user's own words, `SIDECAR_CONFD_ARGS`: last, so that they win. */
  args: readonly string[];
}

/** The words that make confd follow its backend: watching it where that works, else polling. */
export function followArguments(request: Request): string[] {
  const mode = BACKENDS[request.backend]?.watchable ? "watch" : `interval=${request.intervalMs / 1000}`;
  return [...leadingWords(request, mode), ...request.args];
}

/**
 * The words that make confd say, once and without touching anything, which destinations are what it would render.
 * See `findInSync` in log_lines.ts for the answer.
 */
export function inquiryArguments(request: Request): string[] {
  const last = ["--log-level=debug", "--noop", "--onetime"];
  if (request.dialect === "fork") last.push("--log-format=text", "--metrics-addr=");
  return [...leadingWords(request), ...request.args, ...last];
}

/** Both dialects take two dashes; `-node` is repeated, since confd does not split it at commas. */
function leadingWords(request: Request, mode?: string): string[] {
  const { dialect, confdDir, backend, nodes, configFile } = request;
  const words = dialect === "fork"
    ? [backend, `--confdir=${confdDir}`]
    : [`-confdir=${confdDir}`, `-backend=${backend}`];
  const dash = dialect === "fork" ? "--" : "-";
  if (mode !== undefined) words.push(dash + mode);
  for (const node of nodes) words.push(`${dash}node=${node}`);
  if (configFile !== undefined) words.push(`${dash}config-file=${configFile}`);
  return words;
}

const DECIDED: Record<string, string> = {
  confdir: "CONFD_CONFDIR",
  backend: "CONFD_BACKEND",
  interval: "SIDECAR_CONFD_INTERVAL",
  onetime: "nothing: the sidecar follows changes",
  noop: "nothing: the files must be written",
  help: "nothing",
  version: "nothing",
};

/** Words of `SIDECAR_CONFD_ARGS` that would undo what other settings ask for. */
export function argumentProblems(args: readonly string[]): string[] {
  return args.flatMap((word) => {
    const flag = /^--?([a-z-]+)/.exec(word)?.[1] ?? "";
    if (!Object.hasOwn(DECIDED, flag)) return [];
    return [`SIDECAR_CONFD_ARGS: '-${flag}' is not for this setting; what decides it is ${DECIDED[flag]}`];
  });
}

/** The file that confd reads its own settings from: the user's `-config-file`, the variable of the fork, or the default. */
export function configFilePath(args: readonly string[], env: Readonly<Record<string, string>>): string {
  for (const [i, word] of args.entries()) {
    const match = /^--?config-file(?:=(.*))?$/.exec(word);
    if (match) return match[1] ?? args[i + 1] ?? "";
  }
  return env["CONFD_CONFIG_FILE"] || "/etc/confd/confd.toml";
}
