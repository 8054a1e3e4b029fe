/**
 * The few assertions that the tests need, on top of the runtime's own.
 *
 * Touches: nothing.
 * @module
 */
export {
  AssertionError,
  deepStrictEqual as assertEquals,
  match as assertMatch,
  ok as assert,
  rejects as assertRejects,
  throws as assertThrows,
} from "node:assert";
