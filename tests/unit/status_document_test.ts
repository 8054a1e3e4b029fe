/** The document, the metrics and the table of a run, each for a run that was driven by the core. */
import { drive } from "../../lib/core/drive.ts";
import type { Options } from "../../lib/core/options.ts";
import type { Event } from "../../lib/core/protocol.ts";
import type { RolloutRecord } from "../../lib/status/document.ts";
import { Durations } from "../../lib/status/durations.ts";
import { exposition } from "../../lib/status/exposition.ts";
import { Recorder } from "../../lib/status/recorder.ts";
import { statusTable } from "../../lib/status/table.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { content, contents, stateOf } from "../support/states.ts";

/** A run with two files; an event comes each second from ten o'clock on. */
function run(events: readonly Event[], options: Partial<Options> = {}): Recorder {
  const state = stateOf({ "/a": null, "/b": null }, options);
  const begun = Date.parse("2026-11-25T10:00:00Z");
  let at = begun;
  const recorder = new Recorder({
    facts: {
      version: "1.2.3",
      confd: { dialect: "fork", version: "0.41.1" },
      backend: "etcd",
      ready: "running",
      fleet: null,
      pids: { confd: 41, service: 42 },
      orphansReaped: () => 7,
      usage: () => ({ cpuSeconds: 1.5, residentBytes: 2, virtualBytes: 3, openFiles: 4, openFilesLimit: null }),
    },
    state,
    at: begun,
  });
  const post = drive(state, { perform: () => {}, observe: (transition) => recorder.observe(transition, at) });
  for (const event of events) {
    at += 1000;
    post(event);
  }
  recorder.digest = "d".repeat(64);
  return recorder;
}

function changed(dest: string, word: string | null): Event {
  return { type: "destinationChanged", dest, content: content(word) };
}

function published(a: string, b: string, refused = false): Event {
  const failure = refused ? { refused, reason: "it is bad" } : null;
  return { type: "published", contents: contents([["/a", a], ["/b", b]]), failure };
}

const SETTLE: Event = { type: "timerFired", timer: "settle" };
const RELOADED: Event = { type: "reloadEnded", failure: null };
const STARTED: Event[] = [{ type: "begun" }, changed("/a", "one"), changed("/b", "one"), SETTLE];
const STAGED = { staged: true };
const REFUSED: Event[] = [
  ...STARTED,
  published("one", "one"),
  changed("/a", "bad"),
  SETTLE,
  published("bad", "one", true),
];

Deno.test("the document of a run that waits", () => {
  const { conditions: _, rollouts: __, ...document } = run(STARTED.slice(0, 2)).document;
  const none = { pid: null, state: "notStarted", started: null, starts: 0, lastExit: null };
  assertEquals(document as unknown, {
    schema: 1,
    version: "1.2.3",
    phase: "waiting",
    since: "2026-11-25T10:00:00.000Z",
    started: "2026-11-25T10:00:00.000Z",
    ready: false,
    service: none,
    confd: {
      dialect: "fork",
      version: "0.41.1",
      pid: 41,
      state: "running",
      mode: "watch",
      starts: 1,
      backend: "etcd",
      reachable: true,
      lastAnswer: "2026-11-25T10:00:02.000Z",
      complaint: null,
    },
    config: {
      digest: "d".repeat(64),
      loaded: null,
      verified: null,
      pendingSince: null,
      destinations: [
        { path: "/a", digest: "one", changed: "2026-11-25T10:00:02.000Z", state: "pending" },
        { path: "/b", digest: null, changed: null, state: "missing" },
      ],
    },
    trouble: null,
    hold: null,
    fleet: null,
    counts: {
      changes: 0,
      changesTakenBack: 0,
      reloads: 0,
      failedReloads: 0,
      refusals: 0,
      rollbacks: 0,
      confdStale: 0,
      serviceKills: 0,
      orphansReaped: 7,
    },
  });
});

Deno.test("the document of a run whose newest files were refused, while changes are held", () => {
  const hold: Event = { type: "commanded", command: { is: "hold", forMs: 60_000, reason: "why" } };
  const { phase, ready, service, config, trouble, hold: held, counts } = run([...REFUSED, hold], STAGED).document;
  assertEquals([phase, ready], ["running", true]);
  assertEquals(service as unknown, {
    pid: 42,
    state: "running",
    started: "2026-11-25T10:00:05.000Z",
    starts: 1,
    lastExit: null,
  });
  assertEquals([config.loaded, config.pendingSince], ["2026-11-25T10:00:05.000Z", null]);
  assertEquals(config.destinations.map(({ path, state }) => [path, state]), [["/a", "refused"], ["/b", "current"]]);
  assertEquals(trouble, { kind: "refused", reason: "it is bad", since: "2026-11-25T10:00:08.000Z" });
  assertEquals(held, { since: "2026-11-25T10:00:09.000Z", until: "2026-11-25T10:01:09.000Z", reason: "why" });
  assertEquals([counts.refusals, counts.changes, counts.failedReloads, counts.reloads], [1, 1, 1, 1]);
});

Deno.test("the document tells of a service that has ended, and of files that are empty", () => {
  const ended: Event = { type: "childExited", child: "service", code: 9, signal: null };
  const down = run([...STARTED, ended], { restart: "always" }).document;
  assertEquals(down.service as unknown, {
    pid: null,
    state: "backingOff",
    started: "2026-11-25T10:00:04.000Z",
    starts: 1,
    lastExit: { at: "2026-11-25T10:00:05.000Z", code: 9, signal: null },
  });
  const stopping = run([...STARTED, { type: "signalReceived", signal: "SIGTERM" }]).document;
  assertEquals([stopping.service.state, stopping.service.pid, stopping.confd.state], ["stopping", 42, "stopping"]);
  assertEquals(run([...STARTED, ended]).document.service.state, "ended");
  const empty = run([...STARTED, changed("/a", "empty")]).document.config.destinations[0];
  assertEquals([empty.state, empty.digest], ["empty", null]);
  assertEquals(
    run([...STARTED, changed("/a", "empty")], { empty: "allow" }).document.config.destinations[0].state,
    "pending",
  );
});

Deno.test("the document tells when the service was verified", () => {
  const well: Event[] = [{ type: "timerFired", timer: "probe" }, { type: "probeEnded", failure: null }];
  const { config } = run([...STARTED, published("one", "one"), ...well], { staged: true, verified: true }).document;
  assertEquals([config.loaded, config.verified], ["2026-11-25T10:00:05.000Z", "2026-11-25T10:00:07.000Z"]);
});

/** The values of the metrics, without those of the process, by name and labels. */
function values(recorder: Recorder): Record<string, string> {
  const lines = exposition(recorder.metrics).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return Object.fromEntries(
    lines.filter((line) => !/_bucket|^process_/.test(line)).map((line) => line.split(/ (?=[^ ]*$)/)),
  );
}

Deno.test("the metrics of a run, all of them", () => {
  const at = (seconds: number) => String(Date.parse("2026-11-25T10:00:00Z") / 1000 + seconds);
  assertEquals(values(run([...REFUSED, changed("/a", "two")], STAGED)), {
    "reloader_reloads_total": "1",
    "reloader_reloads_failed_total": "1",
    "reloader_last_reload_successful": "0",
    "reloader_last_reload_success_timestamp_seconds": at(5),
    'confd_sidecar_build_info{version="1.2.3",confd="fork",confd_version="0.41.1"}': "1",
    'confd_sidecar_phase{phase="waiting"}': "0",
    'confd_sidecar_phase{phase="running"}': "0",
    'confd_sidecar_phase{phase="changing"}': "1",
    'confd_sidecar_phase{phase="restarting"}': "0",
    'confd_sidecar_phase{phase="stopping"}': "0",
    "confd_sidecar_changes_total": "2",
    "confd_sidecar_changes_taken_back_total": "0",
    "confd_sidecar_change_pending": "1",
    "confd_sidecar_change_pending_since_timestamp_seconds": at(9),
    'confd_sidecar_refusals_total{reason="check"}': "1",
    'confd_sidecar_refusals_total{reason="empty"}': "0",
    'confd_sidecar_refusals_total{reason="missing"}': "0",
    'confd_sidecar_refusals_total{reason="publish"}': "0",
    'confd_sidecar_refusals_total{reason="fleet"}': "0",
    'confd_sidecar_rollbacks_total{reason="verify"}': "0",
    'confd_sidecar_rollbacks_total{reason="died"}': "0",
    'confd_sidecar_rollbacks_total{reason="operator"}': "0",
    'confd_sidecar_rollout_duration_seconds_sum{way="signal"}': "0",
    'confd_sidecar_rollout_duration_seconds_count{way="signal"}': "0",
    [`confd_sidecar_config_info{digest="${"d".repeat(64)}"}`]: "1",
    "confd_sidecar_config_loaded_timestamp_seconds": at(5),
    'confd_sidecar_destination_current{dest="/a"}': "0",
    'confd_sidecar_destination_current{dest="/b"}': "1",
    'confd_sidecar_destination_changed_timestamp_seconds{dest="/a"}': at(9),
    'confd_sidecar_destination_changed_timestamp_seconds{dest="/b"}': at(3),
    "confd_sidecar_hold": "0",
    "confd_sidecar_confd_up": "1",
    "confd_sidecar_confd_starts_total": "1",
    "confd_sidecar_confd_stale_total": "0",
    "confd_sidecar_confd_last_answer_timestamp_seconds": at(9),
    "confd_sidecar_backend_reachable": "1",
    "confd_sidecar_service_up": "1",
    "confd_sidecar_service_starts_total": "1",
    "confd_sidecar_service_start_timestamp_seconds": at(5),
    "confd_sidecar_service_kills_total": "0",
    "confd_sidecar_orphans_reaped_total": "7",
    "confd_sidecar_fleet_waiting": "0",
    "confd_sidecar_fleet_holding": "0",
    "confd_sidecar_fleet_wait_seconds_sum": "0",
    "confd_sidecar_fleet_wait_seconds_count": "0",
    'confd_sidecar_fleet_errors_total{kind="away"}': "0",
    'confd_sidecar_fleet_errors_total{kind="denied"}': "0",
    'confd_sidecar_fleet_errors_total{kind="answer"}': "0",
  });
});

Deno.test("the metrics of a run that has only begun, and of one that goes well again", () => {
  const begun = values(run([{ type: "begun" }]));
  assertEquals([begun["reloader_last_reload_successful"], begun["reloader_last_reload_success_timestamp_seconds"]], [
    "0",
    "0",
  ]);
  assertEquals([begun["confd_sidecar_backend_reachable"], begun["confd_sidecar_service_up"]], ["0", "0"]);
  assertEquals(begun['confd_sidecar_destination_current{dest="/a"}'], "0");
  assertEquals(begun["confd_sidecar_service_exit_status"], undefined);
  const well = values(run([...STARTED, changed("/a", "two"), SETTLE, RELOADED]));
  assertEquals([well["reloader_last_reload_successful"], well["confd_sidecar_change_pending"]], ["1", "0"]);
  assertEquals(well['confd_sidecar_rollout_duration_seconds_sum{way="signal"}'], "1");
  const ended: Event = { type: "childExited", child: "service", code: 9, signal: null };
  assertEquals(values(run([...STARTED, ended]))["confd_sidecar_service_exit_status"], "9");
});

Deno.test("the metrics of the process are those that are known", () => {
  const text = exposition(run(STARTED).metrics);
  const process = text.split("\n").filter((line) => line.startsWith("process_"));
  assertEquals(process, [
    "process_cpu_seconds_total 1.5",
    "process_resident_memory_bytes 2",
    "process_virtual_memory_bytes 3",
    "process_open_fds 4",
    `process_start_time_seconds ${Date.parse("2026-11-25T10:00:00Z") / 1000}`,
  ]);
});

function rollout(change: Partial<RolloutRecord>): RolloutRecord {
  const settle = { name: "settle" as const, at: "", seconds: 1, outcome: "ok" as const, reason: null };
  return {
    id: 1,
    at: "",
    trigger: "change",
    destinations: [],
    steps: [settle],
    outcome: "loaded",
    seconds: 1,
    differences: [],
    ...change,
  };
}

Deno.test("Durations counts what was loaded, from the end of the window on", () => {
  const durations = new Durations();
  for (const seconds of [1.005, 1.1, 3, 100]) durations.observe(rollout({ seconds }), "exec");
  durations.observe(rollout({ seconds: 1.3, outcome: "verified" }), "http");
  for (const trigger of ["start", "restart", "rollback"] as const) {
    durations.observe(rollout({ trigger, seconds: 9 }), "exec");
  }
  for (const outcome of ["refused", "held", "takenBack", "failed", "rolledBack", "running"] as const) {
    durations.observe(rollout({ outcome, seconds: 9 }), "exec");
  }
  for (const trigger of ["retry", "reload", "release"] as const) {
    durations.observe(rollout({ trigger, seconds: 1 }), "none");
  }
  const [signal, exec, http, none] = durations.distributions("signal");
  assertEquals([signal.labels, signal.count, signal.sum], [{ way: "signal" }, 0, 0]);
  assertEquals([exec.labels, exec.count, Math.round(exec.sum * 1000)], [{ way: "exec" }, 4, 101_105]);
  assertEquals(exec.buckets.map(([, count]) => count), [1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 3, 4]);
  assertEquals(exec.buckets.map(([le]) => le), [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, Infinity]);
  assertEquals([http.count, none.count], [1, 3]);
});

Deno.test("statusTable() of a run with a refused change", () => {
  const now = Date.parse("2026-11-25T10:05:09Z");
  assertEquals(statusTable(run(REFUSED, STAGED).document, now), [
    "The newest configuration was refused. The service goes on with what it has loaded.",
    "! The newest configuration was refused, 5 min ago",
    "  it is bad",
    "",
    "sidecar   1.2.3, running since 5 min ago, ready; up 5 min ago",
    "service   running, process 42, started 5 min ago, 1 start",
    "confd     running, process 41, fork 0.41.1, 1 start, watches etcd, it last answered 5 min ago",
    "config    dddddddddddd loaded 5 min ago",
    "",
    "FILE  STATE    CHANGED",
    "/a    refused  5 min ago",
    "/b    current  5 min ago",
    "",
    "TIME (UTC)  CHANGE  OUTCOME  TOOK  WHY, OR WHICH FILES",
    "10:00:06    change  refused  2.0s  it is bad",
    "10:00:01    start   loaded   4.0s  /a /b",
  ]);
});

Deno.test("statusTable() of a run that waits, of one with a hold, and of one whose service is down", () => {
  const now = Date.parse("2026-11-25T10:00:30Z");
  const waiting = statusTable(run([{ type: "begun" }]).document, now).join("\n");
  assert(
    waiting.includes("\nsidecar   1.2.3, waiting since 30 s ago, not ready; up 30 s ago\nservice   not started\n"),
    waiting,
  );
  assert(waiting.includes("it has not answered yet\nconfig    none loaded yet\n"), waiting);
  assert(waiting.includes("\n/a    missing  -\n"), waiting);
  const hold: Event = { type: "commanded", command: { is: "hold", forMs: 60_000, reason: "why" } };
  const held = statusTable(run([...STARTED, hold, changed("/a", "two"), SETTLE]).document, now).join("\n");
  assert(held.includes("! Changes are on hold, 25 s ago, ends in 35 s\n  why\n"), held);
  assert(held.includes("loaded 26 s ago, a change has been pending since 24 s ago\n"), held);
  const ended: Event = { type: "childExited", child: "service", code: 9, signal: null };
  const silent: Event = { type: "dryRunEnded", result: { inSync: [], outOfSync: new Map() } };
  const down = statusTable(run([...STARTED, silent, ended], { restart: "always", follow: "poll" }).document, now).join(
    "\n",
  );
  assert(
    down.includes(
      "service   down, to be started again, started 26 s ago, 1 start, last ended 24 s ago with status 9\n",
    ),
    down,
  );
  assert(down.includes("polls etcd, which does not answer; it last answered 27 s ago\n"), down);
});
