/**
 * A file that may not be there yet, or no longer.
 *
 * Touches: the file system, reading.
 * @module
 */

/** Its text; nothing where there is no such file. */
export function textOf(path: string | URL): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}
