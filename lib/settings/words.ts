/**
 * Splitting one value into words with shell-like quoting, since there is no shell to do it.
 *
 * Pure: text in, words out.
 * @module
 */

/**
 * Splits as a POSIX shell splits a simple command (XCU 2.2), without expansions: spaces, tabs and newlines part words;
 * `'...'` keeps all, `"..."` keeps all but `\"` and `\\`, a backslash outside quotes keeps the next character.
 *
 * @returns the words, or undefined if a quote is not closed or a backslash stands last.
 */
export function splitWords(text: string): string[] | undefined {
  const token = /[ \t\n]+|'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|\\([\s\S])|([^ \t\n'"\\]+)/y;
  const words: string[] = [];
  let word: string | undefined;
  while (token.lastIndex < text.length) {
    const match = token.exec(text);
    if (match === null) return undefined;
    const [whole, single, double, escaped, plain] = match;
    if (/^[ \t\n]/.test(whole)) {
      if (word !== undefined) words.push(word);
      word = undefined;
      continue;
    }
    word = (word ?? "") + (single ?? double?.replace(/\\(["\\])/g, "$1") ?? escaped ?? plain);
  }
  if (word !== undefined) words.push(word);
  return words;
}

const OPERATOR = /^(?:&&?|\|\|?|;|\d*(?:>>?|<<?)(?:&\d)?)$/;
const EXPANSION = /^\$(?:[A-Za-z_]\w*|\{[A-Za-z_]\w*\})$|^`|`$|^\$\(/;

/** The first word that only a shell would understand; undefined where there is none. */
export function shellWord(words: readonly string[]): string | undefined {
  return words.find((word) => OPERATOR.test(word) || EXPANSION.test(word));
}
