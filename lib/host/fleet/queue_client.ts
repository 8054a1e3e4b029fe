/**
 * A member of a fleet that queues in a store: the pure member (lib/fleet/member.ts), with a store and a clock.
 *
 * Touches: the store.
 * @module
 */
import { stepMember } from "../../fleet/member.ts";
import {
  isOver,
  type Member,
  type MemberEffect,
  type MemberEvent,
  newMember,
  nextTimer,
} from "../../fleet/member_state.ts";
import type { EntryState } from "../../fleet/queue.ts";
import type { Clock } from "../clock.ts";
import { type FleetClient, type FleetNews, LAST_MS, type Listing } from "./client.ts";
import { type FleetStore, type Self, StoreError, TTL_MS } from "./store.ts";

/** What it works with. */
export interface QueueClientParts {
  readonly store: FleetStore;
  readonly self: Self;
  readonly clock: Clock;
  readonly random: () => number;
  readonly tell: (news: FleetNews) => void;
}

/** How long to wait before what could not be written is written again, in milliseconds. */
const AGAIN_MS = 1000;

/** Queues in a store. */
export class QueueClient implements FleetClient {
  readonly #parts: QueueClientParts;
  readonly #end = new AbortController();
  #member: Member;
  #request: AbortController | undefined;
  #callOffTimer = () => {};
  #marked: Promise<unknown> = Promise.resolve();
  readonly #leaving = new Set<Promise<void>>();

  constructor(parts: QueueClientParts) {
    this.#parts = parts;
    this.#member = newMember(parts.self);
  }

  take(digest: string): void {
    this.#step({ type: "asked", digest });
  }

  keep(): void {
    this.#step({ type: "kept" });
  }

  leave(success: string | null): void {
    this.#step({ type: "left", success });
  }

  reportBad(digest: string, reason: string): void {
    this.#write((signal) => this.#parts.store.reportBad(digest, reason, signal));
  }

  check(): void {
    if (isOver(this.#member, this.#parts.clock.now())) this.#step({ type: "timerFired" });
  }

  async list(): Promise<Listing> {
    const { entries } = await this.#parts.store.look("", this.#end.signal);
    const { stage } = this.#member;
    return { entries, own: "held" in stage ? stage.held?.key ?? null : null, says: null };
  }

  async close(): Promise<void> {
    this.#callOffTimer();
    this.#request?.abort();
    await Promise.race([Promise.all(this.#leaving), this.#parts.clock.sleep(LAST_MS)]);
    this.#end.abort();
  }

  #step(event: MemberEvent): void {
    const { clock, random } = this.#parts;
    if (this.#end.signal.aborted) return;
    const [member, effects] = stepMember(this.#member, event, { now: clock.now(), chance: random() });
    this.#member = member;
    for (const effect of effects) this.#perform(effect);
    this.#callOffTimer();
    const at = nextTimer(this.#member);
    if (at === Infinity) return;
    this.#callOffTimer = clock.after(Math.max(0, at - clock.now()), () => this.#step({ type: "timerFired" }));
  }

  #perform(effect: MemberEffect): void {
    const { store, tell } = this.#parts;
    switch (effect.type) {
      case "enter":
        // An entry that nobody waits for any more has to be known all the same, to be taken away.
        this.#ask(
          effect,
          this.#end,
          store.enter(effect.digest, this.#end.signal),
          (entry) => ({ type: "entered", entry }),
        );
        return;
      case "look":
        this.#call(effect, (signal) => store.look(effect.digest, signal), (queue) => ({ type: "looked", queue }));
        return;
      case "watch":
        this.#call(
          effect,
          (signal) => store.watch(effect.awaited, effect.since, signal),
          () => ({ type: "stirred" }),
        );
        return;
      case "announce":
        this.#ask(effect, this.#end, this.#mark(effect, "waiting"), (revision) => ({ type: "announced", revision }));
        return;
      case "claim":
        this.#ask(effect, this.#end, this.#mark(effect, "working"), (revision) => ({ type: "claimed", revision }));
        return;
      case "callOff":
        this.#request?.abort();
        return;
      case "renew":
        this.#renew(effect.key);
        return;
      case "keep":
        // For people alone: who waits does so in any case.
        this.#mark(effect, "kept").catch(() => {});
        return;
      case "leave":
        this.#write(async (signal) => {
          const revision = await store.leave(effect.key, effect.successes, signal);
          if (effect.successes !== null) this.#step({ type: "reported", revision });
        });
        return;
      case "grant":
        return tell({ type: "turnGranted" });
      case "lose":
        return tell({ type: "turnLost", reason: effect.reason });
      case "refuse":
        return tell({ type: "turnRefused", reason: effect.reason });
      case "report":
        return tell({ type: "fleetReported", report: effect.report });
    }
  }

  /** One after another, and none is called off in the middle: so the store has the last of them in the end. */
  #mark({ key, digest }: { key: string; digest: string }, state: EntryState): Promise<number> {
    const marked = this.#marked.then(() => this.#parts.store.mark(key, { state, digest }, this.#end.signal));
    this.#marked = marked.catch(() => {});
    return marked;
  }

  #call<T>(
    of: { request: number; key?: string },
    act: (signal: AbortSignal) => Promise<T>,
    event: (answer: T) => Answered,
  ): void {
    const request = this.#request = new AbortController();
    this.#ask(of, request, act(AbortSignal.any([request.signal, this.#end.signal])), event);
  }

  async #ask<T>(
    { request, key }: { request: number; key?: string },
    { signal }: AbortController,
    answer: Promise<T>,
    event: (answer: T) => Answered,
  ): Promise<void> {
    try {
      this.#step({ ...event(await answer), request } as MemberEvent);
    } catch (error) {
      if (signal.aborted) return;
      const { kind, reason } = failureOf(error as Error);
      if (kind === "gone" && key !== undefined) this.#step({ type: "expired", key });
      else this.#step({ type: "failed", request, kind: kind === "gone" ? "answer" : kind, reason });
    }
  }

  async #renew(key: string): Promise<void> {
    const { store, clock } = this.#parts;
    const sentAt = clock.now();
    try {
      await store.renew(key, this.#end.signal);
      this.#step({ type: "renewed", key, sentAt });
    } catch (error) {
      const { kind, reason } = failureOf(error as Error);
      if (kind === "gone") this.#step({ type: "expired", key });
      else this.#step({ type: "renewalFailed", key, kind, reason });
    }
  }

  /** Writes something that others should know; again and again, but no longer than an entry would live anyway. */
  #write(act: (signal: AbortSignal) => Promise<void>): void {
    const writing = this.#tryToWrite(act).finally(() => this.#leaving.delete(writing));
    this.#leaving.add(writing);
  }

  async #tryToWrite(act: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { clock } = this.#parts;
    const { signal } = this.#end;
    const until = clock.now() + TTL_MS;
    for (;;) {
      try {
        return await act(signal);
      } catch (error) {
        if (signal.aborted || failureOf(error as Error).kind !== "away" || clock.now() >= until) return;
        await clock.sleep(AGAIN_MS);
      }
    }
  }
}

type Answered =
  | Omit<MemberEvent & { type: "entered" }, "request">
  | Omit<MemberEvent & { type: "looked" }, "request">
  | {
    type: "stirred";
  }
  | { type: "announced" | "claimed"; revision: number };

function failureOf(error: Error): { kind: StoreError["kind"]; reason: string } {
  if (error instanceof StoreError) return { kind: error.kind, reason: error.message };
  return { kind: "answer", reason: error.message };
}
