/**
 * Signals' names, and the rules that rewrite them on their way to the service.
 *
 * Pure.
 * @module
 */
import { isSignal, NEVER_RECEIVED, type SignalName } from "../core/signals.ts";

/** Completes the sentence '... is not'. */
export const SIGNAL_WANTED = "a signal's name such as SIGTERM or SIGQUIT";

/** Reads a name, with or without `SIG`, in any case: `SIGTERM`, `term`. */
export function parseSignal(text: string): SignalName | undefined {
  const upper = text.toUpperCase();
  const name = upper.startsWith("SIG") ? upper : `SIG${upper}`;
  return isSignal(name) ? name : undefined;
}

/** Completes the sentence '... is not'. */
export const RULES_WANTED =
  "a list of rules such as SIGTERM=SIGQUIT,SIGUSR1=none, with one rule at most for a signal " +
  `that the sidecar can receive (all but ${NEVER_RECEIVED.join(", ")}); SIGTERM cannot be dropped`;

/**
 * Reads rules: `SIGTERM=SIGQUIT` sends another signal, `SIGUSR1=none` drops one (null). As a container without SIGTERM
 * could only be killed, that one cannot be dropped.
 */
export function parseSignalRules(text: string): Map<string, string | null> | undefined {
  const rules = new Map<string, string | null>();
  for (const rule of text.split(",")) {
    const [from, to, ...more] = rule.split("=").map((word) => word.trim());
    const source = parseSignal(from);
    const target = to === "none" ? null : parseSignal(to ?? "");
    if (source === undefined || target === undefined || more.length > 0) return undefined;
    if (rules.has(source) || NEVER_RECEIVED.includes(source)) return undefined;
    if (source === "SIGTERM" && target === null) return undefined;
    rules.set(source, target);
  }
  return rules;
}

/** Completes the sentence '... is not'. */
export const STOP_ON_WANTED =
  "a list of signals that the sidecar can receive, such as SIGTERM,SIGINT,SIGQUIT, with SIGTERM among them";

/** Reads the signals that stop the sidecar. A container that SIGTERM does not stop could only be killed. */
export function parseStopOn(text: string): string[] | undefined {
  const signals = text.split(",").map((word) => parseSignal(word.trim()));
  const known = signals.filter((signal) => signal !== undefined && !NEVER_RECEIVED.includes(signal));
  return known.length === signals.length && known.includes("SIGTERM") ? known as string[] : undefined;
}

/** Reads the signal that tells the service to stop; one that only suspends it would never end it. */
export function parseStopSignal(text: string): string | undefined {
  const signal = parseSignal(text);
  return signal === "SIGSTOP" ? undefined : signal;
}
