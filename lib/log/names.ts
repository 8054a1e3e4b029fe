/**
 * A list of names in a sentence.
 *
 * Pure.
 * @module
 */

/** How many names a sentence gives before it only counts. */
export const NAMED = 5;

/** The first names, and how many more there are. */
export function names(dests: readonly string[]): string {
  const shown = dests.slice(0, NAMED).join(", ");
  return dests.length > NAMED ? `${shown} and ${dests.length - NAMED} more` : shown;
}
