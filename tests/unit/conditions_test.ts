/** What readiness says of each condition, word for word. */
import { step } from "../../lib/core/supervisor.ts";
import type { State } from "../../lib/core/supervisor_state.ts";
import type { Event } from "../../lib/core/protocol.ts";
import { conditionsOf } from "../../lib/status/readiness.ts";
import { newTally, tallied } from "../../lib/status/tally.ts";
import { assertEquals } from "../support/assert.ts";
import { content, contents, stateOf } from "../support/states.ts";

const BEGUN: Event = { type: "begun" };
const SETTLE: Event = { type: "timerFired", timer: "settle" };
const RELOADED: Event = { type: "reloadEnded", failure: null };

function changed(word: string | null, dest = "/a"): Event {
  return { type: "destinationChanged", dest, content: content(word) };
}

function published(word: string, failure: { refused: boolean; reason: string } | null = null): Event {
  return { type: "published", contents: contents([["/a", word]]), failure };
}

/** What is said of a condition after events. */
function says(name: string, start: State, events: readonly Event[]): string | undefined {
  let [state, tally] = [start, newTally(0)];
  for (const event of events) {
    const done = step(state, event);
    state = done.state;
    tally = tallied(tally, { event, notes: done.notes, state }, 0);
  }
  const found = conditionsOf(state, tally).find((condition) => condition.name === name);
  return found && `${found.is}: ${found.says}`;
}

Deno.test("conditionsOf() names three of the files that are waited for", () => {
  const waiting = (...dests: string[]) => {
    const state = stateOf(Object.fromEntries(dests.map((dest) => [dest, null])));
    return says("rendered", state, [BEGUN]);
  };
  assertEquals(waiting("/a"), "no: waiting for /a");
  assertEquals(waiting("/a", "/b", "/c"), "no: waiting for /a, /b, /c");
  assertEquals(waiting("/a", "/b", "/c", "/d", "/e"), "no: waiting for /a, /b, /c and 2 more");
});

Deno.test("conditionsOf() counts a file that vanishes to the change, once the service was started", () => {
  const events = [BEGUN, changed("one"), SETTLE, changed(null)];
  assertEquals(says("rendered", stateOf({ "/a": null }), events), "ok: ok");
  const ended: Event = { type: "childExited", child: "service", code: 1, signal: null };
  assertEquals(says("rendered", stateOf({ "/a": null }, { restart: "always" }), [...events, ended]), "ok: ok");
});

Deno.test("conditionsOf() tells how the service is down", () => {
  const started = [BEGUN, changed("one"), SETTLE];
  const ended: Event = { type: "childExited", child: "service", code: 0, signal: null };
  const service = (...events: Event[]) => says("service", stateOf({ "/a": null }), [...started, ...events]);
  assertEquals(says("service", stateOf({ "/a": null }), [BEGUN]), "no: not started");
  assertEquals(service(), "ok: ok");
  assertEquals(service({ type: "commanded", command: { is: "restart" } }), "no: stopping");
  assertEquals(service(ended), "no: ended");
});

Deno.test("conditionsOf() tells why the newest change is not loaded", () => {
  const staged = stateOf({ "/a": null }, { staged: true });
  const started = [BEGUN, changed("one"), SETTLE, published("one")];
  const bad = published("two", { refused: true, reason: "it is bad" });
  const change = (...events: Event[]) => says("change", staged, [...started, ...events]);
  assertEquals(change(changed("two"), SETTLE, bad), "remark: refused: it is bad");
  const back: Event[] = [
    { type: "commanded", command: { is: "rollBack" } },
    { type: "restored", contents: contents([["/a", "zero"]]) },
    RELOADED,
  ];
  assertEquals(change(...back), "remark: taken back: an operator has taken it back");
});

Deno.test("conditionsOf() tells how confd is down", () => {
  const started = [BEGUN, changed("one"), SETTLE];
  const confd = (...events: Event[]) => says("confd", stateOf({ "/a": null }), [...started, ...events]);
  assertEquals(confd({ type: "childExited", child: "confd", code: 1, signal: null }), "remark: backing off");
  const missed: Event = { type: "dryRunEnded", result: { inSync: [], outOfSync: new Map([["/a", "new"]]) } };
  const looks = Array.from({ length: 3 }, (): Event[] => [{ type: "timerFired", timer: "dryRun" }, missed]).flat();
  const watched = stateOf({ "/a": null }, { intervalMs: 60_000 });
  const restarting = says("confd", watched, [...started, ...looks]);
  assertEquals(restarting, "remark: restarting");
  const stopped = confd({ type: "signalReceived", signal: "SIGTERM" }, {
    type: "childExited",
    child: "confd",
    code: 0,
    signal: null,
  });
  assertEquals(stopped, "remark: not running");
});
