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
 * An entry is *valid* until its time to live has passed since the last renewal that succeeded was *sent*, by the monotonic
 * clock of this machine. The store counts from when it got that, which is later: a turn ends here before it does there.
 *
 * At most one request is under way, but for renewals. Requests have numbers, and an answer to an older one is none, but for
 * an entry that came about meanwhile: it is given back.
 *
 * Pure: time and chance come in as values.
 * @module
 */
import type { FleetErrorKind, FleetReport } from "../core/fleet_report.ts";
import { type Awaited, type Queue, type Standing, standingOf } from "./queue.ts";

/** What this member is told of its fleet. */
export interface MemberOptions {
  /** How many may go at once. */
  readonly n: number;
}

/** An entry in the store. */
export interface Entry {
  readonly key: string;
  /** The store's revision at which it came about. */
  readonly revision: number;
  /** How long it lives without being renewed, in milliseconds. */
  readonly ttlMs: number;
}

/** Our entry, and how long it is valid. */
export interface Held extends Entry {
  /** The revision at which the present set was announced; null: the one of the next look. */
  readonly announced: number | null;
  readonly validUntil: number;
  readonly renewAt: number;
}

/** How far a member has come. */
export type MemberStage =
  | { readonly is: "out" }
  /** `digest`: the set that it was sent for; another one may be wanted by now. */
  | { readonly is: "entering"; readonly sentAt: number; readonly digest: string | null }
  | { readonly is: "looking" | "claiming"; readonly held: Held }
  /** `until`: then it looks again in any case, since a watch can be lost without a trace. */
  | { readonly is: "watching"; readonly held: Held; readonly until: number }
  /** `granted`: the revision of the claim. */
  | { readonly is: "holding"; readonly held: Held; readonly granted: number }
  /** Something failed, and is tried again. */
  | { readonly is: "resting"; readonly held: Held | null; readonly until: number };

/** All that a member knows. */
export interface Member {
  readonly options: MemberOptions;
  readonly stage: MemberStage;
  /** The set that a turn is wanted for. */
  readonly digest: string | null;
  /** The number of the last request. */
  readonly request: number;
  /** How often the store has failed in a row, and when that was last logged. */
  readonly failures: number;
  readonly loggedAt: number;
  /** The number that others have, where that was told. */
  readonly disagreed: number | null;
}

/** What happened. Answers have the number of their request. */
export type MemberEvent =
  | { type: "asked"; digest: string }
  | { type: "kept" }
  | { type: "left"; succeeded: boolean }
  | { type: "entered"; request: number; entry: Entry }
  | { type: "looked"; request: number; queue: Queue }
  | { type: "stirred"; request: number }
  | { type: "claimed"; request: number; revision: number }
  | { type: "renewed"; key: string; sentAt: number }
  /** The store knows the entry no more. */
  | { type: "expired"; key: string }
  | { type: "failed"; request: number; kind: FleetErrorKind; reason: string }
  | { type: "renewalFailed"; key: string; kind: FleetErrorKind; reason: string }
  | { type: "timerFired" };

/** What is to be done. */
export type MemberEffect =
  | { type: "enter"; request: number }
  | { type: "look"; request: number; key: string; digest: string }
  | { type: "watch"; request: number; awaited: Awaited; since: number }
  /** Nobody waits for the last request any more. */
  | { type: "callOff" }
  | { type: "claim"; request: number; key: string }
  | { type: "renew"; key: string }
  | { type: "mark"; key: string; state: "kept" }
  /** Takes the entry away; with `success`, others may follow. */
  | { type: "leave"; key: string; success: { digest: string; granted: number } | null }
  // For the core.
  | { type: "grant" }
  | { type: "lose"; reason: string }
  | { type: "refuse"; reason: string }
  | { type: "report"; report: FleetReport };

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

/** A member that wants nothing yet. */
export function newMember(options: MemberOptions): Member {
  return {
    options,
    stage: { is: "out" },
    digest: null,
    request: 0,
    failures: 0,
    loggedAt: -Infinity,
    disagreed: null,
  };
}

/** When the next timer fires; Infinity: none does. */
export function nextTimer({ stage }: Member): number {
  const held = heldBy(stage);
  const until = stage.is === "watching" || stage.is === "resting" ? stage.until : Infinity;
  return held === null ? until : Math.min(until, held.renewAt, held.validUntil);
}

/** True if a turn that is held is valid no more. */
export function isOver({ stage }: Member, now: number): boolean {
  return stage.is === "holding" && now >= stage.held.validUntil;
}

function heldBy(stage: MemberStage): Held | null {
  return "held" in stage ? stage.held : null;
}

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
      if (stage.is === "holding") step.effects.push({ type: "mark", key: stage.held.key, state: "kept" });
      return member;
    case "left":
      return leave(member, event.succeeded, step);
    case "entered":
      return entered(member, event, step);
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
  event: MemberEvent & { type: "looked" | "stirred" | "claimed" | "failed" },
  step: Step,
): Member {
  const { stage } = member;
  if (event.type === "failed") return rest(reportFailure(member, event, step), step);
  const well = reportBack(member, step);
  if (event.type === "looked" && stage.is === "looking") return looked(well, stage.held, event.queue, step);
  if (event.type === "stirred" && stage.is === "watching") return look(well, stage.held, step);
  if (event.type === "claimed" && stage.is === "claiming") {
    step.effects.push({ type: "grant" });
    return { ...well, stage: { is: "holding", held: stage.held, granted: event.revision } };
  }
  return well;
}

// In and out.

function asked(member: Member, digest: string, step: Step): Member {
  const { stage } = member;
  const next = { ...member, digest };
  if (stage.is === "out") return enter(next, step);
  if (stage.is === "holding" || stage.is === "entering" || digest === member.digest) return next;
  const held = heldBy(stage);
  if (held === null) return next;
  // Another set in the same place: what is known of successes was of the one before.
  if (stage.is === "watching") step.effects.push({ type: "callOff" });
  const fresh = { ...held, announced: null };
  return stage.is === "resting" ? { ...next, stage: { ...stage, held: fresh } } : look(next, fresh, step);
}

function enter(member: Member, { now, effects }: Step): Member {
  const request = member.request + 1;
  effects.push({ type: "enter", request });
  return { ...member, request, stage: { is: "entering", sentAt: now, digest: member.digest } };
}

function entered(member: Member, { request, entry }: MemberEvent & { type: "entered" }, step: Step): Member {
  const { stage } = member;
  if (stage.is !== "entering" || request !== member.request) {
    // It was called off before it came about.
    step.effects.push({ type: "leave", key: entry.key, success: null });
    return member;
  }
  const { sentAt, digest } = stage;
  const held: Held = {
    ...entry,
    // A set that came up meanwhile is announced by the look: successes until then were of the one before.
    announced: digest === member.digest ? entry.revision : null,
    validUntil: sentAt + entry.ttlMs,
    renewAt: sentAt + entry.ttlMs / 3,
  };
  return look(reportBack(member, step), held, step);
}

function leave(member: Member, succeeded: boolean, { effects }: Step): Member {
  const { stage, digest } = member;
  const held = heldBy(stage);
  if (["looking", "watching", "claiming"].includes(stage.is)) effects.push({ type: "callOff" });
  if (held !== null) {
    const success = succeeded && stage.is === "holding" && digest !== null ? { digest, granted: stage.granted } : null;
    effects.push({ type: "leave", key: held.key, success });
  }
  return { ...member, digest: null, request: member.request + 1, stage: { is: "out" } };
}

// The queue.

function look(member: Member, held: Held, { effects }: Step): Member {
  const request = member.request + 1;
  effects.push({ type: "look", request, key: held.key, digest: member.digest ?? "" });
  return { ...member, request, stage: { is: "looking", held } };
}

function looked(member: Member, known: Held, queue: Queue, step: Step): Member {
  const { effects, now, chance } = step;
  const held = { ...known, announced: known.announced ?? queue.revision };
  if (queue.bad !== null) {
    effects.push({ type: "refuse", reason: queue.bad });
    return leave({ ...member, stage: { is: "looking", held } }, false, step);
  }
  const standing = standingOf(queue, { key: held.key, announced: held.announced, digest: member.digest ?? "" });
  if (standing === undefined) return expire(member, "the store has lost it", step);
  const told = reportStanding(member, standing, step);
  const request = told.request + 1;
  if (standing.awaited === null) {
    effects.push({ type: "claim", request, key: held.key });
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
    return look(member, stage.held, step);
  }
  if (stage.is === "resting" && now >= stage.until) {
    return stage.held === null ? enter(member, step) : look(member, stage.held, step);
  }
  return member;
}

/** Our entry is not there any more, or must be taken to be so. Who waits enters again, at the end of the queue. */
function expire(member: Member, reason: string, step: Step): Member {
  const { stage } = member;
  const held = heldBy(stage);
  if (held === null) return member;
  if (["looking", "watching", "claiming"].includes(stage.is)) step.effects.push({ type: "callOff" });
  // It may still be there.
  step.effects.push({ type: "leave", key: held.key, success: null });
  const request = member.request + 1;
  if (stage.is === "holding") {
    step.effects.push({ type: "lose", reason });
    return { ...member, request, digest: null, stage: { is: "out" } };
  }
  return rest({ ...member, request, stage: { is: "resting", held: null, until: step.now } }, step);
}

/** Waits before what failed is tried again. */
function rest(member: Member, { now, chance }: Step): Member {
  const { stage, failures } = member;
  if (stage.is === "out" || stage.is === "holding") return member;
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
