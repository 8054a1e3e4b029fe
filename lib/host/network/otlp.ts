/**
 * Sends telemetry to a collector: in batches, with a queue that has its limit, and without anybody ever waiting for it.
 *
 * Touches: the network, through http.ts.
 * @module
 */
import { type Item, requestOf } from "../../telemetry/encode.ts";
import type { Signal, Target, TelemetrySettings } from "../../telemetry/settings.ts";
import type { Clock } from "../clock.ts";
import { type HttpRequest, type Outcome, send } from "./http.ts";
import { shownAddress } from "../../settings/address.ts";

/** How often what has come together is sent, in milliseconds. */
const SEND_MS = 2000;
/** How many items one request has, and how many wait at most. */
const [BATCH, LIMIT] = [512, 2048];
/** The first wait after a failure, and the longest, in milliseconds. */
const RETRY_MS = { first: 1000, longest: 60_000 };
/** Answers after which the same request may be sent again. */
const RETRYABLE = [429, 502, 503, 504];

/** What it works with. */
export interface OtlpParts {
  settings: TelemetrySettings;
  clock: Clock;
  warn: (msg: string) => void;
  inform: (msg: string) => void;
  /** @default the network */
  send?: (request: HttpRequest) => Promise<Outcome>;
}

/** What waits for one target. */
class Queue {
  readonly #parts: OtlpParts;
  readonly #signal: Signal;
  readonly #target: Target;
  #items: Item[] = [];
  #dropped = 0;
  #failures = 0;
  #sending: Promise<void> | undefined;
  #notBefore = 0;

  constructor(parts: OtlpParts, signal: Signal, target: Target) {
    this.#parts = parts;
    this.#signal = signal;
    this.#target = target;
  }

  push(items: readonly Item[]): void {
    this.#items.push(...items);
    const over = this.#items.length - LIMIT;
    if (over <= 0) return;
    this.#items.splice(0, over);
    if (this.#dropped === 0) {
      this.#parts.warn(`telemetry: more ${this.#signal} than can be sent: the oldest are dropped`);
    }
    this.#dropped += over;
  }

  /** Sends what there is, unless it is not yet time to try again. One request at a time. */
  flush(ending?: AbortSignal): Promise<void> {
    const waits = this.#parts.clock.now() < this.#notBefore && ending === undefined;
    if (this.#items.length === 0 || waits) return this.#sending ?? Promise.resolve();
    return this.#sending ??= this.#flush(ending).finally(() => this.#sending = undefined);
  }

  async #flush(ending?: AbortSignal): Promise<void> {
    while (this.#items.length > 0 && !ending?.aborted) {
      const batch = this.#items.slice(0, BATCH);
      const outcome = await this.#send(batch, ending);
      if ("status" in outcome && !RETRYABLE.includes(outcome.status)) {
        // What a collector does not take it will not take a second time.
        const first = this.#items.indexOf(batch[0]);
        if (first !== -1) this.#items.splice(first, batch.length);
        if (outcome.status < 300) this.#worked();
        else this.#failed(`it answered ${outcome.status}`);
        continue;
      }
      if (ending === undefined) this.#failed("status" in outcome ? `it answered ${outcome.status}` : outcome.failure);
      return;
    }
  }

  async #send(items: readonly Item[], ending?: AbortSignal): Promise<Outcome> {
    const { settings, clock, send: over = send } = this.#parts;
    const timeout = new AbortController();
    const callOff = clock.after(settings.timeoutMs, () => timeout.abort());
    const signal = ending === undefined ? timeout.signal : AbortSignal.any([timeout.signal, ending]);
    const headers = { ...Object.fromEntries(this.#target.headers), "Content-Type": "application/json" };
    const body = JSON.stringify(requestOf(this.#signal, items, settings.attributes));
    try {
      return await over({ method: "POST", url: this.#target.url, headers, body, signal });
    } finally {
      callOff();
    }
  }

  #worked(): void {
    if (this.#failures > 0) {
      this.#parts.inform(`telemetry: ${this.#signal} are sent to ${shownAddress(this.#target.url)} again`);
    }
    this.#failures = 0;
    this.#notBefore = 0;
  }

  #failed(reason: string): void {
    if (this.#failures === 0) {
      this.#parts.warn(`telemetry: ${this.#signal} cannot be sent to ${shownAddress(this.#target.url)}: ${reason}`);
    }
    this.#notBefore = this.#parts.clock.now() + Math.min(RETRY_MS.first * 2 ** this.#failures, RETRY_MS.longest);
    this.#failures = Math.min(this.#failures + 1, 16);
  }
}

/** Sends telemetry until it is closed. */
export class Otlp {
  readonly #queues: ReadonlyMap<Signal, Queue>;
  readonly #clock: Clock;
  #callOff = () => {};

  constructor(parts: OtlpParts) {
    this.#clock = parts.clock;
    this.#queues = new Map(
      [...parts.settings.targets].map(([signal, target]) => [signal, new Queue(parts, signal, target)]),
    );
    this.#later();
  }

  /** True if anybody wants it. */
  takes(signal: Signal): boolean {
    return this.#queues.has(signal);
  }

  push(signal: Signal, items: readonly Item[]): void {
    this.#queues.get(signal)?.push(items);
  }

  /** Sends the rest, and takes no longer for that than `limitMs`. */
  async close(limitMs: number): Promise<void> {
    this.#callOff();
    const ending = new AbortController();
    const callOff = this.#clock.after(limitMs, () => ending.abort());
    const over = new Promise<void>((resolve) => ending.signal.addEventListener("abort", () => resolve()));
    // A request that is under way is waited for, and what came meanwhile is sent after it.
    const rest = [...this.#queues.values()].map((queue) =>
      queue.flush(ending.signal).then(() => queue.flush(ending.signal))
    );
    await Promise.race([Promise.all(rest), over]);
    callOff();
    ending.abort();
  }

  #later(): void {
    this.#callOff = this.#clock.after(SEND_MS, () => {
      for (const queue of this.#queues.values()) queue.flush();
      this.#later();
    });
  }
}
