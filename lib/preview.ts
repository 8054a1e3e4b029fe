/**
 * `--dry-run`: what a run would put in place now, as a difference to what is there. confd renders into a private temporary
 * folder, on copies of its own files; nothing else is written.
 *
 * Touches: a temporary folder; confd and the check, through run.ts.
 * @module
 */
import { difference, readText } from "./host/files/differences.ts";
import { checkConfig, type Report } from "./inspect.ts";
import { run } from "./run.ts";
import { type Environment, readSettings } from "./settings/settings.ts";

/** Shows the differences, line by line; returns the exit status, or what is wrong with the configuration. */
export async function preview(env: Environment, show: (line: string) => Promise<unknown>): Promise<number | Report> {
  const checked = await checkConfig(undefined, env);
  if (checked.status !== 0) return checked;
  const { settings: { confdDir, diff } } = readSettings(env);
  const style = diff === "full" ? "full" : "masked";
  const folder = Deno.makeTempDirSync({ prefix: "confd-sidecar-" });
  try {
    for (const name of ["conf.d", "templates"]) copy(`${confdDir}/${name}`, `${folder}/confd/${name}`);
    const own = { CONFD_CONFDIR: `${folder}/confd`, SIDECAR_STATE: `${folder}/state`, SIDECAR_START: "rendered" };
    return await run(undefined, { ...env, ...own }, async (copies) => {
      for (const [dest, copy] of copies) {
        const [old, now] = [textOf(dest), readText(copy)];
        if (old === now) continue;
        const { msg, more = [] } = await difference(dest, { old, now, style });
        for (const line of [msg, ...more]) await show(line);
      }
    });
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** A file that is not there is a change from nothing. */
function textOf(path: string): string | undefined {
  try {
    Deno.statSync(path);
  } catch {
    return "";
  }
  return readText(path);
}

/** Copies what a folder has, by way of links too: an image's files may be mounted by such. */
function copy(from: string, to: string): void {
  let entries: Deno.DirEntry[];
  try {
    entries = [...Deno.readDirSync(from)];
  } catch {
    return;
  }
  Deno.mkdirSync(to, { recursive: true });
  for (const { name } of entries) {
    const { isFile, isDirectory } = Deno.statSync(`${from}/${name}`);
    if (isDirectory) copy(`${from}/${name}`, `${to}/${name}`);
    else if (isFile) Deno.copyFileSync(`${from}/${name}`, `${to}/${name}`);
  }
}
