/**
 * What a member of a fleet knows (member.ts has its theory of operation), what can happen to it, and what it wants done.
 *
 * Pure.
 * @module
 */
import type { FleetErrorKind, FleetReport } from "../core/fleet_report.ts";
import type { Awaited, Queue, Success } from "./queue.ts";

/** What this member is told of its fleet. */
export interface MemberOptions {
  readonly id: string;
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
export interface Held extends Omit<Entry, "revision"> {
  /** The set that it is for, and the revision at which that was announced. */
  readonly digest: string;
  readonly announced: number;
  /** The revision at which the set before that was over. */
  readonly before: number;
  readonly validUntil: number;
  readonly renewAt: number;
}

/** How far a member has come. */
export type MemberStage =
  | { readonly is: "out" }
  /** `digest`: the set that it was sent for; another one may be wanted by now. */
  | { readonly is: "entering"; readonly sentAt: number; readonly digest: string }
  | { readonly is: "announcing"; readonly held: Held; readonly digest: string }
  /** `refused`: the set is not to be tried. Whether to leave is for the core to say: the turn may be kept for an earlier set. */
  | { readonly is: "looking" | "claiming" | "refused"; readonly held: Held }
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
  /** The set that a turn is wanted for; empty where none is. */
  readonly digest: string;
  /** The queue as it was seen last. */
  readonly queue: Queue | null;
  /** The revision at which its last success was written. */
  readonly succeededAt: number;
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
  /** `success`: the set that has succeeded. */
  | { type: "left"; success: string | null }
  | { type: "entered"; request: number; entry: Entry }
  | { type: "looked"; request: number; queue: Queue }
  | { type: "stirred"; request: number }
  | { type: "announced" | "claimed"; request: number; revision: number }
  | { type: "renewed"; key: string; sentAt: number }
  /** A success is written down. */
  | { type: "reported"; revision: number }
  /** The store knows the entry no more. */
  | { type: "expired"; key: string }
  | { type: "failed"; request: number; kind: FleetErrorKind; reason: string }
  | { type: "renewalFailed"; key: string; kind: FleetErrorKind; reason: string }
  | { type: "timerFired" };

/** What is to be done. */
export type MemberEffect =
  | { type: "enter"; request: number; digest: string }
  /** Says that the entry is for another set. */
  | { type: "announce"; request: number; key: string; digest: string }
  | { type: "look"; request: number; key: string; digest: string }
  | { type: "watch"; request: number; awaited: Awaited; since: number }
  /** Nobody waits for the last request any more. */
  | { type: "callOff" }
  | { type: "claim"; request: number; key: string; digest: string }
  | { type: "renew"; key: string }
  /** Says that the turn is kept. */
  | { type: "keep"; key: string; digest: string }
  /** Takes the entry away; with successes to be written down, others may follow. */
  | { type: "leave"; key: string; successes: readonly Success[] | null }
  // For the core.
  | { type: "grant" }
  | { type: "lose"; reason: string }
  | { type: "refuse"; reason: string }
  | { type: "report"; report: FleetReport };

/** A member that wants nothing yet. */
export function newMember(options: MemberOptions): Member {
  return {
    options,
    stage: { is: "out" },
    digest: "",
    queue: null,
    succeededAt: 0,
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

/** Our entry, in whatever stage; null: there is none. */
export function heldBy(stage: MemberStage): Held | null {
  return "held" in stage ? stage.held : null;
}
