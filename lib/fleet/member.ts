/**
 * One member of a fleet that takes turns by a queue in a store.
 *
 * Theory of operation. A member that wants a turn *enters* the queue with an entry that ends by itself when the store has
 * not heard of the member for the time to live. It *looks* at the queue, and *watches* what it has to wait for, until it may
 * go; then it *claims* its turn, which tells the others, and *holds* it until it is given back. Whatever fails is tried
 * again after a *rest*, with an entry that is still there or with another one.
 *
 *     out ── entering ── looking ── claiming ── holding ── out
 *                         │   ^
 *                       watching       (resting, from anywhere)
 *
 * An entry is for one set. A member that wants another one, be it that it waits or that it has a turn for the one before,
 * keeps its place: it *announces* the other set, and looks again. What it writes comes to an end before it writes anew, so
 * that the store has the last of it.
 *
 * An entry is *valid* until its time to live has passed since the last renewal that succeeded was *sent*, by the monotonic
 * clock of this machine. The store counts from when it got that, which is later: a turn ends here before it does there.
 *
 * At most one request is under way, but for renewals. Requests have numbers, and an answer to an older one is none, but for
 * an entry that came about meanwhile: it is given back.
 *
 * Pure: time and chance come in as values.
 * @module
 */
import type { FleetErrorKind } from "../core/fleet_report.ts";
import {
  type Held,
  heldBy,
  type Member,
  type MemberEffect,
  type MemberEvent,
  type MemberStage,
} from "./member_state.ts";
import { type Queue, type Standing, standingOf, withSuccess } from "./queue.ts";

/** What a step needs of the world. */
export interface Moment {
  /** Monotonic, in milliseconds. */
  readonly now: number;
  /** From 0 to 1. */
  readonly chance: number;
}

/**
 * A watch is trusted for so long, more or less, and for longer the farther one stands from the front, in milliseconds: it may
 * be lost, and who is waited for may stand still. From a simulation with faults: docs/fleet.md.
 */
const WATCH_MS = { front: 2000, eachPlace: 100, longest: 30_000 };
/** The first rest after a failure, and the longest. */
const REST_MS = { first: 1000, longest: 30_000 };
/** How often a failure that lasts is logged. */
const LOG_MS = 60_000;

/** What an event makes of a member. */
export function stepMember(member: Member, event: MemberEvent, moment: Moment): [Member, MemberEffect[]] {
  const effects: MemberEffect[] = [];
  // What is over is over, whatever else has happened.
  const held = heldBy(member.stage);
  const current = held !== null && moment.now >= held.validUntil
    ? expire(member, "the store has not heard of us for too long", { ...moment, effects })
    : member;
  return [react(current, event, { ...moment, effects }), effects];
}

interface Step extends Moment {
  readonly effects: MemberEffect[];
}

function react(member: Member, event: MemberEvent, step: Step): Member {
  const { stage } = member;
  switch (event.type) {
    case "asked":
      return asked(member, event.digest, step);
    case "kept":
      return keep(member, step);
    case "left":
      return leave(member, event.success, step);
    case "entered":
      return entered(member, event, step);
    case "reported":
      return { ...member, succeededAt: event.revision };
    case "renewed":
      return renewed(member, event, step);
    case "expired":
      return heldBy(stage)?.key === event.key ? expire(member, "the store has given it up", step) : member;
    case "renewalFailed":
      return heldBy(stage)?.key === event.key ? reportFailure(member, event, step) : member;
    case "timerFired":
      return timerFired(member, step);
    default:
      return event.request === member.request ? answered(member, event, step) : member;
  }
}

function answered(
  member: Member,
  event: MemberEvent & { type: "announced" | "looked" | "stirred" | "claimed" | "failed" },
  step: Step,
): Member {
  const { stage } = member;
  if (event.type === "failed") return rest(reportFailure(member, event, step), step);
  const well = reportBack(member, step);
  if (event.type === "looked" && stage.is === "looking") return looked(well, stage.held, event.queue, step);
  if (event.type === "stirred" && stage.is === "watching") return proceed(well, stage.held, step);
  if (event.type === "announced" && stage.is === "announcing") {
    const { digest, held } = stage;
    return proceed(well, { ...held, digest, announced: event.revision, before: event.revision }, step);
  }
  if (event.type === "claimed" && stage.is === "claiming") return claimed(well, stage.held, event.revision, step);
  return well;
}

// In and out.

function asked(member: Member, digest: string, step: Step): Member {
  const { stage } = member;
  const next = { ...member, digest };
  switch (stage.is) {
    case "out":
      return enter(next, step);
    case "holding":
    case "refused":
      return proceed(next, stage.held, step);
    case "looking":
    case "watching":
      if (digest === stage.held.digest) return next;
      step.effects.push({ type: "callOff" });
      return proceed(next, stage.held, step);
    default:
      // What is under way comes to its end first.
      return next;
  }
}

function enter(member: Member, { now, effects }: Step): Member {
  const request = member.request + 1;
  const { digest } = member;
  effects.push({ type: "enter", request, digest });
  return { ...member, request, stage: { is: "entering", sentAt: now, digest } };
}

function entered(member: Member, { request, entry }: MemberEvent & { type: "entered" }, step: Step): Member {
  const { stage } = member;
  if (stage.is !== "entering" || request !== member.request) {
    // It was called off before it came about.
    step.effects.push({ type: "leave", key: entry.key, successes: null });
    return member;
  }
  const { key, ttlMs, revision: announced } = entry;
  const { sentAt, digest } = stage;
  const before = member.succeededAt;
  const held: Held = { key, ttlMs, digest, announced, before, validUntil: sentAt + ttlMs, renewAt: sentAt + ttlMs / 3 };
  return proceed(reportBack(member, step), held, step);
}

function claimed(member: Member, held: Held, granted: number, step: Step): Member {
  if (held.digest !== member.digest) return proceed(member, held, step);
  step.effects.push({ type: "grant" });
  return { ...member, stage: { is: "holding", held, granted } };
}

/** The turn stays, also where it was to be one for another set. It may be lost by now. */
function keep(member: Member, { effects }: Step): Member {
  const { stage } = member;
  const held = heldBy(stage);
  if (stage.is === "out") return member;
  if (held === null) {
    effects.push({ type: "lose", reason: "the store has lost it" });
    return out(member);
  }
  callOff(stage, effects);
  effects.push({ type: "keep", key: held.key, digest: held.digest });
  const granted = stage.is === "holding" ? stage.granted : 0;
  return { ...member, request: member.request + 1, stage: { is: "holding", held, granted } };
}

function leave(member: Member, success: string | null, { effects }: Step): Member {
  const { stage, queue, options: { id } } = member;
  const held = heldBy(stage);
  callOff(stage, effects);
  if (held !== null) {
    const { key, announced } = held;
    const successes = success !== null && stage.is === "holding" && queue !== null
      ? withSuccess(queue, { key, id, digest: success, announced, granted: stage.granted })
      : null;
    effects.push({ type: "leave", key, successes });
  }
  return out(member);
}

function out(member: Member): Member {
  return { ...member, digest: "", queue: null, request: member.request + 1, stage: { is: "out" } };
}

/** Nobody waits any more for what only asks. What writes may have been done. */
function callOff({ is }: MemberStage, effects: MemberEffect[]): void {
  if (["announcing", "looking", "watching", "claiming"].includes(is)) effects.push({ type: "callOff" });
}

// The queue.

/** Looks at the queue, once the entry is for the set that is wanted. */
function proceed(member: Member, held: Held, { effects }: Step): Member {
  const request = member.request + 1;
  const { digest } = member;
  const { key } = held;
  if (digest !== held.digest) {
    effects.push({ type: "announce", request, key, digest });
    return { ...member, request, stage: { is: "announcing", held, digest } };
  }
  effects.push({ type: "look", request, key, digest });
  return { ...member, request, stage: { is: "looking", held } };
}

function looked(member: Member, held: Held, queue: Queue, step: Step): Member {
  const { effects, now, chance } = step;
  const standing = standingOf(queue, held);
  if (standing === undefined) return expire(member, "the store has lost it", step);
  if (queue.bad !== null) {
    effects.push({ type: "refuse", reason: queue.bad });
    return { ...member, stage: { is: "refused", held } };
  }
  const told = reportStanding({ ...member, queue }, standing, step);
  const request = told.request + 1;
  if (standing.awaited === null) {
    effects.push({ type: "claim", request, key: held.key, digest: held.digest });
    return { ...told, request, stage: { is: "claiming", held } };
  }
  effects.push({ type: "watch", request, awaited: standing.awaited, since: queue.revision });
  const trustedMs = Math.min(WATCH_MS.front + WATCH_MS.eachPlace * standing.place, WATCH_MS.longest);
  return { ...told, request, stage: { is: "watching", held, until: now + trustedMs * (0.8 + 0.4 * chance) } };
}

// Time.

function renewed(member: Member, { key, sentAt }: MemberEvent & { type: "renewed" }, step: Step): Member {
  const { stage } = member;
  const known = heldBy(stage);
  if (known?.key !== key) return member;
  const held = { ...known, validUntil: Math.max(known.validUntil, sentAt + known.ttlMs) };
  // Who rests has failed at something else since.
  const well = stage.is === "resting" ? member : reportBack(member, step);
  return { ...well, stage: { ...stage, held } as MemberStage };
}

function timerFired(member: Member, step: Step): Member {
  const { stage } = member;
  const { now, effects } = step;
  const held = heldBy(stage);
  if (held !== null && now >= held.renewAt) {
    effects.push({ type: "renew", key: held.key });
    const next = { ...held, renewAt: now + held.ttlMs / 3 };
    return { ...member, stage: { ...stage, held: next } as MemberStage };
  }
  if (stage.is === "watching" && now >= stage.until) {
    effects.push({ type: "callOff" });
    return proceed(member, stage.held, step);
  }
  if (stage.is === "resting" && now >= stage.until) {
    return stage.held === null ? enter(member, step) : proceed(member, stage.held, step);
  }
  return member;
}

/** Our entry is not there any more, or must be taken to be so. Who waits enters again, at the end of the queue. */
function expire(member: Member, reason: string, step: Step): Member {
  const { stage } = member;
  const held = heldBy(stage);
  if (held === null) return member;
  callOff(stage, step.effects);
  // It may still be there.
  step.effects.push({ type: "leave", key: held.key, successes: null });
  if (stage.is === "holding") {
    step.effects.push({ type: "lose", reason });
    return out(member);
  }
  const request = member.request + 1;
  return rest({ ...member, request, stage: { is: "resting", held: null, until: step.now } }, step);
}

/** Waits before what failed is tried again. */
function rest(member: Member, { now, chance }: Step): Member {
  const { stage, failures } = member;
  if (stage.is === "out" || stage.is === "holding" || stage.is === "refused") return member;
  const longest = Math.min(REST_MS.first * 2 ** Math.max(0, failures - 1), REST_MS.longest);
  const held = heldBy(stage);
  return { ...member, stage: { is: "resting", held, until: now + longest * (0.5 + 0.5 * chance) } };
}

// What others get to know.

function reportFailure(
  member: Member,
  { kind, reason }: { kind: FleetErrorKind; reason: string },
  { now, effects }: Step,
): Member {
  const again = now - member.loggedAt < LOG_MS;
  effects.push({ type: "report", report: { is: "failed", kind, reason, again } });
  return { ...member, failures: member.failures + 1, loggedAt: again ? member.loggedAt : now };
}

function reportBack(member: Member, { effects }: Step): Member {
  if (member.failures === 0) return member;
  effects.push({ type: "report", report: { is: "back" } });
  return { ...member, failures: 0, loggedAt: -Infinity };
}

function reportStanding(member: Member, standing: Standing, { effects }: Step): Member {
  const { place, length, ahead, limit, n } = standing;
  effects.push({ type: "report", report: { is: "place", place, length, ahead: ahead.map(({ id }) => id), limit } });
  const disagreed = n < member.options.n ? n : null;
  if (disagreed !== null && disagreed !== member.disagreed) {
    effects.push({ type: "report", report: { is: "disagreement", wanted: member.options.n, holds: n } });
  }
  return { ...member, disagreed };
}
