/**
 * Environment files, in the format of systemd's `EnvironmentFile=`, systemd.exec(5): `NAME=value` on a line, with quotes,
 * comments and continued lines. What systemd would pass over with a warning is an error here: half an environment is worse
 * than the one from before. Nothing is expanded.
 *
 * A file in Docker's format (`--env-file`) is read the same, but for quotes, which Docker takes as a part of the value.
 *
 * Pure.
 * @module
 */

/** Variables, or what is wrong with the first line that is malformed. No message holds a value. */
export type EnvFileReading = { readonly variables: ReadonlyMap<string, string> } | { readonly problem: string };

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** What a backslash makes literal within double quotes. */
const ESCAPABLE = '"\\`$';

/** Reads a file. Of a name that comes twice the last value counts. */
export function parseEnvFile(text: string): EnvFileReading {
  const variables = new Map<string, string>();
  try {
    const reader = new Reader(text.replaceAll("\r\n", "\n"));
    for (let pair = reader.next(); pair !== undefined; pair = reader.next()) variables.set(...pair);
    return { variables };
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return { problem: `line ${error.line}: ${error.message}` };
  }
}

class Malformed extends Error {
  constructor(message: string, readonly line: number) {
    super(message);
  }
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    if (text.includes("\0")) this.#refuse("it has a zero byte in it", text.indexOf("\0"));
  }

  /** The next variable; undefined at the end. */
  next(): [string, string] | undefined {
    for (;;) {
      this.#skip(/[ \t\n]*/y);
      if (this.#at >= this.#text.length) return undefined;
      if (!"#;".includes(this.#text[this.#at])) break;
      this.#skip(/[^\n]*/y);
    }
    const start = this.#at;
    const name = this.#skip(/[^=\n]*/y).trimEnd();
    if (this.#text[this.#at] !== "=") this.#refuse("there is no '=' in it; wanted is NAME=value", start);
    if (/^export\s/.test(name)) this.#refuse("it begins with 'export'; wanted is NAME=value", start);
    if (!NAME.test(name)) this.#refuse("what stands before '=' is no name of a variable", start);
    this.#at++;
    this.#skip(/[ \t]*/y);
    const quote = this.#text[this.#at];
    return [name, quote === '"' || quote === "'" ? this.#quoted(quote) : this.#plain()];
  }

  /** To the end of the line; a backslash takes the character behind it as it is, and joins lines. */
  #plain(): string {
    let value = "";
    let kept = 0;
    for (; this.#at < this.#text.length && this.#text[this.#at] !== "\n"; this.#at++) {
      const char = this.#text[this.#at];
      if (char !== "\\") {
        value += char;
        if (char !== " " && char !== "\t") kept = value.length;
        continue;
      }
      const next = this.#text[++this.#at];
      if (next === undefined) break;
      if (next === "\n") continue;
      value += next;
      kept = value.length;
    }
    return value.slice(0, kept);
  }

  #quoted(quote: string): string {
    const start = this.#at++;
    let value = "";
    for (; this.#text[this.#at] !== quote; this.#at++) {
      const char = this.#text[this.#at];
      if (char === undefined) this.#refuse("a quote is not closed", start);
      if (char !== "\\" || quote === "'") {
        value += char;
        continue;
      }
      const next = this.#text[++this.#at];
      if (next === undefined) this.#refuse("a quote is not closed", start);
      if (next !== "\n") value += ESCAPABLE.includes(next) ? next : `\\${next}`;
    }
    this.#at++;
    this.#skip(/[ \t]*/y);
    if (this.#at < this.#text.length && this.#text[this.#at] !== "\n") {
      this.#refuse("something stands behind the closing quote", start);
    }
    return value;
  }

  #skip(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const [found] = pattern.exec(this.#text)!;
    this.#at += found.length;
    return found;
  }

  #refuse(message: string, at: number): never {
    throw new Malformed(message, this.#text.slice(0, at).split("\n").length);
  }
}
