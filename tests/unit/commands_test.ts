/** What becomes of a command, as whoever gave it is told. */
import { drive } from "../../lib/core/drive.ts";
import type { Options } from "../../lib/core/options.ts";
import type { Command, Event } from "../../lib/core/protocol.ts";
import { type Answer, Commands } from "../../lib/status/commands.ts";
import type { RolloutRecord } from "../../lib/status/document.ts";
import { Recorder } from "../../lib/status/recorder.ts";
import { Starts } from "../../lib/status/starts.ts";
import { assertEquals } from "../support/assert.ts";
import { settled } from "../support/clock.ts";
import { content, FACTS, stateOf } from "../support/states.ts";

/** What comes without waiting for anything. */
async function soon<T>(promise: Promise<T>): Promise<T | "nothing yet"> {
  return await Promise.race([promise, settled().then(() => "nothing yet" as const)]);
}

function record(id: number, outcome: RolloutRecord["outcome"]): RolloutRecord {
  const at = new Date(0).toISOString();
  const reason = outcome === "failed" ? "no" : null;
  const step = { name: "reload", at, seconds: 1, outcome: "ok", reason } as const;
  return { id, at, trigger: "reload", destinations: [], steps: [step], outcome, seconds: 1.5, differences: [] };
}

/** A run that is over in no time: all of it happens in one millisecond. */
class Run {
  readonly commands: Commands;
  readonly #starts: Starts;
  readonly #post: (event: Event) => void;

  constructor(options: Partial<Options> = {}) {
    const state = stateOf({ "/a": null }, options);
    const recorder = new Recorder({
      facts: FACTS,
      state,
      at: 0,
      onLoading: (rollout) => this.commands.loading(rollout),
      onRollout: (record) => this.commands.rolloutEnded(record),
    });
    this.#starts = new Starts((transition, at) => {
      this.commands.observe(transition.event, transition.notes);
      recorder.observe(transition, at);
      this.commands.follow(transition.state);
    });
    const observe = this.#starts.observe.bind(this.#starts);
    this.#post = drive(state, { perform: () => {}, observe: (transition) => void observe(transition, 0) });
    this.commands = new Commands(this.#post);
  }

  on(...events: Event[]): this {
    events.forEach(this.#post);
    return this;
  }

  async answer(answer: Promise<Answer>): Promise<Answer | "nothing yet"> {
    this.#starts.settle();
    return await soon(answer);
  }
}

function changed(word: string): Event {
  return { type: "destinationChanged", dest: "/a", content: content(word) };
}

const SETTLE: Event = { type: "timerFired", timer: "settle" };
const RELOADED: Event = { type: "reloadEnded", failure: null };
const ENDED: Event = { type: "childExited", child: "service", code: 0, signal: null };
const STARTED: Event[] = [{ type: "begun" }, changed("one"), SETTLE];

Deno.test("Commands: a reload of the same millisecond that began before the command is not its own", async () => {
  const run = new Run().on(...STARTED, changed("two"), SETTLE);
  const answer = run.commands.give({ is: "reload" });
  assertEquals(await run.answer(answer), "nothing yet");
  run.on(RELOADED);
  assertEquals(await run.answer(answer), "nothing yet", "that was the change's");
  run.on({ type: "reloadEnded", failure: "no" });
  assertEquals(await run.answer(answer), { done: false, says: "no" });
});

Deno.test("Commands: a command is done by what was under way where that loads files after it", async () => {
  const run = new Run({ staged: true }).on(...STARTED);
  run.on({ type: "published", contents: new Map([["/a", content("one")]]), failure: null }, changed("two"), SETTLE);
  const answer = run.commands.give({ is: "reload" });
  run.on({ type: "published", contents: new Map([["/a", content("two")]]), failure: null });
  assertEquals(await run.answer(answer), "nothing yet");
  run.on(RELOADED);
  assertEquals(await run.answer(answer), { done: true, says: "main program was reloaded in 0 s" });
});

Deno.test("Commands: a restart is done with the start, and not if the program cannot be executed by then", async () => {
  const run = new Run().on(...STARTED);
  const answer = run.commands.give({ is: "restart" });
  assertEquals(await run.answer(answer), "nothing yet");
  run.on(ENDED);
  assertEquals(await run.answer(answer), { done: true, says: "main program was restarted in 0 s" });
  const again = run.commands.give({ is: "restart" });
  run.on(ENDED, { type: "spawnFailed", child: "service", status: 126, reason: "text file busy" });
  assertEquals(await run.answer(again), { done: false, says: "text file busy" });
});

Deno.test("Commands: one that begins a start at once is not done if that fails", async () => {
  const run = new Run({ restart: "always" }).on(...STARTED, ENDED);
  const answer = run.commands.give({ is: "restart" });
  run.on({ type: "spawnFailed", child: "service", status: 126, reason: "text file busy" });
  assertEquals(await run.answer(answer), { done: false, says: "text file busy" });
});

Deno.test("Commands: the way back is done with what comes of it", async () => {
  const run = new Run({ staged: true }).on(...STARTED);
  run.on({ type: "published", contents: new Map([["/a", content("one")]]), failure: null });
  const failed = run.commands.give({ is: "rollBack" });
  run.on({ type: "restored", contents: null });
  assertEquals(await run.answer(failed), { done: false, says: "the files cannot be put in place" });
  const done = run.commands.give({ is: "rollBack" });
  run.on({ type: "restored", contents: new Map([["/a", content("zero")]]) }, RELOADED);
  const says = "main program was taken back to the configuration from before in 0 s";
  assertEquals(await run.answer(done), { done: true, says });
});

Deno.test("Commands: a reload that is dropped with the change that it waited with is not done", async () => {
  const placed = (word: string): Event => {
    return { type: "published", contents: new Map([["/a", content(word)]]), failure: null };
  };
  const run = new Run({ staged: true, fleet: { timeoutMs: 0 } }).on(...STARTED, placed("one"), changed("two"), SETTLE);
  // Its turn is lost while files are put in place: the service may not read them before the next one.
  run.on({ type: "turnGranted" }, { type: "turnLost", reason: "the store is away" }, placed("two"));
  const answer = run.commands.give({ is: "reload" });
  assertEquals(await run.answer(answer), "nothing yet");
  run.on({ type: "turnRefused", reason: "web-1 has tried it" });
  assertEquals(await run.answer(answer), { done: false, says: "web-1 has tried it" });
});

Deno.test("Commands waits for the rollout that a command has begun", async () => {
  const events: Event[] = [];
  const commands = new Commands((event) => events.push(event));
  const [first, second] = [commands.give({ is: "reload" }), commands.give({ is: "restart" })];
  commands.loading(1);
  for (const event of events) commands.observe(event, [{ is: "commanded", command: "reload", refusal: null }]);
  commands.rolloutEnded(record(1, "loaded"));
  commands.rolloutEnded(record(2, "refused"));
  assertEquals(await soon(first), "nothing yet");
  commands.loading(3);
  commands.loading(4);
  commands.rolloutEnded(record(4, "failed"));
  assertEquals(await soon(first), "nothing yet");
  commands.rolloutEnded(record(3, "verified"));
  assertEquals(await soon(first), { done: true, says: "main program was reloaded and verified in 1.5 s" });
  assertEquals(await soon(second), { done: true, says: "main program was restarted and verified in 1.5 s" });
});

Deno.test("Commands tells of refusals, failures, and the end of the run", async () => {
  let last!: Event;
  const commands = new Commands((event) => last = event);
  const give = (is: "reload" | "release") => ({ answer: commands.give({ is }), event: last });
  const taken = (command: "reload" | "release", refusal: string | null = null) =>
    ({ is: "commanded", command, refusal }) as const;
  const refused = give("reload");
  commands.observe(refused.event, [taken("reload", "not now")]);
  assertEquals(await soon(refused.answer), { done: false, says: "not now" });
  const failed = give("reload");
  commands.observe(failed.event, [taken("reload")]);
  commands.loading(1);
  commands.rolloutEnded(record(1, "failed"));
  assertEquals(await soon(failed.answer), { done: false, says: "no" });
  const over = give("reload");
  commands.observe(over.event, [taken("reload")]);
  commands.observe({ type: "begun" }, [{ is: "exiting", status: 0 }]);
  assertEquals(await soon(over.answer), { done: false, says: "the sidecar stopped meanwhile" });
  const late = give("reload");
  commands.observe(late.event, []);
  assertEquals(await soon(late.answer), { done: false, says: "the sidecar has ended" });
  const nothing = give("release");
  commands.observe(nothing.event, [taken("release")]);
  assertEquals(await soon(nothing.answer), { done: true, says: "nothing was held" });
  const released = give("release");
  commands.observe(released.event, [taken("release"), { is: "released", by: "operator" }]);
  assertEquals(await soon(released.answer), { done: true, says: "changes are held no longer" });
});

Deno.test("Commands says how it went, without a time where there is none", async () => {
  const answerOf = async (command: Command, rollout: RolloutRecord) => {
    let event!: Event;
    const commands = new Commands((posted) => event = posted);
    const answer = commands.give(command);
    assertEquals(event, { type: "commanded", command });
    const other = { is: "holding", forMs: null, reason: null, again: false } as const;
    commands.observe(event, [other, { is: "commanded", command: command.is, refusal: null }]);
    commands.loading(rollout.id);
    commands.rolloutEnded(rollout);
    commands.rolloutEnded(record(rollout.id, "failed"));
    return await soon(answer);
  };
  assertEquals(await answerOf({ is: "rollBack" }, { ...record(7, "loaded"), seconds: null }), {
    done: true,
    says: "main program was taken back to the configuration from before",
  });
  assertEquals(await answerOf({ is: "reload" }, record(7, "takenBack")), { done: false, says: "takenBack" });
  const held: Command = { is: "hold", forMs: null, reason: null };
  assertEquals(await answerOf(held, record(7, "failed")), { done: true, says: "changes are held" });
});
