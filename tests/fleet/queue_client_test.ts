/** A member with a store that answers when a test wants it to: what comes late, fails, or is stopped in the middle. @module */
import type { Entry } from "../../lib/fleet/member_state.ts";
import type { Queue } from "../../lib/fleet/queue.ts";
import type { FleetNews } from "../../lib/host/fleet/client.ts";
import { QueueClient } from "../../lib/host/fleet/queue_client.ts";
import { type FleetStore, StoreError } from "../../lib/host/fleet/store.ts";
import { assertEquals } from "../support/assert.ts";
import { settled, TestClock } from "../support/clock.ts";

/** Requests that wait for an answer, by their words. */
class SlowStore implements FleetStore {
  readonly calls: string[] = [];
  readonly #open: { words: string; answer: PromiseWithResolvers<unknown> }[] = [];

  enter = (digest: string, signal: AbortSignal) => this.#call<Entry>(`enter ${digest}`, signal);
  look = (digest: string, signal: AbortSignal) => this.#call<Queue>(`look ${digest}`, signal);
  watch = (_awaited: unknown, _since: number, signal: AbortSignal) => this.#call<void>("watch", signal);
  mark = (_key: string, { state, digest }: { state: string; digest: string }, signal: AbortSignal) =>
    this.#call<number>(`mark ${state} ${digest}`, signal);
  renew = (_key: string, signal: AbortSignal) => this.#call<void>("renew", signal);
  leave = (key: string, successes: readonly unknown[] | null, signal: AbortSignal) =>
    this.#call<number>(`leave ${key}${successes === null ? "" : " with success"}`, signal);
  reportBad = (digest: string, _reason: string, signal: AbortSignal) => this.#call<void>(`reportBad ${digest}`, signal);

  /** Answers the last request of these words. */
  async answer(words: string, value?: unknown): Promise<void> {
    this.#take(words).resolve(value);
    await settled();
  }

  async fail(words: string, kind: StoreError["kind"]): Promise<void> {
    this.#take(words).reject(new StoreError(kind, "no"));
    await settled();
  }

  #take(words: string): PromiseWithResolvers<unknown> {
    const at = this.#open.findLastIndex((one) => one.words === words);
    if (at < 0) throw new Error(`nobody has asked to ${words}: ${this.calls}`);
    return this.#open.splice(at, 1)[0].answer;
  }

  async #call<T>(words: string, signal: AbortSignal): Promise<T> {
    this.calls.push(words);
    const answer = Promise.withResolvers<unknown>();
    this.#open.push({ words, answer });
    signal.addEventListener("abort", () => answer.reject(new Error("called off")));
    return await answer.promise as T;
  }
}

class Scene {
  readonly store = new SlowStore();
  readonly clock = new TestClock();
  /** For how long the process has stood still: its timers are late. */
  stoodStillMs = 0;
  readonly news: string[] = [];
  readonly client: QueueClient;

  constructor() {
    const tell = (news: FleetNews) => {
      if (news.type !== "fleetReported") this.news.push(news.type);
      else if (news.report.is !== "place") this.news.push(news.report.is);
    };
    this.client = new QueueClient({
      store: this.store,
      self: { id: "a", n: 3 },
      clock: { ...this.clock, now: () => this.clock.now() + this.stoodStillMs },
      random: () => 1,
      tell,
    });
  }

  /** What was asked since the last time. */
  get asked(): string[] {
    return this.store.calls.splice(0);
  }

  async entered(): Promise<void> {
    this.client.take("x");
    await this.store.answer("enter x", { key: "k1", revision: 5, ttlMs: 10_000 });
  }

  async holding(): Promise<void> {
    await this.entered();
    await this.store.answer("look x", QUEUE);
    await this.store.answer("mark working x", 8);
    this.asked;
  }

  /** Ends it, though what it gives back is never answered. */
  async close(): Promise<void> {
    const closing = this.client.close();
    await this.clock.advance(200);
    await closing;
  }
}

const QUEUE: Queue = {
  revision: 7,
  entries: [{ key: "k1", id: "a", n: 3, state: "waiting", digest: "x", since: 0 }],
  successes: [],
  bad: null,
};

Deno.test("QueueClient takes an entry away that comes about after nobody wants it any more", async () => {
  const scene = new Scene();
  scene.client.take("x");
  scene.client.leave(null);
  assertEquals(scene.asked, ["enter x"]);
  await scene.store.answer("enter x", { key: "k1", revision: 5, ttlMs: 10_000 });
  assertEquals(scene.asked, ["leave k1"]);
  await scene.store.answer("leave k1", 6);
  await scene.client.close();
});

Deno.test("QueueClient gives no turn for a claim that another set overtakes: it is announced, and looked for", async () => {
  const scene = new Scene();
  await scene.entered();
  await scene.store.answer("look x", QUEUE);
  scene.client.take("y");
  assertEquals(scene.asked, ["enter x", "look x", "mark working x"]);
  await scene.store.answer("mark working x", 8);
  assertEquals([scene.asked, scene.news], [["mark waiting y"], []]);
  // An announcement that fails is made again: it is not known whether the store has it.
  await scene.store.fail("mark waiting y", "away");
  assertEquals(scene.news, ["failed"]);
  await scene.clock.advance(1000);
  await scene.store.answer("mark waiting y", 9);
  assertEquals(scene.asked, ["mark waiting y", "look y"]);
  await scene.store.answer("look y", QUEUE);
  await scene.store.answer("mark working y", 10);
  assertEquals(scene.news, ["failed", "back", "turnGranted"]);
  await scene.close();
});

Deno.test("QueueClient says that a turn is kept once what it was about to say before is said", async () => {
  const scene = new Scene();
  await scene.holding();
  scene.client.take("y");
  await settled();
  assertEquals(scene.asked, ["mark waiting y"]);
  scene.client.keep();
  await settled();
  assertEquals(scene.asked, []);
  await scene.store.answer("mark waiting y", 9);
  assertEquals([scene.asked, scene.news], [["mark kept x"], ["turnGranted"]]);
  await scene.store.answer("mark kept x", 10);
  await scene.client.close();
});

Deno.test("QueueClient loses a turn that cannot be renewed in time, and one that the store has given up", async () => {
  const late = new Scene();
  await late.holding();
  await late.clock.advance(9999);
  assertEquals(late.news, ["turnGranted"]);
  await late.clock.advance(1);
  assertEquals(late.news, ["turnGranted", "turnLost"]);
  const gone = new Scene();
  await gone.holding();
  await gone.clock.advance(3334);
  await gone.store.fail("renew", "gone");
  assertEquals(gone.news, ["turnGranted", "turnLost"]);
  for (const scene of [late, gone]) await scene.close();
});

Deno.test("QueueClient finds a turn over before a timer of its own comes: the process may have stood still", async () => {
  const scene = new Scene();
  await scene.holding();
  scene.stoodStillMs = 10_000;
  scene.client.check();
  assertEquals(scene.news, ["turnGranted", "turnLost"]);
  scene.client.check();
  assertEquals(scene.news.length, 2);
  await scene.close();
});

Deno.test("QueueClient reports a success for as long as an entry lives, where the store is away", async () => {
  const scene = new Scene();
  await scene.holding();
  scene.client.leave("x");
  for (let i = 0; i < 10; i++) {
    await scene.store.fail("leave k1 with success", "away");
    await scene.clock.advance(1000);
  }
  assertEquals(scene.asked.length, 11);
  await scene.store.fail("leave k1 with success", "away");
  await scene.clock.advance(5000);
  assertEquals(scene.asked, []);
  // What it is refused, or what is gone, it does not try again.
  for (const kind of ["denied", "gone"] as const) {
    scene.client.reportBad("x", "it did harm");
    await scene.store.fail("reportBad x", kind);
    await scene.clock.advance(5000);
    assertEquals(scene.asked, ["reportBad x"]);
  }
  await scene.client.close();
});

Deno.test("QueueClient waits at its end for what it gives back, but not for long", async () => {
  const soon = new Scene();
  await soon.holding();
  soon.client.leave(null);
  let isClosed = false;
  const closing = soon.client.close().then(() => isClosed = true);
  await settled();
  assertEquals(isClosed, false);
  await soon.store.answer("leave k1", 9);
  assertEquals(isClosed, true);
  await closing;
  const never = new Scene();
  await never.holding();
  never.client.leave(null);
  await never.close();
  // Nothing is asked after that.
  never.asked;
  never.client.take("y");
  assertEquals(never.asked, []);
});
