/**
 * Walks every state of the core that a small world can bring about, and holds each transition against what must always
 * be true.
 *
 * `MODEL_TRANSITIONS=N` walks no more of a world than that.
 *
 * Touches: one environment variable.
 * @module
 */
import { type Child, isAlive } from "../../lib/core/child.ts";
import type { Hold } from "../../lib/core/rollout_state.ts";
import { changed, type Contents, EMPTY, hold as holdJust, loadedContents, pending } from "../../lib/core/files.ts";
import type { Options } from "../../lib/core/options.ts";
import type { Command, Event } from "../../lib/core/protocol.ts";
import {
  isQuarantined,
  mayUseLastGood,
  missingOrEmpty,
  needsReload,
  presentTrouble,
} from "../../lib/core/rollout_state.ts";
import { step } from "../../lib/core/supervisor.ts";
import { initialState, type State, timersOf } from "../../lib/core/supervisor_state.ts";
import { assert } from "../support/assert.ts";
import { content, contents } from "../support/states.ts";
import { EMPTY_WORLD, happen, perform, type World } from "./world.ts";

const COMMANDS: readonly Command[] = [
  { is: "reload" },
  { is: "restart" },
  { is: "rollBack" },
  { is: "hold", forMs: 60_000, reason: null },
  { is: "release" },
];

const OPTIONS: Options = {
  once: false,
  settleMs: 1000,
  settleMaxMs: 10_000,
  startTimeoutMs: 0,
  follow: "watch",
  intervalMs: 0,
  debounceMs: 0,
  confdExit: "restart",
  empty: "hold",
  start: "rendered",
  staged: false,
  verified: false,
  verifyTimeoutMs: 30_000,
  splayMs: 0,
  fleet: null,
  reload: { by: "signal" },
  reloads: new Map(),
  optional: new Set(),
  stopOn: ["SIGTERM", "SIGINT"],
  stopSignal: "",
  stopTimeoutMs: 30_000,
  signals: new Map(),
  restart: "never",
  restartMax: 2,
};

interface Place {
  state: State;
  world: World;
}

/** More restarts than before a run is given up. */
const MANY_RESTARTS = 7;

/** What makes a difference to notes and to lengths of time alone, or fires to no other effect than itself. */
const INDIFFERENT = [
  "ms",
  "waitMs",
  "failure",
  "failures",
  "reminders",
  "trouble",
  "wasWell",
  "good",
  "young",
  "stable",
  "calm",
];

/** What makes a difference to what may come after it: how long a countdown or a wait is does not. */
function key({ state, world }: Place): string {
  const { run, confd, service, rollout, watchdog } = state;
  const files = {
    ...rollout,
    files: [...rollout.files].sort(),
    quarantine: rollout.quarantine && [...rollout.quarantine].sort(),
    checked: rollout.checked && [...rollout.checked].sort(),
    due: [...rollout.due].sort(),
    turn: Object.entries(rollout.turn).map(([, value]) => value instanceof Map ? [...value].sort() : value),
  };
  const watch = [
    watchdog.purpose,
    watchdog.running,
    watchdog.spread,
    watchdog.waitedMs >= 5000,
    watchdog.suspectMs >= 5000,
    watchdog.follow,
    watchdog.synced,
    Math.min(watchdog.missed, 2),
    watchdog.suspects.size,
    watchdog.tried.size,
    world.reloading,
    world.restoring,
    world.publishing,
    world.checking,
    world.probing,
    world.fleet,
  ];
  return JSON.stringify([
    run,
    // Restarts beyond these make no difference, and none does in a stop.
    run.is === "up" ? { ...confd, restarts: Math.min(confd.restarts, MANY_RESTARTS) } : { ...confd, restarts: 0 },
    service,
    // In a stop, nothing else matters any more.
    run.is === "up" ? [files, watch] : null,
    [...world.running].sort(),
    world.dying,
    world.exited !== undefined,
  ], (name, value) => {
    if (INDIFFERENT.includes(name)) return undefined;
    return typeof value === "number" && ["status", "confdStatus"].includes(name) ? "some" : value;
  });
}

/** Everything that can happen in a place; contents of destinations are drawn from `words`. */
function possible({ state, world }: Place, { digests: words, steady = false }: Small): Event[] {
  if (world.exited !== undefined) return [];
  // To quit makes another difference only where an end is not the end.
  const signals = state.options.restart === "never" ? ["SIGTERM", "SIGHUP"] : ["SIGTERM", "SIGQUIT", "SIGHUP"];
  const events: Event[] = signals.map((signal) => ({ type: "signalReceived", signal }));
  if (world.operated) events.push(...COMMANDS.map((command) => ({ type: "commanded", command }) as const));
  for (const timer of world.timers.keys()) events.push({ type: "timerFired", timer });
  for (const child of world.running) {
    if (steady && child === "confd" && state.confd.is === "running") continue;
    events.push({ type: "childExited", child, code: 0, signal: null });
    events.push({ type: "childExited", child, code: 3, signal: null });
    events.push({ type: "spawnFailed", child, status: 127, reason: "it is not there" });
  }
  if (world.dryRunning) {
    const dests = [...state.rollout.files.keys()];
    const wanted = new Map(dests.map((dest) => [dest, "another"]));
    events.push({ type: "dryRunEnded", result: { inSync: [], outOfSync: new Map() } });
    events.push({ type: "dryRunEnded", result: { inSync: dests, outOfSync: new Map() } });
    if (state.options.intervalMs > 0) {
      events.push({ type: "dryRunEnded", result: { inSync: [], outOfSync: wanted } });
    }
  }
  if (world.probing) {
    events.push({ type: "probeEnded", failure: null });
    events.push({ type: "probeEnded", failure: "it does not answer" });
  }
  const all = (word: string) => contents([...state.rollout.files.keys()].map((dest) => [dest, word]));
  if (world.publishing) {
    events.push({ type: "checked" });
    // The set that was looked at may be an older one than the present.
    const now: Contents = new Map([...state.rollout.files].map(([dest, { now }]) => [dest, now]));
    for (const contents of [now, all("a")]) {
      events.push({ type: "published", contents, failure: null });
      events.push({ type: "published", contents, failure: { refused: true, reason: "it is bad" } });
      events.push({ type: "published", contents, failure: { refused: false, reason: "the disk is full" } });
    }
  }
  // The host puts files in place one set after another.
  if (world.restoring && !world.publishing) {
    events.push({ type: "restored", contents: null });
    events.push({ type: "restored", contents: all("kept") });
  }
  if (world.reloading) {
    events.push({ type: "reloadEnded", failure: null });
    events.push({ type: "reloadEnded", failure: "it did not work" });
    for (const { id } of state.options.reloads.values()) {
      events.push({ type: "reloadEnded", failure: "this one did not work", failed: [id] });
    }
  }
  if (world.fleet === "asked") {
    events.push({ type: "turnGranted" });
    events.push({ type: "turnRefused", reason: "it did harm elsewhere" });
  }
  if (world.fleet === "holding") events.push({ type: "turnLost", reason: "the store is away" });
  for (const dest of state.rollout.files.keys()) {
    events.push({ type: "destinationRendered", dest });
    for (const word of words) events.push({ type: "destinationChanged", dest, content: content(word) });
  }
  return events;
}

function move({ state, world }: Place, event: Event): Place {
  const { state: after, effects } = step(state, event);
  const next = { state: after, world: effects.reduce(perform, happen(world, event)) };
  check({ state, world }, event, next);
  return next;
}

/** What must be true of every transition. */
function check(before: Place, event: Event, after: Place): void {
  const { state, world } = after;
  const { run } = state;
  if (event.type === "timerFired") {
    const spent = timersOf(before.state).get(event.timer);
    assert(timersOf(state).get(event.timer) !== spent, `a countdown ends once: ${event.timer}`);
  }
  assert(
    JSON.stringify([...world.timers.keys()].sort()) === JSON.stringify([...timersOf(state).keys()].sort()),
    "the timers that are armed are those that follow from the state",
  );
  checkChildren(before, after);
  if (run.is === "up") checkRollout(after);
  if (run.is === "up" && state.rollout.hold !== null) checkHold(before, after);
  if (run.is === "up" && state.options.fleet !== null) checkFleet(before, event, after);
  if (run.is !== "up" || state.options.fleet === null) {
    assert(world.fleet === "none", "a stop leaves the fleet at once");
  }
  const stops = event.type === "signalReceived" && event.signal === "SIGTERM";
  if (stops) assert(run.is !== "up", "a stop is never put off");
  if (run.is === "stopping") {
    assert(world.running.size > 0, "a stop waits for somebody");
    const { service, confd } = state;
    const limit = isAlive(service) ? "stopTimeout" : "confdGrace";
    if (!run.killed) assert(world.timers.has(limit), "a stop has a limit");
    for (const child of [service, confd]) assert(child.is !== "running", "who is told to stop is not taken to run on");
    for (const timer of world.timers.keys()) {
      const ofStop = ["stopTimeout", "confdGrace", "stopAgain"].includes(timer);
      assert(ofStop, `nothing but the stop is pending in a stop: ${timer} is`);
    }
  }
  if (run.is === "ended") {
    assert(world.exited === run.status, "the end is the exit");
    assert(world.timers.size === 0, `no timer outlives the run: ${[...world.timers.keys()]}`);
  }
}

/** What a hold keeps from going live: all but what the service needs for its first start, and what was under way. */
function checkHold({ world: before }: Place, { state: { rollout, service }, world }: Place): void {
  if (!world.publishing || before.publishing || world.checking) return;
  assert(rollout.target === "start" && service.is === "absent", "what is held is not put in place");
}

/** What a turn keeps from going live, and who has one. */
function checkFleet(before: Place, event: Event, { state, world }: Place): void {
  const { rollout, options } = state;
  const { turn, stage, target, window } = rollout;
  const has = { none: "none", exempt: "none", waiting: "asked", holding: "holding", kept: "holding" }[turn.is];
  assert(world.fleet === has, `what the fleet knows is so: ${world.fleet}, ${turn.is}`);
  const mayGo = [turn, before.state.rollout.turn].some(({ is }) => ["holding", "kept", "exempt"].includes(is));
  const publishes = world.publishing && !before.world.publishing && !world.checking;
  const isForThese = turn.is === "exempt" || ("contents" in turn && holdJust(rollout.files, turn.contents));
  if (publishes && target === "reload") {
    assert(mayGo, "nothing is put in place before it is our turn");
    assert(isForThese, "a turn is for what is put in place");
  }
  const loads = (world.reloading && !before.world.reloading) ||
    (target === "none" && before.state.rollout.target === "reload" && state.service.is === "stopping");
  // A start needs no turn, and neither does one that an operator wants.
  const comesBack = before.state.rollout.stage.is === "restoring" || event.type === "commanded" ||
    (options.staged && rollout.hold !== null);
  // An operator who asks for it gets it, also of a set that did harm elsewhere.
  const forItself = isQuarantined(before.state.rollout) || before.state.rollout.due.size <= 1 &&
      (options.staged || changed(before.state.rollout.files, options).length === 0);
  if (loads && !comesBack && !forItself) {
    assert(mayGo, "nothing new is loaded before it is our turn");
    const isNews = !options.staged && changed(before.state.rollout.files, options).length > 0;
    if (isNews && target === "reload") assert(isForThese, "a turn is for what is loaded");
  }
  if (target === "none") assert(turn.is !== "waiting", "a start needs no turn");
  if (target !== "reload" || stage.is !== "idle" || window !== null) return;
  assert(turn.is !== "holding", "a turn is given back once there is nothing to do");
  assert(turn.is !== "exempt" || rollout.owed, "who goes without a turn does so once");
  const wants = needsReload(rollout, options) && missingOrEmpty(rollout, options).length === 0 && rollout.hold === null;
  if (turn.is === "waiting") assert(wants, "who waits for a turn wants one");
  if (turn.is === "kept") assert(presentTrouble(rollout, options) !== null, "a turn is kept where there is trouble");
}

function checkChildren(before: Place, { state, world }: Place): void {
  const { confd, service, options, rollout } = state;
  if (state.run.is !== "ended") {
    assert(world.running.has("confd") === isAlive(confd), "what the core believes of confd is so");
    assert(world.running.has("service") === isAlive(service), "what the core believes of the service is so");
  }
  if (confd.is === "stopping" && state.run.is === "up") {
    assert(world.timers.has("confdGrace") || world.dying, "a confd that is to end is killed in time");
  }
  if (world.running.has("service") && !before.world.running.has("service")) {
    if (options.staged) assert(world.published !== undefined, "nothing unchecked is started on");
    else assert(pending(rollout.files).length === 0, "the service is started only once every destination is rendered");
    assert(before.state.run.is === "up", "nothing is started by a run that stops");
  }
  if (service.is === "stopping" && state.run.is === "up") {
    assert(
      world.operated || [...options.reloads.values(), options.reload].some(({ by }) => by === "restart") ||
        (options.verified && options.restart !== "never"),
      "the service is stopped to be started again only where that is wanted",
    );
  }
  if (service.is === "backingOff") {
    assert(options.restart !== "never", "a service is started again only if that is wanted");
    assert(service.restarts <= options.restartMax, "restarts have an end");
  }
}

function checkRollout({ state, world }: Place): void {
  const { options, rollout, service, watchdog, confd } = state;
  const { stage, target, window } = rollout;
  const waiting = stage.is === "waiting" && window === null;
  assert((stage.is === "publishing") === world.publishing, "what the core believes of staged files is so");
  // The outcome of a reload of a service that an operator has told to stop is nobody's.
  const isOver = world.operated && service.is === "stopping";
  assert(isOver || (stage.is === "applying") === world.reloading, "what the core believes of a reload is so");
  assert((stage.is === "restoring") === world.restoring, "what the core believes of the last good files is so");
  if (world.probing) assert(stage.is === "verifying", "probes are for a verification");
  assert(watchdog.running === world.dryRunning, "a result is waited for only where there is a dry run");
  assert(target === "reload" === (service.is === "running"), "what is to be done fits the service");
  if (target === "none") assert(["stopping", "backingOff"].includes(service.is), "a service is on its way");
  if (options.intervalMs > 0 && confd.is === "running") {
    assert(watchdog.running || watchdog.next !== null, "a confd that runs is looked after");
  }
  if (target === "start") {
    assert(!["idle", "splaying", "applying", "verifying"].includes(stage.is), "a start goes on");
    if (stage.is === "restoring") {
      const wanted = stage.which !== "lastGood" || mayUseLastGood(rollout, options) || options.verified;
      assert(wanted, "last good files are for those who want them");
    }
  }
  if (waiting) {
    const incomplete = pending(rollout.files).length > 0 || isQuarantined(rollout);
    assert(incomplete, "a run waits for something");
    const limited = options.startTimeoutMs > 0 || mayUseLastGood(rollout, options);
    if (!isQuarantined(rollout)) assert((stage.limit !== null) === limited, "the wait is limited as asked for");
  }
  if (stage.is === "waiting" && !waiting) assert(pending(rollout.files).length === 0, "what settles is rendered");
  if (target !== "reload") return;
  if (options.staged && stage.is !== "restoring" && world.published !== undefined) {
    const loaded = JSON.stringify([...loadedContents(rollout.files)].sort());
    assert(loaded === world.published, "the service loads only what was put in place");
  }
  const settledDown = window === null && stage.is === "idle";
  if (settledDown) {
    const waits = rollout.hold !== null || missingOrEmpty(rollout, options).length > 0 || rollout.turn.is === "waiting";
    assert(!needsReload(rollout, options) || waits, "no change is forgotten");
  }
}

/** Stops from here: every child ends at the signals that `obeys` names; timers fire when nothing else happens. */
function stopFrom(place: Place, obeys: readonly string[]): Place {
  let here = place;
  const send = (event: Event) => {
    const { effects } = step(here.state, event);
    here = move(here, event);
    for (const effect of effects) {
      const dies = effect.type === "kill" || (effect.type === "signal" && obeys.includes(effect.signal));
      if (!dies || !here.world.running.has(effect.child)) continue;
      send({ type: "childExited", child: effect.child, code: 143, signal: "SIGTERM" });
    }
  };
  send({ type: "signalReceived", signal: "SIGTERM" });
  for (let i = 0; i < 5 && here.world.exited === undefined; i++) {
    const [timer] = here.world.timers.keys();
    send(timer === undefined ? { type: "signalReceived", signal: "SIGTERM" } : { type: "timerFired", timer });
  }
  return here;
}

/** Where a run stands, in a word. */
function phaseOf({ run, service, rollout: { stage, window, target } }: State): string {
  if (run.is !== "up") return run.is;
  const child: Child["is"] = service.is;
  if (child !== "absent") return child;
  if (stage.is === "waiting" && target === "start" && window !== null) return "settling";
  return stage.is;
}

function walk(
  small: Small,
  limit: number,
): { places: number; transitions: number; phases: Set<string> } {
  const { options, onDisk, lastGood: hasBackup, hold, operated = false } = small;
  const state = initialState(options, contents(onDisk), { hasBackup, hold });
  const first = move({ state, world: { ...EMPTY_WORLD, operated } }, { type: "begun" });
  const seen = new Set([key(first)]);
  const phases = new Set<string>();
  const queue = [first];
  let transitions = 0;
  for (let place = queue.pop(); place !== undefined && transitions < limit; place = queue.pop()) {
    phases.add(phaseOf(place.state));
    if (isQuarantined(place.state.rollout)) phases.add("quarantined");
    for (const event of possible(place, small)) {
      transitions++;
      const next = move(place, event);
      if (seen.has(key(next))) continue;
      seen.add(key(next));
      queue.push(next);
    }
    if (place.world.exited === undefined) {
      assert(stopFrom(place, ["SIGTERM"]).world.exited !== undefined, "children that obey: the stop comes to its end");
      assert(stopFrom(place, []).world.exited !== undefined, "children that do not: the stop comes to its end");
    }
  }
  return { places: seen.size, transitions, phases };
}

/** A world small enough to be walked to its end. */
interface Small {
  name: string;
  options: Options;
  onDisk: [string, string | null][];
  digests: (string | null)[];
  lastGood?: boolean;
  /** True if an operator may want anything at any time. */
  operated?: boolean;
  /** From an earlier run. */
  hold?: Hold;
  /** True if confd never ends by itself: other worlds have that. */
  steady?: boolean;
}

const ALL = [null, EMPTY, "a", "b"];

const WORLDS: Small[] = [
  { name: "one destination", options: OPTIONS, onDisk: [["/a", null]], digests: ALL },
  { name: "one destination that is there already", options: OPTIONS, onDisk: [["/a", "a"]], digests: [null, "a", "b"] },
  { name: "two destinations", options: OPTIONS, onDisk: [["/a", null], ["/b", "a"]], digests: ["a", "b"] },
  {
    name: "a limit for the start",
    options: { ...OPTIONS, startTimeoutMs: 60_000 },
    onDisk: [["/a", null]],
    digests: [null, "a"],
  },
  { name: "confd's end ends all", options: { ...OPTIONS, confdExit: "stop" }, onDisk: [["/a", null]], digests: ALL },
  { name: "empty files are allowed", options: { ...OPTIONS, empty: "allow" }, onDisk: [["/a", null]], digests: ALL },
  {
    name: "the service is started again",
    options: { ...OPTIONS, restart: "on-failure" },
    onDisk: [["/a", null]],
    digests: ["a", "b"],
  },
  {
    name: "reloads come after a random delay",
    options: { ...OPTIONS, splayMs: 5000 },
    onDisk: [["/a", null]],
    digests: [null, "a", "b"],
  },
  {
    name: "a reload is a restart, after a random delay",
    steady: true,
    options: { ...OPTIONS, splayMs: 5000, reload: { by: "restart" }, restart: "on-failure" },
    onDisk: [["/a", null]],
    digests: [null, "a", "b"],
  },
  {
    name: "the service notices changes by itself",
    options: { ...OPTIONS, reload: { by: "none" } },
    onDisk: [["/a", null]],
    digests: ALL,
  },
  {
    name: "files are staged",
    options: { ...OPTIONS, staged: true },
    onDisk: [["/a", null]],
    digests: [null, "a", "b"],
  },
  {
    name: "files are staged, two of them",
    steady: true,
    options: { ...OPTIONS, staged: true },
    onDisk: [["/a", null], ["/b", null]],
    digests: ["a", "b"],
  },
  {
    name: "files are staged, and a reload is a restart after a random delay",
    steady: true,
    options: { ...OPTIONS, staged: true, splayMs: 5000, reload: { by: "restart" }, restart: "on-failure" },
    onDisk: [["/a", null]],
    digests: ["a", "b"],
  },
  {
    name: "files are staged, and there are last good ones",
    steady: true,
    options: { ...OPTIONS, staged: true, start: "last-good" },
    onDisk: [["/a", null]],
    digests: [null, "a", "b"],
    lastGood: true,
  },
  {
    name: "files are staged, and the service has to be well",
    steady: true,
    options: { ...OPTIONS, staged: true, verified: true },
    onDisk: [["/a", null]],
    digests: ["a", "b"],
  },
  {
    name: "files are staged, the service has to be well, and is restarted",
    steady: true,
    options: { ...OPTIONS, staged: true, verified: true, restart: "on-failure", restartMax: 1 },
    onDisk: [["/a", null]],
    digests: ["a", "b"],
  },
  {
    name: "files are staged, and a service that has to be well is reloaded by a restart",
    steady: true,
    options: { ...OPTIONS, staged: true, verified: true, reload: { by: "restart" } },
    onDisk: [["/a", null]],
    digests: ["a", "b"],
    lastGood: true,
  },
  {
    name: "one of two files wants a restart",
    steady: true,
    options: { ...OPTIONS, reloads: new Map([["/b", { id: "restart", by: "restart" }]]) },
    onDisk: [["/a", null], ["/b", null]],
    digests: ["a", "b"],
  },
  {
    name: "two files have ways of their own, and are staged",
    steady: true,
    options: {
      ...OPTIONS,
      staged: true,
      reloads: new Map([["/a", { id: "exec", by: "exec" }], ["/b", { id: "http", by: "http" }]]),
    },
    onDisk: [["/a", null], ["/b", null]],
    digests: ["a", "b"],
  },
  {
    name: "a file that the service does without",
    steady: true,
    options: { ...OPTIONS, optional: new Set(["/b"]) },
    onDisk: [["/a", null], ["/b", null]],
    digests: [null, "a", "b"],
  },
  {
    name: "a file that the service does without, and files are staged",
    steady: true,
    options: {
      ...OPTIONS,
      staged: true,
      optional: new Set(["/b"]),
      reloads: new Map([["/b", { id: "none", by: "none" }]]),
    },
    onDisk: [["/a", null], ["/b", null]],
    digests: [null, "a"],
  },
  {
    name: "an operator",
    steady: true,
    operated: true,
    options: { ...OPTIONS, restart: "on-failure", restartMax: 1 },
    onDisk: [["/a", null]],
    digests: [null, "a", "b"],
  },
  {
    name: "an operator, and files are staged",
    steady: true,
    operated: true,
    options: { ...OPTIONS, staged: true },
    onDisk: [["/a", null]],
    digests: ["a", "b"],
    hold: { until: null, reason: null, fromEarlierRun: true },
  },
  {
    name: "an operator, files are staged, and the service has to be well",
    steady: true,
    operated: true,
    options: { ...OPTIONS, staged: true, verified: true, reload: { by: "exec" } },
    onDisk: [["/a", null]],
    digests: ["a", "b"],
  },
  {
    name: "a fleet",
    options: { ...OPTIONS, fleet: { timeoutMs: 0 } },
    steady: true,
    onDisk: [["/a", null]],
    digests: [null, "a", "b"],
  },
  {
    name: "a fleet that may take too long, and a reload is a restart",
    options: { ...OPTIONS, fleet: { timeoutMs: 60_000 }, reload: { by: "restart" }, restart: "on-failure" },
    steady: true,
    onDisk: [["/a", null]],
    digests: ["a", "b"],
  },
  {
    name: "a fleet that may take too long, files are staged, and the service has to be well",
    options: { ...OPTIONS, fleet: { timeoutMs: 60_000 }, staged: true, verified: true },
    steady: true,
    onDisk: [["/a", null]],
    digests: ["a", "b"],
  },
  {
    name: "a fleet and an operator, and files are staged",
    options: { ...OPTIONS, fleet: { timeoutMs: 0 }, staged: true },
    steady: true,
    operated: true,
    onDisk: [["/a", null]],
    digests: ["a", "b"],
  },
  {
    name: "a start on the last good files",
    options: { ...OPTIONS, start: "last-good" },
    onDisk: [["/a", null]],
    digests: [null, "a"],
    lastGood: true,
  },
  {
    name: "files are kept once they are good",
    steady: true,
    options: { ...OPTIONS, start: "last-good", restart: "always", restartMax: 1 },
    onDisk: [["/a", "a"]],
    digests: ["a", "b"],
  },
  {
    name: "the watchdog looks after confd",
    options: { ...OPTIONS, intervalMs: 60_000 },
    onDisk: [["/a", null]],
    digests: [null, "a", "b"],
  },
  {
    name: "the watchdog looks after confd, and files are staged",
    options: { ...OPTIONS, intervalMs: 60_000, staged: true },
    onDisk: [["/a", null]],
    digests: ["a"],
  },
  {
    name: "the watchdog looks after a confd that polls, and its end ends all",
    options: { ...OPTIONS, follow: "poll", intervalMs: 10_000, confdExit: "stop" },
    onDisk: [["/a", "a"]],
    digests: [null, "a", "b"],
  },
  {
    name: "the service is always started again, and confd's end ends all",
    options: { ...OPTIONS, restart: "always", confdExit: "stop" },
    onDisk: [["/a", null]],
    digests: ["a", "b"],
  },
];

/** The most transitions in one world, for who has no time: `deno task test:quick`. */
const LIMIT = Number(Deno.env.get("MODEL_TRANSITIONS") ?? Infinity);

for (const small of WORLDS) {
  Deno.test(`step() keeps every promise in every reachable state: ${small.name}`, () => {
    const { places, transitions, phases } = walk(small, LIMIT);
    console.log(
      `    ${places} states, ${transitions} transitions${transitions < LIMIT ? "" : ": not walked to its end"}`,
    );
    if (transitions >= LIMIT) return;
    const expected = ["waiting", "settling", "running", "stopping", "ended"];
    if (small.options.staged) expected.push("publishing", "quarantined");
    if (small.options.verified) expected.push("restoring");
    if (small.lastGood && small.options.start === "last-good") expected.push("restoring");
    if (small.options.restart !== "never") expected.push("backingOff");
    for (const phase of expected) assert(phases.has(phase), `the walk reaches ${phase}`);
  });
}
