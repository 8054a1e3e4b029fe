/**
 * What must hold after a reload: `SIDECAR_VERIFY`.
 *
 * Pure.
 * @module
 */
import { missingScheme } from "./hints.ts";
import { splitWords } from "./words.ts";

/** A way to see whether the service is well. */
export type VerifyWay =
  | { readonly by: "exec"; readonly words: readonly string[] }
  | { readonly by: "tcp"; readonly hostname: string; readonly port: number }
  | { readonly by: "http"; readonly url: string };

/** Completes the sentence '... is not'. */
export const VERIFY_WANTED =
  "'exec:' and the words of a command, 'tcp:HOST:PORT', or an address that begins with http:// " +
  "or https://";

/** Reads a way to verify. An IPv6 address stands in brackets: `tcp:[::1]:80`. */
export function parseVerify(text: string): VerifyWay | undefined {
  if (text.startsWith("exec:")) {
    const words = splitWords(text.slice("exec:".length));
    return words === undefined || words.length === 0 || words[0] === "" ? undefined : { by: "exec", words };
  }
  const tcp = /^tcp:(\[[0-9a-fA-F:.]+\]|[^:/\s[\]]+):(\d{1,5})$/.exec(text);
  if (tcp !== null) {
    const port = Number(tcp[2]);
    return port > 0 && port < 65_536 ? { by: "tcp", hostname: tcp[1].replace(/^\[|\]$/g, ""), port } : undefined;
  }
  return /^https?:\/\//.test(text) && URL.canParse(text) ? { by: "http", url: text } : undefined;
}

/** What is missing from a text that is no way to verify. */
export function verifyHint(text: string): string {
  if (/^tcp:\/\//.test(text)) return "; no slashes come after 'tcp:'";
  if (/^tcp:[^:]*$|^tcp:\[[^\]]*\]$/.test(text)) return "; the port is missing";
  if (/^tcp:/.test(text)) return "; the port is no number from 1 to 65535, or an IPv6 address is not in brackets";
  if (/^(?:none|off|no|false)$/i.test(text)) return "; to verify nothing, leave it unset";
  return missingScheme(text, "'tcp:' or 'http://'");
}
