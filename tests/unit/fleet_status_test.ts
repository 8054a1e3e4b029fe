/** What others get to see of a member's turn in its fleet, word for word. @module */
import { drive } from "../../lib/core/drive.ts";
import type { Options } from "../../lib/core/options.ts";
import type { Event } from "../../lib/core/protocol.ts";
import { parseAsking } from "../../lib/settings/client.ts";
import { Commands } from "../../lib/status/commands.ts";
import type { RolloutRecord, StatusDocument } from "../../lib/status/document.ts";
import { exposition } from "../../lib/status/exposition.ts";
import { fleetQueueOf, fleetTable } from "../../lib/status/fleet_queue.ts";
import { renderPage } from "../../lib/status/page.ts";
import { Recorder } from "../../lib/status/recorder.ts";
import { route, type Source } from "../../lib/status/routes.ts";
import { statusTable } from "../../lib/status/table.ts";
import { judge, obstacles } from "../../lib/status/verdict.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { content, contents, FACTS, stateOf } from "../support/states.ts";

const IDENTITY = { engine: "etcd", group: "web", id: "web-3", n: 2 } as const;

const BEGUN: Event = { type: "begun" };
const SETTLE: Event = { type: "timerFired", timer: "settle" };
const GRANTED: Event = { type: "turnGranted" };
const RELOADED: Event = { type: "reloadEnded", failure: null };
const changed = (word: string): Event => ({ type: "destinationChanged", dest: "/a", content: content(word) });
const published = (word: string, refused = false): Event => ({
  type: "published",
  contents: contents([["/a", word]]),
  failure: refused ? { refused, reason: "it is bad" } : null,
});
const PLACE: Event = {
  type: "fleetReported",
  report: { is: "place", place: 2, length: 5, ahead: ["web-1", "web-2"], limit: 1 },
};
const AWAY: Event = {
  type: "fleetReported",
  report: { is: "failed", kind: "away", reason: "connection refused", again: false },
};
const STARTED = [BEGUN, changed("one"), SETTLE];
const QUEUED = [...STARTED, changed("two"), SETTLE];

class Run {
  readonly recorder: Recorder;
  readonly commands: Commands;
  readonly post: (event: Event) => void;
  #at = 0;

  constructor(options: Partial<Options> = {}) {
    const state = stateOf({ "/a": null }, { fleet: { timeoutMs: 0 }, ...options });
    const facts = { ...FACTS, fleet: IDENTITY };
    this.recorder = new Recorder({ facts, state, at: 0 });
    const post = drive(state, {
      perform: () => {},
      observe: (transition) => {
        this.commands.observe(transition.event, transition.notes);
        this.recorder.observe(transition, this.#at);
      },
    });
    this.commands = new Commands(post);
    this.post = post;
  }

  /** A second passes before each event. */
  on(...events: Event[]): this {
    for (const event of events) {
      this.#at += 1000;
      this.post(event);
    }
    return this;
  }

  get document(): StatusDocument {
    return this.recorder.document;
  }

  get told(): string[] {
    return this.document.rollouts.map(({ trigger, outcome, steps }: RolloutRecord) => {
      return `${trigger} ${outcome}: ${steps.map(({ name, seconds }) => `${name} ${seconds ?? "..."}`).join(", ")}`;
    });
  }

  metric(name: string): string {
    const line = exposition(this.recorder.metrics).split("\n").find((line) => line.startsWith(`${name} `));
    return line?.split(" ").at(-1) ?? "none";
  }
}

Deno.test("a status without a fleet says so", () => {
  assertEquals(new Run({ fleet: null }).on(...STARTED).document.fleet, null);
});

Deno.test("a status tells of a turn from its beginning to its end", () => {
  const at = (seconds: number) => new Date(seconds * 1000).toISOString();
  const run = new Run().on(...STARTED);
  const of = (state: string, since: string | null, queue: unknown = null) => ({
    ...IDENTITY,
    state,
    since,
    queue,
    away: null,
  });
  assertEquals(run.document.fleet, of("none", null));
  run.on(changed("two"), SETTLE);
  assertEquals(run.document.fleet, of("waiting", at(5)));
  assertEquals(run.document.phase, "changing");
  run.on(PLACE);
  assertEquals(run.document.fleet, of("waiting", at(5), { place: 3, length: 5, limit: 1, ahead: ["web-1", "web-2"] }));
  run.on(GRANTED);
  assertEquals(run.document.fleet, of("holding", at(7)));
  run.on(RELOADED);
  assertEquals(run.document.fleet, of("none", null));
  assertEquals(run.told, ["start loaded: settle 1, start 0", "change loaded: settle 1, turn 2, reload 1"]);
});

Deno.test("a status tells that a store is away, since when, and that it is back", () => {
  const run = new Run().on(...QUEUED, AWAY, AWAY);
  assertEquals(run.document.fleet?.away, {
    since: new Date(6000).toISOString(),
    kind: "away",
    reason: "connection refused",
  });
  assertEquals(obstacles(run.document).map(({ level, title, quote }) => [level, title, quote]), [
    ["notice", "The fleet cannot be asked", "connection refused"],
  ]);
  assert(run.document.ready, "it serves all the same");
  run.on({ type: "fleetReported", report: { is: "back" } });
  assertEquals([run.document.fleet?.away, obstacles(run.document)], [null, []]);
});

Deno.test("rollouts tell of what became of a wait for a turn", () => {
  const last = (...events: Event[]) => new Run().on(...QUEUED, ...events).told.at(-1);
  assertEquals(last(), "change running: settle 1, turn ...");
  assertEquals(last(changed("one")), "change takenBack: settle 1, turn 1");
  assertEquals(last({ type: "turnRefused", reason: "web-1 has tried it" }), "change refused: settle 1, turn 1");
  assertEquals(
    last({ type: "commanded", command: { is: "hold", forMs: null, reason: null } }),
    "change held: settle 1, turn 1",
  );
  // What changes meanwhile goes along.
  assertEquals(last(changed("three"), SETTLE), "change running: settle 1, turn ...");
  assertEquals(new Run().on(...QUEUED, changed("three"), SETTLE, GRANTED, RELOADED).told, [
    "start loaded: settle 1, start 0",
    "change loaded: settle 1, turn 3, reload 1",
  ]);
  const stopped: Event = { type: "signalReceived", signal: "SIGTERM" };
  const ended = (child: "confd" | "service"): Event => ({ type: "childExited", child, code: 0, signal: null });
  assertEquals(last(stopped, ended("service"), ended("confd")), "change failed: settle 1, turn 3");
});

Deno.test("judge() tells of the newest change that goes on, whatever began and ended after it", () => {
  const run = new Run({ staged: true }).on(BEGUN, changed("one"), SETTLE, published("one"), changed("two"), SETTLE);
  run.on({ type: "commanded", command: { is: "reload" } });
  assertEquals(judge(run.document).text, "The service is reloading.");
  run.on(RELOADED);
  assertEquals(judge(run.document).text, "The newest configuration is waiting for its turn in the fleet.");
});

Deno.test("rollouts: a change that waits no longer, and is still to come, is not taken back", () => {
  const release: Event = { type: "commanded", command: { is: "release" } };
  const [reload, restart]: Event[] = (["reload", "restart"] as const).map((is) => ({
    type: "commanded",
    command: { is },
  }));
  const ended: Event = { type: "childExited", child: "service", code: 0, signal: null };
  const staged = () => new Run({ staged: true }).on(BEGUN, changed("one"), SETTLE, published("one"));
  // The service loads it at its start, or it waits again after that.
  assertEquals(new Run().on(...QUEUED, restart, ended).told.slice(1), [
    "change loaded: settle 1, turn 1",
    "restart loaded: restart 1",
  ]);
  assertEquals(staged().on(changed("two"), SETTLE, restart, ended, SETTLE).told.slice(1), [
    "change running: settle 1, turn 1, settle 1, turn ...",
    "restart loaded: restart 1",
  ]);
  // Its turn comes while something else goes on, and is lost.
  const lost: Event = { type: "turnLost", reason: "the store is away" };
  const reloading = () => staged().on(changed("two"), SETTLE, reload);
  assertEquals(reloading().on(GRANTED, lost).told.slice(1), [
    "change running: settle 1, turn 2",
    "reload running: reload ...",
  ]);
  assertEquals(reloading().on(GRANTED, lost, RELOADED).told.slice(1), [
    "change running: settle 1, turn 2, turn ...",
    "reload loaded: reload 3",
  ]);
  // A turn that is kept is released while another change waits for one.
  const kept = staged().on(changed("two"), SETTLE, GRANTED, published("two", true), changed("three"), SETTLE);
  assertEquals(kept.on(reload, release).told.slice(2), [
    "change running: settle 1, turn 2",
    "reload running: reload ...",
  ]);
});

Deno.test("rollouts: a reload or a start beside a change that waits is not that change", () => {
  const reload: Event = { type: "commanded", command: { is: "reload" } };
  const waiting = () =>
    new Run({ staged: true }).on(BEGUN, changed("one"), SETTLE, published("one"), changed("two"), SETTLE);
  // The turn is for another set than there is now, and asked for anew; what was asked for meanwhile goes ahead.
  const run = waiting().on(changed("three"), reload, GRANTED);
  assertEquals(run.told.slice(1), ["change running: settle 1, turn 3", "change running: settle ..."]);
  assertEquals(run.on(SETTLE).told.slice(1), [
    "change running: settle 1, turn 3, turn ...",
    "reload running: reload ...",
  ]);
  // It has its turn, and has not begun when the service ends, and is started on what was in place before.
  const probed: Event[] = [{ type: "timerFired", timer: "probe" }, { type: "probeEnded", failure: null }];
  const other = new Run({ staged: true, verified: true })
    .on(BEGUN, changed("one"), SETTLE, published("one"), ...probed)
    .on(changed("two"), SETTLE, reload, GRANTED, RELOADED, { type: "commanded", command: { is: "rollBack" } })
    .on({ type: "childExited", child: "service", code: 0, signal: null }, { type: "restored", contents: null });
  assertEquals(other.told.slice(1), [
    "change running: settle 1, turn 2",
    "reload failed: reload 2, verify 1",
    "rollback failed: rollBack 2",
    "restart running: start 0, verify ...",
    "change running: settle ...",
  ]);
});

Deno.test("rollouts: a change that waits for its turn is refused if a file goes meanwhile", () => {
  const run = new Run().on(...QUEUED, { type: "destinationChanged", dest: "/a", content: null }, SETTLE);
  assertEquals(run.told.slice(1), ["change refused: settle 1, turn 2", "change refused: settle 1"]);
});

Deno.test("a reload for its own sake is shown beside the change that waits", () => {
  const run = new Run({ staged: true }).on(BEGUN, changed("one"), SETTLE, published("one"), changed("two"), SETTLE);
  run.on({ type: "commanded", command: { is: "reload" } });
  assertEquals(run.told.slice(1), ["change running: settle 1, turn ...", "reload running: reload ..."]);
  run.on(GRANTED, RELOADED);
  assertEquals(run.told.slice(1), ["change running: settle 1, turn 2, check ...", "reload loaded: reload 2"]);
});

Deno.test("the metrics of a turn: waiting, holding, how long it took, and failures", () => {
  const run = new Run().on(...STARTED);
  const now = () =>
    ["waiting", "holding", "wait_seconds_sum", "wait_seconds_count"].map((name) =>
      run.metric(`confd_sidecar_fleet_${name}`)
    );
  assertEquals(now(), ["0", "0", "0", "0"]);
  run.on(changed("two"), SETTLE, PLACE, AWAY);
  assertEquals(now(), ["1", "0", "0", "0"]);
  assertEquals(run.metric('confd_sidecar_fleet_errors_total{kind="away"}'), "1");
  assertEquals(run.metric('confd_sidecar_fleet_errors_total{kind="denied"}'), "0");
  run.on(GRANTED);
  assertEquals(now(), ["0", "1", "3", "1"]);
  assertEquals(run.metric('confd_sidecar_fleet_wait_seconds_bucket{le="1"}'), "0");
  assertEquals(run.metric('confd_sidecar_fleet_wait_seconds_bucket{le="5"}'), "1");
  run.on({ type: "reloadEnded", failure: "no" });
  assertEquals(now().slice(0, 2), ["0", "1"], "a turn that is kept is held");
  const refused = new Run().on(...QUEUED, { type: "turnRefused", reason: "web-1 has tried it" });
  assertEquals(refused.metric('confd_sidecar_refusals_total{reason="fleet"}'), "1");
  assertEquals(refused.metric('confd_sidecar_refusals_total{reason="check"}'), "0");
  // A rollout took as long as it took without the wait.
  const done = new Run().on(...QUEUED, PLACE, PLACE, GRANTED, RELOADED);
  assertEquals(done.metric('confd_sidecar_rollout_duration_seconds_sum{way="signal"}'), "1");
});

Deno.test("people are told for whom a change waits, and what to do about a turn that is kept", () => {
  const line = (run: Run) => statusTable(run.document, 10_000).find((line) => line.startsWith("fleet"));
  assertEquals(line(new Run().on(...STARTED)), "fleet     web-3 in web (etcd, 2 at once), no turn wanted");
  const waiting = new Run().on(...QUEUED, PLACE);
  assertEquals(
    line(waiting),
    "fleet     web-3 in web (etcd, 2 at once), waits for its turn: place 3 of 5, behind web-1, web-2, since 5 s ago",
  );
  assertEquals(
    judge(waiting.document).text,
    "The newest configuration is waiting for its turn in the fleet: place 3 of 5, behind web-1, web-2.",
  );
  const kept = new Run({ staged: true }).on(BEGUN, changed("one"), SETTLE, published("one"), changed("two"), SETTLE)
    .on(GRANTED, published("two", true));
  assertEquals(kept.document.fleet?.state, "kept");
  assertEquals(obstacles(kept.document).map(({ level, title }) => [level, title]), [
    ["trouble", "The newest configuration was refused"],
    ["notice", "The turn is kept"],
  ]);
  assert(line(kept)!.includes("until a newer change succeeds here, or until --release"), "what to do is told");
  const page = renderPage(waiting.document, 10_000);
  assert(page.includes("Waits for its turn") && page.includes("3 of 5, 1 at once"), "the page has it too");
  assert(!renderPage(new Run({ fleet: null }).on(...STARTED).document, 10_000).includes('id="fleet"'), "only there");
});

Deno.test("a release of a turn that is kept is answered", async () => {
  const kept = new Run({ staged: true }).on(BEGUN, changed("one"), SETTLE, published("one"), changed("two"), SETTLE)
    .on(GRANTED, published("two", true));
  assertEquals(await kept.commands.give({ is: "release" }), { done: true, says: "the turn in the fleet is released" });
  assertEquals(await kept.commands.give({ is: "release" }), { done: true, says: "nothing was held" });
});

const LISTING = {
  entries: [
    { key: "web/queue/a.1", id: "a", n: 2, state: "kept", digest: "x", since: 1000 },
    { key: "web/queue/b.2", id: "b", n: 3, state: "working", digest: "y", since: 5000 },
    { key: "web/queue/c.3", id: "c", n: Infinity, state: "waiting", digest: "", since: 0 },
  ],
  own: "web/queue/b.2",
  says: null,
} as const;

Deno.test("fleetTable() lists who waits and who has a turn", () => {
  assertEquals(fleetTable(fleetQueueOf(IDENTITY, LISTING), 10_000), [
    "web-3 in web (etcd, 2 at once):",
    "PLACE  MEMBER        STATE           CAME     N",
    "1      a             keeps its turn  9 s ago  2",
    "2      b (this one)  has its turn    5 s ago  3",
    "3      c             waits           -        -",
  ]);
  const empty = fleetQueueOf({ ...IDENTITY, engine: "fleetlock", n: null }, { entries: [], own: null, says: "Alone." });
  assertEquals(fleetTable(empty, 0), ["web-3 in web (fleetlock): nobody waits, and nobody has a turn", "Alone."]);
});

Deno.test("/fleet is for the control socket, and says why where it has no answer", async () => {
  const ask = async (
    source: Partial<Source>,
    door: { by: "socket" } | { by: "tcp"; hostname: string },
    method = "GET",
  ) => {
    const asked = { method, path: "/fleet", query: new URLSearchParams(), headers: new Map<string, string>() };
    const { status, body } = await route(asked, door, source as Source);
    return [status, body];
  };
  const socket = { by: "socket" } as const;
  const fleet = () => Promise.resolve(fleetQueueOf(IDENTITY, LISTING));
  const [status, body] = await ask({ fleet }, socket);
  assertEquals([status, JSON.parse(String(body)).members.length], [200, 3]);
  assertEquals(await ask({}, socket), [404, "SIDECAR_FLEET is not set: there is no fleet\n"]);
  const away = () => Promise.reject(new Error("connection refused"));
  assertEquals(await ask({ fleet: away }, socket), [502, "the fleet's store cannot be asked: connection refused\n"]);
  assertEquals(await ask({ fleet }, { by: "tcp", hostname: "127.0.0.1" }), [
    403,
    "the fleet is told of on the control socket alone\n",
  ]);
  assertEquals(await ask({ fleet }, socket, "POST"), [405, "/fleet takes GET, HEAD\n"]);
});

Deno.test("parseAsking() reads --fleet-status", () => {
  assertEquals(parseAsking(["--fleet-status"]), { is: "fleet", json: false });
  assertEquals(parseAsking(["--fleet-status=json"]), { is: "fleet", json: true });
  assertEquals(parseAsking(["--fleet-status=x"]), "--fleet-status=x: it is --fleet-status or --fleet-status=json");
});

Deno.test("a hold, and changes on hold, make no service unready, however strict that is", () => {
  const run = new Run({ fleet: null }).on(...STARTED);
  run.on({ type: "commanded", command: { is: "hold", forMs: null, reason: null } }, changed("two"), SETTLE);
  const says = run.document.conditions.filter(({ is }) => is !== "ok").map(({ name }) => name);
  assertEquals(says, ["hold"]);
});
