/**
 * The exit statuses that are the sidecar's own, named as in sysexits(3) where they come from there.
 *
 * Pure.
 * @module
 */

/** Wrong command line. */
export const USAGE = 64;
/** confd kept ending before the service was started, or `SIDECAR_START_TIMEOUT` passed. */
export const UNAVAILABLE = 69;
/** A fault of the sidecar itself. */
export const SOFTWARE = 70;
/** A file or folder could not be written. */
export const CANNOT_CREATE = 73;
/** Invalid settings or files. */
export const CONFIG = 78;
/** A program was found and cannot be executed, as in POSIX shells. */
export const NOT_EXECUTABLE = 126;
/** A program was not found, as in POSIX shells. */
export const NOT_FOUND = 127;
