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
  const { rules, bad } = readRules(text);
  return bad === undefined ? rules : undefined;
}

/** Which rule is the bad one, and why. */
export function badRule(text: string): string {
  return `; the bad one is ${readRules(text).bad}`;
}

/** Reads rules up to the first bad one. */
function readRules(text: string): { rules: Map<string, string | null>; bad?: string } {
  const rules = new Map<string, string | null>();
  for (const rule of text.split(",")) {
    const [from, to, ...more] = rule.split("=").map((word) => word.trim());
    const isPair = to !== undefined && more.length === 0;
    const fault = isPair ? faultOf(from, to, rules) : "it is not of the form SIGNAL=SIGNAL";
    if (fault !== undefined) return { rules, bad: `${JSON.stringify(rule)}: ${fault}` };
    rules.set(parseSignal(from)!, to === "none" ? null : parseSignal(to)!);
  }
  return { rules };
}

/** What is wrong with a rule that comes after others. */
function faultOf(from: string, to: string, rules: ReadonlyMap<string, unknown>): string | undefined {
  const source = parseSignal(from);
  if (source === undefined) return `${JSON.stringify(from)} is no signal`;
  if (to !== "none" && parseSignal(to) === undefined) return `${JSON.stringify(to)} is neither a signal nor 'none'`;
  if (rules.has(source)) return `there is a rule for ${source} before it`;
  if (NEVER_RECEIVED.includes(source)) return `the sidecar cannot receive ${source}`;
  return source === "SIGTERM" && to === "none" ? "without SIGTERM the container could only be killed" : undefined;
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

/** Which word of such a list is the bad one; SIGTERM that is missing needs no more words. */
export function badStopOn(text: string): string {
  const bad = text.split(",").find((word) => parseStopOn(`SIGTERM,${word}`) === undefined);
  return bad === undefined ? "; SIGTERM is missing" : `; the bad one is ${JSON.stringify(bad)}`;
}

/** Reads the signal that tells the service to stop; one that only suspends it would never end it. */
export function parseStopSignal(text: string): string | undefined {
  const signal = parseSignal(text);
  return signal === "SIGSTOP" ? undefined : signal;
}
