/**
 * confd's configuration folder as it is on disk before the sidecar writes to it.
 *
 * Touches: the file system, reading.
 * @module
 */
import { isResourceName } from "../../confd/file_variables.ts";
import type { Image } from "../../confd/resources.ts";

/** What was found, and what could not be read. */
export interface ImageReading {
  image: Image;
  problems: string[];
}

/** Reads what is in the image already. A folder that does not exist is an empty one. */
export function readImage(confdDir: string): ImageReading {
  const resources = new Map<string, string>();
  const problems: string[] = [];
  readResourceFiles(`${confdDir}/conf.d`, "", resources, problems);
  const image: Image = {
    resources,
    template: (src) => readFile(`${confdDir}/templates/${src}`),
    hasShell: isFile("/bin/sh"),
  };
  return { image, problems };
}

/** Reads as confd does: in sub-folders too, through symbolic links to files, and not through those to folders. */
function readResourceFiles(root: string, below: string, into: Map<string, string>, problems: string[]): void {
  for (const entry of list(`${root}/${below}`, problems)) {
    const path = below + entry.name;
    if (entry.isDirectory) readResourceFiles(root, `${path}/`, into, problems);
    else if (isResourceName(entry.name) && isFile(`${root}/${path}`)) {
      try {
        const text = decode(Deno.readFileSync(`${root}/${path}`));
        if (text === undefined) problems.push(`conf.d/${path}: it is not valid UTF-8, and confd refuses it`);
        else into.set(path, text);
      } catch (error) {
        problems.push(`conf.d/${path}: cannot be read: ${(error as Error).message}`);
      }
    }
  }
}

/** True for a symbolic link. */
export function isLink(path: string): boolean {
  try {
    return Deno.lstatSync(path).isSymlink;
  } catch {
    return false;
  }
}

function list(folder: string, problems: string[]): Deno.DirEntry[] {
  try {
    return [...Deno.readDirSync(folder)].sort((a, b) => a.name < b.name ? -1 : 1);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) {
      problems.push(`CONFD_CONFDIR: ${folder} cannot be read: ${(error as Error).message}`);
    }
    return [];
  }
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function readFile(path: string): Uint8Array | undefined {
  try {
    return isFile(path) ? Deno.readFileSync(path) : undefined;
  } catch {
    // confd says why it cannot read it.
    return new Uint8Array();
  }
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
