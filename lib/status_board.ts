/**
 * What others get to see of a run, and what they may ask of it: the status, and those who show it or send it on. Loaded only
 * where there is one of these.
 *
 * Touches: the clock; the network, through endpoint.ts.
 * @module
 */
import type { Transition } from "./core/drive.ts";
import type { Contents } from "./core/files.ts";
import type { OnMasked } from "./host/files/differences.ts";
import type { Event } from "./core/protocol.ts";
import type { State } from "./core/supervisor_state.ts";
import { Endpoint, type Entrance } from "./endpoint.ts";
import { usage } from "./host/linux/usage.ts";
import { digestOf } from "./set_digest.ts";
import { maskAll } from "./settings/secrets.ts";
import { Commands } from "./status/commands.ts";
import type { RolloutRecord, StatusDocument } from "./status/document.ts";
import type { FleetQueue } from "./status/fleet_queue.ts";
import { Recorder } from "./status/recorder.ts";
import { Starts } from "./status/starts.ts";
import type { Facts } from "./status/view.ts";

/** What it works with. */
export interface StatusBoardParts {
  readonly entrances: readonly Entrance[];
  readonly facts: Omit<Facts, "usage">;
  readonly state: State;
  /** When that was, in milliseconds since 1970. */
  readonly at: number;
  readonly post: (event: Event) => void;
  /** Asks confd for its version. The signal ends that early. */
  readonly confdVersion: (signal: AbortSignal) => Promise<string | undefined>;
  /** Masks secrets in a text. */
  readonly mask: (text: string) => string;
  /** Undefined: there is no fleet. */
  readonly fleet?: () => Promise<FleetQueue>;
}

/** Keeps the status of a run for all who look on. */
export class StatusBoard {
  readonly recorder: Recorder;
  /** Called with each transition. */
  readonly onTransition: ((transition: Transition) => void)[] = [];
  /** Called at the end, before the endpoint closes. */
  readonly onClose: (() => void | Promise<void>)[] = [];
  /** Called with each rollout that is over. */
  readonly onRollout: ((record: RolloutRecord) => void)[] = [];
  readonly #commands: Commands;
  readonly #starts = new Starts((transition, at) => this.#tell(transition, at));
  readonly #endpoint: Endpoint;
  /** Masks secrets in a text. */
  readonly mask: (text: string) => string;
  readonly #end = new AbortController();
  #loaded: Contents | undefined;
  #asked: Promise<void> | undefined;

  constructor({ entrances, facts, confdVersion, state, at, post, mask, fleet }: StatusBoardParts) {
    this.mask = mask;
    this.#commands = new Commands(post);
    this.onRollout.push((record) => this.#commands.rolloutEnded(record));
    this.recorder = new Recorder({
      facts: { ...facts, usage },
      state,
      at,
      onLoading: (rollout) => this.#commands.loading(rollout),
      onRollout: (record) => this.onRollout.forEach((tell) => tell(maskAll(record, mask))),
      onLoaded: (loaded) => this.#digest(loaded),
    });
    this.#endpoint = new Endpoint(entrances, {
      // Only when somebody looks: it is a program to be run.
      prepare: () =>
        this.#asked ??= confdVersion(this.#end.signal).then((version) => {
          facts.confd.version = version ?? null;
        }),
      document: () => this.document,
      metrics: () => this.recorder.metrics,
      page: () => this.#page(),
      give: (command) => this.#commands.give(command),
      fleet,
    });
  }

  /** What `/status` says: without secrets. */
  get document(): StatusDocument {
    return maskAll(this.recorder.document, this.mask);
  }

  /** Takes a transition that happened `at`. */
  observe(transition: Transition, at: number): void {
    // By then the effects of this step have been performed, and whoever asks has not been answered.
    if (this.#starts.observe(transition, at)) queueMicrotask(() => this.#starts.settle());
  }

  /** Takes what changed in a file, values hidden, for the rollout of this moment. */
  differences(): OnMasked {
    this.#starts.settle();
    return this.recorder.differences();
  }

  #tell(transition: Transition, at: number): void {
    this.#commands.observe(transition.event, transition.notes);
    this.recorder.observe(transition, at);
    this.#commands.follow(transition.state);
    this.onTransition.forEach((tell) => tell(transition));
  }

  async close(): Promise<void> {
    this.#end.abort();
    await Promise.all(this.onClose.map((close) => close()));
    await this.#endpoint.close();
  }

  async #page(): Promise<{ body: string; headers: Readonly<Record<string, string>> }> {
    const { PAGE_POLICY, renderPage } = await import("./status/page.ts");
    return { body: renderPage(this.document, Date.now()), headers: { "Content-Security-Policy": PAGE_POLICY } };
  }

  async #digest(loaded: Contents): Promise<void> {
    this.#loaded = loaded;
    const digest = await digestOf(loaded);
    if (this.#loaded === loaded) this.recorder.digest = digest;
  }
}
