/**
 * Looking for a program before it is needed, so that a mistake is told at once and with nothing started.
 *
 * Touches: the file system, reading.
 * @module
 */
import { oddEnds } from "../../settings/hints.ts";
import { NOT_EXECUTABLE, NOT_FOUND } from "../../core/exit_status.ts";

/** Why a program cannot be run, and the exit status that stands for it. */
export interface ProgramProblem {
  problem: string;
  status: number;
}

/**
 * Looks a program up as execvp(3) does: a name with a slash is a path, any other is looked for in `PATH`.
 *
 * @returns the path of the executable, or why there is none.
 */
export function findProgram(name: string, path: string | undefined): string | ProgramProblem {
  if (name.includes("/")) {
    const why = whyNot(name);
    return why === undefined ? name : { problem: `${JSON.stringify(name)} ${why.problem}`, status: why.status };
  }
  const folders = (path ?? "/usr/local/bin:/usr/bin:/bin").split(":").map((folder) => folder || ".");
  let found: ProgramProblem | undefined;
  for (const folder of folders) {
    const file = `${folder}/${name}`;
    const why = whyNot(file);
    if (why === undefined) return file;
    if (why.status === NOT_EXECUTABLE) {
      found ??= { problem: `${JSON.stringify(file)} ${why.problem}`, status: why.status };
    }
  }
  return found ??
    { problem: `${JSON.stringify(name)} is in no folder of PATH (${shown(folders)})${hint(name)}`, status: NOT_FOUND };
}

/** How many folders a message names. */
const SHOWN = 4;

function shown(folders: readonly string[]): string {
  const more = folders.length > SHOWN ? ` and ${folders.length - SHOWN} more` : "";
  return folders.slice(0, SHOWN).join(":") + more;
}

/** A name that an environment file or a quote too many has spoiled. */
function hint(name: string): string {
  return oddEnds(name) || (/\s/.test(name) ? "; are the program and its arguments in one pair of quotes?" : "");
}

function whyNot(file: string): ProgramProblem | undefined {
  let info: Deno.FileInfo;
  try {
    info = Deno.statSync(file);
  } catch (error) {
    return error instanceof Deno.errors.PermissionDenied
      ? { problem: "cannot be looked at: permission denied", status: NOT_EXECUTABLE }
      : { problem: "does not exist", status: NOT_FOUND };
  }
  if (info.isDirectory) return { problem: "is a folder and no program", status: NOT_EXECUTABLE };
  if (((info.mode ?? 0) & 0o111) === 0) return { problem: "is not executable", status: NOT_EXECUTABLE };
  return undefined;
}
