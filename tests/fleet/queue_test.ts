/** Where a member stands in the queue, and what it waits for. @module */
import {
  type EntryState,
  type Queue,
  type QueueEntry,
  standingOf,
  type Success,
  withSuccess,
} from "../../lib/fleet/queue.ts";
import { assertEquals } from "../support/assert.ts";

/** Entries in short: `a`, `b!` is at work, `c?` keeps its turn; `d/2` has n=2; `e=x` is here for the set x, others have sets of their own. */
function queue(words: string, n = 3, successes: readonly Success[] = []): Queue {
  const states: Record<string, EntryState> = { "!": "working", "?": "kept" };
  const entries = words.split(" ").filter(Boolean).map((word): QueueEntry => {
    const [, id, mark = "", own, set] = /^(\w+)([!?]?)(?:\/(\d+))?(?:=(\w))?$/.exec(word)!;
    const digest = id === "me" ? "x" : set ?? `of ${id}`;
    return { key: id, id, n: own === undefined ? n : Number(own), state: states[mark] ?? "waiting", digest, since: 0 };
  });
  return { revision: 100, entries, successes, bad: null };
}

const ME = { key: "me", announced: 50, before: 30, digest: "x" };
/** A success that counts for ME. */
const SUCCESS: Success = { revision: 60, announced: 35, granted: 40, digest: "x", id: "a", shared: true };

/** Place, limit and what is awaited, in a word each. */
function standing(words: string, n = 3, successes: readonly Success[] = [SUCCESS]): string {
  const found = standingOf(queue(words, n, successes), ME);
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
  assertEquals(standing("me", 3, []), "0 of 1: goes");
  assertEquals(standing("a! me", 3, []), "1 of 1: departure");
  assertEquals(standing("a! b me", 3, []), "2 of 1: b");
  assertEquals(standing("a! b! me", 3, []), "2 of 1: departure");
});

/** How many may go, after these successes. ME has announced the set x at 50, and was done with another one at 30. */
function limit(words: string, ...successes: Partial<Success>[]): number {
  const all = successes.map((success) => ({ ...SUCCESS, ...success }));
  return standingOf(queue(words, 3, all), ME)!.limit;
}

Deno.test("standingOf() counts a success of the same set, if it came after the member's change", () => {
  assertEquals(limit("a! me", { revision: 51, granted: 10 }), 3);
  assertEquals(limit("a! me", { revision: 50, granted: 10 }), 1);
  assertEquals(limit("a! me b=x c=x", { revision: 51, granted: 10 }), 3);
  assertEquals(limit("a! me", { digest: "y", granted: 55 }, { revision: 51 }), 3, "also where another one came later");
});

Deno.test("standingOf() counts a success of another set only where nobody else has either, and the turn began later", () => {
  const other = { digest: "y", shared: false };
  assertEquals(limit("a! me b c", { ...other, granted: 51 }), 3);
  assertEquals(limit("a! me b c", { ...other, granted: 50 }), 1, "it may have been of the change before");
  assertEquals(limit("a! me b=x c", { ...other, granted: 51 }), 1, "this set is in the queue again");
  assertEquals(limit("a! me b c", { ...other, shared: true, granted: 51 }), 1, "and this one was");
  assertEquals(limit("a! me b=y c", { ...other, granted: 51 }), 1, "or is in the queue");
  assertEquals(limit("a! me b c", { ...other, granted: 51, announced: 30 }), 1, "it was there before our set before");
  assertEquals(limit("a! me b c", { ...other, granted: 51, announced: 31 }), 3);
  assertEquals(limit("a! me", { ...other, granted: 51, revision: 50 }), 1);
  assertEquals(limit("a! me", { digest: "z", granted: 55 }, { ...other, granted: 51 }), 3);
});

Deno.test("withSuccess() puts the newest first, and forgets what is old", () => {
  const old = Array.from({ length: 8 }, (_, i): Success => ({ ...SUCCESS, revision: 60 - i, digest: `${i}` }));
  const all = withSuccess(queue("me", 3, old), { key: "me", id: "m", digest: "x", announced: 65, granted: 70 });
  assertEquals(all[0], { revision: 0, announced: 65, granted: 70, digest: "x", id: "m", shared: false });
  assertEquals(all.map(({ digest }) => digest).join(""), "x0123456");
  const again = withSuccess(queue("me", 3, all), { key: "me", id: "m", digest: "3", announced: 75, granted: 80 });
  assertEquals(again.map(({ digest }) => digest).join(""), "3x012456");
});

Deno.test("withSuccess() says that a set is shared where another member is known to have it, or to have had it", () => {
  const shared = (words: string, before: Partial<Success>[], digest = "x") =>
    withSuccess(queue(words, 3, before.map((one) => ({ ...SUCCESS, shared: false, ...one }))), {
      key: "me",
      id: "m",
      digest,
      announced: 65,
      granted: 70,
    })[0].shared;
  assertEquals(shared("me b", []), false);
  assertEquals(shared("me b=x", []), true);
  assertEquals(shared("me b", [{ id: "b" }]), true);
  assertEquals(shared("me b", [{ id: "m" }]), false, "it was this one itself");
  assertEquals(shared("me b", [{ id: "m", shared: true }]), true);
  assertEquals(shared("me b", [{ id: "b", digest: "y" }]), false);
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
