/**
 * The host: performs the core's effects, and posts what comes of them as events.
 *
 * Touches: timers; processes through processes.ts.
 * @module
 */
import type { Child, Effect, Event, Timer } from "../core/protocol.ts";
import { type Command, Process, SpawnError } from "./processes.ts";
import type { Relay } from "./relay.ts";

/** How long to wait for the last of what confd printed: a grandchild may hold its streams open. In milliseconds. */
const LAST_WORDS_MS = 200;
/** What a terminal sends to everyone in front of it by itself. */
const FROM_TERMINAL: readonly string[] = ["SIGINT", "SIGQUIT", "SIGTSTP"];

/** What the host works with. */
export interface HostParts {
  confd: Command;
  service: Command;
  relay: Relay;
  /** Asks confd which destinations are in sync. The signal ends the question. */
  inquire: (signal: AbortSignal) => Promise<string[]>;
  /** Called with the exit status, once, at the end. */
  onExit: (status: number) => void;
}

/** Performs effects. */
export class Host {
  readonly #parts: HostParts;
  readonly #post: (event: Event) => void;
  readonly #children = new Map<Child, Process>();
  readonly #timers = new Map<Timer, ReturnType<typeof setTimeout>>();
  readonly #end = new AbortController();

  constructor(parts: HostParts, post: (event: Event) => void) {
    this.#parts = parts;
    this.#post = post;
  }

  perform(effect: Effect): void {
    switch (effect.type) {
      case "spawn":
        return this.#spawn(effect.child);
      case "signal":
        return this.#signal(effect.child, effect.signal);
      case "kill":
        return this.#children.get(effect.child)?.signalGroup("SIGKILL");
      case "arm":
        return this.#arm(effect.timer, effect.ms);
      case "disarm":
        return this.#disarm(effect.timer);
      case "reload":
        this.#signal("service", "SIGHUP");
        return this.#post({ type: "reloadEnded", failure: null });
      case "inquire":
        this.#inquire();
        return;
      case "exit":
        return this.#exit(effect.status);
    }
  }

  #spawn(child: Child): void {
    let process: Process;
    try {
      process = new Process(this.#parts[child]);
    } catch (error) {
      if (!(error instanceof SpawnError)) throw error;
      this.#post({ type: "spawnFailed", child, status: error.status, reason: error.message });
      return;
    }
    this.#children.set(child, process);
    const relayed = child === "confd"
      ? Promise.all(process.outputs.map((stream) => this.#parts.relay.run(stream)))
      : null;
    process.ending.then(async (ending) => {
      if (relayed !== null) {
        // What the child left in its group would hold its streams, and go on writing to destinations.
        process.signalGroup("SIGKILL");
        await Promise.race([relayed, sleep(LAST_WORDS_MS)]);
      }
      this.#post({ type: "childExited", child, ...ending });
    });
  }

  #signal(child: Child, signal: string): void {
    const process = this.#children.get(child);
    // confd's commands are in its group, and the classic confd would leave them behind.
    if (child === "confd") return process?.signalGroup(signal);
    if (!this.#parts.service.ownGroup && FROM_TERMINAL.includes(signal)) return;
    process?.signal(signal);
  }

  #arm(timer: Timer, ms: number): void {
    clearTimeout(this.#timers.get(timer));
    this.#timers.set(timer, setTimeout(() => this.#post({ type: "timerFired", timer }), ms));
  }

  #disarm(timer: Timer): void {
    clearTimeout(this.#timers.get(timer));
    this.#timers.delete(timer);
  }

  async #inquire(): Promise<void> {
    const inSync = await this.#parts.inquire(this.#end.signal);
    this.#post({ type: "inquiryEnded", inSync });
  }

  #exit(status: number): void {
    for (const timer of this.#timers.keys()) this.#disarm(timer);
    this.#end.abort();
    this.#parts.onExit(status);
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
