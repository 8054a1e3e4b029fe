/** Where a member stands in the queue, and what it waits for. @module */
import { type EntryState, type Queue, type QueueEntry, standingOf } from "../../lib/fleet/queue.ts";
import { assertEquals } from "../support/assert.ts";

/** Entries in short: `a`, `b!` is at work, `c?` keeps its turn; `d/2` has n=2. */
function queue(words: string, n = 3, rest: Partial<Queue> = {}): Queue {
  const states: Record<string, EntryState> = { "!": "working", "?": "kept" };
  const entries = words.split(" ").filter(Boolean).map((word): QueueEntry => {
    const [, id, mark = "", own] = /^(\w+)([!?]?)(?:\/(\d+))?$/.exec(word)!;
    return { key: id, id, n: own === undefined ? n : Number(own), state: states[mark] ?? "waiting", since: 0 };
  });
  return { revision: 100, entries, success: null, bad: null, ...rest };
}

const ME = { key: "me", announced: 50, digest: "x" };
/** A success that counts for ME. */
const SUCCESS = { revision: 60, granted: 55, digest: "y" };

/** Place, limit and what is awaited, in a word each. */
function standing(words: string, n = 3, success: Queue["success"] = SUCCESS): string {
  const found = standingOf(queue(words, n, { success }), ME);
  if (found === undefined) return "none";
  const { place, limit, awaited } = found;
  const what = awaited === null ? "goes" : awaited.is === "departure" ? "departure" : awaited.key;
  return `${place} of ${limit}: ${what}`;
}

Deno.test("standingOf() lets the first N go, whatever they do", () => {
  assertEquals(standing("me"), "0 of 3: goes");
  assertEquals(standing("a! me"), "1 of 3: goes");
  assertEquals(standing("a! b? me c"), "2 of 3: goes");
  assertEquals(standing("a b me"), "2 of 3: goes");
});

Deno.test("standingOf() has the first who may not go wait for a departure, and every other one for the one before", () => {
  assertEquals(standing("a! b! c! me"), "3 of 3: departure");
  // Those before it may not have begun yet.
  assertEquals(standing("a! b! c me"), "3 of 3: departure");
  assertEquals(standing("a! b! c! d me"), "4 of 3: d");
  assertEquals(standing("a! b! c! d e me f"), "5 of 3: e");
  // Turns that were given when more were allowed.
  assertEquals(standing("a! b! c! d! me"), "4 of 3: departure");
  assertEquals(standing("a! b! c! d? me"), "4 of 3: departure");
});

Deno.test("standingOf() lets one go alone until there is a success", () => {
  assertEquals(standing("me", 3, null), "0 of 1: goes");
  assertEquals(standing("a! me", 3, null), "1 of 1: departure");
  assertEquals(standing("a! b me", 3, null), "2 of 1: b");
  assertEquals(standing("a! b! me", 3, null), "2 of 1: departure");
});

Deno.test("standingOf() counts a success that is newer than the member's change, and of the same set or a later turn", () => {
  const limit = (success: Queue["success"]) => standingOf(queue("a! me", 3, { success }), ME)!.limit;
  // Announced at 50, the set x.
  assertEquals(limit({ revision: 51, granted: 10, digest: "x" }), 3);
  assertEquals(limit({ revision: 50, granted: 10, digest: "x" }), 1);
  assertEquals(limit({ revision: 60, granted: 51, digest: "y" }), 3);
  // It may have been of the change before.
  assertEquals(limit({ revision: 60, granted: 50, digest: "y" }), 1);
});

Deno.test("standingOf() goes by the smallest number that a member has, wherever that stands", () => {
  assertEquals(standing("a! me b/1"), "1 of 1: departure");
  assertEquals(standing("a!/2 b! me"), "2 of 2: departure");
  assertEquals(standing("a!/5 me", 2), "1 of 2: goes");
});

Deno.test("standingOf() names the first of those before a member", () => {
  const many = Array.from({ length: 15 }, (_, i) => `m${i}`);
  const { place, length, ahead, n, limit } = standingOf(queue(`${many.join(" ")} me last`, 2), ME)!;
  assertEquals([place, length, n, limit], [15, 17, 2, 1]);
  assertEquals(ahead.map(({ id }) => id), many.slice(0, 10));
  assertEquals(standingOf(queue("a b me"), ME)!.ahead.map(({ id }) => id), ["a", "b"]);
});

Deno.test("standingOf() knows who is not in the queue", () => {
  assertEquals(standing("a b"), "none");
  assertEquals(standing(""), "none");
});
