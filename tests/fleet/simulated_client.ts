/**
 * What one member of a simulated fleet has of its client, its machine and its network: the pure member
 * (lib/fleet/member.ts), with a simulated store behind a line that is slow, loses things, and may be cut.
 *
 * Pure: all chance comes from a seed, all time from the future that it is given.
 * @module
 */
import { stepMember } from "../../lib/fleet/member.ts";
import {
  isOver,
  type Member,
  type MemberEffect,
  type MemberEvent,
  newMember,
  nextTimer,
} from "../../lib/fleet/member_state.ts";
import type { Future } from "../support/heap.ts";
import type { Random } from "../support/random.ts";
import type { SimulatedStore } from "./simulated_store.ts";

/** What the member gets to know. */
export type News = MemberEffect & { type: "grant" | "lose" | "refuse" | "report" };

/** What it works with. */
export interface ClientParts {
  readonly future: Future;
  readonly random: Random;
  readonly store: SimulatedStore;
  readonly id: string;
  readonly n: number;
  /** How fast its clock is: 1 is right. */
  readonly drift: number;
  /** True if a watch may get lost without a trace. */
  readonly losesWatches: boolean;
  readonly onLostWatch: () => void;
  readonly tell: (news: News) => void;
}

/** One client. */
export class SimulatedClient {
  readonly #parts: ClientParts;
  member: Member;
  alive = true;
  connection: "up" | "down" = "up";
  #frozenUntil = 0;
  /** What waits for it to go on. */
  readonly #kept: (() => void)[] = [];
  #callOff = () => {};
  /** Timers that were planned before are none. */
  #timers = 0;

  constructor(parts: ClientParts) {
    this.#parts = parts;
    this.member = newMember({ id: parts.id, n: parts.n });
  }

  get isFrozen(): boolean {
    return this.#frozenUntil > this.#parts.future.now;
  }

  /** By the clock of its machine. */
  get now(): number {
    return this.#parts.future.now * this.#parts.drift;
  }

  /** True if it has a turn that has not ended by itself. */
  get hasValidTurn(): boolean {
    const { stage } = this.member;
    return stage.is === "holding" && this.now < stage.held.validUntil;
  }

  /** Ends a turn that is not valid any more. */
  check(): void {
    if (isOver(this.member, this.now)) this.step({ type: "timerFired" });
  }

  step(event: MemberEvent): void {
    const { future, random, drift } = this.#parts;
    const [member, effects] = stepMember(this.member, event, { now: this.now, chance: random.next() });
    this.member = member;
    for (const effect of effects) this.#perform(effect);
    const at = nextTimer(this.member);
    const timers = ++this.#timers;
    if (at === Infinity) return;
    // A clock that runs fast or slow must not stop by rounding.
    future.after((at - this.now) / drift + 0.01, () => {
      this.whenAwake(() => timers === this.#timers && this.step({ type: "timerFired" }));
    });
  }

  /** What happens to a process that stands still waits until it goes on. */
  whenAwake(act: () => void): void {
    if (!this.alive) return;
    if (this.isFrozen) this.#kept.push(act);
    else act();
  }

  reportBad(digest: string): void {
    this.#ask(null, () => this.#parts.store.reportBad(digest, "it did harm"));
  }

  // Trouble.

  /** Its process is gone. */
  die(): void {
    this.alive = false;
    this.#callOff();
    this.#kept.length = 0;
  }

  split(ms: number): void {
    this.connection = "down";
    this.#parts.future.after(ms, () => this.connection = "up");
  }

  freeze(ms: number): void {
    this.#frozenUntil = this.#parts.future.now + ms;
    this.#parts.future.after(ms, () => {
      for (const act of this.#kept.splice(0)) if (this.alive) act();
    });
  }

  #perform(effect: MemberEffect): void {
    const { store } = this.#parts;
    switch (effect.type) {
      case "enter":
        return this.#ask(effect.request, () => ({
          type: "entered",
          request: effect.request,
          entry: store.enter(this.member.options, effect.digest),
        }));
      case "look":
        return this.#ask(effect.request, () => ({
          type: "looked",
          request: effect.request,
          queue: store.look(effect.digest),
        }));
      case "announce":
      case "claim":
        return this.#ask(effect.request, () => {
          const { request, key, digest } = effect;
          const [state, type] = effect.type === "claim"
            ? ["working", "claimed"] as const
            : ["waiting", "announced"] as const;
          const revision = store.mark(key, { state, digest });
          return revision === undefined ? { type: "expired", key } : { type, request, revision };
        });
      case "watch":
        return this.#watch(effect);
      case "callOff":
        this.#callOff();
        return;
      case "renew": {
        const sentAt = this.now;
        return this.#ask(
          null,
          () =>
            store.renew(effect.key)
              ? { type: "renewed", key: effect.key, sentAt }
              : { type: "expired", key: effect.key },
          { type: "renewalFailed", key: effect.key, kind: "away", reason: "it does not answer in time" },
        );
      }
      case "keep":
        return this.#ask(null, () => void store.mark(effect.key, { state: "kept", digest: effect.digest }));
      case "leave":
        return this.#leave(effect, 10);
      default:
        return this.#parts.tell(effect);
    }
  }

  /** A request and its answer take their time, and either may get lost. */
  #ask(
    request: number | null,
    act: () => MemberEvent | void,
    failure: MemberEvent | undefined = request === null
      ? undefined
      : { type: "failed", request, kind: "away", reason: "it does not answer in time" },
  ): void {
    const { future } = this.#parts;
    const fail = () => {
      if (failure !== undefined) future.after(3000, () => this.whenAwake(() => this.step(failure)));
    };
    if (this.connection === "down") return fail();
    future.after(this.#latency(), () => {
      const answer = act();
      if (this.connection === "down") return fail();
      future.after(this.#latency(), () => {
        this.whenAwake(() => answer !== undefined && this.step(answer));
      });
    });
  }

  #watch({ request, awaited, since }: MemberEffect & { type: "watch" }): void {
    const { future, random, store, losesWatches, onLostWatch } = this.#parts;
    let live = true;
    this.#callOff = () => live = false;
    if (losesWatches && random.chance(0.002)) return onLostWatch();
    future.after(this.#latency(), () => {
      if (!live || this.connection === "down") return;
      const end = store.watch(awaited, since, () => {
        future.after(this.#latency(), () => {
          // What was sent into a cut cable is lost.
          if (this.connection === "up") {
            this.whenAwake(() => live && this.step({ type: "stirred", request }));
          }
        });
      });
      this.#callOff = () => {
        live = false;
        end();
      };
    });
  }

  /** As the client does it: again and again, but no longer than an entry would live anyway. */
  #leave(effect: MemberEffect & { type: "leave" }, tries: number): void {
    if (this.connection === "down") {
      if (tries > 0) this.#parts.future.after(1000, () => this.alive && this.#leave(effect, tries - 1));
      return;
    }
    this.#ask(null, () => {
      const revision = this.#parts.store.leave(effect.key, effect.successes);
      return effect.successes === null || revision === undefined ? undefined : { type: "reported", revision };
    });
  }

  #latency(): number {
    const { random } = this.#parts;
    return 0.5 + random.next() * (random.chance(0.01) ? 200 : 4);
  }
}
