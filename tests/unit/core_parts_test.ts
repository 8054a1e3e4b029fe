import { backoffMs, STABLE_MS } from "../../lib/core/backoff.ts";
import { drive, Mailbox, type Transition } from "../../lib/core/drive.ts";
import * as status from "../../lib/core/exit_status.ts";
import type { Effect, Event } from "../../lib/core/protocol.ts";
import { RECEIVED, signalName, statusOfSignal } from "../../lib/core/signals.ts";
import { hasBecomeLong, prolong, type Streak } from "../../lib/core/streak.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { stateOf } from "../support/states.ts";

Deno.test("backoffMs() doubles from a second to a minute", () => {
  const waits = Array.from({ length: 9 }, (_, restarts) => backoffMs(restarts));
  assertEquals(waits, [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
});

Deno.test("backoffMs() stays at a minute for ever", () => {
  for (const restarts of [20, 100, 1e6, Number.MAX_SAFE_INTEGER]) assertEquals(backoffMs(restarts), 60_000);
});

Deno.test("backoffMs() never waits longer than a child must run to be stable", () => {
  assert(backoffMs(1000) <= STABLE_MS);
});

Deno.test("statusOfSignal() is 128 and the number of the signal", () => {
  const cases: [string, number][] = [
    ["SIGHUP", 129],
    ["SIGINT", 130],
    ["SIGQUIT", 131],
    ["SIGABRT", 134],
    ["SIGKILL", 137],
    ["SIGUSR1", 138],
    ["SIGSEGV", 139],
    ["SIGUSR2", 140],
    ["SIGPIPE", 141],
    ["SIGTERM", 143],
    ["SIGSYS", 159],
  ];
  for (const [signal, expected] of cases) assertEquals(statusOfSignal(signal), expected, signal);
});

Deno.test("statusOfSignal() agrees with the system's own numbers", async () => {
  const { constants } = await import("node:os");
  for (const [signal, number] of Object.entries(constants.signals)) {
    if (["SIGIOT", "SIGPOLL", "SIGUNUSED", "SIGLOST", "SIGINFO", "SIGBREAK"].includes(signal)) continue;
    assertEquals(statusOfSignal(signal), 128 + number, signal);
  }
});

Deno.test("statusOfSignal() never says that all went well", () => {
  assertEquals(statusOfSignal("SIGNEW"), 128);
});

Deno.test("statusOfSignal() takes the number of a signal that has no name here", () => {
  assertEquals(statusOfSignal("SIG34"), 162);
});

Deno.test("signalName() gives a number its name, or itself", () => {
  assertEquals([1, 15, 31, 34].map(signalName), ["SIGHUP", "SIGTERM", "SIGSYS", "SIG34"]);
});

Deno.test("RECEIVED has what can be forwarded, and nothing else", () => {
  assertEquals(RECEIVED.length, 23);
  for (const name of ["SIGHUP", "SIGTERM", "SIGWINCH"] as const) assert(RECEIVED.includes(name), name);
  for (const name of ["SIGKILL", "SIGSTOP", "SIGCHLD", "SIGSEGV"] as const) assert(!RECEIVED.includes(name), name);
});

Deno.test("prolong() counts changes at a poll's interval, up to more than many", () => {
  const { options } = stateOf({}, { follow: "poll", intervalMs: 60_000 });
  let streak: Streak | null = null;
  const long: boolean[] = [];
  for (let i = 0; i < 7; i++) {
    streak = prolong(streak, options);
    long.push(hasBecomeLong(streak!));
  }
  assertEquals(long, [false, false, false, false, true, false, false]);
  assertEquals(streak, { windows: 6, calm: { ms: 100_000 } });
  assertEquals(prolong(streak, { ...options, follow: "watch" }), null);
  assertEquals(prolong(streak, { ...options, intervalMs: 0 }), null);
});

Deno.test("the exit statuses are those that are promised", () => {
  const { USAGE, UNAVAILABLE, CANNOT_CREATE, CONFIG, NOT_EXECUTABLE, NOT_FOUND } = status;
  assertEquals([USAGE, UNAVAILABLE, CANNOT_CREATE, CONFIG, NOT_EXECUTABLE, NOT_FOUND], [64, 69, 73, 78, 126, 127]);
});

const signal = (signal: string): Event => ({ type: "signalReceived", signal });

Deno.test("drive() hands each state on to the next step", () => {
  const seen: Transition[] = [];
  const post = drive(stateOf({ "/a": null }), { perform: () => {}, observe: (transition) => seen.push(transition) });
  post({ type: "begun" });
  post(signal("SIGTERM"));
  assertEquals(seen.map(({ event }) => event.type), ["begun", "signalReceived"]);
  assertEquals(seen.map(({ state }) => [state.run.is, state.confd.is]), [["up", "running"], ["stopping", "stopping"]]);
});

Deno.test("drive() lets observers look before it acts, and acts in order", () => {
  const order: string[] = [];
  const post = drive(stateOf({ "/a": null }), {
    perform: (effect) => order.push(effect.type),
    observe: ({ event, effects }) => order.push(`${event.type}: ${effects.map((effect) => effect.type)}`),
  });
  post({ type: "begun" });
  const [told, ...done] = order;
  assertEquals(told, `begun: ${done}`);
  assertEquals(done[0], "spawn");
});

Deno.test("drive() runs each event to completion before one that was posted meanwhile", () => {
  const order: string[] = [];
  const post = drive(stateOf({ "/a": null }), {
    perform: (effect: Effect) => {
      if (effect.type === "spawn") {
        post({ type: "spawnFailed", child: effect.child, status: 127, reason: "not there" });
        post(signal("SIGUSR1"));
      }
      order.push(`do ${effect.type}`);
    },
    observe: ({ event }) => order.push(`saw ${event.type}`),
  });
  post({ type: "begun" });
  const saw = order.flatMap((what, i) => what.startsWith("saw") ? [i] : []);
  assertEquals(saw.map((i) => order[i]), ["saw begun", "saw spawnFailed", "saw signalReceived"]);
  assert(order.slice(0, saw[1]).includes("do arm"), "the effects of the first event come before the second event");
  assertEquals(order.filter((what) => what === "do exit").length, 1);
});

Deno.test("drive() takes events again after a quiet time", () => {
  const seen: string[] = [];
  const post = drive(stateOf({ "/a": null }), { perform: () => {}, observe: ({ event }) => seen.push(event.type) });
  for (let i = 0; i < 3; i++) post(signal("SIGUSR1"));
  assertEquals(seen.length, 3);
});

Deno.test("Mailbox keeps events until somebody takes them, in their order", () => {
  const mailbox = new Mailbox();
  const seen: Event[] = [];
  mailbox.post(signal("SIGHUP"));
  mailbox.post(signal("SIGTERM"));
  mailbox.deliverTo((event) => seen.push(event));
  mailbox.post(signal("SIGUSR1"));
  assertEquals(seen, [signal("SIGHUP"), signal("SIGTERM"), signal("SIGUSR1")]);
});
