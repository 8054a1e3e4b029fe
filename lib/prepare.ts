/**
 * Step one of a run: everything is read and judged before anything is written or started.
 *
 * Touches: the file system, reading.
 * @module
 */
import { backendProblems } from "./confd/backends.ts";
import { type ConfdToml, parseConfdToml } from "./confd/confd_toml.ts";
import { argumentProblems, configFilePath } from "./confd/arguments.ts";
import { environmentWarnings } from "./confd/environment.ts";
import { readFileVariables, type WantedFile } from "./confd/file_variables.ts";
import type { TemplateResource } from "./confd/resource.ts";
import { readResources } from "./confd/resources.ts";
import { CONFIG } from "./core/exit_status.ts";
import { readImage } from "./host/files/confd_dir.ts";
import { findProgram } from "./host/processes/programs.ts";
import { type Environment, readSettings } from "./settings/settings.ts";
import type { Settings } from "./settings/table.ts";

/** All that a run needs to know. */
export interface Plan {
  settings: Settings;
  files: WantedFile[];
  resources: TemplateResource[];
  /** confd's own settings file, and the path that it was read from. */
  confdToml?: ConfdToml;
  configFile: string;
}

/** A plan; what is odd about it; and what is wrong, with the exit status that stands for that. */
export interface Preparation {
  plan: Plan;
  warnings: string[];
  problems: string[];
  status: number;
}

/** Reads settings, files and programs. Nothing is changed by it. */
export function prepare(env: Environment, program: string): Preparation {
  const { settings, problems } = readSettings(env);
  const warnings = environmentWarnings(env);
  const variables = readFileVariables(env);
  problems.push(...variables.problems);
  // A setting that could not be read has its problem already, and stands here for nothing.
  const confdDir = settings.confdDir ?? "/nonexistent";
  const args = settings.confdArgs ?? [];
  const { image, problems: unreadable } = readImage(confdDir);
  const reading = readResources(variables.files, image);
  if (variables.problems.length === 0 || reading.resources.length > 0) problems.push(...reading.problems);
  problems.push(...unreadable, ...reading.resources.flatMap(destinationProblem));
  warnings.push(...reading.warnings);
  const configFile = configFilePath(args, env);
  const confdToml = readConfdToml(configFile, problems);
  problems.push(...argumentProblems(args));
  problems.push(...backendProblems(settings.backend, args, confdToml?.keys ?? []));
  let status = problems.length > 0 ? CONFIG : 0;
  const programs = [["CONFD_PATH", settings.confdPath], ["the program to run", program]];
  if (settings.check?.length > 0) programs.push(["SIDECAR_CHECK", settings.check[0]]);
  const { verify } = settings;
  if (typeof verify === "object" && verify.by === "exec") programs.push(["SIDECAR_VERIFY", verify.words[0]]);
  for (const [label, name] of programs) {
    const missing = findProgram(name, env["PATH"]);
    if (typeof missing === "string") continue;
    problems.push(`${label}: ${missing.problem}`);
    status ||= missing.status;
  }
  const plan = { settings, files: variables.files, resources: reading.resources, confdToml, configFile };
  return { plan, warnings, problems, status };
}

function destinationProblem({ dest }: TemplateResource): string[] {
  try {
    return Deno.statSync(dest).isDirectory ? [`'dest' ${dest} is a folder; wanted is the path of a file`] : [];
  } catch {
    return [];
  }
}

function readConfdToml(path: string, problems: string[]): ConfdToml | undefined {
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch {
    return undefined;
  }
  try {
    return parseConfdToml(text);
  } catch (error) {
    problems.push(`${path}, confd's own settings: not TOML: ${(error as Error).message.split("\n")[0]}`);
    return undefined;
  }
}
