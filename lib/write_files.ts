/**
 * Step two of a run: confd's files and the folders of destinations are written, whole or not at all.
 *
 * Touches: the file system, through the host's modules; the logger that it is given.
 * @module
 */
import type { TemplateResource } from "./confd/resource.ts";
import { nameOf, parentOf } from "./host/files/paths.ts";
import { type File, provision } from "./host/files/provision.ts";
import type { Staging } from "./host/files/staging.ts";
import type { Logger } from "./host/output/logger.ts";
import type { Plan } from "./prepare.ts";
import type { Settings } from "./settings/table.ts";

/** The variable that names the folder which a problem is about, as the beginning of its sentence. */
function variableOf(problem: string, { confdDir, state }: Settings): string {
  if (problem.startsWith("SIDECAR_STATE: ")) return "";
  if (problem.includes(state) && !state.startsWith(`${confdDir}/`)) return "SIDECAR_STATE: ";
  return problem.includes(confdDir) ? "CONFD_CONFDIR: " : "";
}

/** What is written beside the files of variables, and how. */
export interface WriteOptions {
  confdFiles: readonly File[];
  staging?: Staging;
  /** True if nothing may be made where destinations are. */
  preview: boolean;
  logger: Logger;
}

/** Writes confd's files and makes the folders of destinations; returns what went wrong, with the variable's name. */
export async function writeFiles(plan: Plan, options: WriteOptions): Promise<string[]> {
  const problems = await write(plan, options);
  return problems.map((problem) => variableOf(problem, plan.settings) + problem);
}

async function write(
  { settings, files, resources }: Plan,
  { confdFiles, staging, preview, logger }: WriteOptions,
): Promise<string[]> {
  const { confdDir, state } = settings;
  const wanted = files.map(({ folder, name, content }) => ({ path: `${confdDir}/${folder}/${name}`, content }));
  const folders = preview ? [] : resources.map(({ dest }) => parentOf(dest));
  const guarded = new Set(wanted.flatMap(({ path }) => [confdDir, parentOf(path)]));
  if (confdFiles.length > 0 || staging !== undefined) guarded.add(state);
  const done = provision({ files: [...wanted, ...confdFiles], folders, guarded: [...guarded] });
  if ("problems" in done) return done.problems;
  const problems = staging === undefined ? [] : await stage(staging, resources);
  if (problems.length > 0) return problems;
  for (const path of done.written) {
    if (confdFiles.some((file) => file.path === path)) continue;
    const kind = parentOf(path).endsWith("/conf.d") ? "conf.d" : "template";
    logger.log({ level: "info", msg: `creating / updating confd ${kind} file ${nameOf(path)}`, fields: { path } });
  }
  return [];
}

/** Lays out the folder that confd works on where files are staged; returns what went wrong. */
async function stage(staging: Staging, resources: readonly TemplateResource[]): Promise<string[]> {
  try {
    await staging.begin();
  } catch (error) {
    return [`SIDECAR_STATE: the private folder for staged files cannot be made ready: ${(error as Error).message}`];
  }
  const folders = resources.map(({ dest }) => parentOf(staging.place(dest)));
  const done = provision({ files: staging.files(), folders, guarded: [] });
  return "problems" in done ? done.problems : [];
}
