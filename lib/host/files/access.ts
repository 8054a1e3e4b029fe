/**
 * Whether folders can be written to, asked before anything depends on it.
 *
 * Touches: the file system, reading, through libc.ts.
 * @module
 */
import { CallError, cString, type Libc } from "../linux/libc.ts";
import { parentOf } from "./paths.ts";

const W_OK = 2;
const X_OK = 1;
const REASONS: Readonly<Record<string, string>> = {
  EACCES: `user ${Deno.uid()} has no permission to`,
  EROFS: "its file system is read-only",
};

/** A sentence for each folder that is there and in which no destination can be written. */
export function unwritableFolders(libc: Libc, dests: readonly string[]): string[] {
  const byFolder = new Map(dests.map((dest) => [parentOf(dest), dest]));
  return [...byFolder].flatMap(([folder, dest]) => {
    const reason = unwritable(libc, folder);
    return reason === undefined ? [] : [`'dest' ${dest}: nothing can be written in ${folder}: ${reason}`];
  });
}

function unwritable(libc: Libc, folder: string): string | undefined {
  try {
    libc.call("access", cString(folder), W_OK | X_OK);
    return undefined;
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    // What is not there is made, or the attempt says why not.
    return error.code === "ENOENT" || error.code === "ENOTDIR" ? undefined : REASONS[error.code] ?? error.message;
  }
}
