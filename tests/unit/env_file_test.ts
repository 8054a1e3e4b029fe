import { parseEnvFile } from "../../lib/settings/env_file.ts";
import { assertEquals } from "../support/assert.ts";

function read(text: string): Record<string, string> | string {
  const reading = parseEnvFile(text);
  return "problem" in reading ? reading.problem : Object.fromEntries(reading.variables);
}

Deno.test("parseEnvFile() reads lines, and passes over comments and empty ones", () => {
  assertEquals(read("# one\n\nA=1\n  ; two\nB_2=x y  \n\tC = z\nD=\nA=2"), { A: "2", B_2: "x y", C: "z", D: "" });
  assertEquals(read(""), {});
  assertEquals(read("A=1\r\nB=2\r\n"), { A: "1", B: "2" });
});

Deno.test("parseEnvFile() takes quotes off, and what stands in them as it is", () => {
  assertEquals(read(`A="x # y"\nB='$HOME "q"'\nC=" lead"  \nD="two\nlines"\nE=''\n`), {
    A: "x # y",
    B: '$HOME "q"',
    C: " lead",
    D: "two\nlines",
    E: "",
  });
});

Deno.test("parseEnvFile() knows backslashes as systemd does", () => {
  assertEquals(read('A="a\\"b\\\\c\\$d\\`e\\n"\n'), { A: 'a"b\\c$d`e\\n' });
  assertEquals(read("A='a\\b'\nB=a\\ \\\nb\\\\c\nC=x\\"), { A: "a\\b", B: "a b\\c", C: "x" });
  assertEquals(read('A="one\\\ntwo"'), { A: "onetwo" });
  assertEquals(read("A=it's # no comment"), { A: "it's # no comment" });
});

Deno.test("parseEnvFile() refuses what is malformed, by its line and without its value", () => {
  assertEquals(read("A=1\nsecret"), "line 2: there is no '=' in it; wanted is NAME=value");
  assertEquals(read("export A=secret"), "line 1: it begins with 'export'; wanted is NAME=value");
  assertEquals(read("\n1A=secret"), "line 2: what stands before '=' is no name of a variable");
  assertEquals(read("A-B=secret"), "line 1: what stands before '=' is no name of a variable");
  assertEquals(read("=secret"), "line 1: what stands before '=' is no name of a variable");
  assertEquals(read('A=1\nB="secret\nC=2\n'), "line 2: a quote is not closed");
  assertEquals(read("B='secret\\"), "line 1: a quote is not closed");
  assertEquals(read('B="secret\\'), "line 1: a quote is not closed");
  assertEquals(read('A="x" secret'), "line 1: something stands behind the closing quote");
  assertEquals(read("A=1\nB=se\0cret"), "line 2: it has a zero byte in it");
});
