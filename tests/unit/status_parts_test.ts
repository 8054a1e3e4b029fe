/** The small pieces of which the status is made: readiness, the metrics' text, who may ask, and what is answered. */
import type { Event } from "../../lib/core/protocol.ts";
import { step } from "../../lib/core/supervisor.ts";
import type { State } from "../../lib/core/supervisor_state.ts";
import type { Condition, StatusDocument } from "../../lib/status/document.ts";
import { exposition } from "../../lib/status/exposition.ts";
import { refusalOfRequest } from "../../lib/status/guard.ts";
import { conditionsOf, isReady, verboseReadiness } from "../../lib/status/readiness.ts";
import { type Asked, route, type Source } from "../../lib/status/routes.ts";
import { newTally, tallied, type Tally } from "../../lib/status/tally.ts";
import { presentTrouble } from "../../lib/core/rollout_state.ts";
import { Durations } from "../../lib/status/durations.ts";
import { Histogram } from "../../lib/status/histogram.ts";
import type { Sample } from "../../lib/status/metric.ts";
import { metricsOf } from "../../lib/status/metrics.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { content, FACTS, stateOf } from "../support/states.ts";

/** Goes through events, a second apart. */
function after(events: readonly Event[], options: Parameters<typeof stateOf>[1] = {}): { state: State; tally: Tally } {
  let state = stateOf({ "/a": null }, options);
  let tally = newTally(0);
  for (const [i, event] of events.entries()) {
    const done = step(state, event);
    state = done.state;
    tally = tallied(tally, { event, notes: done.notes, state }, (i + 1) * 1000);
  }
  return { state, tally };
}

function changed(word: string | null): Event {
  return { type: "destinationChanged", dest: "/a", content: content(word) };
}

function timer(timer: (Event & { type: "timerFired" })["timer"]): Event {
  return { type: "timerFired", timer };
}

const BEGUN: Event = { type: "begun" };
const SETTLE = timer("settle");
const STARTED = [BEGUN, changed("one"), SETTLE];
const RELOADED: Event = { type: "reloadEnded", failure: null };

function said(conditions: readonly Condition[]): string[] {
  return conditions.map(({ name, is, says }) => `${name} ${is}: ${says}`);
}

function readiness(events: readonly Event[], options?: Parameters<typeof stateOf>[1]): string[] {
  const { state, tally } = after(events, options);
  return said(conditionsOf(state, tally));
}

// Readiness.

Deno.test("conditionsOf() before the start, and once the service runs", () => {
  assertEquals(readiness([BEGUN]), [
    "rendered no: waiting for /a",
    "service no: not started",
    "change ok: ok",
    "confd ok: ok",
    "backend ok: not asked yet",
  ]);
  assertEquals(readiness(STARTED), [
    "rendered ok: ok",
    "service ok: ok",
    "change ok: ok",
    "confd ok: ok",
    "backend ok: ok",
  ]);
});

Deno.test("conditionsOf() tells what is pending, refused, failed, held, and what stops", () => {
  const only = (name: string, told: string[]) => told.filter((one) => one.startsWith(name));
  assertEquals(only("change", readiness([...STARTED, changed("two")])), ["change remark: pending"]);
  const failed = [...STARTED, changed("two"), SETTLE, { type: "reloadEnded", failure: "no" } as Event];
  assertEquals(only("change", readiness(failed)), ["change remark: not loaded: no"]);
  assertEquals(only("change", readiness([...failed, timer("retry"), RELOADED])), ["change ok: ok"]);
  const hold: Event = { type: "commanded", command: { is: "hold", forMs: 60_000, reason: "why" } };
  assertEquals(only("hold", readiness([...STARTED, hold])), [
    "hold remark: changes are held until 1970-01-01T00:01:04.000Z: why",
  ]);
  assertEquals(
    only("hold", readiness([...STARTED, { type: "commanded", command: { is: "hold", forMs: null, reason: null } }])),
    [
      "hold remark: changes are held",
    ],
  );
  const stop: Event = { type: "signalReceived", signal: "SIGTERM" };
  assertEquals(only("s", readiness([...STARTED, stop])), ["service no: stopping", "stop no: stopping"]);
});

Deno.test("conditionsOf() tells of a service and a confd that are down", () => {
  const ended = (child: "confd" | "service", complaint?: string): Event => {
    return { type: "childExited", child, code: 1, signal: null, complaint };
  };
  const down = readiness([...STARTED, ended("service"), ended("confd", "connection refused")], { restart: "always" });
  assertEquals(down, [
    "rendered ok: ok",
    "service no: backing off",
    "change ok: ok",
    "confd remark: backing off",
    "backend remark: away: connection refused",
  ]);
  const silent: Event = { type: "dryRunEnded", result: { inSync: [], outOfSync: new Map() } };
  assertEquals(readiness([...STARTED, silent]).at(-1), "backend remark: away");
  const answers: Event = { type: "dryRunEnded", result: { inSync: ["/a"], outOfSync: new Map() } };
  assertEquals(readiness([...STARTED, silent, answers]).at(-1), "backend ok: ok");
});

Deno.test("conditionsOf() wants one verification, and forgives later ones that are under way", () => {
  const options = { staged: true, verified: true };
  const placed = (word: string): Event => ({
    type: "published",
    contents: new Map([["/a", content(word)]]),
    failure: null,
  });
  const start = [...STARTED, placed("one")];
  const well: Event[] = [timer("probe"), { type: "probeEnded", failure: null }];
  const verified = (events: Event[]) => readiness(events, options)[2];
  assertEquals(verified(start), "verified no: not yet");
  assertEquals(verified([...start, ...well]), "verified ok: ok");
  assertEquals(
    verified([...start, ...well, changed("two"), SETTLE, placed("two"), RELOADED]),
    "verified ok: ok before, being verified again",
  );
});

Deno.test("isReady() counts remarks only where it is to be strict, and a hold never", () => {
  const condition = (name: Condition["name"], is: Condition["is"]): Condition => ({ name, is, says: "" });
  assertEquals(isReady([condition("service", "ok"), condition("backend", "remark")], "running"), true);
  assertEquals(isReady([condition("service", "ok"), condition("backend", "remark")], "strict"), false);
  assertEquals(isReady([condition("service", "ok"), condition("hold", "remark")], "strict"), true);
  assertEquals(isReady([condition("service", "no")], "running"), false);
  const lines = verboseReadiness(
    [{ name: "service", is: "no", says: "x" }, { name: "hold", is: "remark", says: "y" }],
    false,
  );
  assertEquals(lines, "[-]service x\n[!]hold y\nnot ready\n");
  assertEquals(verboseReadiness([{ name: "service", is: "ok", says: "ok" }], true), "[+]service ok\nready\n");
});

// Counts.

Deno.test("tallied() counts what happens to changes", () => {
  const { tally } = after([
    ...STARTED,
    changed("two"),
    SETTLE,
    RELOADED,
    changed("three"),
    changed("two"),
    SETTLE,
    changed("four"),
    SETTLE,
    { type: "reloadEnded", failure: "no" },
    timer("retry"),
    RELOADED,
    changed(null),
    SETTLE,
  ]);
  const { changes, changesTakenBack, reloads, failedReloads, refusals, pendingSince, loadedAt, serviceStarts } = tally;
  assertEquals({ changes, changesTakenBack, reloads, failedReloads, refusals, serviceStarts }, {
    changes: 4,
    changesTakenBack: 1,
    reloads: 4,
    failedReloads: 2,
    refusals: { check: 0, empty: 0, missing: 1, publish: 0, fleet: 0 },
    serviceStarts: 1,
  });
  assertEquals([pendingSince, loadedAt], [15_000, 14_000]);
});

Deno.test("tallied() knows the phase and since when, and the last end of the service", () => {
  const exit: Event = { type: "childExited", child: "service", code: 137, signal: "SIGKILL" };
  const phase = (events: Event[]) => {
    const { phase, phaseSince } = after(events, { restart: "always" }).tally;
    return [phase, phaseSince];
  };
  assertEquals(phase([BEGUN, changed("one")]), ["waiting", 0]);
  assertEquals(phase(STARTED), ["running", 3000]);
  assertEquals(phase([...STARTED, changed("two")]), ["changing", 4000]);
  assertEquals(phase([...STARTED, exit]), ["restarting", 4000]);
  assertEquals(phase([...STARTED, { type: "signalReceived", signal: "SIGTERM" }]), ["stopping", 4000]);
  assertEquals(after([...STARTED, exit], { restart: "always" }).tally.lastExit, {
    at: 4000,
    code: 137,
    signal: "SIGKILL",
  });
  const killed = after([...STARTED, { type: "signalReceived", signal: "SIGTERM" }, timer("stopTimeout")]);
  assertEquals(killed.tally.serviceKills, 1);
});

Deno.test("tallied() keeps since when there is trouble, and forgets it with the trouble", () => {
  const failing: Event[] = [...STARTED, changed("two"), SETTLE, { type: "reloadEnded", failure: "no" }];
  assertEquals(after(failing).tally.troubleSince, 6000);
  assertEquals(after([...failing, timer("retry"), { type: "reloadEnded", failure: "no" }]).tally.troubleSince, 6000);
  assertEquals(after([...failing, timer("retry"), RELOADED]).tally.troubleSince, null);
});

// What is refused, and taken back.

const REFUSED: Event[] = [
  ...STARTED,
  { type: "published", contents: new Map([["/a", content("one")]]), failure: null },
  changed("two"),
  SETTLE,
  { type: "published", contents: new Map([["/a", content("two")]]), failure: { refused: true, reason: "it is bad" } },
];

function lastReload(events: Event[], options: Parameters<typeof stateOf>[1]) {
  const { state, tally } = after(events, options);
  const parts = {
    facts: FACTS,
    conditions: [],
    ready: true,
    digest: null,
    rollouts: [],
    durations: new Durations(),
    waits: new Histogram([]),
  };
  const metrics = metricsOf({ ...parts, state, tally, changedAt: new Map() });
  const value = (name: string) => metrics.find((metric) => metric.name === name)?.samples[0] as Sample;
  return [
    value("reloader_last_reload_successful").value,
    value("reloader_last_reload_success_timestamp_seconds").value,
    presentTrouble(state.rollout, state.options)?.kind,
    tally.troubleSince,
  ];
}

Deno.test("a refused change that is taken back is no trouble any more, and is known when it comes again", () => {
  const last = (...events: Event[]) => lastReload([...REFUSED, ...events], { staged: true });
  assertEquals(last(), [0, 4, "refused", 7000]);
  assertEquals(last(changed("one")), [1, 4, undefined, null]);
  assertEquals(readiness([...REFUSED, changed("one")], { staged: true })[2], "change ok: ok");
  assertEquals(last(changed("one"), changed("two")), [0, 4, "refused", 9000]);
  assertEquals(last(changed("three"), SETTLE, changed("one"), SETTLE, changed("two"))[2], "refused");
});

Deno.test("reloader_last_reload_successful is 0 while the newest set is incomplete", () => {
  assertEquals(lastReload([...STARTED, changed(null)], {})[0], 1, "not while it may still come");
  assertEquals(lastReload([...STARTED, changed(null), SETTLE], {})[0], 0);
  assertEquals(lastReload([...STARTED, changed("empty"), SETTLE], {})[0], 0);
  assertEquals(lastReload([...STARTED, changed("empty"), SETTLE, changed("one"), SETTLE], {})[0], 1);
});

Deno.test("a reload has succeeded once the service is well on it, and a way back is no success", () => {
  const options = { staged: true, verified: true };
  const placed = (word: string): Event => ({
    type: "published",
    contents: new Map([["/a", content(word)]]),
    failure: null,
  });
  const well: Event[] = [timer("probe"), { type: "probeEnded", failure: null }];
  const start = [...STARTED, placed("one")];
  assertEquals(lastReload(start, options), [0, 0, undefined, null]);
  assertEquals(lastReload([...start, ...well], options), [1, 6, undefined, null]);
  const back: Event[] = [timer("verifyTimeout"), { type: "restored", contents: new Map([["/a", content("one")]]) }];
  const rolled = [...start, ...well, changed("two"), SETTLE, placed("two"), RELOADED, ...back, RELOADED, ...well];
  assertEquals(lastReload(rolled, options), [0, 6, "rolledBack", 11_000]);
});

Deno.test("tallied() counts one reload however many files are missing, and one for a start that goes wrong", () => {
  let state = stateOf({ "/a": null, "/b": null });
  let tally = newTally(0);
  const on = (event: Event) => {
    const done = step(state, event);
    state = done.state;
    tally = tallied(tally, { event, notes: done.notes, state }, 0);
  };
  for (const word of ["one", null]) {
    for (const dest of ["/a", "/b"]) on({ type: "destinationChanged", dest, content: content(word) });
    on(SETTLE);
  }
  assertEquals([tally.reloads, tally.failedReloads, tally.refusals.missing], [1, 1, 2]);
  const placed: Event = { type: "published", contents: new Map([["/a", content("one")]]), failure: null };
  const unwell = after([...STARTED, placed, timer("verifyTimeout")], { staged: true, verified: true }).tally;
  assertEquals([unwell.reloads, unwell.failedReloads], [1, 1]);
});

// The text of metrics.

Deno.test("exposition() escapes, and leaves out what has no value", () => {
  assertEquals(
    exposition([
      {
        name: "a",
        help: "A \\ b\nc.",
        type: "gauge",
        samples: [{ labels: { dest: '/"x"\\\n' }, value: 0.5 }, { labels: {}, value: 2 }],
      },
      { name: "none", help: "", type: "counter", samples: [] },
      {
        name: "h",
        help: "H.",
        type: "histogram",
        samples: [{ labels: { way: "x" }, buckets: [[1, 1], [Infinity, 2]], sum: 3, count: 2 }],
      },
    ]),
    '# HELP a A \\\\ b\\nc.\n# TYPE a gauge\na{dest="/\\"x\\"\\\\\\n"} 0.5\na 2\n' +
      '# HELP h H.\n# TYPE h histogram\nh_bucket{way="x",le="1"} 1\nh_bucket{way="x",le="+Inf"} 2\nh_sum{way="x"} 3\nh_count{way="x"} 2\n',
  );
});

// Who may ask.

Deno.test("refusalOfRequest() keeps pages of other sites out, and lets probes, scrapers and links in", () => {
  const ask = (hostname: string, headers: Record<string, string>) => {
    return refusalOfRequest({ method: "GET", headers: new Map(Object.entries(headers)) }, { by: "tcp", hostname }) ===
      null;
  };
  for (const host of ["localhost", "localhost:9533", "127.0.0.1:9533", "[::1]:9533", "10.1.2.3", ""]) {
    assert(ask("127.0.0.1", { host }), host);
  }
  for (const host of ["evil.example", "evil.example:9533", "localhost.evil.example", "127.0.0.1.evil.example"]) {
    assert(!ask("127.0.0.1", { host }), host);
    assert(!ask("localhost", { host }) && !ask("::1", { host }), host);
    assert(ask("0.0.0.0", { host }), "names of the network are not known");
  }
  assert(ask("0.0.0.0", { host: "a:1", origin: "http://a:1" }));
  assert(!ask("0.0.0.0", { host: "a:1", origin: "http://b:1" }));
  assert(!ask("0.0.0.0", { host: "a:1", "sec-fetch-site": "cross-site", "sec-fetch-mode": "cors" }));
  assert(!ask("0.0.0.0", { host: "a:1", "sec-fetch-site": "same-site" }));
  assert(
    !ask("0.0.0.0", {
      host: "a:1",
      "sec-fetch-site": "cross-site",
      "sec-fetch-mode": "navigate",
      "sec-fetch-dest": "iframe",
    }),
  );
  assert(
    ask("0.0.0.0", {
      host: "a:1",
      "sec-fetch-site": "cross-site",
      "sec-fetch-mode": "navigate",
      "sec-fetch-dest": "document",
    }),
  );
  assert(ask("0.0.0.0", { host: "a:1", "sec-fetch-site": "same-origin" }));
  const over = (headers: Record<string, string>) => {
    return refusalOfRequest({ method: "POST", headers: new Map(Object.entries(headers)) }, { by: "socket" });
  };
  assertEquals(over({ host: "anything" }), null);
  for (const name of ["origin", "sec-fetch-site"]) assert(over({ [name]: "x" }) !== null, name);
});

// What is answered.

async function answered(
  method: string,
  target: string,
  { by = "socket", source = {} }: { by?: "socket" | "tcp"; source?: Partial<Source> } = {},
) {
  const { pathname, searchParams } = new URL(target, "http://x");
  const asked: Asked = { method, path: pathname, query: searchParams, headers: new Map() };
  const commands: unknown[] = [];
  const whole: Source = {
    prepare: () => Promise.resolve(),
    document: () =>
      ({ ready: false, conditions: [{ name: "service", is: "no", says: "down" }] }) as unknown as StatusDocument,
    metrics: () => [],
    page: () => Promise.resolve({ body: "<p>", headers: { "Content-Security-Policy": "none" } }),
    give: (command) => {
      commands.push(command);
      return Promise.resolve({ done: true, says: "well" });
    },
    ...source,
  };
  const door = by === "tcp" ? { by, hostname: "0.0.0.0" } as const : { by } as const;
  return { ...await route(asked, door, whole), commands };
}

Deno.test("route() answers each path, to GET and HEAD alone", async () => {
  assertEquals([(await answered("GET", "/livez")).body, (await answered("HEAD", "/healthz")).status], ["ok\n", 200]);
  const not = await answered("GET", "/readyz");
  assertEquals([not.status, not.body], [503, "not ready: service down\n"]);
  assertEquals((await answered("GET", "/readyz?verbose")).body, "[-]service down\nnot ready\n");
  assertEquals((await answered("GET", "/")).headers, { "Content-Security-Policy": "none" });
  assertEquals((await answered("GET", "/status")).type, "application/json");
  assertEquals((await answered("PUT", "/status")).headers, { Allow: "GET, HEAD" });
  for (const path of ["/x", "/constructor", "/statusx", "/status/"]) {
    assertEquals((await answered("GET", path)).status, 404, path);
  }
});

Deno.test("route() takes commands by POST, on the socket", async () => {
  const { status, commands } = await answered("POST", "/hold?for=30m&reason=a%20b");
  assertEquals([status, commands], [200, [{ is: "hold", forMs: 1_800_000, reason: "a b" }]]);
  assertEquals((await answered("POST", "/hold")).commands, [{ is: "hold", forMs: null, reason: null }]);
  for (const path of ["/reload", "/restart", "/release"]) {
    assertEquals((await answered("POST", path)).commands, [{ is: path.slice(1) }]);
    assertEquals((await answered("GET", path)).headers, { Allow: "POST" });
    assertEquals((await answered("POST", path, { by: "tcp" })).status, 403);
  }
  assertEquals((await answered("POST", "/rollback")).commands, [{ is: "rollBack" }]);
  for (const wrong of ["for=soon", "for=0", `reason=${"x".repeat(201)}`]) {
    const refused = await answered("POST", `/hold?${wrong}`);
    assertEquals([refused.status, refused.commands], [400, []], wrong);
  }
  const failing = { give: () => Promise.resolve({ done: false, says: "no" }) };
  assertEquals((await answered("POST", "/reload", { source: failing })).status, 409);
});
