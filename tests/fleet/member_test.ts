/** A member of a fleet, step by step, in virtual time. @module */
import { stepMember } from "../../lib/fleet/member.ts";
import {
  isOver,
  type Member,
  type MemberEffect,
  type MemberEvent,
  newMember,
  nextTimer,
} from "../../lib/fleet/member_state.ts";
import type { Queue, QueueEntry, Success } from "../../lib/fleet/queue.ts";
import { assertEquals } from "../support/assert.ts";

const TTL_MS = 9000;

/** A member whose effects are kept as words. */
class Scene {
  member: Member;
  now = 1000;
  chance = 0;

  constructor(n = 3) {
    this.member = newMember({ id: "m", n });
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

  announced(revision = 65): MemberEvent {
    return { type: "announced", request: this.request, revision };
  }
}

/** Entries in short: `a`, or `b!` at work. All have n=3. */
function queue(words: string, rest: Partial<Queue> = {}): Queue {
  const entries = words.split(" ").filter(Boolean).map((word): QueueEntry => {
    const id = word.replace("!", "");
    const digest = `of ${id}`;
    return { key: id, id, n: 3, state: word.endsWith("!") ? "working" : "waiting", digest, since: 0 };
  });
  return { revision: 60, entries, successes: [], bad: null, ...rest };
}

function shown(effect: MemberEffect): string {
  switch (effect.type) {
    case "enter":
      return `enter ${effect.digest}`;
    case "look":
    case "claim":
    case "announce":
    case "keep":
      return `${effect.type} ${effect.key} ${effect.digest}`;
    case "watch":
      return `watch ${effect.awaited.is === "entry" ? effect.awaited.key : "departure"} since ${effect.since}`;
    case "leave":
      return `leave ${effect.key}${(effect.successes ?? []).map(({ digest, granted }) => ` ${digest} ${granted}`)}`;
    case "lose":
    case "refuse":
      return `${effect.type}: ${effect.reason}`;
    case "report": {
      const { is, ...rest } = effect.report;
      return `report ${is} ${Object.values(rest).join(" ")}`.trim();
    }
    case "renew":
      return `renew ${effect.key}`;
    default:
      return effect.type;
  }
}

function success(digest: string, revision: number): Success {
  return { revision, announced: 30, granted: 40, digest, id: "a", shared: true };
}

const ASKED: MemberEvent = { type: "asked", digest: "x" };
const TIMER: MemberEvent = { type: "timerFired" };
const LEFT: MemberEvent = { type: "left", success: null };

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
  assertEquals(scene.on(ASKED), ["enter x"]);
  assertEquals(scene.on(scene.entered()), ["look me x"]);
  assertEquals(scene.on(scene.looked("me")), ["report place 0 1  1", "claim me x"]);
  assertEquals(scene.on(scene.claimed), ["grant"]);
  assertEquals(scene.stage, "holding");
  assertEquals(scene.on({ type: "left", success: "x" }), ["leave me x 70"]);
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
  assertEquals(scene.on(scene.looked("c! me", { successes: [success("x", 61)] })), [
    "report place 1 2 c 3",
    "claim me x",
  ]);
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
  assertEquals(scene.on({ type: "left", success: "x" }), [
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
  assertEquals(isOver(newMember({ id: "m", n: 1 }), 1_000_000), false);
});

Deno.test("a turn ends when the store knows the entry no more", () => {
  const scene = holding();
  assertEquals(scene.on({ type: "expired", key: "other" }), []);
  assertEquals(scene.on({ type: "expired", key: "me" }), ["leave me", "lose: the store has given it up"]);
  assertEquals(scene.on(ASKED), ["enter x"]);
});

Deno.test("who waits enters again when its entry is gone, at the end of the queue", () => {
  const scene = watching();
  assertEquals(scene.on({ type: "expired", key: "me" }), ["callOff", "leave me"]);
  assertEquals([scene.stage, scene.timer], ["resting", 500]);
  assertEquals(scene.on(500, TIMER), ["enter x"]);
  const looking = new Scene();
  looking.on(ASKED);
  looking.on(looking.entered());
  assertEquals(looking.on(looking.looked("a! b")), ["callOff", "leave me"]);
  assertEquals(looking.stage, "resting");
});

Deno.test("another set while waiting keeps the place, and forgets earlier successes", () => {
  const scene = watching();
  assertEquals(scene.on({ type: "asked", digest: "y" }), ["callOff", "announce me y"]);
  assertEquals(scene.on(scene.announced()), ["look me y"]);
  const looked = (revision: number) => scene.on(scene.looked("a! me", { successes: [success("y", revision)] }));
  assertEquals(looked(65), ["report place 1 2 a 1", "watch departure since 60"], "it was written before that");
  scene.on(scene.stirred);
  assertEquals(looked(66), ["report place 1 2 a 3", "claim me y"]);
});

Deno.test("another set while it enters is announced before it looks", () => {
  const entering = (digest: string) => {
    const scene = new Scene();
    scene.on(ASKED, { type: "asked", digest });
    return scene.on(scene.entered());
  };
  assertEquals(entering("y"), ["announce me y"]);
  assertEquals(entering("x"), ["look me x"], "the same set was announced by the entry");
});

Deno.test("the same set again changes nothing for who waits", () => {
  assertEquals(watching().on(ASKED), []);
  const looking = new Scene();
  looking.on(ASKED);
  looking.on(looking.entered());
  assertEquals(looking.on(ASKED), []);
});

Deno.test("who has a turn and wants one for another set announces that, and looks again in its place", () => {
  const scene = holding();
  assertEquals(scene.on({ type: "asked", digest: "y" }), ["announce me y"]);
  assertEquals(scene.on(scene.announced()), ["look me y"]);
  assertEquals(scene.on(scene.looked("a! me")), ["report place 1 2 a 1", "watch departure since 60"]);
  scene.on(scene.stirred);
  assertEquals(scene.on(scene.looked("me")), ["report place 0 1  1", "claim me y"]);
  assertEquals(scene.on(scene.claimed), ["grant"]);
  assertEquals(scene.on({ type: "left", success: "y" }), ["leave me y 70"]);
});

Deno.test("who asks for the turn that it has gets it again", () => {
  const scene = holding();
  assertEquals(scene.on(ASKED), ["look me x"]);
  assertEquals(scene.on(scene.looked("me")), ["report place 0 1  1", "claim me x"]);
  assertEquals(scene.on(scene.claimed), ["grant"]);
});

Deno.test("another set while it writes is written after that", () => {
  const scene = watching();
  scene.on({ type: "asked", digest: "y" });
  assertEquals(scene.on({ type: "asked", digest: "z" }), []);
  assertEquals(scene.on(scene.announced()), ["announce me z"]);
  assertEquals(scene.on(scene.announced()), ["look me z"]);
  assertEquals(scene.on(scene.looked("me")), ["report place 0 1  1", "claim me z"]);
  assertEquals(scene.on({ type: "asked", digest: "w" }), []);
  assertEquals(scene.on(scene.claimed), ["announce me w"], "a claim for an older set gives no turn");
});

Deno.test("another set while it looks or rests is what is announced next", () => {
  const scene = new Scene();
  scene.on(ASKED);
  scene.on(scene.entered());
  const old = scene.looked("me");
  assertEquals(scene.on({ type: "asked", digest: "z" }), ["callOff", "announce me z"]);
  assertEquals(scene.on(old), [], "an answer to an older request is none");
  scene.on(scene.failed());
  assertEquals(scene.stage, "resting");
  assertEquals(scene.on({ type: "asked", digest: "w" }), []);
  assertEquals(scene.on(500, TIMER), ["announce me w"]);
});

Deno.test("what others did with sets of their own counts if they came with them after our set before was over", () => {
  // A turn that began after we came with our set.
  const other = (announced: number): Success => ({ ...success("y", 90), announced, granted: 80, shared: false });
  const limit = (scene: Scene, announced: number) =>
    scene.on(scene.looked("a! me b", { successes: [other(announced)] }))[0].at(-1);
  const entered = (revision: number) => {
    const scene = holding();
    scene.on({ type: "left", success: "x" }, { type: "reported", revision });
    scene.on({ type: "asked", digest: "z" });
    scene.on(scene.entered("me", 65));
    return scene;
  };
  assertEquals([limit(entered(55), 55), limit(entered(55), 56)], ["1", "3"]);
  const replaced = () => {
    const scene = watching();
    scene.on({ type: "asked", digest: "z" });
    scene.on(scene.announced(65));
    return scene;
  };
  assertEquals([limit(replaced(), 65), limit(replaced(), 66)], ["1", "3"]);
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
  assertEquals(scene.on(ASKED), ["enter x"]);
  const second = scene.entered("second");
  assertEquals(scene.on(first), ["leave first"]);
  assertEquals(scene.on(second), ["look second x"]);
});

Deno.test("an answer to an older look says nothing of the set that is wanted now", () => {
  const scene = new Scene();
  scene.on(ASKED);
  scene.on(scene.entered());
  const old = scene.looked("me", { bad: "a has tried it" });
  scene.on({ type: "asked", digest: "y" });
  scene.on(scene.announced());
  assertEquals([scene.stage, scene.on(old)], ["looking", []]);
});

Deno.test("who leaves with success reports one only if it has a turn, and when that began", () => {
  const done: MemberEvent = { type: "left", success: "x" };
  assertEquals(watching().on(done), ["callOff", "leave me"]);
  const kept = holding();
  kept.on({ type: "kept" });
  assertEquals(kept.on(done), ["leave me x 70"], "a turn that was kept is the same turn");
  // It is not known to have been the first then.
  const waited = watching();
  waited.on({ type: "kept" });
  assertEquals(waited.on(done), ["leave me x 0"]);
});

function refused(): Scene {
  const scene = new Scene();
  scene.on(ASKED);
  scene.on(scene.entered());
  assertEquals(scene.on(scene.looked("me", { bad: "a has tried it" })), ["refuse: a has tried it"]);
  return scene;
}

Deno.test("a set that did harm is refused, and whoever asked for it says what becomes of the entry", () => {
  const scene = refused();
  assertEquals([scene.stage, scene.timer], ["refused", 3000], "it is renewed");
  assertEquals(scene.on(LEFT), ["leave me"]);
  assertEquals(refused().on({ type: "kept" }), ["keep me x"]);
  assertEquals(refused().on({ type: "asked", digest: "y" }), ["announce me y"]);
  const failing = refused();
  failing.on(failing.failed());
  assertEquals(failing.stage, "refused");
});

Deno.test("a turn that is kept is told to the others, also where another one was asked for meanwhile", () => {
  assertEquals(holding().on({ type: "kept" }), ["keep me x"]);
  for (const digest of ["x", "y"]) {
    const scene = holding();
    scene.on({ type: "asked", digest });
    const late = digest === "x" ? scene.looked("me") : scene.announced();
    assertEquals(scene.on({ type: "kept" }), ["callOff", "keep me x"]);
    assertEquals([scene.stage, scene.on(late)], ["holding", []]);
  }
});

Deno.test("a turn that is to be kept may be lost by then", () => {
  assertEquals(new Scene().on({ type: "kept" }), [], "that was told already");
  const scene = holding();
  scene.on({ type: "asked", digest: "y" });
  scene.on({ type: "expired", key: "me" });
  assertEquals(scene.on({ type: "kept" }), ["lose: the store has lost it"]);
  assertEquals([scene.stage, scene.timer], ["out", Infinity]);
});

Deno.test("what fails is tried again after a rest, which doubles up to half a minute", () => {
  const scene = new Scene();
  scene.on(ASKED);
  const rests: number[] = [];
  for (let i = 0; i < 8; i++) {
    scene.on(scene.failed());
    rests.push(scene.timer);
    assertEquals(scene.on(scene.timer, TIMER), ["enter x"]);
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
  scene.on(59_500, TIMER);
  assertEquals(scene.on(scene.failed()), ["report failed away no false"], "a minute later");
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

Deno.test("who rests renews its entry, and goes on resting", () => {
  const scene = watching();
  scene.chance = 1;
  for (let i = 0; i < 3; i++) {
    scene.on({ type: "renewalFailed", key: "me", kind: "away", reason: "no" });
  }
  scene.on(scene.stirred);
  for (let i = 0; i < 3; i++) {
    scene.on({ type: "renewalFailed", key: "me", kind: "away", reason: "no" });
  }
  scene.on(scene.failed());
  assertEquals([scene.stage, scene.timer], ["resting", 3000]);
  assertEquals(scene.on(3000, TIMER, TIMER), ["renew me"]);
  assertEquals(scene.stage, "resting");
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
  scene.on(scene.stirred);
  const agreeing = queue("a! me").entries.map((entry) => ({ ...entry, n: 5 }));
  assertEquals(scene.on(scene.looked("", { entries: agreeing })), ["report place 1 2 a 1", "watch departure since 60"]);
  scene.on(scene.stirred);
  assertEquals(scene.on(scene.looked("a! me"))[1], "report disagreement 5 3", "it is news again");
  assertEquals(watching().on(TIMER), [], "who agrees is told nothing");
});
