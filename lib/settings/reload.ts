/**
 * How the service is reloaded: `SIDECAR_RELOAD`.
 *
 * Pure.
 * @module
 */
import { SIGNAL_NUMBERS } from "../core/signals.ts";
import { missingScheme } from "./hints.ts";
import { didYouMean } from "./nearest.ts";
import { parseSignal } from "./signals.ts";
import { splitWords } from "./words.ts";

/** A way to reload. */
export type ReloadWay =
  | { readonly by: "signal"; readonly signal: string; readonly explicit: boolean }
  /** Stop and start anew. */
  | { readonly by: "restart" }
  /** Not at all: the service notices by itself. */
  | { readonly by: "none" }
  | { readonly by: "exec"; readonly words: readonly string[] }
  | { readonly by: "http"; readonly url: string };

/** Completes the sentence '... is not'. */
export const RELOAD_WANTED =
  "a signal's name (but not SIGKILL or SIGSTOP), 'restart', 'none', 'exec:' and the words of a command, or an address to " +
  "POST to that begins with http:// or https://";

/** Reads a way to reload. */
export function parseReload(text: string): ReloadWay | undefined {
  if (text === "restart" || text === "none") return { by: text };
  if (text.startsWith("exec:")) {
    const words = splitWords(text.slice("exec:".length));
    return words === undefined || words.length === 0 || words[0] === "" ? undefined : { by: "exec", words };
  }
  if (/^https?:\/\//.test(text)) return URL.canParse(text) ? { by: "http", url: text } : undefined;
  const signal = parseSignal(text);
  // Neither makes a program read its files again.
  return signal === undefined || signal === "SIGKILL" || signal === "SIGSTOP"
    ? undefined
    : { by: "signal", signal, explicit: true };
}

/** What is missing from a text that is no way to reload, or which was meant. */
export function reloadHint(text: string): string {
  return missingScheme(text, "'http://'") || didYouMean(text, ["restart", "none", ...Object.keys(SIGNAL_NUMBERS)]);
}
