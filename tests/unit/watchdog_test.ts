import type { DryRunResult, Effect, Event } from "../../lib/core/protocol.ts";
import type { Note } from "../../lib/core/notes.ts";
import type { Options } from "../../lib/core/options.ts";
import { step } from "../../lib/core/supervisor.ts";
import type { State } from "../../lib/core/supervisor_state.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { content, stateOf } from "../support/states.ts";

const ASKED: Partial<Options> = { intervalMs: 60_000 };
const dryRun: Event = { type: "timerFired", timer: "dryRun" };

/** What the core asks for from one event to the next. */
class Run {
  state: State;
  effects: Effect[] = [];
  notes: Note[] = [];

  /** `found`: what the file was before the run; without it the service has been started already. */
  constructor({ found, options = {} }: { found?: string; options?: Partial<Options> } = {}) {
    this.state = stateOf({ "/a": found ?? null }, { ...ASKED, ...options });
    this.post({ type: "begun" });
    if (found === undefined) this.post(changed("1"), { type: "timerFired", timer: "settle" });
  }

  /** Returns the effects of these events, without what happened before. */
  post(...events: Event[]): Effect[] {
    this.effects = [];
    this.notes = [];
    for (const event of events) {
      const { state, effects, notes } = step(this.state, event);
      this.state = state;
      this.effects.push(...effects);
      this.notes.push(...notes);
    }
    return this.effects;
  }

  dryRun(result: Partial<DryRunResult>): Effect[] {
    return this.post(dryRun, { type: "dryRunEnded", result: { inSync: [], outOfSync: new Map(), ...result } });
  }

  /** How long the next question is away. */
  get next(): number | undefined {
    const armed = this.effects.findLast((effect) => effect.type === "arm" && effect.timer === "dryRun");
    return armed && "ms" in armed ? armed.ms : undefined;
  }

  /** True if confd was told to end, to be started again. */
  get restarted(): boolean {
    return this.state.confd.is === "stopping";
  }
}

function changed(word: string | null): Event {
  return { type: "destinationChanged", dest: "/a", content: content(word) };
}

function wrong(wanted: string): Partial<DryRunResult> {
  return { outOfSync: new Map([["/a", wanted]]) };
}

const WELL: Partial<DryRunResult> = { inSync: ["/a"] };
const ended: Event = { type: "childExited", child: "confd", code: 0, signal: null };

function missChange(run: Run, wanted: string): void {
  run.dryRun(wrong(wanted));
  run.dryRun(wrong(wanted));
  assert(run.restarted, `confd has missed ${wanted}`);
}

Deno.test("step() has dry runs again and again, and at first at a time of its own", () => {
  const run = new Run();
  const first = stateOf({ "/a": null }, ASKED);
  const { effects } = step(first, { type: "begun" });
  assert(effects.some((effect) => effect.type === "arm" && effect.timer === "dryRun" && !effect.jitter));
  const spread = step(step(first, { type: "begun" }).state, changed("1"));
  const armed = spread.effects.find((effect) => effect.type === "arm" && effect.timer === "dryRun");
  assertEquals(armed, { type: "arm", timer: "dryRun", ms: 60_000, jitter: true }, "a fleet is spread");
  run.dryRun(WELL);
  assertEquals(run.next, 60_000);
  run.dryRun(WELL);
  assertEquals(run.next, 60_000);
});

Deno.test("step() restarts confd once a file has been out of date for a while", () => {
  const run = new Run();
  run.dryRun(WELL);
  run.dryRun(wrong("2"));
  assertEquals([run.restarted, run.next], [false, 5000]);
  run.dryRun(wrong("2"));
  assertEquals(run.restarted, true);
  assertEquals(run.effects.filter(({ type }) => type === "signal"), [
    { type: "signal", child: "confd", signal: "SIGTERM" },
  ]);
  const missed = run.notes.filter((note) => note.is === "missedChange");
  assertEquals(missed, [{ is: "missedChange", dests: ["/a"], forMs: 5000, polls: null }]);
  assertEquals(run.post(ended).filter(({ type }) => type === "spawn"), [
    { type: "spawn", child: "confd", follow: "watch" },
  ]);
});

Deno.test("step() kills a confd that does not end to be started again", () => {
  const run = new Run();
  missChange(run, "2");
  assertEquals(run.post({ type: "timerFired", timer: "confdGrace" })[0], { type: "kill", child: "confd" });
  assertEquals(run.restarted, true);
});

Deno.test("step() does not restart a confd whose backend changes from one dry run to the next", () => {
  const run = new Run();
  for (const wanted of ["2", "3", "4", "5"]) {
    run.dryRun(wrong(wanted));
    assertEquals(run.restarted, false, wanted);
  }
});

Deno.test("step() leaves confd the time for its first rendering, however often dry runs come for the start's sake", () => {
  const run = new Run({ found: "an older one" });
  for (const wait of [500, 1000, 2000]) {
    assertEquals([run.next, run.restarted], [wait, false]);
    run.dryRun(wrong("2"));
  }
  assertEquals([run.next, run.restarted], [4000, false]);
  run.dryRun(wrong("2"));
  assertEquals(run.restarted, true, "it has been out of date for seven seconds");
});

Deno.test("step() does not restart a confd that cannot render, or did so in between", () => {
  const run = new Run();
  run.dryRun(wrong("2"));
  run.dryRun({});
  run.dryRun(wrong("2"));
  run.dryRun(WELL);
  run.dryRun(wrong("2"));
  assertEquals(run.restarted, false);
});

Deno.test("step() starts confd again but once for a file that stays out of date", () => {
  const run = new Run();
  missChange(run, "2");
  run.post(ended);
  for (let i = 0; i < 5; i++) {
    run.dryRun(wrong("2"));
    assertEquals(run.restarted, false);
  }
  missChange(run, "3");
});

Deno.test("step() polls where watching has failed twice, and no change was noticed in between", () => {
  const run = new Run();
  missChange(run, "2");
  run.post(ended, changed("2"));
  run.dryRun(WELL);
  missChange(run, "3");
  const spawned = run.post(ended).find(({ type }) => type === "spawn");
  assertEquals(spawned, { type: "spawn", child: "confd", follow: "poll" });
  run.dryRun(WELL);
  assertEquals(run.next, 600_000);
  run.dryRun(wrong("4"));
  assertEquals(run.next, 65_000);
});

Deno.test("step() does not give the watch up for files that stay out of date all the same", () => {
  const run = new Run();
  for (const wanted of ["2", "3", "4"]) {
    missChange(run, wanted);
    const spawned: Effect | undefined = run.post(ended).find(({ type }) => type === "spawn");
    assertEquals(spawned, { type: "spawn", child: "confd", follow: "watch" });
    run.dryRun(wrong(wanted));
  }
});

Deno.test("step() counts no dry run before the start as one without a result", () => {
  const run = new Run({ found: "an older one" });
  for (let i = 0; i < 3; i++) run.dryRun({});
  assertEquals(run.state.watchdog.noResult, 0);
});

Deno.test("step() goes on watching where a change was noticed in between", () => {
  const run = new Run();
  missChange(run, "2");
  run.post(ended, changed("2"));
  run.dryRun(WELL);
  run.post(changed("noticed"));
  missChange(run, "3");
  const spawned = run.post(ended).find(({ type }) => type === "spawn");
  assertEquals(spawned, { type: "spawn", child: "confd", follow: "watch" });
});

Deno.test("step() counts a file that confd would render and that is not there as out of date", () => {
  const run = new Run();
  run.post(changed(null));
  run.dryRun(WELL);
  run.dryRun(WELL);
  assertEquals(run.restarted, true);
});

Deno.test("step() has no dry run of a confd that is not running, nor in a stop", () => {
  const run = new Run();
  run.post(ended);
  assertEquals(run.state.watchdog.next, null);
  const other = new Run();
  other.post(dryRun, { type: "signalReceived", signal: "SIGTERM" });
  assertEquals(other.post({ type: "dryRunEnded", result: { inSync: [], outOfSync: new Map([["/a", "2"]]) } }), []);
});

Deno.test("step() lets a confd that is about to be started again stop in its time", () => {
  const run = new Run();
  missChange(run, "2");
  const effects = run.post({ type: "signalReceived", signal: "SIGTERM" });
  assert(effects.some((effect) => effect.type === "disarm" && effect.timer === "confdGrace"));
  run.post(ended);
  assertEquals([run.state.run.is, run.state.confd.is], ["stopping", "absent"]);
});

Deno.test("step() does not restart a confd that was told to delay changes", () => {
  const run = new Run({ options: { debounceMs: 20_000 } });
  run.dryRun(wrong("2"));
  assertEquals(run.next, 25_000);
  run.dryRun(WELL);
  assertEquals(run.next, 60_000);
});
