/**
 * What confd prints while it runs: passed on, and read for hints on what it does.
 *
 * Touches: confd's streams, through relay.ts.
 * @module
 */
import { permanentFault } from "./confd/faults.ts";
import { findHints } from "./confd/log_lines.ts";
import type { Event } from "./core/protocol.ts";
import type { Destinations } from "./destinations.ts";
import type { Watcher } from "./host/files/destinations.ts";
import type { Logger } from "./host/output/logger.ts";
import type { Output } from "./host/output/output.ts";
import { Relay } from "./host/output/relay.ts";

/** What it works with. */
export interface ConfdOutputParts {
  output: Output;
  logger: Logger;
  destinations: Destinations;
  watcher: Watcher;
  post: (event: Event) => void;
}

/** Passes on what confd prints. */
export class ConfdOutput {
  readonly #parts: ConfdOutputParts;
  readonly relay: Relay;
  /** Files that confd writes, and that are no destinations of ours. */
  readonly #strange = new Set<string>();
  #fault: string | undefined;

  constructor(parts: ConfdOutputParts) {
    this.#parts = parts;
    this.relay = new Relay({
      output: parts.output,
      onLines: (text) => this.#read(text),
      onDropped: (bytes) => parts.logger.warn(`${bytes} bytes of what confd printed were dropped: nobody read them`),
    });
  }

  /** The line in which confd, in its present life, says that it can never work. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /** confd is started anew. */
  begin(): void {
    this.#fault = undefined;
  }

  /** Takes confd's lines as hints that it is time to look. */
  #read(text: string): void {
    const { destinations, watcher, post } = this.#parts;
    this.#fault ??= permanentFault(text);
    for (const { dest: name, state } of findHints(text)) {
      const destination = destinations.byLogged(name);
      if (destination === undefined) {
        if (state === "updated") this.#warnOf(name);
        continue;
      }
      const looked = watcher.check(destination.file);
      // A change is posted before the news that it was rendered.
      if (state !== "outOfSync") looked.then(() => post({ type: "destinationRendered", dest: destination.dest }));
    }
  }

  /** Says once that a file is not followed. */
  #warnOf(name: string): void {
    if (this.#strange.has(name)) return;
    this.#strange.add(name);
    this.#parts.logger.warn(
      `confd has updated ${name}, but no template resource named it at the start: main program is not reloaded for it ` +
        "until the sidecar is started again",
    );
  }
}
