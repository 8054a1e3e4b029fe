import type { DryRunResult, Effect, Event } from "../../lib/core/protocol.ts";
import type { Options, State } from "../../lib/core/state.ts";
import { step } from "../../lib/core/supervisor.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { stateOf } from "../support/states.ts";

const ASKED: Partial<Options> = { intervalMs: 60_000 };
const dryRun: Event = { type: "timerFired", timer: "dryRun" };

/** What the core asks for from one event to the next. */
class Run {
  state: State;
  effects: Effect[] = [];

  /** `found`: what the file was before the run; without it the service has been started already. */
  constructor({ found, options = {} }: { found?: string; options?: Partial<Options> } = {}) {
    this.state = stateOf({ "/a": found ?? null }, { ...ASKED, ...options });
    this.post({ type: "begun" });
    if (found === undefined) this.post(changed("1"), { type: "timerFired", timer: "settle" });
  }

  /** Returns the effects of these events, without what happened before. */
  post(...events: Event[]): Effect[] {
    this.effects = [];
    for (const event of events) {
      const [state, effects] = step(this.state, event);
      this.state = state;
      this.effects.push(...effects);
    }
    return this.effects;
  }

  ask(answer: Partial<DryRunResult>): Effect[] {
    return this.post(dryRun, { type: "dryRunEnded", answer: { inSync: [], outOfSync: new Map(), ...answer } });
  }

  /** How long the next question is away. */
  get next(): number | undefined {
    const armed = this.effects.findLast((effect) =>
      effect.type.startsWith("arm") && "timer" in effect &&
      effect.timer === "dryRun"
    );
    return armed && "ms" in armed ? armed.ms : undefined;
  }

  /** True if confd was told to end, to be started again. */
  get replaced(): boolean {
    return this.state.confd.is === "replacing";
  }
}

function changed(digest: string): Event {
  return { type: "destinationChanged", dest: "/a", digest };
}

function wrong(wanted: string): Partial<DryRunResult> {
  return { outOfSync: new Map([["/a", wanted]]) };
}

const WELL: Partial<DryRunResult> = { inSync: ["/a"] };
const ended: Event = { type: "childExited", child: "confd", code: 0, signal: null };

function deafen(run: Run, wanted: string): void {
  run.ask(wrong(wanted));
  run.ask(wrong(wanted));
  assert(run.replaced, `confd is deaf to ${wanted}`);
}

Deno.test("step() asks confd again and again, and at first at a time of its own", () => {
  const run = new Run();
  const first = stateOf({ "/a": null }, ASKED);
  const [, effects] = step(first, { type: "begun" });
  assert(effects.some(({ type }) => type === "armSomewhere"), "a fleet does not ask at once");
  run.ask(WELL);
  assertEquals(run.next, 60_000);
  run.ask(WELL);
  assertEquals(run.next, 60_000);
});

Deno.test("step() takes confd for deaf once a file has been out of date for a while", () => {
  const run = new Run();
  run.ask(WELL);
  run.ask(wrong("2"));
  assertEquals([run.replaced, run.next], [false, 5000]);
  run.ask(wrong("2"));
  assertEquals(run.replaced, true);
  assertEquals(run.effects.filter(({ type }) => type === "signal"), [
    { type: "signal", child: "confd", signal: "SIGTERM" },
  ]);
  assertEquals(run.state.tally.deaf, 1);
  assertEquals(run.post(ended).filter(({ type }) => type === "spawn"), [
    { type: "spawn", child: "confd", follow: "watch" },
  ]);
});

Deno.test("step() kills a confd that does not end to be started again", () => {
  const run = new Run();
  deafen(run, "2");
  assertEquals(run.post({ type: "timerFired", timer: "confdGrace" }), [{ type: "kill", child: "confd" }]);
  assertEquals(run.replaced, true);
});

Deno.test("step() does not take for deaf a confd whose backend changes from one question to the next", () => {
  const run = new Run();
  for (const wanted of ["2", "3", "4", "5"]) {
    run.ask(wrong(wanted));
    assertEquals(run.replaced, false, wanted);
  }
});

Deno.test("step() leaves confd the time for its first rendering, however often it is asked for the start's sake", () => {
  const run = new Run({ found: "an older one" });
  for (const wait of [500, 1000, 2000, 4000]) {
    assertEquals([run.next, run.replaced], [wait, false]);
    run.ask(wrong("2"));
  }
  assertEquals([run.next, run.replaced], [8000, false]);
  run.ask(wrong("2"));
  assertEquals(run.replaced, true);
});

Deno.test("step() does not take for deaf a confd that cannot render, or did so in between", () => {
  const run = new Run();
  run.ask(wrong("2"));
  run.ask({});
  run.ask(wrong("2"));
  run.ask(WELL);
  run.ask(wrong("2"));
  assertEquals(run.replaced, false);
});

Deno.test("step() starts confd again but once for a file that stays out of date", () => {
  const run = new Run();
  deafen(run, "2");
  run.post(ended);
  for (let i = 0; i < 5; i++) {
    run.ask(wrong("2"));
    assertEquals(run.replaced, false);
  }
  deafen(run, "3");
});

Deno.test("step() polls where watching has failed twice, and no change was heard in between", () => {
  const run = new Run();
  deafen(run, "2");
  run.post(ended, changed("2"));
  run.ask(WELL);
  deafen(run, "3");
  const spawned = run.post(ended).find(({ type }) => type === "spawn");
  assertEquals(spawned, { type: "spawn", child: "confd", follow: "poll" });
  run.ask(WELL);
  assertEquals(run.next, 600_000);
  run.ask(wrong("4"));
  assertEquals(run.next, 65_000);
});

Deno.test("step() does not give the watch up for files that stay out of date all the same", () => {
  const run = new Run();
  for (const wanted of ["2", "3", "4"]) {
    deafen(run, wanted);
    const spawned: Effect | undefined = run.post(ended).find(({ type }) => type === "spawn");
    assertEquals(spawned, { type: "spawn", child: "confd", follow: "watch" });
    run.ask(wrong(wanted));
  }
});

Deno.test("step() counts no question before the start as one without an answer", () => {
  const run = new Run({ found: "an older one" });
  for (let i = 0; i < 3; i++) run.ask({});
  assertEquals(run.state.listening.unanswered, 0);
});

Deno.test("step() goes on watching where a change was heard in between", () => {
  const run = new Run();
  deafen(run, "2");
  run.post(ended, changed("2"));
  run.ask(WELL);
  run.post(changed("heard"));
  deafen(run, "3");
  const spawned = run.post(ended).find(({ type }) => type === "spawn");
  assertEquals(spawned, { type: "spawn", child: "confd", follow: "watch" });
});

Deno.test("step() counts a file that confd would render and that is not there as out of date", () => {
  const run = new Run();
  run.post({ type: "destinationChanged", dest: "/a", digest: null });
  run.ask(WELL);
  run.ask(WELL);
  assertEquals(run.replaced, true);
});

Deno.test("step() does not ask a confd that is not running, nor in a stop", () => {
  const run = new Run();
  run.post(ended);
  assertEquals(run.state.dryRun.is, "none");
  const other = new Run();
  other.post(dryRun, { type: "signalReceived", signal: "SIGTERM" });
  other.post({ type: "dryRunEnded", answer: { inSync: [], outOfSync: new Map([["/a", "2"]]) } });
  assertEquals([other.state.confd.is, other.state.dryRun.is], ["running", "none"]);
});

Deno.test("step() lets a confd that is about to be started again stop in its time", () => {
  const run = new Run();
  deafen(run, "2");
  const effects = run.post({ type: "signalReceived", signal: "SIGTERM" });
  assert(effects.some((effect) => effect.type === "disarm" && effect.timer === "confdGrace"));
  assertEquals(run.state.confd.is, "running");
  run.post(ended);
  assertEquals(run.state.phase.is, "stopping");
});

Deno.test("step() does not take a confd for deaf that was told to hold changes back", () => {
  const run = new Run({ options: { debounceMs: 20_000 } });
  run.ask(wrong("2"));
  assertEquals(run.next, 25_000);
  run.ask(WELL);
  assertEquals(run.next, 60_000);
});
