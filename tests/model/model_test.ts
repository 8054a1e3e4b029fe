/**
 * Walks every state of the core that a small world can bring about, and holds each transition against what must always
 * be true.
 *
 * Pure.
 * @module
 */
import { EMPTY, type Event } from "../../lib/core/protocol.ts";
import {
  initialState,
  isRefused,
  needsReload,
  type Options,
  pending,
  type State,
  unfit,
} from "../../lib/core/state.ts";
import { mayUseLastGood } from "../../lib/core/waiting.ts";
import { step } from "../../lib/core/supervisor.ts";
import { assert } from "../support/assert.ts";
import { EMPTY_WORLD, happen, perform, type World } from "./world.ts";

const OPTIONS: Options = {
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
  splayMs: 0,
  reload: { by: "signal" },
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

/** Restarts beyond these make no difference: backoff has reached its longest. */
const MANY_RESTARTS = 7;

function key({ state, world }: Place): string {
  const confd = "restarts" in state.confd
    ? { ...state.confd, restarts: Math.min(state.confd.restarts, MANY_RESTARTS) }
    : state.confd;
  return JSON.stringify([
    state.phase,
    state.dryRun.is,
    state.dryRun.spread,
    state.dryRun.afterMs >= 5000,
    state.listening.by,
    state.listening.synced,
    Math.min(state.listening.deaf, 2),
    state.listening.doubts.size,
    state.listening.tried.size,
    state.serviceRestarts,
    confd,
    [...state.destinations].sort(),
    [...world.running].sort(),
    [...world.timers.keys()].sort(),
    world.dryRunning,
    world.reloading,
    world.restoring,
    world.dying,
    world.publishing,
    world.verifying,
    state.rolledBack,
    state.refused && [...state.refused].sort(),
    state.lastGood,
    world.exited,
    // How long a wait is makes no difference to what may come after it.
  ], (name, value) => name === "retryMs" ? undefined : value);
}

/** Everything that can happen in a place; contents of destinations are drawn from `digests`. */
function possible({ state, world }: Place, digests: readonly (string | null)[]): Event[] {
  if (world.exited !== undefined) return [];
  const events: Event[] = ["SIGTERM", "SIGINT", "SIGHUP"].map((signal) => ({ type: "signalReceived", signal }));
  for (const timer of world.timers.keys()) events.push({ type: "timerFired", timer });
  for (const child of world.running) {
    events.push({ type: "childExited", child, code: 0, signal: null });
    events.push({ type: "childExited", child, code: 3, signal: null });
    events.push({ type: "childExited", child, code: 137, signal: "SIGKILL" });
    events.push({ type: "spawnFailed", child, status: 127, reason: "it is not there" });
  }
  if (world.dryRunning) {
    const dests = [...state.destinations.keys()];
    const wanted = new Map(dests.map((dest) => [dest, "another"]));
    events.push({ type: "dryRunEnded", answer: { inSync: [], outOfSync: new Map() } });
    events.push({ type: "dryRunEnded", answer: { inSync: dests, outOfSync: new Map() } });
    if (state.options.intervalMs > 0) {
      events.push({ type: "dryRunEnded", answer: { inSync: [], outOfSync: wanted } });
    }
  }
  if (world.verifying) {
    events.push({ type: "verifyEnded", failure: null });
    events.push({ type: "verifyEnded", failure: "it does not answer" });
  }
  if (world.publishing) {
    // The set that was looked at may be an older one than the present.
    const now = new Map([...state.destinations].map(([dest, { digest }]) => [dest, digest]));
    const before = new Map([...state.destinations.keys()].map((dest) => [dest, "a"]));
    for (const digests of [now, before]) {
      events.push({ type: "published", digests, failure: null });
      events.push({ type: "published", digests, failure: { refused: true, reason: "it is bad" } });
      events.push({ type: "published", digests, failure: { refused: false, reason: "the disk is full" } });
    }
  }
  // The host puts files in place one set after another.
  if (world.restoring && !world.publishing) {
    events.push({ type: "restored", digests: null });
    events.push({ type: "restored", digests: new Map([...state.destinations.keys()].map((dest) => [dest, "kept"])) });
  }
  if (world.reloading) {
    events.push({ type: "reloadEnded", failure: null });
    events.push({ type: "reloadEnded", failure: "it did not work" });
  }
  for (const dest of state.destinations.keys()) {
    events.push({ type: "destinationRendered", dest });
    for (const digest of digests) events.push({ type: "destinationChanged", dest, digest });
  }
  return events;
}

function move({ state, world }: Place, event: Event): Place {
  const [after, effects] = step(state, event);
  const next = { state: after, world: effects.reduce(perform, happen(world, event)) };
  check({ state, world }, event, next);
  return next;
}

/** What must be true of every transition. */
function check(before: Place, event: Event, after: Place): void {
  const { state, world } = after;
  const { phase, confd } = state;
  const spawned = world.running.has("service") && !before.world.running.has("service");
  if (spawned) {
    if (state.options.staged) {
      assert(world.published !== undefined || mayUseLastGood(state), "nothing unchecked is started on");
    } else {
      assert(pending(state).length === 0, "the service is started only once every destination is rendered");
    }
    assert(before.state.phase.is !== "stopping", "nothing is started by a run that stops");
  }
  const confdLives = confd.is === "running" || confd.is === "replacing";
  assert(world.running.has("confd") === confdLives, "what the core believes of confd is so");
  if (confd.is === "replacing") {
    assert(world.timers.has("confdGrace") || world.dying, "a confd that is to end is killed in time");
  }
  assert((confd.is === "backingOff") === world.timers.has("confdBackoff"), "a confd that backs off is started again");
  if (phase.is !== "ended") {
    assert(state.publishing === world.publishing, "what the core believes of staged files is so");
    const waits = phase.is === "publishing" || (phase.is === "running" && phase.reload.is === "publishing");
    if (waits) assert(state.publishing, "what is waited for is under way");
    assert(
      ["soon", "later"].includes(state.dryRun.is) === world.timers.has("dryRun"),
      "a question is asked when its time has come",
    );
    if (state.options.intervalMs > 0 && confd.is === "running" && phase.is !== "stopping") {
      assert(state.dryRun.is !== "none", "a confd that runs is asked again, or was just asked");
    }
    assert(
      (state.dryRun.is === "asked") === world.dryRunning,
      "an answer is waited for only where there was a question",
    );
  }
  switch (phase.is) {
    case "waiting":
      assert(pending(state).length > 0, "a run waits for something");
      assert(world.timers.has("stillWaiting"), "a run that waits says so again");
      assert(
        world.timers.has("startTimeout") === (state.options.startTimeoutMs > 0 || mayUseLastGood(state)),
        "the wait is limited as asked for",
      );
      break;
    case "settling":
      assert(pending(state).length === 0, "nothing is settled that is not rendered");
      assert(world.timers.has("settle") && world.timers.has("settleLimit"), "a start comes");
      break;
    case "running": {
      assert(world.running.has("service"), "a run with a service has one");
      const open = phase.window === "open";
      assert(open === world.timers.has("settle"), "a window has an end, and nothing else has");
      assert(open === world.timers.has("settleLimit"), "a window has a limit, and nothing else has");
      const retried = phase.reload.is === "failed" && world.timers.has("reloadRetry");
      const splaying = phase.reload.is === "splaying" && world.timers.has("splay");
      const underWay = ["asked", "publishing", "verifying", "restoring"].includes(phase.reload.is);
      if (phase.reload.is === "verifying") assert(world.verifying, "an answer comes");
      if (phase.reload.is === "restoring") assert(world.restoring && state.rolledBack, "the way back is under way");
      const settledDown = !open && !underWay && !retried && !splaying;
      const placed = state.options.staged && phase.reload.is !== "restoring";
      if (placed && world.published !== undefined) {
        const loaded = [...state.destinations].map(([dest, known]) => [dest, known.loaded]).sort();
        assert(JSON.stringify(loaded) === world.published, "the service loads only what was put in place");
      }
      if (settledDown) assert(!needsReload(state) || unfit(state).length > 0, "no change is forgotten");
      assert((phase.reload.is === "asked") === world.reloading, "what the core believes of the reload is so");
      break;
    }
    case "publishing":
      assert(world.publishing && state.options.staged, "the first files are put in place");
      break;
    case "refused":
      assert(isRefused(state) || world.timers.has("reloadRetry"), "only a change helps against a refusal");
      assert(world.timers.has("stillWaiting"), "a run that waits says so again");
      assert(!world.running.has("service"), "nothing is started on what was refused");
      break;
    case "restoring":
      assert(
        world.restoring && (mayUseLastGood(state) || state.rolledBack),
        "the last good files are put in place only where that is wanted",
      );
      assert(!world.running.has("service"), "files are put in place before the service is started");
      break;
    case "replacing":
      assert(world.running.has("service"), "a service that is replaced runs until it has stopped");
      assert(
        state.options.reload.by === "restart" || (state.options.verified && state.options.restart !== "never"),
        "the service is replaced only where that is wanted",
      );
      break;
    case "restarting":
      assert(!world.running.has("service"), "only a service that ended is started again");
      assert(world.timers.has("serviceBackoff"), "a service that ended is started again in time");
      assert(state.options.restart !== "never", "a service is started again only if that is wanted");
      assert(state.serviceRestarts <= state.options.restartMax, "restarts have an end");
      break;
    case "stopping":
      assert(world.running.size > 0, "a stop waits for somebody");
      assert(
        phase.service === "running" === world.running.has("service"),
        "what the core believes of the service is so",
      );
      if (!phase.killed && phase.service === "running") assert(world.timers.has("stopTimeout"), "a stop has a limit");
      if (!phase.killed && phase.service === "gone") assert(world.timers.has("confdGrace"), "confd's stop has a limit");
      for (
        const timer of [
          "settle",
          "settleLimit",
          "startTimeout",
          "stillWaiting",
          "dryRun",
          "keep",
          "splay",
          "confdBackoff",
          "serviceBackoff",
          "reloadRetry",
        ] as const
      ) {
        assert(!world.timers.has(timer), `nothing but the stop is pending in a stop: ${timer} is`);
      }
      break;
    case "ended":
      assert(world.exited === phase.status, "the end is the exit");
      assert(world.timers.size === 0, `no timer outlives the run: ${[...world.timers.keys()]}`);
  }
  const stops = event.type === "signalReceived" && event.signal !== "SIGHUP";
  if (stops) assert(["stopping", "ended"].includes(phase.is), "a stop is never put off");
}

/** Stops from here: every child ends at the signals that `obeys` names; timers fire when nothing else happens. */
function stopFrom(place: Place, obeys: readonly string[]): Place {
  let here = place;
  const send = (event: Event) => {
    const [, effects] = step(here.state, event);
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
    if (timer !== undefined) send({ type: "timerFired", timer });
  }
  return here;
}

function walk(
  { options, onDisk, digests, lastGood }: Small,
): { places: number; transitions: number; phases: Set<string> } {
  const first = move({ state: initialState(options, new Map(onDisk), lastGood), world: EMPTY_WORLD }, {
    type: "begun",
  });
  const seen = new Set([key(first)]);
  const phases = new Set<string>();
  const queue = [first];
  let transitions = 0;
  for (let place = queue.pop(); place !== undefined; place = queue.pop()) {
    phases.add(place.state.phase.is);
    for (const event of possible(place, digests)) {
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
    options: { ...OPTIONS, staged: true },
    onDisk: [["/a", null], ["/b", null]],
    digests: ["a", "b"],
  },
  {
    name: "files are staged, and a reload is a restart after a random delay",
    options: { ...OPTIONS, staged: true, splayMs: 5000, reload: { by: "restart" }, restart: "on-failure" },
    onDisk: [["/a", null]],
    digests: ["a", "b"],
  },
  {
    name: "files are staged, and there are last good ones",
    options: { ...OPTIONS, staged: true, start: "last-good" },
    onDisk: [["/a", null]],
    digests: [null, "a", "b"],
    lastGood: true,
  },
  {
    name: "files are staged, and the service has to be well",
    options: { ...OPTIONS, staged: true, verified: true },
    onDisk: [["/a", null]],
    digests: ["a", "b"],
  },
  {
    name: "files are staged, the service has to be well, and is restarted",
    options: { ...OPTIONS, staged: true, verified: true, restart: "on-failure", restartMax: 1 },
    onDisk: [["/a", null]],
    digests: ["a", "b"],
  },
  {
    name: "files are staged, and a service that has to be well is reloaded by a restart",
    options: { ...OPTIONS, staged: true, verified: true, reload: { by: "restart" } },
    onDisk: [["/a", null]],
    digests: ["a", "b"],
    lastGood: true,
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
    options: { ...OPTIONS, start: "last-good", restart: "always", restartMax: 1 },
    onDisk: [["/a", "a"]],
    digests: ["a", "b"],
  },
  {
    name: "confd is asked whether it is deaf",
    options: { ...OPTIONS, intervalMs: 60_000 },
    onDisk: [["/a", null]],
    digests: [null, "a", "b"],
  },
  {
    name: "confd is asked whether it is deaf, and files are staged",
    options: { ...OPTIONS, intervalMs: 60_000, staged: true },
    onDisk: [["/a", null]],
    digests: ["a"],
  },
  {
    name: "a confd that polls is asked whether it hangs, and its end ends all",
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

for (const small of WORLDS) {
  Deno.test(`step() keeps every promise in every reachable state: ${small.name}`, () => {
    const { places, transitions, phases } = walk(small);
    console.log(`    ${places} states, ${transitions} transitions`);
    const expected = ["waiting", "settling", "running", "stopping", "ended"];
    if (small.options.reload.by === "restart") expected.push("replacing");
    if (small.options.staged) expected.push("publishing");
    if (small.options.staged && !small.lastGood) expected.push("refused");
    if (small.options.verified) expected.push("restoring");
    if (mayUseLastGood(initialState(small.options, new Map(small.onDisk), small.lastGood))) expected.push("restoring");
    if (small.options.restart !== "never") expected.push("restarting");
    for (const phase of expected) assert(phases.has(phase), `the walk reaches ${phase}`);
  });
}
