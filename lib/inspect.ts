/**
 * A look at a configuration: `--check-config` and `--print-config`. Nothing is written, and nothing started but
 * `confd --help`, which says which confd it is.
 *
 * Touches: the file system, reading; confd, through query_confd.ts.
 * @module
 */
import { followingOf } from "./confd/arguments.ts";
import { nameOf } from "./confd/dialect.ts";
import { readFileVariables } from "./confd/file_variables.ts";
import { CONFIG } from "./core/exit_status.ts";
import { queryDialect } from "./host/processes/query_confd.ts";
import { SpawnError } from "./host/processes/processes.ts";
import { judge } from "./judge.ts";
import { type Plan, prepare } from "./prepare.ts";
import { formatDuration } from "./settings/duration.ts";
import { type Environment, readSettings } from "./settings/settings.ts";
import { NAME_WIDTH, shownSettings } from "./settings/shown.ts";

/** What there is to say: on standard output, on standard error, and the exit status. */
export interface Report {
  out: string[];
  errors: string[];
  status: number;
}

/** Does step one of a run. Without a program, all but that is checked. */
export async function checkConfig(program: string | undefined, env: Environment): Promise<Report> {
  const { plan, notes, warnings, problems, status } = prepare(env, program);
  if (problems.length > 0) return refusal(problems, status, warnings);
  const options = { signal: new AbortController().signal, onCutOff: () => {} };
  const found = await queryDialect(plan.settings.confdPath, options).catch((error) => error as SpawnError);
  if (found instanceof SpawnError) return refusal([`CONFD_PATH: ${found.message}`], found.status, warnings);
  if ("problem" in found) return refusal([`CONFD_PATH: ${found.problem}`], CONFIG, warnings);
  const judged = await judge(plan, found, options);
  if (judged.problems.length > 0) return refusal(judged.problems, CONFIG, [...warnings, ...judged.warnings]);
  return {
    out: [
      "the configuration is good; nothing was started or written",
      ...describePlan(plan, nameOf(found), judged.backend),
      ...notes,
      ...judged.notes,
    ],
    errors: [...warnings, ...judged.warnings].map(asWarning),
    status: 0,
  };
}

/** Every setting in force, and the files that variables hold. */
export function printConfig(env: Environment): Report {
  const { problems } = readSettings(env);
  const { files, problems: wrong } = readFileVariables(env);
  if (problems.length + wrong.length > 0) return refusal([...problems, ...wrong], CONFIG, []);
  const shown = files.map(({ variable, folder, name, content }) => {
    const bytes = new TextEncoder().encode(content).length;
    return `${variable.padEnd(NAME_WIDTH)}${folder}/${name}, ${bytes} bytes`;
  });
  return { out: [...shownSettings(env), ...shown], errors: [], status: 0 };
}

function refusal(problems: readonly string[], status: number, warnings: readonly string[]): Report {
  return { out: [], errors: [...warnings.map(asWarning), ...problems.map((problem) => `error: ${problem}`)], status };
}

function asWarning(sentence: string): string {
  return `warning: ${sentence}`;
}

function describePlan({ settings, resources }: Plan, confd: string, backend: string): string[] {
  const { confdArgs: args, confdPath, confdIntervalMs } = settings;
  const watches = resources.every(({ hasKeys }) => hasKeys) && followingOf({ backend, args }) === "watch";
  const how = watches ? "is watched" : `is polled every ${formatDuration(confdIntervalMs)}`;
  return [
    `confd: ${confdPath}, ${confd}; the backend ${backend} ${how}`,
    ...resources.map(({ label, src, dest }) => `${label}: templates/${src} is rendered to ${dest}`),
  ];
}
