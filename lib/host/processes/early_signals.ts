/**
 * Signals before there is a supervisor.
 *
 * As process 1, a signal without a handler would simply be lost, so handlers come first of all. Until they are handed
 * over, TERM, INT and QUIT end the run and the others are nobody's.
 *
 * Touches: signal handlers, through signals.ts; /proc, reading.
 * @module
 */
import { statusOfSignal } from "../../core/signals.ts";
import { type SignalMask, signalMasks } from "../linux/proc.ts";
import { listen } from "./signals.ts";

/** What ends a run before its settings are known: SIGQUIT is what some images are stopped with. */
const QUIT = ["SIGTERM", "SIGINT", "SIGQUIT"];
/** SIGPIPE, which the runtime ignores at its start: what it was before cannot be known. */
const RUNTIMES_OWN = 1n << 12n;

/** Listens from its making on. */
export class EarlySignals {
  /** Signals that were ignored before we listened: the service has to ignore them too. */
  readonly ignored: SignalMask = (signalMasks("self")?.ignored ?? 0n) & ~RUNTIMES_OWN;
  readonly #ended = new AbortController();
  readonly #early = Promise.withResolvers<number>();
  #onSignal = (signal: string): void => {
    if (!QUIT.includes(signal)) return;
    this.#ended.abort();
    this.#early.resolve(statusOfSignal(signal));
  };

  constructor() {
    listen((signal) => this.receive(signal));
  }

  /** A signal has come, in whatever way. */
  receive(signal: string): void {
    this.#onSignal(signal);
  }

  /** Resolves with the exit status when a signal ends the run before signals are handed over. */
  get early(): Promise<number> {
    return this.#early.promise;
  }

  /** Aborted at the same time. */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  /** From now on signals are somebody else's. False: one has ended the run already, and nothing may be started. */
  handOver(onSignal: (signal: string) => void): boolean {
    if (this.#ended.signal.aborted) return false;
    this.#onSignal = onSignal;
    return true;
  }
}
