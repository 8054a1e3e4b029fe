/** A member of a fleet, step by step, in virtual time. @module */
import {
  isOver,
  type Member,
  type MemberEffect,
  type MemberEvent,
  newMember,
  nextTimer,
  stepMember,
} from "../../lib/fleet/member.ts";
import type { Queue, QueueEntry } from "../../lib/fleet/queue.ts";
import { assertEquals } from "../support/assert.ts";

const TTL_MS = 9000;

/** A member whose effects are kept as words. */
class Scene {
  member: Member;
  now = 1000;
  chance = 0;

  constructor(n = 3) {
    this.member = newMember({ n });
  }

  on(...events: (MemberEvent | number)[]): string[] {
    const words: string[] = [];
    for (const event of events) {
      if (typeof event === "number") {
        this.now += event;
        continue;
      }
      const [member, effects] = stepMember(this.member, event, { now: this.now, chance: this.chance });
      this.member = member;
      words.push(...effects.map(shown));
    }
    return words;
  }

  get request(): number {
    return this.member.request;
  }

  get stage(): string {
    return this.member.stage.is;
  }

  /** In how many milliseconds the next timer fires. */
  get timer(): number {
    return nextTimer(this.member) - this.now;
  }

  /** Answers to the last request. */
  entered(key = "me", revision = 50): MemberEvent {
    return { type: "entered", request: this.request, entry: { key, revision, ttlMs: TTL_MS } };
  }

  looked(words: string, rest: Partial<Queue> = {}): MemberEvent {
    return { type: "looked", request: this.request, queue: queue(words, rest) };
  }

  failed(kind: "away" | "denied" = "away"): MemberEvent {
    return { type: "failed", request: this.request, kind, reason: "no" };
  }

  get stirred(): MemberEvent {
    return { type: "stirred", request: this.request };
  }

  get claimed(): MemberEvent {
    return { type: "claimed", request: this.request, revision: 70 };
  }
}

/** Entries in short: `a`, or `b!` at work. All have n=3. */
function queue(words: string, rest: Partial<Queue> = {}): Queue {
  const entries = words.split(" ").filter(Boolean).map((word): QueueEntry => {
    const id = word.replace("!", "");
    return { key: id, id, n: 3, state: word.endsWith("!") ? "working" : "waiting", since: 0 };
  });
  return { revision: 60, entries, success: null, bad: null, ...rest };
}

function shown(effect: MemberEffect): string {
  switch (effect.type) {
    case "look":
      return `look ${effect.key} ${effect.digest}`;
    case "watch":
      return `watch ${effect.awaited.is === "entry" ? effect.awaited.key : "departure"} since ${effect.since}`;
    case "mark":
      return `mark ${effect.key} ${effect.state}`;
    case "leave":
      return `leave ${effect.key}${effect.success === null ? "" : ` ${Object.values(effect.success).join(" ")}`}`;
    case "lose":
    case "refuse":
      return `${effect.type}: ${effect.reason}`;
    case "report": {
      const { is, ...rest } = effect.report;
      return `report ${is} ${Object.values(rest).join(" ")}`.trim();
    }
    case "claim":
    case "renew":
      return `${effect.type} ${effect.key}`;
    default:
      return effect.type;
  }
}

const ASKED: MemberEvent = { type: "asked", digest: "x" };
const TIMER: MemberEvent = { type: "timerFired" };
const LEFT: MemberEvent = { type: "left", succeeded: false };

function watching(): Scene {
  const scene = new Scene();
  scene.on(ASKED);
  scene.on(scene.entered());
  scene.on(scene.looked("a! me"));
  return scene;
}

function holding(): Scene {
  const scene = new Scene();
  scene.on(ASKED);
  scene.on(scene.entered());
  scene.on(scene.looked("me"));
  scene.on(scene.claimed);
  return scene;
}

Deno.test("a member that nobody is before enters, looks, claims its turn, and gives it back", () => {
  const scene = new Scene();
  assertEquals([scene.stage, scene.timer], ["out", Infinity]);
  assertEquals(scene.on(ASKED), ["enter"]);
  assertEquals(scene.on(scene.entered()), ["look me x"]);
  assertEquals(scene.on(scene.looked("me")), ["report place 0 1  1", "claim me"]);
  assertEquals(scene.on(scene.claimed), ["grant"]);
  assertEquals(scene.stage, "holding");
  assertEquals(scene.on({ type: "left", succeeded: true }), ["leave me x 70"]);
  assertEquals([scene.stage, scene.timer], ["out", Infinity]);
});

Deno.test("a member that was not a success reports none", () => {
  assertEquals(holding().on(LEFT), ["leave me"]);
});

Deno.test("a member that has to wait watches, and looks again when it is stirred", () => {
  const scene = new Scene();
  scene.on(ASKED);
  scene.on(scene.entered());
  assertEquals(scene.on(scene.looked("a! b me")), ["report place 2 3 a,b 1", "watch b since 60"]);
  assertEquals(scene.on(scene.stirred), ["look me x"]);
  assertEquals(scene.on(scene.looked("b! me")), ["report place 1 2 b 1", "watch departure since 60"]);
  assertEquals(scene.on(scene.stirred), ["look me x"]);
  // The success is of the same set, and newer than the member.
  const success = { revision: 61, granted: 40, digest: "x" };
  assertEquals(scene.on(scene.looked("c! me", { success })), ["report place 1 2 c 3", "claim me"]);
});

Deno.test("a watch is trusted for a while, and for longer the farther one stands from the front", () => {
  const trusted = (words: string, chance: number) => {
    const scene = new Scene();
    scene.on(ASKED);
    // Renewals come in between.
    scene.on({ type: "entered", request: scene.request, entry: { key: "me", revision: 50, ttlMs: 10_000_000 } });
    scene.chance = chance;
    scene.on(scene.looked(words));
    return Math.round(scene.timer);
  };
  assertEquals(trusted("a! me", 0), 1680);
  assertEquals(trusted("a! me", 1), 2520);
  assertEquals(trusted("a! b c d me", 0.5), 2400);
  const far = Array.from({ length: 1000 }, (_, i) => `m${i}`).join(" ");
  assertEquals(trusted(`${far} me`, 0.5), 30_000);
  const scene = watching();
  scene.on(1680);
  assertEquals(scene.on(TIMER), ["callOff", "look me x"]);
});

Deno.test("a member renews its entry three times in its life, and is valid from when it sent that", () => {
  const scene = holding();
  assertEquals(scene.timer, 3000);
  scene.on(2999);
  assertEquals(scene.on(TIMER), []);
  assertEquals(scene.on(1, TIMER), ["renew me"]);
  const sentAt = scene.now;
  assertEquals(scene.timer, 3000);
  assertEquals(scene.on(1000, { type: "renewed", key: "me", sentAt }), []);
  assertEquals(isOver(scene.member, sentAt + TTL_MS - 1), false);
  assertEquals(isOver(scene.member, sentAt + TTL_MS), true);
  // An older answer makes it no shorter, and one of another entry is none.
  scene.on({ type: "renewed", key: "me", sentAt: sentAt - 1000 });
  scene.on({ type: "renewed", key: "other", sentAt: sentAt + 5000 });
  assertEquals(isOver(scene.member, sentAt + TTL_MS - 1), false);
  assertEquals(isOver(scene.member, sentAt + TTL_MS), true);
});

Deno.test("a turn ends when the store has not heard of the member for the time to live, counted from when it entered", () => {
  const scene = new Scene();
  scene.on(ASKED, 500);
  scene.on(scene.entered());
  scene.on(scene.looked("me"));
  scene.on(scene.claimed);
  assertEquals(isOver(scene.member, 1000 + TTL_MS), true);
  scene.now = 1000 + TTL_MS - 1;
  assertEquals(scene.on(TIMER), ["renew me"]);
  scene.now += 1;
  assertEquals(scene.on(TIMER), ["leave me", "lose: the store has not heard of us for too long"]);
  assertEquals([scene.stage, scene.timer], ["out", Infinity]);
});

Deno.test("a turn that is over is lost before anything else is looked at", () => {
  const scene = holding();
  scene.on(TTL_MS);
  assertEquals(scene.on({ type: "left", succeeded: true }), [
    "leave me",
    "lose: the store has not heard of us for too long",
  ]);
  const claiming = new Scene();
  claiming.on(ASKED);
  claiming.on(claiming.entered());
  claiming.on(claiming.looked("me"));
  const { claimed } = claiming;
  claiming.on(TTL_MS);
  // A claim that is answered too late is worth nothing.
  assertEquals(claiming.on(claimed), ["callOff", "leave me"]);
  assertEquals(claiming.stage, "resting");
});

Deno.test("only who holds a turn has one that is over", () => {
  assertEquals(isOver(watching().member, 1_000_000), false);
  assertEquals(isOver(newMember({ n: 1 }), 1_000_000), false);
});

Deno.test("a turn ends when the store knows the entry no more", () => {
  const scene = holding();
  assertEquals(scene.on({ type: "expired", key: "other" }), []);
  assertEquals(scene.on({ type: "expired", key: "me" }), ["leave me", "lose: the store has given it up"]);
  assertEquals(scene.on(ASKED), ["enter"]);
});

Deno.test("who waits enters again when its entry is gone, at the end of the queue", () => {
  const scene = watching();
  assertEquals(scene.on({ type: "expired", key: "me" }), ["callOff", "leave me"]);
  assertEquals([scene.stage, scene.timer], ["resting", 500]);
  assertEquals(scene.on(500, TIMER), ["enter"]);
  const looking = new Scene();
  looking.on(ASKED);
  looking.on(looking.entered());
  assertEquals(looking.on(looking.looked("a! b")), ["callOff", "leave me"]);
  assertEquals(looking.stage, "resting");
});

Deno.test("another set while waiting keeps the place, and forgets earlier successes", () => {
  const scene = watching();
  assertEquals(scene.on({ type: "asked", digest: "y" }), ["callOff", "look me y"]);
  // It was written before the look that announces y.
  const success = { revision: 59, granted: 55, digest: "y" };
  assertEquals(scene.on(scene.looked("a! me", { success })), ["report place 1 2 a 1", "watch departure since 60"]);
  scene.on(scene.stirred);
  const newer = { ...success, revision: 61 };
  assertEquals(scene.on(scene.looked("a! me", { success: newer, revision: 70 })), ["report place 1 2 a 3", "claim me"]);
});

Deno.test("another set while it enters forgets successes from before the first look", () => {
  const success = { revision: 59, granted: 55, digest: "x" };
  const entering = (digest: string) => {
    const scene = new Scene();
    scene.on(ASKED, { type: "asked", digest });
    scene.on(scene.entered());
    return scene.on(scene.looked("a! me", { success }));
  };
  assertEquals(entering("y"), ["report place 1 2 a 1", "watch departure since 60"]);
  assertEquals(entering("x"), ["report place 1 2 a 3", "claim me"], "the same set was announced by the entry");
});

Deno.test("the same set again changes nothing", () => {
  assertEquals(watching().on(ASKED), []);
  assertEquals(holding().on({ type: "asked", digest: "y" }), []);
});

Deno.test("another set while it looks or rests is what is looked for next", () => {
  const scene = new Scene();
  scene.on(ASKED);
  assertEquals(scene.on({ type: "asked", digest: "y" }), []);
  assertEquals(scene.on(scene.entered()), ["look me y"]);
  const old = scene.looked("me");
  assertEquals(scene.on({ type: "asked", digest: "z" }), ["look me z"]);
  assertEquals(scene.on(old), [], "an answer to an older request is none");
  scene.on(scene.failed());
  assertEquals(scene.stage, "resting");
  assertEquals(scene.on({ type: "asked", digest: "w" }), []);
  assertEquals(scene.on(500, TIMER), ["look me w"]);
});

Deno.test("who leaves takes its entry away, wherever it is", () => {
  assertEquals(watching().on(LEFT), ["callOff", "leave me"]);
  const looking = new Scene();
  looking.on(ASKED);
  looking.on(looking.entered());
  assertEquals(looking.on(LEFT), ["callOff", "leave me"]);
  const claiming = new Scene();
  claiming.on(ASKED);
  claiming.on(claiming.entered());
  claiming.on(claiming.looked("me"));
  const { claimed } = claiming;
  assertEquals(claiming.on(LEFT), ["callOff", "leave me"]);
  assertEquals(claiming.on(claimed), [], "a claim that was called off gives no turn");
  assertEquals(new Scene().on(LEFT), []);
});

Deno.test("an entry that comes about after it was called off is taken away", () => {
  const scene = new Scene();
  scene.on(ASKED);
  const first = scene.entered("first");
  assertEquals(scene.on(LEFT), []);
  assertEquals(scene.on(ASKED), ["enter"]);
  const second = scene.entered("second");
  assertEquals(scene.on(first), ["leave first"]);
  assertEquals(scene.on(second), ["look second x"]);
});

Deno.test("a set that did harm is refused, and the queue left", () => {
  const scene = new Scene();
  scene.on(ASKED);
  scene.on(scene.entered());
  assertEquals(scene.on(scene.looked("me", { bad: "a has tried it" })), [
    "refuse: a has tried it",
    "callOff",
    "leave me",
  ]);
  assertEquals(scene.stage, "out");
});

Deno.test("a turn that is kept is told to the others", () => {
  assertEquals(holding().on({ type: "kept" }), ["mark me kept"]);
  assertEquals(watching().on({ type: "kept" }), []);
});

Deno.test("what fails is tried again after a rest, which doubles up to half a minute", () => {
  const scene = new Scene();
  scene.on(ASKED);
  const rests: number[] = [];
  for (let i = 0; i < 8; i++) {
    scene.on(scene.failed());
    rests.push(scene.timer);
    assertEquals(scene.on(scene.timer, TIMER), ["enter"]);
  }
  // By chance 0 each is half of its longest.
  assertEquals(rests, [500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000]);
  scene.chance = 1;
  scene.on(scene.failed());
  assertEquals(scene.timer, 30_000);
});

Deno.test("a failure is told once a minute as news, and so is its end", () => {
  const scene = new Scene();
  scene.on(ASKED);
  assertEquals(scene.on(scene.failed()), ["report failed away no false"]);
  scene.on(scene.timer, TIMER);
  assertEquals(scene.on(scene.failed("denied")), ["report failed denied no true"]);
  scene.on(60_000, TIMER);
  assertEquals(scene.on(scene.failed()), ["report failed away no false"]);
  scene.on(scene.timer, TIMER);
  assertEquals(scene.on(scene.entered()), ["report back", "look me x"]);
  assertEquals(scene.on(scene.failed()), ["report failed away no false"], "it is news again");
  // It counts from the start again.
  assertEquals(scene.timer, 500);
});

Deno.test("a renewal that fails is told, and one that succeeds ends that", () => {
  const scene = holding();
  const failed: MemberEvent = { type: "renewalFailed", key: "me", kind: "away", reason: "no" };
  assertEquals(scene.on({ ...failed, key: "other" }), []);
  assertEquals(scene.on(failed), ["report failed away no false"]);
  assertEquals(scene.stage, "holding");
  assertEquals(scene.on({ type: "renewed", key: "me", sentAt: scene.now }), ["report back"]);
  // Who rests has failed at something else since.
  const resting = watching();
  resting.on(resting.stirred);
  resting.on(resting.failed());
  assertEquals(resting.on({ type: "renewed", key: "me", sentAt: resting.now }), []);
});

Deno.test("who rests keeps its place as long as its entry lives", () => {
  const scene = watching();
  scene.on(scene.stirred);
  scene.on(scene.failed());
  assertEquals(scene.on(500, TIMER), ["look me x"]);
});

Deno.test("that members do not agree on how many may go is told once", () => {
  const scene = new Scene(5);
  scene.on(ASKED);
  scene.on(scene.entered());
  assertEquals(scene.on(scene.looked("a! me")).slice(0, 2), ["report place 1 2 a 1", "report disagreement 5 3"]);
  scene.on(scene.stirred);
  assertEquals(scene.on(scene.looked("a! me")), ["report place 1 2 a 1", "watch departure since 60"]);
  assertEquals(watching().on(TIMER), [], "who agrees is told nothing");
});
