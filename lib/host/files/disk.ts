/**
 * Small questions and deeds of the file system that cannot fail.
 *
 * Touches: the file system.
 * @module
 */

/** True if something of that name is there, a symbolic link that leads nowhere included. */
export function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Takes away what is there, with all that is in it. That it cannot be shows in what follows. */
export function remove(path: string): void {
  try {
    Deno.removeSync(path, { recursive: true });
  } catch {
    // It is not there, which is what was wanted.
  }
}
