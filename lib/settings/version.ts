/**
 * The version, for everything that has it: a test holds deno.json, the image and the change log against it.
 *
 * Pure.
 * @module
 */

/** The version of this program. */
export const VERSION = "1.0.0";
