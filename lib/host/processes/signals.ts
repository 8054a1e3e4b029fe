/**
 * Signals that the sidecar itself receives.
 *
 * Touches: signal handlers.
 * @module
 */
import { RECEIVED } from "../../core/signals.ts";

/** Listens from now on. */
export function listen(onSignal: (signal: string) => void): void {
  for (const signal of RECEIVED) Deno.addSignalListener(signal, () => onSignal(signal));
}
