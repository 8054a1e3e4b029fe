/**
 * What became of a command: whoever gave it waits until it is refused, done, or has failed.
 *
 * A hold and a release are done at once. A reload, a restart and a return to earlier files are done when the service has
 * loaded its files, and is well on them where SIDECAR_VERIFY asks for that. Which rollout that is the core's order says: the
 * first by which the service begins to read its files after the command was taken.
 *
 * Pure.
 * @module
 */
import type { Note } from "../core/notes.ts";
import type { Command, Event } from "../core/protocol.ts";
import type { State } from "../core/supervisor_state.ts";
import type { RolloutRecord } from "./document.ts";

/** The outcome. */
export interface Answer {
  readonly done: boolean;
  /** A sentence for the one who asked. */
  readonly says: string;
}

interface Waiting {
  readonly event: Event;
  readonly command: Command;
  readonly resolve: (answer: Answer) => void;
  /** True once the core has taken it. */
  taken: boolean;
  /** The number of the rollout that does it; undefined: it has not begun. */
  rollout?: number;
}

const DONE: Record<Command["is"], string> = {
  reload: "main program was reloaded",
  restart: "main program was restarted",
  rollBack: "main program was taken back to the configuration from before",
  hold: "changes are held",
  release: "changes are held no longer",
};

/** Gives commands to the core, and tells what became of them. */
export class Commands {
  readonly #post: (event: Event) => void;
  readonly #waiting = new Set<Waiting>();

  constructor(post: (event: Event) => void) {
    this.#post = post;
  }

  /** Gives a command. Resolves with its outcome. */
  give(command: Command): Promise<Answer> {
    const { promise, resolve } = Promise.withResolvers<Answer>();
    const event: Event = { type: "commanded", command };
    this.#waiting.add({ event, command, resolve, taken: false });
    this.#post(event);
    return promise;
  }

  /** Takes what was decided at an event; before anybody makes rollouts of it. */
  observe(event: Event, notes: readonly Note[]): void {
    for (const waiting of this.#waiting) if (waiting.event === event) this.#taken(waiting, notes);
    if (!notes.some(({ is }) => is === "exiting")) return;
    for (const waiting of this.#waiting) this.#end(waiting, { done: false, says: "the sidecar stopped meanwhile" });
  }

  /** With a rollout the service begins to read its files: that is what was asked for by whoever waits. */
  loading(rollout: number): void {
    for (const waiting of this.#waiting) if (waiting.taken) waiting.rollout ??= rollout;
  }

  /**
   * Takes the state after a transition. A reload that the core does not owe any more, and that has not begun, went with the
   * change that it waited with. A service that is down loads its files at its start.
   */
  follow({ rollout }: State): void {
    if (rollout.owed || rollout.target !== "reload") return;
    for (const waiting of this.#waiting) {
      const isDropped = waiting.taken && waiting.rollout === undefined && waiting.command.is === "reload";
      if (isDropped) this.#end(waiting, { done: false, says: rollout.trouble?.reason ?? "the change was taken back" });
    }
  }

  /** Takes a rollout that is over. */
  rolloutEnded({ id, steps, outcome, seconds }: RolloutRecord): void {
    for (const waiting of this.#waiting) {
      const { rollout, command } = waiting;
      if (rollout !== id) continue;
      const done = outcome === "loaded" || outcome === "verified";
      const took = seconds === null ? "" : ` in ${seconds} s`;
      const why = steps.findLast(({ reason }) => reason !== null)?.reason ?? outcome;
      const says = done ? `${DONE[command.is]}${outcome === "verified" ? " and verified" : ""}${took}` : why;
      this.#end(waiting, { done, says });
    }
  }

  #taken(waiting: Waiting, notes: readonly Note[]): void {
    const { command } = waiting;
    const note = notes.find((note) => note.is === "commanded");
    if (note === undefined) return this.#end(waiting, { done: false, says: "the sidecar has ended" });
    if (note.refusal !== null) return this.#end(waiting, { done: false, says: note.refusal });
    if (command.is === "hold") return this.#end(waiting, { done: true, says: DONE.hold });
    if (command.is === "release") {
      const turn = notes.some((note) => note.is === "turnLeft" && note.why === "released");
      const says = [
        ...(notes.some(({ is }) => is === "released") ? [DONE.release] : []),
        ...(turn ? ["the turn in the fleet is released"] : []),
        ...(!turn && notes.some(({ is }) => is === "queued") ? ["a turn in the fleet is asked for"] : []),
      ].join("; ") || "nothing was held";
      return this.#end(waiting, { done: true, says });
    }
    waiting.taken = true;
  }

  #end(waiting: Waiting, answer: Answer): void {
    this.#waiting.delete(waiting);
    waiting.resolve(answer);
  }
}
