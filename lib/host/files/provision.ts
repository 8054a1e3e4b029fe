/**
 * Writing files: all of them or none, each whole or not at all, and never through a symbolic link.
 *
 * Every file is first written beside its place under a name of its own; only when that worked for all are they renamed
 * into place. What was made on the way is taken away again when anything fails.
 *
 * Touches: the file system.
 * @module
 */
import { exists } from "./disk.ts";
import { nameOf, parentOf } from "./paths.ts";

/** A file to be written. */
export interface File {
  path: string;
  content: string;
}

/** What the caller wants on disk. */
export interface Wanted {
  /** Files, in folders that are made where they do not exist; only files whose content differs are written. */
  files: readonly File[];
  /** Folders that must exist, for others to write to. */
  folders: readonly string[];
  /** Folders in which files stand and which must not be symbolic links; the files must not be either. */
  guarded: readonly string[];
}

/** Which files were written; or what is wrong, and then nothing was. */
export type Provision = { written: string[] } | { problems: string[] };

/** Bodies of templates may hold secrets, and confd runs as the same user. */
const FILE_MODE = 0o600;
const FOLDER_MODE = 0o755;

/** Writes what is wanted. Errors come back as sentences that name the path. */
export function provision({ files, folders, guarded }: Wanted): Provision {
  const paths = files.map((file) => file.path);
  const problems = [...[...guarded, ...paths].flatMap(linkProblem), ...paths.flatMap(kindProblem)];
  if (problems.length > 0) return { problems };
  const undo: (() => void)[] = [];
  const staged: { path: string; temporary: string }[] = [];
  const attempt = (act: () => void, what: string): boolean => {
    try {
      act();
      return true;
    } catch (error) {
      problems.push(`${what}: ${(error as Error).message}`);
      return false;
    }
  };
  const changed = files.filter(differs);
  const needed = new Set([...changed.map(({ path }) => parentOf(path)), ...folders]);
  // One read-only place is one problem, however many folders were wanted in it.
  const closed = new Set<string>();
  for (const folder of needed) {
    if (closed.has(parentOf(folder))) continue;
    const made = attempt(() => makeFolder(folder, undo), `the folder ${folder} cannot be made`);
    if (!made) closed.add(parentOf(folder));
  }
  for (const { path, content } of problems.length > 0 ? [] : changed) {
    attempt(() => {
      const temporary = `${parentOf(path)}/.${nameOf(path)}.${crypto.randomUUID().slice(0, 8)}.new`;
      undo.unshift(() => Deno.removeSync(temporary));
      // createNew is O_EXCL: it neither follows a link nor takes over a file that somebody laid out.
      Deno.writeTextFileSync(temporary, content, { createNew: true, mode: FILE_MODE });
      staged.push({ path, temporary });
    }, `${path} cannot be written`);
  }
  for (const { path, temporary } of staged) {
    if (problems.length > 0) break;
    attempt(() => undo.unshift(publish(temporary, path)), `${path} cannot be written`);
  }
  if (problems.length === 0) return { written: changed.map(({ path }) => path) };
  for (const act of undo) quietly(act);
  return { problems };
}

/** Makes a folder and those above it, remembering which were made. */
function makeFolder(folder: string, undo: (() => void)[]): void {
  const missing: string[] = [];
  for (let path = folder; path !== "/" && !exists(path); path = parentOf(path)) missing.unshift(path);
  for (const path of missing) {
    Deno.mkdirSync(path, { mode: FOLDER_MODE });
    // Whatever the umask: the service, as another user, has to reach its files.
    Deno.chmodSync(path, FOLDER_MODE);
    undo.unshift(() => Deno.removeSync(path));
  }
  if (!Deno.statSync(folder).isDirectory) throw new Error("it is a file");
}

/** Renames a file into place; returns what brings back what was there. */
function publish(temporary: string, path: string): () => void {
  const old = exists(path) ? { content: Deno.readFileSync(path), mode: Deno.statSync(path).mode! & 0o7777 } : undefined;
  Deno.renameSync(temporary, path);
  return () => {
    if (old === undefined) return Deno.removeSync(path);
    Deno.writeFileSync(temporary, old.content, { createNew: true, mode: old.mode });
    Deno.renameSync(temporary, path);
  };
}

function differs({ path, content }: File): boolean {
  try {
    return Deno.readTextFileSync(path) !== content;
  } catch {
    return true;
  }
}

function linkProblem(path: string): string[] {
  try {
    if (!Deno.lstatSync(path).isSymlink) return [];
    return [
      `${path} is a symbolic link (to ${Deno.readLinkSync(path)}): nothing is written through it; give the real path`,
    ];
  } catch {
    return [];
  }
}

/** A file cannot be renamed over a folder, and must not be over a device. */
function kindProblem(path: string): string[] {
  try {
    const { isFile, isSymlink, isDirectory } = Deno.lstatSync(path);
    return isFile || isSymlink ? [] : [`${path} cannot be written: it is ${isDirectory ? "a folder" : "no file"}`];
  } catch {
    return [];
  }
}

function quietly(act: () => void): void {
  try {
    act();
  } catch {
    // It was never made, or is not empty and so not only ours.
  }
}
