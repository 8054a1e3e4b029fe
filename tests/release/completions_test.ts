/**
 * Completions, by the shells that they are for.
 *
 * Touches: temporary folders, processes.
 * @module
 */
import { ASKING_OPTIONS } from "../../lib/settings/client.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { Folder } from "../support/sidecar.ts";
import { bashCompletion, fishCompletion, zshCompletion } from "../tools/release/completions.ts";
import { isHere, run } from "./made.ts";

Deno.test("completions: bash completes options, their values, and programs", () => {
  using folder = new Folder();
  const file = folder.write("confd-sidecar.bash", bashCompletion());
  const complete = (...words: string[]) => {
    const script = `source ${file}; COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${
      words.length - 1
    }; _confd_sidecar; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return run(["bash", "-c", script]).trim().split("\n");
  };
  assertEquals(complete("confd-sidecar", "--fl"), ["--fleet-status"]);
  // Words as bash splits them.
  assertEquals(complete("confd-sidecar", "--healthcheck", "="), ["live", "ready"]);
  assertEquals(complete("confd-sidecar", "--healthcheck", "=", "r"), ["ready"]);
  assert(complete("confd-sidecar", "bas").includes("bash"), "a program");
  const options = complete("confd-sidecar", "--");
  for (const option of [...ASKING_OPTIONS, "--help", "--once"]) assert(options.includes(option), option);
});

Deno.test("completions for zsh and fish have every option", () => {
  for (const option of [...ASKING_OPTIONS, "--help", "--dry-run"]) {
    assert(zshCompletion().includes(`'${option}:`), `zsh: ${option}`);
    assert(fishCompletion().includes(` -l ${option.slice(2)} `), `fish: ${option}`);
  }
  using folder = new Folder();
  for (const [shell, text] of [["zsh", zshCompletion()], ["fish", fishCompletion()]] as const) {
    if (!isHere(shell)) console.log(`    ${shell} is not here: its completion is not parsed`);
    else run([shell, "-n", folder.write(`completion.${shell}`, text)]);
  }
});
