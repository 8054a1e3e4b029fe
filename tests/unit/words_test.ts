import { shellWord, splitWords } from "../../lib/settings/words.ts";
import { assertEquals } from "../support/assert.ts";
import { forAll } from "../support/property.ts";
import type { Random } from "../support/random.ts";

Deno.test("splitWords() parts at spaces, tabs and newlines", () => {
  assertEquals(splitWords(""), []);
  assertEquals(splitWords(" \t\n "), []);
  assertEquals(splitWords("a"), ["a"]);
  assertEquals(splitWords("  a  b\tc\nd "), ["a", "b", "c", "d"]);
  assertEquals(splitWords("--file=/srv/a.yaml --file=/srv/b.yaml"), ["--file=/srv/a.yaml", "--file=/srv/b.yaml"]);
});

Deno.test("splitWords() parts at nothing else, as a shell", () => {
  assertEquals(splitWords("a\u00a0b\rc\fd\u2003e"), ["a\u00a0b\rc\fd\u2003e"]);
  assertEquals(splitWords("\u00a0a \rb"), ["\u00a0a", "\rb"]);
});

Deno.test("splitWords() keeps all between single quotes", () => {
  assertEquals(splitWords("'a b' c"), ["a b", "c"]);
  assertEquals(splitWords(`'a\\b' 'say "x"' '$HOME *'`), ["a\\b", 'say "x"', "$HOME *"]);
  assertEquals(splitWords("'two\nlines'"), ["two\nlines"]);
});

Deno.test("splitWords() keeps all between double quotes but escaped quotes and backslashes", () => {
  assertEquals(splitWords('"a b" "it\'s"'), ["a b", "it's"]);
  assertEquals(splitWords(String.raw`"a\"b" "c\\d" "e\f" "g\$h"`), ['a"b', "c\\d", "e\\f", "g\\$h"]);
  assertEquals(splitWords(String.raw`"\\\""`), ['\\"']);
  assertEquals(splitWords('"two\nlines"'), ["two\nlines"]);
});

Deno.test("splitWords() keeps the character after a backslash outside quotes", () => {
  assertEquals(splitWords(String.raw`a\ b \'c \"d \\ e\f`), ["a b", "'c", '"d', "\\", "ef"]);
});

Deno.test("splitWords() joins pieces that touch", () => {
  assertEquals(splitWords(`--opt='a b'"c d"e\\ f`), ["--opt=a bc de f"]);
});

Deno.test("splitWords() keeps empty words that are quoted", () => {
  assertEquals(splitWords(`'' "" a ''b`), ["", "", "a", "b"]);
});

Deno.test("splitWords() expands nothing", () => {
  assertEquals(splitWords("$HOME ~ *.txt `id` a;b a|b #c"), ["$HOME", "~", "*.txt", "`id`", "a;b", "a|b", "#c"]);
});

Deno.test("splitWords() refuses open quotes and a last backslash", () => {
  for (const text of ["'", '"', "a 'b", 'a "b', "a\\", '"a\\"', "'a'\\", `"a\\\\\\"`, `a'b"c`]) {
    assertEquals(splitWords(text), undefined, JSON.stringify(text));
  }
});

Deno.test("splitWords() returns the words that were quoted, however they were", () => {
  forAll(500, (random) => {
    const words = Array.from({ length: random.between(0, 4) }, () => randomWord(random));
    const text = words.map((word) => quote(word, random)).join(random.pick([" ", "  ", "\t", "\n", " \n\t"]));
    assertEquals(splitWords(text), words, JSON.stringify(text));
  });
});

function randomWord(random: Random): string {
  const length = random.between(0, 7);
  return Array.from({ length }, () => random.pick([..." \t\n'\"\\abz=-$*#;\u00e9\u{1f600}"])).join("");
}

/** One of the ways in which a shell takes a word. */
function quote(word: string, random: Random): string {
  switch (random.between(0, word === "" ? 1 : 2)) {
    case 0:
      return `'${word.replaceAll("'", `'\\''`)}'`;
    case 1:
      return `"${word.replaceAll(/["\\]/g, "\\$&")}"`;
    default:
      return [...word].map((letter) => `\\${letter}`).join("");
  }
}

Deno.test("shellWord() finds what only a shell would understand", () => {
  for (
    const word of ["&&", "||", "|", ";", ">", ">>", "2>", "<", "2>&1", "`date`", "$NAME", "${NAME}", "$(date)", "&"]
  ) {
    assertEquals(shellWord(["grep", "-q", word]), word);
  }
});

Deno.test("shellWord() lets every other word be, and a shell's own command", () => {
  for (const word of ["a&&b", "a;b", "$", "$1", "a$b", "-->", "x|y", "echo $HOME && exit 1"]) {
    assertEquals(shellWord(["sh", "-c", word]), undefined, word);
  }
});
