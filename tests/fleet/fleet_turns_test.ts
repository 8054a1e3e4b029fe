/** What goes from the core to a fleet's client, and back: one thing after another. @module */
import type { Contents } from "../../lib/core/files.ts";
import type { Event } from "../../lib/core/protocol.ts";
import { FleetTurns } from "../../lib/fleet_turns.ts";
import type { FleetClient, FleetNews, Listing } from "../../lib/host/fleet/client.ts";
import { assertEquals } from "../support/assert.ts";
import { settled } from "../support/clock.ts";
import { contents } from "../support/states.ts";

const NOTHING: Listing = { entries: [], own: null, says: null };

/** A client that says what it is asked for, and a digest that takes as long as a test wants. */
class Scene {
  readonly calls: string[] = [];
  readonly told: string[] = [];
  readonly turns: FleetTurns;
  clients = 0;
  tell: (news: FleetNews) => void = () => {};
  #digests: (() => void)[] = [];

  constructor() {
    this.turns = new FleetTurns({
      load: (tell) => {
        this.clients++;
        this.tell = tell;
        return Promise.resolve(this.#client());
      },
      digestOf: (set) => new Promise((resolve) => this.#digests.push(() => resolve(`digest of ${set.get("/a")}`))),
      tell: (event: Event) => this.told.push(event.type),
    });
  }

  /** The digests that are being made are made. */
  async digested(): Promise<void> {
    await settled();
    for (const resolve of this.#digests.splice(0)) resolve();
    await settled();
  }

  #client(): FleetClient {
    const call = (...words: (string | null)[]) => void this.calls.push(words.join(" ").trim());
    return {
      take: (digest) => call("take", digest),
      keep: () => call("keep"),
      leave: (success) => call("leave", success),
      reportBad: (digest, reason) => call("reportBad", digest, reason),
      check: () => call("check"),
      list: () => Promise.resolve(NOTHING),
      close: () => Promise.resolve(),
    };
  }
}

function set(word: string): Contents {
  return contents([["/a", word]]);
}

Deno.test("FleetTurns hands on what the core wants in its order", async () => {
  const scene = new Scene();
  scene.turns.perform({ type: "takeTurn", contents: set("two") });
  scene.turns.perform({ type: "reportBad", contents: set("two"), cause: "check" });
  scene.turns.perform({ type: "keepTurn" });
  scene.turns.perform({ type: "leaveTurn", success: null });
  scene.turns.perform({ type: "leaveTurn", success: set("three") });
  for (let i = 0; i < 3; i++) await scene.digested();
  assertEquals(scene.calls, [
    "take digest of two",
    "reportBad digest of two it was refused by its check",
    "keep",
    "leave",
    "leave digest of three",
  ]);
});

Deno.test("FleetTurns does not hand on an answer to an older wish than the last: that one is answered too", async () => {
  const scene = new Scene();
  scene.turns.perform({ type: "takeTurn", contents: set("two") });
  await scene.digested();
  // The core wants a turn for another set, and the answer for the older one comes before the client knows.
  scene.turns.perform({ type: "takeTurn", contents: set("three") });
  await settled();
  scene.tell({ type: "turnGranted" });
  scene.tell({ type: "turnRefused", reason: "it did harm" });
  scene.tell({ type: "turnLost", reason: "the store is away" });
  assertEquals(scene.told, ["turnLost"]);
  await scene.digested();
  scene.tell({ type: "turnGranted" });
  assertEquals(scene.told, ["turnLost", "turnGranted"]);
});

Deno.test("FleetTurns hands on an answer while it only reports a set that did harm", async () => {
  const scene = new Scene();
  scene.turns.perform({ type: "takeTurn", contents: set("two") });
  await scene.digested();
  scene.turns.perform({ type: "reportBad", contents: set("one"), cause: "verify" });
  await settled();
  scene.tell({ type: "turnGranted" });
  assertEquals(scene.told, ["turnGranted"]);
  await scene.digested();
});

Deno.test("FleetTurns loads one client, whoever wants it first", async () => {
  const scene = new Scene();
  scene.turns.check();
  const listing = scene.turns.list();
  scene.turns.perform({ type: "keepTurn" });
  assertEquals(await listing, NOTHING);
  await settled();
  assertEquals([scene.clients, scene.calls], [1, ["keep"]]);
  scene.turns.check();
  assertEquals(scene.calls, ["keep", "check"]);
});
