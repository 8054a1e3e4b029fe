/**
 * What is known of a run, for all who look on from outside: kept up to date by every transition of the core, and written
 * down as a document or as metrics when somebody asks.
 *
 * Pure: time comes in as a value.
 * @module
 */
import type { Transition } from "../core/drive.ts";
import { changed, type Contents, type Files, loadedContents } from "../core/files.ts";
import type { Note } from "../core/notes.ts";
import type { State } from "../core/supervisor_state.ts";
import type { RolloutRecord, StatusDocument } from "./document.ts";
import { documentOf } from "./document_of.ts";
import { Durations } from "./durations.ts";
import { Histogram } from "./histogram.ts";
import type { Metric } from "./metric.ts";
import { metricsOf } from "./metrics.ts";
import { conditionsOf, isReady } from "./readiness.ts";
import { progressOf } from "./progress.ts";
import { RolloutLog } from "./rollout_log.ts";
import type { Facts, View } from "./view.ts";
import { newTally, tallied, type Tally } from "./tally.ts";

/** What it works with. */
export interface RecorderParts {
  readonly facts: Facts;
  readonly state: State;
  /** Now, in milliseconds since 1970. */
  readonly at: number;
  /** With the rollout of this number the service begins to read its files. */
  readonly onLoading?: (rollout: number) => void;
  /** A rollout is over. */
  readonly onRollout?: (record: RolloutRecord) => void;
  /** The service has loaded another set of files. Whoever knows its digest tells it, see {@link Recorder.digest}. */
  readonly onLoaded?: (loaded: Contents) => void;
}

/** After these the service may have loaded another set of files. */
const LOADING: readonly Note["is"][] = ["serviceStarted", "reloading", "reloaded", "published", "restored"];

/** Upper bounds of the wait for a turn, in seconds. */
const WAIT_BOUNDS = [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 14_400];

/** Keeps it. */
export class Recorder {
  /** One digest for all that the service has loaded. */
  digest: string | null = null;
  readonly #parts: RecorderParts;
  readonly #rollouts: RolloutLog;
  readonly #durations = new Durations();
  readonly #waits = new Histogram(WAIT_BOUNDS);
  readonly #changedAt = new Map<string, number>();
  #state: State;
  #tally: Tally;
  #loaded = "";
  /** Those that were looked at last. */
  #files: Files | undefined;

  constructor(parts: RecorderParts) {
    this.#parts = parts;
    this.#state = parts.state;
    this.#tally = newTally(parts.at, parts.facts.heldSince);
    this.#rollouts = new RolloutLog({
      onLoading: parts.onLoading,
      onEnd: (record) => {
        this.#durations.observe(record, this.#state.options.reload.by);
        parts.onRollout?.(record);
      },
    });
  }

  /** Takes a transition that happened `at`. */
  observe(transition: Transition, at: number): void {
    const { event, state, notes } = transition;
    // With thousands of files, to look at all of them for each that changes would take long.
    const dests = () => destsOf(state);
    this.#state = state;
    const { since } = this.#tally.fleet;
    if (since !== null && notes.some(({ is }) => is === "turnGranted")) this.#waits.observe((at - since) / 1000);
    for (const note of notes) this.#rollouts.observe(note, { at, verified: state.options.verified, dests });
    this.#rollouts.follow(progressOf(state), at);
    if (event.type === "destinationChanged") this.#changedAt.set(event.dest, at);
    this.#tally = tallied(this.#tally, transition, at);
    if (notes.some(({ is }) => LOADING.includes(is))) this.#lookAtLoaded(state);
  }

  /** Takes what changed in a file, values hidden, for the rollout of this moment. */
  differences(): (path: string, lines: readonly string[]) => void {
    return this.#rollouts.differences();
  }

  get view(): View {
    const [state, tally] = [this.#state, this.#tally];
    const conditions = conditionsOf(state, tally);
    const ready = isReady(conditions, this.#parts.facts.ready);
    const { facts } = this.#parts;
    const [rollouts, changedAt] = [this.#rollouts.records, this.#changedAt];
    return {
      facts,
      changedAt,
      state,
      tally,
      conditions,
      ready,
      digest: this.digest,
      rollouts,
      durations: this.#durations,
      waits: this.#waits,
    };
  }

  get document(): StatusDocument {
    return documentOf(this.view);
  }

  get metrics(): Metric[] {
    return metricsOf(this.view);
  }

  #lookAtLoaded({ rollout, service }: State): void {
    if (service.is !== "running" || rollout.files === this.#files) return;
    this.#files = rollout.files;
    const loaded = loadedContents(rollout.files);
    const key = JSON.stringify([...loaded]);
    if (key === this.#loaded) return;
    this.#loaded = key;
    this.digest = null;
    this.#parts.onLoaded?.(loaded);
  }
}

function destsOf({ rollout, options, service }: State): readonly string[] {
  const isFirst = service.is === "absent" && service.status === null;
  return isFirst ? [...rollout.files.keys()] : changed(rollout.files, options);
}
