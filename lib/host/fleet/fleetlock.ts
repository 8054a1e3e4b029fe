/**
 * Turns by a FleetLock server, which decides by itself how many go at once.
 * https://coreos.github.io/zincati/development/fleetlock/protocol/
 *
 * A slot has no time to live: who holds one keeps it until it is given back. So it is given back at the start of a run, in
 * case an earlier one left it, and for as long as it takes. There is no queue: who gets no slot asks again.
 *
 * Touches: the network, through api.ts.
 * @module
 */
import type { Clock } from "../clock.ts";
import { type Answer, Api, type ApiParts, basic, refusalOf } from "./api.ts";
import { type FleetClient, type FleetNews, LAST_MS, type Listing } from "./client.ts";
import { StoreError } from "./store.ts";

/** What it works with. */
export interface FleetLockParts extends Omit<ApiParts, "authorize"> {
  readonly id: string;
  readonly random: () => number;
  readonly tell: (news: FleetNews) => void;
}

/** The first wait before the server is asked again, and the longest, in milliseconds. */
const ASK_MS = { first: 1000, longest: 30_000 };
/** How often a failure that lasts is logged, in milliseconds. */
const LOG_MS = 60_000;

/** Asks a FleetLock server. */
export class FleetLockClient implements FleetClient {
  readonly #api: Api;
  readonly #clock: Clock;
  readonly #parts: FleetLockParts;
  readonly #end = new AbortController();
  #state: "out" | "asking" | "holding" = "out";
  /** Counts wishes: what an older one comes to is of no use. */
  #wish = 0;
  #callOff = () => {};
  #giving: Promise<void> | undefined;
  /** One request after another: the order in which they come to the server is theirs. */
  #line: Promise<unknown> = Promise.resolve();
  #failing = false;
  #loggedAt = -Infinity;

  constructor(parts: FleetLockParts) {
    this.#parts = parts;
    this.#clock = parts.clock;
    const authorize = (secret: string) => secret.includes(":") ? basic(secret) : { Authorization: `Bearer ${secret}` };
    this.#api = new Api({ ...parts, authorize });
    this.#giveBack();
  }

  take(): void {
    // A slot is one for whatever comes.
    if (this.#state === "holding") this.#parts.tell({ type: "turnGranted" });
    if (this.#state !== "out") return;
    this.#state = "asking";
    this.#ask(this.#begin(), 0);
  }

  keep(): void {}

  leave(): void {
    if (this.#state === "out") return;
    this.#state = "out";
    this.#giveBack();
  }

  /** There is no place for it. */
  reportBad(): void {}

  check(): void {}

  list(): Promise<Listing> {
    const { id } = this.#parts;
    const says = "a FleetLock server does not say who else holds a slot or waits for one";
    if (this.#state === "out") return Promise.resolve({ entries: [], own: null, says });
    const state = this.#state === "holding" ? "working" : "waiting";
    return Promise.resolve({ entries: [{ key: id, id, n: 0, state, digest: "", since: 0 }], own: id, says });
  }

  async close(): Promise<void> {
    this.#wish++;
    this.#callOff();
    await Promise.race([this.#giving, this.#clock.sleep(LAST_MS)]);
    this.#end.abort();
  }

  #begin(): number {
    this.#callOff();
    return ++this.#wish;
  }

  async #ask(wish: number, tries: number): Promise<void> {
    const granted = await this.#send("/v1/pre-reboot");
    if (wish !== this.#wish) return;
    if (granted) {
      this.#state = "holding";
      return this.#parts.tell({ type: "turnGranted" });
    }
    this.#again(tries, () => this.#ask(wish, tries + 1));
  }

  /** A slot that may be ours is given back for as long as it takes. */
  #giveBack(): void {
    const wish = this.#begin();
    const give = async (tries: number): Promise<void> => {
      const given = await this.#send("/v1/steady-state");
      if (given || wish !== this.#wish || this.#end.signal.aborted) return;
      await new Promise<void>((resolve) => this.#again(tries, resolve));
      if (wish === this.#wish) await give(tries + 1);
    };
    this.#giving = give(0);
  }

  #again(tries: number, act: () => void): void {
    const longest = Math.min(ASK_MS.first * 2 ** Math.min(tries, 16), ASK_MS.longest);
    this.#callOff = this.#clock.after(longest * (0.5 + 0.5 * this.#parts.random()), act);
  }

  #send(path: string): Promise<boolean> {
    const sent = this.#line.then(() => this.#exchange(path));
    this.#line = sent;
    return sent;
  }

  /** True if the server agrees. */
  async #exchange(path: string): Promise<boolean> {
    const { id, address: { group } } = this.#parts;
    const body = JSON.stringify({ client_params: { id, group } });
    const headers = { "fleet-lock-protocol": "true" };
    try {
      const answer = await this.#api.send({ method: "POST", path, body, headers, signal: this.#end.signal });
      const failure = failureOf(answer);
      if (failure !== null) throw failure;
      if (this.#failing) this.#parts.tell({ type: "fleetReported", report: { is: "back" } });
      this.#failing = false;
      return answer.status === 200;
    } catch (error) {
      if (!this.#end.signal.aborted) this.#failed(error as Error);
      return false;
    }
  }

  #failed(error: Error): void {
    const kind = error instanceof StoreError && error.kind !== "gone" ? error.kind : "answer";
    const now = this.#clock.now();
    const again = this.#failing && now - this.#loggedAt < LOG_MS;
    if (!again) this.#loggedAt = now;
    this.#failing = true;
    this.#parts.tell({ type: "fleetReported", report: { is: "failed", kind, reason: error.message, again } });
  }
}

/** A server that refuses a slot says so in JSON, with whatever status but 200. Null: that is what it did, or it agreed. */
function failureOf(answer: Answer): StoreError | null {
  const { status, body } = answer;
  if (status === 200) return null;
  if (status === 401 || status === 403 || status === 404 || status === 400) return refusalOf(answer);
  return /"kind"\s*:/.test(body) || status === 423 || status === 409 ? null : refusalOf(answer);
}
