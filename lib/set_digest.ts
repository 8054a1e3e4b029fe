/**
 * One digest for a set of files: the same in every member of a fleet that has the same files with the same content.
 *
 * Touches: the runtime's cryptography.
 * @module
 */
import type { Contents } from "./core/files.ts";

/** SHA-256 of all paths and the digests of what they hold, in hexadecimal. */
export async function digestOf(contents: Contents): Promise<string> {
  const sorted = [...contents].sort(([a], [b]) => a < b ? -1 : 1);
  const text = sorted.map(([dest, content]) => `${content} ${dest}\n`).join("");
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return new Uint8Array(digest).toHex();
}
