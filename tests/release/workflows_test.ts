/**
 * The workflows as texts: actionlint accepts them, each action is pinned, and what needs the platform is marked.
 *
 * Touches: temporary folders, processes.
 * @module
 */
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { Folder } from "../support/sidecar.ts";
import { binaryOf, needs } from "../tools/parts.ts";
import { ROOT } from "./made.ts";
import { readWorkflow, type Step, WORKFLOWS, workflowText } from "./workflow.ts";

const PINNED = /^ +(?:- )?uses: ([\w.-]+\/[\w.-]+)@[0-9a-f]{40} # (v(\d+)\.\d+\.\d+)$/;

/** What only the platform can do, by job: actions, and steps that are marked. */
const PLATFORM: Record<string, string[]> = {
  "checks/checks": ["actions/checkout", "actions/setup-go", "actions/setup-node"],
  "release/checks": ["actions/checkout", "actions/setup-go", "actions/setup-node"],
  "release/image": [
    "actions/checkout",
    "actions/setup-node",
    "docker/setup-buildx-action",
    "docker/login-action",
    "Platform: pin the images that it is built from",
    "docker/build-push-action",
    "Platform: how large the layers are",
    "actions/attest-build-provenance",
    "sigstore/cosign-installer",
    "Platform: sign the image",
  ],
  "release/files": [
    "actions/checkout",
    "actions/setup-go",
    "actions/setup-node",
    "actions/attest-build-provenance",
    "sigstore/cosign-installer",
    "Platform: sign the checksums",
    "Platform: publish",
  ],
};

function usesLines(text: string): string[] {
  return text.split("\n").filter((line) => /^ *(- )?uses:/.test(line));
}

Deno.test("each action of the workflows is pinned by a commit, with its version beside it", () => {
  const all = [...Deno.readDirSync(`${ROOT}.github/workflows`)].map(({ name }) => name.replace(/\.ya?ml$/, ""));
  assertEquals(all.sort(), [...WORKFLOWS], "these are all");
  const versions = new Map<string, Set<string>>();
  for (const name of WORKFLOWS) {
    const lines = usesLines(workflowText(name));
    assert(lines.length > 0, `${name} uses actions`);
    for (const line of lines) {
      const [, action, version] = PINNED.exec(line) ?? [];
      assert(action, `${name}: pinned as 'uses: owner/name@<40 hexadecimal digits> # v1.2.3': ${line.trim()}`);
      versions.set(action, (versions.get(action) ?? new Set()).add(`${line.split("@")[1]} ${version}`));
    }
  }
  for (const [action, pins] of versions) assertEquals(pins.size, 1, `${action} is the same wherever it is used`);
});

/** actionlint knows the inputs of actions by the tag of their major version, and not by a commit. */
function byMajor(text: string): string {
  return text.split("\n").map((line) => line.replace(/@[0-9a-f]{40} # v(\d+)\..*$/, "@v$1")).join("\n");
}

function actionlint(folder: Folder, text: string): string {
  const file = folder.write("workflow.yml", text);
  const { stdout } = new Deno.Command(binaryOf("actionlint"), {
    args: ["-no-color", "-oneline", "-shellcheck=", "-pyflakes=", file],
  }).outputSync();
  return new TextDecoder().decode(stdout);
}

Deno.test({
  ...needs("the workflows are such as actionlint accepts, and so are the inputs of actions", "actionlint"),
  fn: () => {
    using folder = new Folder();
    for (const text of WORKFLOWS.map(workflowText)) {
      assertEquals(actionlint(folder, text), "");
      assertEquals(actionlint(folder, byMajor(text)), "");
    }
    const release = byMajor(workflowText("release"));
    const wrong = release.replaceAll("go-version:", "goversion:").replace("platforms:", "platform:");
    assertMatch(actionlint(folder, wrong), /input "goversion" is not defined in action "actions\/setup-go@/);
    assertMatch(actionlint(folder, wrong), /input "platform" is not defined in action "docker\/build-push-action@/);
  },
});

const isOfPlatform = ({ uses, name = "" }: Step) => uses !== undefined || name.startsWith("Platform: ");

Deno.test({
  ...needs("the workflows' steps that need the platform are marked so", "actionlint"),
  fn: () => {
    const jobs = WORKFLOWS.flatMap((name) =>
      Object.entries(readWorkflow(name).jobs).map(([job, { steps }]) => [`${name}/${job}`, steps] as const)
    );
    const marked = jobs.map(([job, steps]) =>
      [job, steps.filter(isOfPlatform).map(({ uses, name }) => uses?.split("@")[0] ?? name)] as const
    );
    assertEquals(Object.fromEntries(marked), PLATFORM);
    for (const { run: script, name } of jobs.flatMap(([, steps]) => steps).filter((step) => !isOfPlatform(step))) {
      assert(!/\b(gh|docker|cosign)\b/.test(script!), `it is marked: ${name ?? script}`);
    }
  },
});
