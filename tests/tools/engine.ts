/**
 * How releases and the bench call the engine.
 *
 * Pure.
 * @module
 */

/**
 * Without the engine's quick compiler, whose work pays in programs that compute: a start is some 3 ms faster, and nothing
 * that was measured is slower (docs/benchmarks.md).
 */
export const ENGINE_FLAGS = "--v8-flags=--no-sparkplug";
