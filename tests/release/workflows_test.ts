/**
 * The workflows.
 *
 * Touches: files, processes.
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import { binaryOf, needs } from "../tools/parts.ts";
import { ROOT, run } from "./made.ts";

const WORKFLOWS = ["checks", "release"].map((name) => `${ROOT}.github/workflows/${name}.yml`);

Deno.test({
  ...needs("the workflows are such as actionlint accepts", "actionlint"),
  fn: () => {
    assertEquals(run([binaryOf("actionlint"), "-no-color", "-shellcheck=", "-pyflakes=", ...WORKFLOWS]), "");
  },
});

Deno.test("every script of the workflows is one of ours, or is the platform's", () => {
  /** Begin so: they need what only the platform has. */
  const OF_THE_PLATFORM = [
    "cosign ",
    "docker ",
    'echo "DIGEST=$(docker ',
    "find dist -type f -print0 | xargs -0 gh release",
    'test -e "dist/',
  ];
  const OURS = ["bash .ci/run", "npx -y deno@2.9.6 task release:dry-run"];
  for (const path of WORKFLOWS) {
    const scripts = [...Deno.readTextFileSync(path).matchAll(/^ +(?:- )?run: (.+)$/gm)].map(([, script]) => script);
    assert(scripts.length > 0, `${path} runs something`);
    for (const script of scripts) {
      const isKnown = OURS.includes(script) || OF_THE_PLATFORM.some((begins) => script.startsWith(begins));
      assert(isKnown, `${path} runs what no test knows: ${script}`);
    }
  }
});
