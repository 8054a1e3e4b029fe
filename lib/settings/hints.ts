/**
 * Hints at what went wrong with a value on its way here. A hint ends a sentence, and never shows the value.
 *
 * Pure.
 * @module
 */

/** What no value has on purpose; the text of a whole sentence, or nothing. */
export function spoiled(text: string): string | undefined {
  if (text.endsWith("\r")) return "its value ends with a carriage return: it comes from a file with Windows line ends";
  if (text.startsWith("\ufeff")) return "its value begins with a byte order mark, which has to go";
  return undefined;
}

/** What is odd about the ends of a value that is not accepted. */
export function oddEnds(text: string): string {
  if (/^(["'`]).*\1$/s.test(text)) return "; the quotes around it are a part of it, as an environment file keeps them";
  return text === text.trim() ? "" : "; there are blanks around it";
}

/** What is missing from something that looks like an address or a command. */
export function missingScheme(text: string, schemes: string): string {
  if (/^(?:\[[\da-f:.]+\]|[\w.-]+):\d+(?:\/|$)|^localhost(?:\/|$)/i.test(text)) {
    return `; did you mean ${schemes} before it?`;
  }
  return /^\/|\s/.test(text) ? "; did you mean 'exec:' before it?" : "";
}
