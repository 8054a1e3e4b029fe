import { parseCommandLine } from "../../lib/settings/command_line.ts";
import * as status from "../../lib/core/exit_status.ts";
import { helpText } from "../../lib/settings/help.ts";
import { assert, assertEquals } from "../support/assert.ts";

Deno.test("parseCommandLine() takes the first word that is no option as PROGRAM", () => {
  assertEquals(parseCommandLine(["prometheus"]), { mode: "run", program: "prometheus", args: [] });
  assertEquals(parseCommandLine(["check"]), { mode: "run", program: "check", args: [] });
});

Deno.test("parseCommandLine() passes arguments on exactly as given", () => {
  const args = ["-config.file=/x y", "--", "--help", "", "*", "$HOME", "a\nb"];
  assertEquals(parseCommandLine(["prog", ...args]), { mode: "run", program: "prog", args });
});

Deno.test("parseCommandLine() ends options at --", () => {
  assertEquals(parseCommandLine(["--", "prog", "-x"]), { mode: "run", program: "prog", args: ["-x"] });
  assertEquals(parseCommandLine(["--", "--help"]), { mode: "run", program: "--help", args: [] });
  assertEquals(parseCommandLine(["--", "--", "a"]), { mode: "run", program: "--", args: ["a"] });
});

Deno.test("parseCommandLine() takes a single dash for a program", () => {
  assertEquals(parseCommandLine(["-"]), { mode: "run", program: "-", args: [] });
});

Deno.test("parseCommandLine() knows its modes", () => {
  assertEquals(parseCommandLine(["--help"]), { mode: "help" });
  assertEquals(parseCommandLine(["-h"]), { mode: "help" });
  assertEquals(parseCommandLine(["--version"]), { mode: "version" });
  assertEquals(parseCommandLine(["--help", "prog"]), { mode: "help" });
});

Deno.test("parseCommandLine() refuses a command line without a program", () => {
  const problem = "no program to run was given";
  assertEquals(parseCommandLine([]), { mode: "misuse", problem, needsHelp: true });
  assertEquals(parseCommandLine(["--"]), { mode: "misuse", problem, needsHelp: true });
  assertEquals(parseCommandLine([""]), { mode: "misuse", problem: 'the program to run is an empty word: ""' });
});

Deno.test("parseCommandLine() names an unknown option and the one that was meant", () => {
  const misuse = (problem: string) => ({ mode: "misuse", problem });
  assertEquals(
    parseCommandLine(["--verion", "prog"]),
    misuse('"--verion" is not an option of confd-sidecar; did you mean "--version"?'),
  );
  assertEquals(parseCommandLine(["--onetime"]), misuse('"--onetime" is not an option of confd-sidecar'));
  assertEquals(
    parseCommandLine(["--help=x"]),
    misuse('"--help=x" is not an option of confd-sidecar; did you mean "--help"?'),
  );
});

Deno.test("parseCommandLine() is not fooled by names that every object has", () => {
  for (const word of ["--constructor", "--__proto__"]) assertEquals(parseCommandLine([word]).mode, "misuse");
});

Deno.test("parseCommandLine() knows what other programs call its options", () => {
  const problem = (word: string, meant: string) =>
    `"${word}" is not an option of confd-sidecar; did you mean "${meant}"?`;
  for (const [word, meant] of [["-V", "--version"], ["-v", "--version"], ["-?", "--help"]]) {
    assertEquals(parseCommandLine([word]), { mode: "misuse", problem: problem(word, meant) });
  }
});

Deno.test("the help fits 80 columns, and has every exit status", () => {
  const help = helpText();
  for (const [name, value] of Object.entries(status)) assert(help.includes(`\n  ${value} `), name);
});

Deno.test("parseCommandLine() knows the modes that look, and the one that renders", () => {
  assertEquals(parseCommandLine(["--check-config"]), { mode: "checkConfig", program: undefined });
  assertEquals(parseCommandLine(["--check-config", "--", "nginx", "-t"]), { mode: "checkConfig", program: "nginx" });
  assertEquals(parseCommandLine(["--print-config"]), { mode: "printConfig" });
  assertEquals(parseCommandLine(["--once"]), { mode: "once" });
  assertEquals(parseCommandLine(["--once", "nginx"]).mode, "misuse");
});
