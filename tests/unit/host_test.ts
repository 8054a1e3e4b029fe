/** The host, with fakes for all that it works with, and a clock that the test moves. */
import type { Event } from "../../lib/core/protocol.ts";
import { Host, type HostParts } from "../../lib/host/host.ts";
import type { Orphan } from "../../lib/host/linux/proc.ts";
import { type ChildHandle, type ExitStatus, SpawnError } from "../../lib/host/processes/processes.ts";
import { assertEquals } from "../support/assert.ts";
import { settled, TestClock } from "../support/clock.ts";

/** A child of the test's, which notes what it is sent and ends when the test says so. */
class FakeChild implements ChildHandle {
  readonly bornMs = 0;
  readonly sent: string[] = [];
  readonly outputs: [ReadableStream<Uint8Array>, ReadableStream<Uint8Array>] = [
    new ReadableStream(),
    new ReadableStream(),
  ];
  readonly #end = Promise.withResolvers<ExitStatus>();
  readonly exited = this.#end.promise;

  constructor(readonly pid: number) {}

  signal(signal: string): void {
    this.sent.push(signal);
  }

  signalGroup(signal: string): void {
    this.sent.push(`group ${signal}`);
  }

  async end(code = 0, signal: string | null = null): Promise<void> {
    this.#end.resolve({ code, signal });
    await settled();
  }
}

/** A host and its world. */
class World {
  readonly clock = new TestClock();
  readonly events: Event[] = [];
  readonly confd = new FakeChild(10);
  readonly service = new FakeChild(20);
  /** Signals to what is left behind. */
  readonly sent: string[] = [];
  readonly exits: number[] = [];
  readonly holds: unknown[] = [];
  orphans: Orphan[] = [];
  fate: "survives" | "diesYoung" | "dies" = "survives";
  readonly host: Host;

  constructor(parts: Partial<HostParts> = {}) {
    this.host = new Host({
      clock: this.clock,
      random: () => 0.25,
      startConfd: () => this.confd,
      startService: () => this.service,
      leftBehind: () => this.orphans,
      send: (pid, signal) => this.sent.push(`${pid} ${signal}`),
      fateOf: () => this.fate,
      reload: () => new Promise(() => {}),
      relay: { run: () => Promise.resolve() },
      dryRun: () => new Promise(() => {}),
      keep: () => Promise.resolve(),
      keepHold: (hold) => this.holds.push(hold),
      restore: () => Promise.resolve(null),
      probe: () => new Promise(() => {}),
      confdFault: () => undefined,
      confdComplaint: () => undefined,
      fleet: () => {},
      publish: () => new Promise(() => {}),
      onExit: (status) => this.exits.push(status),
      ...parts,
    }, (event) => this.events.push(event));
  }

  start(): this {
    this.host.perform({ type: "spawn", child: "confd", follow: "watch" });
    this.host.perform({ type: "spawn", child: "service" });
    return this;
  }
}

/** A part that waits for its signal, and says when that has come. */
function waiting() {
  const seen = { begun: 0, ended: 0 };
  const act = (signal: AbortSignal) => {
    seen.begun++;
    return new Promise<never>(() => signal.addEventListener("abort", () => seen.ended++));
  };
  return { seen, act };
}

// Children.

Deno.test("Host posts how children ended, confd once its last lines were read", async () => {
  const read = Promise.withResolvers<void>();
  const world = new World({
    relay: { run: () => read.promise },
    confdFault: () => "unknown flag",
    confdComplaint: () => "no",
  }).start();
  await world.service.end(3);
  assertEquals(world.events, [{ type: "childExited", child: "service", code: 3, signal: null }]);
  await world.confd.end(1);
  assertEquals(world.confd.sent, ["group SIGKILL"], "what confd left in its group holds its streams");
  assertEquals(world.events.length, 1);
  read.resolve();
  await settled();
  assertEquals(world.events[1], {
    type: "childExited",
    child: "confd",
    code: 1,
    signal: null,
    fault: "unknown flag",
    complaint: "no",
  });
});

Deno.test("Host waits 200 ms for confd's last lines, and no longer", async () => {
  const world = new World({ relay: { run: () => new Promise(() => {}) } }).start();
  await world.confd.end(1);
  await world.clock.advance(199);
  assertEquals(world.events, []);
  await world.clock.advance(1);
  assertEquals(world.events.length, 1);
});

Deno.test("Host posts that a child could not be started", () => {
  const world = new World({
    startService: () => {
      throw new SpawnError("it is not there", 127);
    },
  });
  world.host.perform({ type: "spawn", child: "service" });
  assertEquals(world.events, [{ type: "spawnFailed", child: "service", status: 127, reason: "it is not there" }]);
});

Deno.test("Host signals confd's whole group, and the service alone", () => {
  const world = new World().start();
  world.host.perform({ type: "signal", child: "confd", signal: "SIGTERM" });
  world.host.perform({ type: "signal", child: "service", signal: "SIGUSR1" });
  assertEquals([world.confd.sent, world.service.sent], [["group SIGTERM"], ["SIGUSR1"]]);
});

Deno.test("Host keeps a SIGHUP until the service has a handler for it, and looks every 50 ms", async () => {
  const world = new World().start();
  world.fate = "diesYoung";
  world.host.perform({ type: "signal", child: "service", signal: "SIGHUP" });
  await world.clock.advance(149);
  assertEquals(world.service.sent, []);
  world.fate = "survives";
  await world.clock.advance(1);
  assertEquals(world.service.sent, ["SIGHUP"]);
  await world.clock.advance(1000);
  assertEquals(world.service.sent, ["SIGHUP"], "once");
});

Deno.test("Host sends a SIGHUP to a service that is old enough to be meant", () => {
  const world = new World().start();
  world.fate = "dies";
  world.host.perform({ type: "signal", child: "service", signal: "SIGHUP" });
  assertEquals(world.service.sent, ["SIGHUP"]);
});

Deno.test("Host drops a SIGHUP that is kept for a service which has been started anew", async () => {
  const children = [new FakeChild(20), new FakeChild(21)];
  const left = children.values();
  const world = new World({ startService: () => left.next().value! }).start();
  world.fate = "diesYoung";
  world.host.perform({ type: "signal", child: "service", signal: "SIGHUP" });
  world.host.perform({ type: "spawn", child: "service" });
  world.fate = "survives";
  await world.clock.advance(1000);
  assertEquals(children.map(({ sent }) => sent), [[], []]);
});

// Timers.

Deno.test("Host fires timers at their time, with jitter at a part of it, and none that was disarmed", async () => {
  const world = new World();
  world.host.perform({ type: "arm", timer: "settle", ms: 1000, jitter: false });
  world.host.perform({ type: "arm", timer: "splay", ms: 1000, jitter: true });
  world.host.perform({ type: "arm", timer: "retry", ms: 100, jitter: false });
  world.host.perform({ type: "disarm", timer: "retry" });
  await world.clock.advance(250);
  assertEquals(world.events, [{ type: "timerFired", timer: "splay" }]);
  world.host.perform({ type: "arm", timer: "settle", ms: 1000, jitter: false });
  await world.clock.advance(999);
  assertEquals(world.events.length, 1, "arming it anew moves it");
  await world.clock.advance(1);
  assertEquals(world.events[1], { type: "timerFired", timer: "settle" });
});

// What is under way.

Deno.test("Host ends dry runs, probes, reloads and publications when the run ends, and posts nothing of them", async () => {
  const [dryRun, probe, reload, publish] = [waiting(), waiting(), waiting(), waiting()];
  const world = new World({
    dryRun: dryRun.act,
    probe: probe.act,
    reload: (_, { signal }) => reload.act(signal),
    publish: ({ signal }) => publish.act(signal),
  }).start();
  for (const type of ["dryRun", "probe", "publish"] as const) world.host.perform({ type });
  world.host.perform({ type: "reload", ways: [""] });
  await settled();
  world.host.perform({ type: "exit", status: 5 });
  await world.clock.advance(100);
  assertEquals([dryRun, probe, reload, publish].map(({ seen }) => seen), Array(4).fill({ begun: 1, ended: 1 }));
  assertEquals([world.events, world.exits], [[], [5]]);
});

Deno.test("Host posts what came of a probe, but not of one that was cancelled", async () => {
  const answers = [Promise.withResolvers<string | null>(), Promise.withResolvers<string | null>()];
  const left = answers.values();
  const world = new World({ probe: () => left.next().value!.promise }).start();
  world.host.perform({ type: "probe" });
  world.host.perform({ type: "cancelProbe" });
  answers[0].resolve("refused");
  await settled();
  assertEquals(world.events, []);
  world.host.perform({ type: "probe" });
  answers[1].resolve("refused");
  await settled();
  assertEquals(world.events, [{ type: "probeEnded", failure: "refused" }]);
});

Deno.test("Host ends the reload of a service that has ended: its outcome is nobody's", async () => {
  const { seen, act } = waiting();
  const world = new World({ reload: (_, { signal }) => act(signal) }).start();
  world.host.perform({ type: "reload", ways: [""] });
  await world.service.end(0);
  assertEquals(seen.ended, 1);
  assertEquals(world.events.map(({ type }) => type), ["childExited"]);
});

Deno.test("Host puts files in place, keeps them and brings them back one after another", async () => {
  const log: string[] = [];
  const slow = <T>(name: string, clock: TestClock, result: T) => async () => {
    log.push(`${name} begins`);
    await clock.sleep(10);
    log.push(`${name} ends`);
    return result;
  };
  const clock = new TestClock();
  const contents = new Map();
  const world = new World({
    clock,
    publish: slow("publish", clock, { contents, failure: null }),
    keep: slow("keep", clock, undefined),
    restore: slow("restore", clock, contents),
  });
  world.host.perform({ type: "publish" });
  world.host.perform({ type: "keep" });
  world.host.perform({ type: "restore", which: "lastGood" });
  await clock.advance(100);
  assertEquals(log, ["publish begins", "publish ends", "keep begins", "keep ends", "restore begins", "restore ends"]);
  assertEquals(world.events.map(({ type }) => type), ["published", "restored"]);
});

// What is left behind.

Deno.test("Host gives what the service left behind half a second to end, and then kills it", async () => {
  const world = new World().start();
  world.orphans = [{ pid: 30, group: 30 }];
  await world.service.end(0);
  world.host.perform({ type: "kill", child: "service" });
  await settled();
  assertEquals([world.service.sent, world.sent], [["group SIGTERM"], ["30 SIGTERM"]]);
  await world.clock.advance(490);
  assertEquals(world.sent, ["30 SIGTERM"], "once");
  await world.clock.advance(20);
  assertEquals([world.service.sent, world.sent], [["group SIGTERM", "group SIGKILL"], ["30 SIGTERM", "30 SIGKILL"]]);
});

Deno.test("Host ends what comes to light while it sweeps, and leaves confd's group and what the group was told alone", async () => {
  const world = new World().start();
  world.orphans = [{ pid: 30, group: 20 }, { pid: 31, group: 10 }, { pid: 10, group: 10 }];
  await world.service.end(0);
  world.host.perform({ type: "kill", child: "service" });
  await settled();
  assertEquals(world.sent, [], "the service's own group was told as a group; the rest is confd's");
  world.orphans.push({ pid: 40, group: 40 });
  await world.clock.advance(10);
  assertEquals(world.sent, ["40 SIGTERM"]);
  world.orphans = [{ pid: 31, group: 10 }];
  await world.clock.advance(10);
  assertEquals(world.service.sent, ["group SIGTERM", "group SIGKILL"], "nothing is left: it does not wait any longer");
});

Deno.test("Host gives no time to what a killed service left behind", async () => {
  const world = new World().start();
  world.orphans = [{ pid: 30, group: 30 }];
  world.host.perform({ type: "kill", child: "service" });
  assertEquals(world.service.sent, ["group SIGKILL"]);
  await world.service.end(0, "SIGKILL");
  world.host.perform({ type: "kill", child: "service" });
  await settled();
  assertEquals(world.sent, ["30 SIGKILL"]);
});

Deno.test("Host stops its sweep when the service has been started again", async () => {
  const children = [new FakeChild(20), new FakeChild(21)];
  const left = children.values();
  const world = new World({ startService: () => left.next().value! }).start();
  world.orphans = [{ pid: 30, group: 30 }];
  await children[0].end(0);
  world.host.perform({ type: "kill", child: "service" });
  await settled();
  world.host.perform({ type: "spawn", child: "service" });
  await world.clock.advance(3000);
  assertEquals(world.sent, ["30 SIGTERM"], "what is left may be the new one's");
  assertEquals(children[1].sent, []);
});

Deno.test("Host ends a run once nothing is left, or two seconds after the last SIGKILL", async () => {
  const world = new World().start();
  world.orphans = [{ pid: 30, group: 30 }];
  await world.service.end(0);
  await world.confd.end(0);
  world.host.perform({ type: "exit", status: 7 });
  await world.clock.advance(2400);
  assertEquals(world.exits, []);
  await world.clock.advance(300);
  assertEquals(world.exits, [7]);
});

Deno.test("Host.abandon() kills all that there is", async () => {
  const { seen, act } = waiting();
  const world = new World({ publish: ({ signal }) => act(signal) }).start();
  world.host.perform({ type: "publish" });
  await settled();
  const done = world.host.abandon();
  await world.clock.advance(2000);
  await done;
  assertEquals([world.confd.sent, world.service.sent], [["group SIGKILL"], ["group SIGKILL"]]);
  assertEquals(seen.ended, 1);
});
