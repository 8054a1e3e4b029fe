/**
 * Step one of a run: everything is read and judged before anything is written or started.
 *
 * Touches: the file system, reading.
 * @module
 */
import { backendProblems } from "./confd/backends.ts";
import { type ConfdToml, parseConfdToml } from "./confd/confd_toml.ts";
import { argumentProblems, configFilePath, followingOf } from "./confd/arguments.ts";
import { environmentWarnings, nearNames, serviceLinks } from "./confd/environment.ts";
import { readFileVariables, type WantedFile } from "./confd/file_variables.ts";
import type { TemplateResource } from "./confd/resource.ts";
import { reloadCmdWarnings } from "./confd/reload_cmd.ts";
import { readResources, type ResourcesReading } from "./confd/resources.ts";
import { namesDestination } from "./confd/staging.ts";
import { CONFIG } from "./core/exit_status.ts";
import { ownershipProblems } from "./host/files/ownership.ts";
import { readImage } from "./host/files/confd_dir.ts";
import { fleetProblems, fleetWarnings } from "./fleet_settings.ts";
import { unreadableVariables } from "./host/linux/proc.ts";
import { findProgram } from "./host/processes/programs.ts";
import { inWords } from "./settings/duration.ts";
import { type Environment, isStaged, readSettings } from "./settings/settings.ts";
import type { ReloadWay } from "./settings/reload.ts";
import type { Settings } from "./settings/table.ts";
import { shellWord } from "./settings/words.ts";

/** All that a run needs to know. */
export interface Plan {
  settings: Settings;
  files: WantedFile[];
  resources: TemplateResource[];
  /** confd's own settings file, and the path that it was read from. */
  confdToml?: ConfdToml;
  configFile: string;
}

/** A plan; what is worth knowing and what is odd about it; and what is wrong, with the exit status that stands for that. */
export interface Preparation {
  plan: Plan;
  notes: string[];
  warnings: string[];
  problems: string[];
  status: number;
}

/** Reads settings, files and programs; the service's where there is one. Nothing is changed by it. */
export function prepare(whole: Environment, program: string | undefined): Preparation {
  const links = serviceLinks(whole);
  const env = Object.fromEntries(Object.entries(whole).filter(([name]) => !links.includes(name)));
  const { settings, problems } = readSettings(env);
  const warnings = [...environmentWarnings(env), ...nearNames(env)];
  if (links.length > 0) {
    warnings.push(
      `${links[0]} and ${links.length - 1} more are Kubernetes' own variables for a Service, and are ignored: set ` +
        "enableServiceLinks: false in the Pod, or give the Service another name",
    );
  }
  const variables = readFileVariables(env);
  problems.push(...variables.problems);
  // A setting that could not be read has its problem already, and stands here for nothing.
  const confdDir = settings.confdDir ?? "/nonexistent";
  const args = settings.confdArgs ?? [];
  const { image, problems: unreadable } = readImage(confdDir);
  const reading = readResources(variables.files, image, variables.refused);
  problems.push(...reading.problems);
  problems.push(...unreadable, ...reading.resources.flatMap(destinationProblem));
  problems.push(...reading.resources.flatMap((resource) => confdsOwn(resource, confdDir)));
  warnings.push(...reading.warnings);
  const configFile = configFilePath(args, env);
  const confdToml = readConfdToml(configFile, problems);
  problems.push(...argumentProblems(args));
  problems.push(...backendProblems(settings.backend, { args, table: confdToml?.table }));
  problems.push(...unreadableVariables().map(unreadableProblem));
  problems.push(...fleetProblems(settings));
  warnings.push(...fleetWarnings(settings, env));
  problems.push(...commandProblems(settings, reading.resources));
  if (settings.check?.length > 0 && !namesDestination(settings.check, reading.resources.map(({ dest }) => dest))) {
    problems.push(
      "SIDECAR_CHECK: none of its words names a destination or the folder of one, so it would look at the files in " +
        "place and not at the new ones; name one (a script that knows its files by itself may ignore the word)",
    );
  }
  for (const below of ["", "/conf.d", "/templates"]) {
    problems.push(...ownershipProblems({ path: confdDir + below, variable: "CONFD_CONFDIR", shared: true }));
  }
  problems.push(...ownershipProblems({ path: settings.state, variable: "SIDECAR_STATE", shared: false }));
  let status = problems.length > 0 ? CONFIG : 0;
  const programs = [["CONFD_PATH", settings.confdPath]];
  if (program !== undefined) programs.push(["the program to run", program]);
  if (settings.check?.length > 0) programs.push(["SIDECAR_CHECK", settings.check[0]]);
  const { verify, reload } = settings;
  if (typeof verify === "object" && verify.by === "exec") programs.push(["SIDECAR_VERIFY", verify.words[0]]);
  for (const [label, way] of reloadWays(reload, reading.resources)) {
    if (way.by === "exec") programs.push([label, way.words[0]]);
  }
  for (const [label, name] of programs) {
    const missing = findProgram(name, env["PATH"]);
    if (typeof missing === "string") continue;
    problems.push(`${label}: ${missing.problem}`);
    status ||= missing.status;
  }
  // Settings that could not be read would be looked at.
  if (problems.length === 0) warnings.push(...commandWarnings(reading, settings, program ?? ""));
  const notes = reading.leftOver.length > 0 ? [leftOverSentence(reading.leftOver)] : [];
  const plan = { settings, files: variables.files, resources: reading.resources, confdToml, configFile };
  return { plan, notes, warnings, problems, status };
}

/** How many files a sentence names. */
const NAMED = 10;

function leftOverSentence(files: readonly string[]): string {
  const more = files.length > NAMED ? ` and ${files.length - NAMED} more` : "";
  return `conf.d/ has template resources that no variable names: ${
    files.slice(0, NAMED).join(", ")
  }${more} (from the ` +
    "image, or from an earlier run with the same CONFD_CONFDIR)";
}

/** What the resources' own commands and templates do beside the sidecar. */
function commandWarnings({ resources, tellTime }: ResourcesReading, settings: Settings, program: string): string[] {
  const warnings = reloadCmdWarnings(resources, {
    staged: isStaged(settings, resources),
    program,
    reload: settings.reload,
  });
  const { backend, confdArgs: args, confdIntervalMs } = settings;
  const polls = followingOf({ backend, args }) === "poll" || resources.some(({ hasKeys }) => !hasKeys);
  if (!polls) return warnings;
  return warnings.concat(
    tellTime.map((label) =>
      `${label}: its template has 'datetime' in it, and confd polls: the file changes every ${
        inWords(confdIntervalMs)
      }, and ` +
      "main program is reloaded each time"
    ),
  );
}

/** The runtime cannot decode such a variable, and has it as not set. */
function unreadableProblem(name: string): string {
  return `${name}: its value is not valid UTF-8, and cannot be read`;
}

/** Every way to reload, and where it was said. */
function reloadWays(byDefault: ReloadWay | undefined, resources: readonly TemplateResource[]): [string, ReloadWay][] {
  const ways: [string, ReloadWay | undefined][] = [["SIDECAR_RELOAD", byDefault]];
  for (const { label, sidecar } of resources) ways.push([`${label}: 'reload' in [sidecar]`, sidecar.reload]);
  return ways.flatMap(([label, way]): [string, ReloadWay][] => way === undefined ? [] : [[label, way]]);
}

/** Commands that are written as for a shell. */
function commandProblems({ check, reload, verify }: Settings, resources: readonly TemplateResource[]): string[] {
  const commands: [string, readonly string[]][] = [["SIDECAR_CHECK", check ?? []]];
  for (const [label, way] of reloadWays(reload, resources)) if (way.by === "exec") commands.push([label, way.words]);
  if (typeof verify === "object" && verify.by === "exec") commands.push(["SIDECAR_VERIFY", verify.words]);
  return commands.flatMap(([name, words]) => {
    if (shellWord(words) === undefined) return [];
    return [
      `${name}: it is written as for a shell, but none runs it; where there is one, write sh -c '...' around it`,
    ];
  });
}

/** A destination that is there has to be a regular file: to read a FIFO or a device can last for ever. */
function destinationProblem({ dest }: TemplateResource): string[] {
  try {
    const { isFile, isDirectory } = Deno.statSync(dest);
    if (isFile) return [];
    return [`'dest' ${dest} is ${isDirectory ? "a folder" : "not a regular file"}; wanted is the path of a file`];
  } catch {
    return [];
  }
}

/** What is rendered there would be a resource or a template of the next run, and that run another one. */
function confdsOwn({ dest }: TemplateResource, confdDir: string): string[] {
  const own = ["conf.d", "templates"].find((name) => dest.startsWith(`${confdDir}/${name}/`));
  return own === undefined
    ? []
    : [`'dest' ${dest} lies in confd's own folder ${confdDir}/${own}; wanted is another one`];
}

function readConfdToml(path: string, problems: string[]): ConfdToml | undefined {
  let text: string;
  try {
    if (!Deno.statSync(path).isFile) return undefined;
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
