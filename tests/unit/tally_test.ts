/** What is counted of a run, and since when things are as they are. */
import { drive } from "../../lib/core/drive.ts";
import type { Options } from "../../lib/core/options.ts";
import type { Event } from "../../lib/core/protocol.ts";
import { step } from "../../lib/core/supervisor.ts";
import { newTally, tallied, type Tally } from "../../lib/status/tally.ts";
import { assertEquals } from "../support/assert.ts";
import { content, contents, stateOf } from "../support/states.ts";

const BEGUN: Event = { type: "begun" };
const RELOADED: Event = { type: "reloadEnded", failure: null };
const STOP: Event = { type: "signalReceived", signal: "SIGTERM" };

function changed(word: string | null, dest = "/a"): Event {
  return { type: "destinationChanged", dest, content: content(word) };
}

function timer(timer: (Event & { type: "timerFired" })["timer"]): Event {
  return { type: "timerFired", timer };
}

function placed(word: string, failure: { refused: boolean; reason: string } | null = null): Event {
  return { type: "published", contents: contents([["/a", word]]), failure };
}

function ended(child: "confd" | "service", complaint?: string): Event {
  return { type: "childExited", child, code: 1, signal: null, complaint };
}

function commanded(is: "rollBack" | "release"): Event {
  return { type: "commanded", command: { is } };
}

const SETTLE = timer("settle");
const STARTED = [BEGUN, changed("one"), SETTLE];
const STAGED = [...STARTED, placed("one")];
const WELL = [timer("probe"), { type: "probeEnded", failure: null } as Event];
const VERIFIED = { staged: true, verified: true };

/** The tally after events a second apart, the first at 1000. */
function after(events: readonly Event[], options: Partial<Options> = {}): Tally {
  const state = stateOf({ "/a": null }, options);
  let [tally, at] = [newTally(0), 0];
  const post = drive(state, {
    perform: () => {},
    observe: (transition) => tally = tallied(tally, transition, at),
  });
  for (const event of events) {
    at += 1000;
    post(event);
  }
  return tally;
}

Deno.test("tallied() counts ways back by what they are for", () => {
  const change = [...STAGED, ...WELL, changed("two"), SETTLE, placed("two"), RELOADED];
  const counts = ({ rollbacks, reloads, failedReloads }: Tally) => [rollbacks, reloads, failedReloads];
  const verify = after([...change, timer("verifyTimeout")], VERIFIED);
  assertEquals(counts(verify), [{ verify: 1, died: 0, operator: 0 }, 1, 1]);
  const died = [...change, ended("service")];
  assertEquals(counts(after(died, VERIFIED)), [{ verify: 0, died: 1, operator: 0 }, 1, 1]);
  const restored: Event = { type: "restored", contents: contents([["/a", "one"]]) };
  assertEquals(counts(after([...died, restored, timer("verifyTimeout")], VERIFIED)), [
    { verify: 0, died: 1, operator: 0 },
    2,
    2,
  ]);
  const operator = after([...change, ...WELL, commanded("rollBack"), restored], VERIFIED);
  assertEquals(counts(operator), [{ verify: 0, died: 0, operator: 1 }, 2, 0]);
  const later = [...change, ...WELL, ended("service"), timer("serviceBackoff"), timer("verifyTimeout")];
  assertEquals(counts(after(later, { ...VERIFIED, restart: "always" })), [{ verify: 1, died: 0, operator: 0 }, 2, 1]);
});

Deno.test("tallied() counts what could not be put in place, and a reload that is asked for in vain", () => {
  const full = { refused: false, reason: "the disk is full" };
  const unplaced = after([...STAGED, changed("two"), SETTLE, placed("two", full)], { staged: true });
  assertEquals([unplaced.refusals.publish, unplaced.reloads, unplaced.failedReloads], [1, 1, 1]);
  const hangup: Event = { type: "signalReceived", signal: "SIGHUP" };
  const vain = after([...STARTED, changed(null), SETTLE, hangup], { reload: { by: "exec" } });
  assertEquals([vain.reloads, vain.failedReloads], [2, 2]);
});

Deno.test("tallied() knows when the service has loaded its files, where nobody makes it", () => {
  const { loadedAt, succeededAt, reloads } = after([...STARTED, changed("two"), SETTLE], { reload: { by: "none" } });
  assertEquals([loadedAt, succeededAt, reloads], [5000, 5000, 1]);
  const under = after([...STARTED, changed("two"), SETTLE]);
  assertEquals([under.loadedAt, under.succeededAt], [3000, 3000], "it has not yet");
  const done = after([...STARTED, changed("two"), SETTLE, RELOADED]);
  assertEquals([done.loadedAt, done.succeededAt], [6000, 6000]);
});

Deno.test("tallied() tells what is on its way from what is not", () => {
  const at = (...events: Event[]) => after([...STARTED, ...events]).pendingSince;
  assertEquals(at(changed("two")), 4000);
  assertEquals(at(changed("two"), changed("one")), null, "taken back, and still settling");
  assertEquals(at(changed("two"), SETTLE, RELOADED), null);
  const bad = { refused: true, reason: "it is bad" };
  const refused = [...STAGED, changed("two"), SETTLE, placed("two", bad)];
  const staged = (...events: Event[]) => after([...refused, ...events], { staged: true }).pendingSince;
  assertEquals(staged(), null);
  assertEquals(staged(changed("three"), changed("two")), 8000, "until the window closes");
  assertEquals(staged(changed("three"), changed("two"), SETTLE), null);
});

Deno.test("tallied() knows the phase of a reload, and of a service that is down while files come back", () => {
  assertEquals(after([...STARTED, changed("two"), SETTLE]).phase, "changing");
  assertEquals(after([...STARTED, changed("two"), SETTLE, RELOADED]).phase, "running");
  const died = [...STAGED, ...WELL, changed("two"), SETTLE, placed("two"), RELOADED, ended("service")];
  assertEquals(after(died, VERIFIED).phase, "restarting");
});

Deno.test("tallied() learns from confd alone whether the backend answers", () => {
  const seen = (...events: Event[]) => {
    const { reachable, lastAnswerAt, complaint } = after([...STARTED, ...events], { restart: "always" });
    return [reachable, lastAnswerAt, complaint];
  };
  assertEquals(seen(), [true, 2000, null]);
  assertEquals(seen({ type: "destinationRendered", dest: "/a" }), [true, 4000, null]);
  assertEquals(seen(ended("confd")), [true, 2000, null], "it says nothing of the backend");
  assertEquals(seen(ended("service", "no")), [true, 2000, null]);
  assertEquals(seen(ended("confd", "connection refused")), [false, 2000, "connection refused"]);
  const half: Event = { type: "dryRunEnded", result: { inSync: ["/a"], outOfSync: new Map([["/b", "x"]]) } };
  assertEquals(seen(ended("confd", "connection refused"), timer("confdBackoff"), half), [true, 6000, null]);
});

Deno.test("tallied() counts of each child what is its own", () => {
  const confd = after([...STARTED, ended("confd"), timer("confdBackoff")]);
  assertEquals([confd.lastExit, confd.confdStarts, confd.serviceStarts], [null, 2, 1]);
  const killed = after([...STARTED, STOP, ended("service"), timer("confdGrace")]);
  assertEquals(killed.serviceKills, 0);
  const missed = { inSync: [], outOfSync: new Map([["/a", "new"]]) };
  const looks = Array.from({ length: 5 }, (): Event[] => [timer("dryRun"), { type: "dryRunEnded", result: missed }]);
  assertEquals(after([...STARTED, ...looks.flat()], { intervalMs: 60_000 }).confdStale, 1);
});

Deno.test("tallied() knows since when a hold of an earlier run lasts, and that a new one begins anew", () => {
  const left = { hold: { reason: "why", until: { ms: 5000 }, fromEarlierRun: false } };
  const state = stateOf({ "/a": null }, {}, left);
  const begun = step(state, BEGUN);
  const tally = tallied(newTally(100_000, 40_000), { event: BEGUN, ...begun }, 100_000);
  assertEquals(tally.hold, { since: 40_000, until: 105_000, reason: "why" });
  const event: Event = { type: "commanded", command: { is: "hold", forMs: null, reason: null } };
  const again = tallied(tally, { event, ...step(begun.state, event) }, 110_000);
  assertEquals(again.hold, { since: 110_000, until: null, reason: null });
});

Deno.test("tallied() forgets a hold with its end", () => {
  const hold: Event = { type: "commanded", command: { is: "hold", forMs: 5000, reason: "why" } };
  assertEquals(after([...STARTED, hold]).hold, { since: 4000, until: 9000, reason: "why" });
  assertEquals(after([...STARTED, hold, commanded("release")]).hold, null);
  assertEquals(after([...STARTED, hold, timer("hold")]).hold, null);
});
