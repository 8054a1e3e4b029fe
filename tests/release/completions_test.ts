/**
 * Completions, by the shells that they are for.
 *
 * Touches: temporary folders, processes.
 * @module
 */
import { ASKING_OPTIONS, parseAsking } from "../../lib/settings/client.ts";
import { parseCommandLine } from "../../lib/settings/command_line.ts";
import { SETTINGS } from "../../lib/settings/table.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { Folder } from "../support/sidecar.ts";
import { needs } from "../tools/parts.ts";
import { BEFORE_PROGRAM, choices, options, VALUES } from "../tools/release/completions.ts";
import { bashCompletes, type Completed, fishCompletes, zshCompletes } from "./shells.ts";

/** What each shell must offer for a line, no more and no less. */
const OFFERED: Completed = {
  "confd-sidecar --fl": ["--fleet-status"],
  "confd-sidecar --re": ["--release", "--reload", "--restart"],
  "confd-sidecar --healthcheck=": ["--healthcheck=live", "--healthcheck=ready"],
  "confd-sidecar --healthcheck=r": ["--healthcheck=ready"],
  "confd-sidecar --status=": ["--status=json"],
  "confd-sidecar --fleet-status=j": ["--fleet-status=json"],
  "confd-sidecar --reload=": [],
  // Nothing may follow these.
  "confd-sidecar --once --": [],
  "confd-sidecar --status ": [],
  "confd-sidecar --hold=30m ": [],
  "confd-sidecar --healthcheck=live ": [],
  // What belongs to the program.
  "confd-sidecar greet --": ["--loudly"],
  "confd-sidecar greet ": ["world"],
  "confd-sidecar -- greet --l": ["--loudly"],
  "confd-sidecar --check-config greet --l": ["--loudly"],
  "confd-sidecar --check-config -- greet w": ["world"],
  "confd-sidecar -- --fl": [],
};
/** Lines with a program in the last word. */
const PROGRAMS = ["confd-sidecar bas", "confd-sidecar -- bas", "confd-sidecar --check-config bas"];

// zsh has a terminal for bash, too.
for (
  const [shell, completes, needed] of [
    ["bash", bashCompletes, "zsh"],
    ["zsh", zshCompletes, "zsh"],
    ["fish", fishCompletes, "fish"],
  ] as const
) {
  const name = `completions: ${shell} completes options, their values, and programs with what follows them`;
  Deno.test({
    ...needs(name, needed),
    fn: () => {
      using folder = new Folder();
      const all = "confd-sidecar --";
      const completed = completes(folder, [all, ...Object.keys(OFFERED), ...PROGRAMS]);
      assertEquals(plain(completed[all]), options().map(([name]) => name).sort());
      for (const [line, wanted] of Object.entries(OFFERED)) assertEquals(plain(completed[line]), wanted, line);
      for (const line of PROGRAMS) assert(completed[line].includes("bash"), `${line}: ${completed[line]}`);
    },
  });
}

/** Sorted; fish offers an option that may have a value with and without its `=`. */
function plain(words: readonly string[]): string[] {
  return words.map((word) => word.trim()).filter((word, _, all) =>
    !(word.endsWith("=") && all.includes(word.slice(0, -1)))
  )
    .sort();
}

Deno.test({
  ...needs("completions: zsh completes the values of settings that are one of a few words", "zsh"),
  fn: () => {
    using folder = new Folder();
    const completed = zshCompletes(folder, [
      ...choices().map(([name]) => `${name}=`),
      "SIDECAR_LOG_LEVEL=d",
      "export SIDECAR_START=last",
      "SIDECAR_SETTLE=",
    ]);
    for (const [name, words] of choices()) assertEquals(completed[`${name}=`], words, name);
    assertEquals(completed["SIDECAR_LOG_LEVEL=d"], ["debug"]);
    assertEquals(completed["export SIDECAR_START=last"], ["last-good"]);
    assert(choices().some(([name]) => name === SETTINGS.logFormat.name), "it is in the table");
  },
});

Deno.test("completions: what they offer is what the command line takes", () => {
  for (const [option, values] of Object.entries(VALUES)) {
    for (const value of values) {
      assertEquals(typeof parseAsking([`${option}=${value}`]), "object", `${option}=${value}`);
    }
  }
  for (const option of ASKING_OPTIONS) assert(options().some(([name]) => name === option), option);
  for (const [option] of options()) {
    const { mode, ...rest } = parseCommandLine([option, "program"]);
    const takesProgram = mode === "run" || (mode === "checkConfig" && "program" in rest);
    assertEquals(takesProgram, BEFORE_PROGRAM.includes(option), option);
  }
});
