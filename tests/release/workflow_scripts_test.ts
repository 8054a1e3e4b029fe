/**
 * Each script of the workflows, run as far as it goes. Those that need no platform do here what they do there; the others meet
 * stand-ins of the platform's programs, which write down what they are asked for.
 *
 * Touches: temporary folders, processes.
 * @module
 */
import { parseDockerfile } from "../image/dockerfile.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { Folder } from "../support/sidecar.ts";
import { needs } from "../tools/parts.ts";
import { newestRelease } from "../tools/release/change_log.ts";
import { contentsOf, copySources, ROOT, run } from "./made.ts";
import { StandIns } from "./stand_ins.ts";
import { type Job, readWorkflow, Runner, type Step, WORKFLOWS } from "./workflow.ts";

/** Runs all scripts of a job in their order; each must end well. */
function runJob(runner: Runner, { steps }: Job, before: (step: Step) => void = () => {}): void {
  for (const step of steps.filter(({ run }) => run !== undefined)) {
    before(step);
    const { success, stderr } = runner.run(step);
    assert(success, `${step.name ?? step.run}: ${stderr}`);
  }
}

Deno.test({
  ...needs("the checks of both workflows are .ci/run", "actionlint"),
  fn: () => {
    for (const name of WORKFLOWS) {
      using folder = new Folder();
      copySources(folder.at("checkout"));
      const standIns = new StandIns(folder);
      standIns.add("npx", 'case $* in *"task test") echo "12 passed, 0 failed" ;; esac');
      const workflow = readWorkflow(name);
      const runner = new Runner(workflow, { folder: folder.at("checkout"), env: standIns.env(), context: {} });
      runJob(runner, workflow.jobs.checks);
      assertEquals(standIns.calls().map((words) => words.join(" ")).sort(), [
        "npx -y deno@2.9.6 task check",
        "npx -y deno@2.9.6 task test",
      ]);
      standIns.add("npx", 'case $* in *"task test") echo "12 passed, 1 failed"; exit 1 ;; esac');
      const [checks] = workflow.jobs.checks.steps.filter(({ run }) => run !== undefined);
      assert(!runner.run(checks).success, "a test that fails ends it");
    }
  },
});

const GITHUB = {
  "github.repository": "Owner/confd-sidecar",
  "github.ref_name": "v1.0.0",
  "github.token": "a token",
  "github.actor": "owner",
  "github.sha": "0123456789abcdef",
};
const VARIABLES = { GITHUB_REPOSITORY: GITHUB["github.repository"], GITHUB_REF_NAME: GITHUB["github.ref_name"] };
const IMAGE = "ghcr.io/owner/confd-sidecar";

/** The images of other people's that ours is built from. */
const BASES = parseDockerfile(Deno.readTextFileSync(`${ROOT}Dockerfile`)).map(({ base }) => base).filter((base) =>
  /[:/]/.test(base)
);

/** What a registry has of an image whose last layer has some bytes. */
function registry(last: number): Record<string, unknown> {
  const platform = (architecture: string) => ({ architecture, os: "linux" });
  const layers = [300_000, 12_000_000, last].map((size, i) => ({ digest: `sha256:1a7e${i}`, size }));
  return {
    "sha256:b11d": {
      manifests: [
        { digest: "sha256:a3d", size: 1000, platform: platform("amd64") },
        { digest: "sha256:a53", size: 1000, platform: platform("arm64") },
        { digest: "sha256:a77", size: 1000, platform: { architecture: "unknown", os: "unknown" } },
      ],
    },
    "sha256:a3d": { layers },
    "sha256:a53": { layers },
  };
}

/** Where the job of the image runs. */
function imageScene(folder: Folder, last: number) {
  copySources(folder.at("checkout"));
  const standIns = new StandIns(folder);
  standIns.addDeno();
  standIns.add("cosign", "");
  for (const [digest, content] of Object.entries(registry(last))) {
    folder.write(`registry/${digest}`, JSON.stringify(content));
  }
  standIns.add(
    "docker",
    `case $* in
    *golang*--format*) echo sha256:60 ;;
    *deno*--format*) echo sha256:de ;;
    *distroless*--format*) echo sha256:ba5e ;;
    *) cat '${folder.at("registry")}/'"\${5#*@}" ;;
    esac`,
  );
  const workflow = readWorkflow("release");
  const context = { ...GITHUB, "steps.build.outputs.digest": "sha256:b11d" };
  const env = { ...standIns.env(), ...VARIABLES };
  const runner = new Runner(workflow, { folder: folder.at("checkout"), env, context });
  return { runner, standIns, job: workflow.jobs.image };
}

Deno.test({
  ...needs(
    "release: the image is named, what it is built from pinned, its layers told, and it is signed",
    "actionlint",
  ),
  fn: () => {
    using folder = new Folder();
    const { runner, standIns, job } = imageScene(folder, 35_000_000);
    runJob(runner, job);
    const inspect = ["docker", "buildx", "imagetools", "inspect"];
    assertEquals(standIns.calls("docker", "cosign"), [
      ...BASES.map((base) => [...inspect, base, "--format", "{{ .Manifest.Digest }}"]),
      [...inspect, "--raw", `${IMAGE}@sha256:b11d`],
      [...inspect, "--raw", `${IMAGE}@sha256:a3d`],
      [...inspect, "--raw", `${IMAGE}@sha256:a53`],
      ["cosign", "sign", "--yes", `${IMAGE}@sha256:b11d`],
    ]);
    const build = job.steps.find(({ id }) => id === "build")!.with!;
    assertEquals(runner.filled(`${build.tags}`), `${IMAGE}:v1.0.0`);
    const [go, deno, base] = BASES;
    assertEquals(
      runner.filled(`${build["build-args"]}`),
      `GO_IMAGE=${go}@sha256:60\nDENO_IMAGE=${deno}@sha256:de\nBASE=${base}@sha256:ba5e\n`,
    );
    assertMatch(runner.filled(`${build.labels}`), /^org\.opencontainers\.image\.base\.digest=sha256:ba5e$/m);
    assertMatch(
      runner.filled(job.outputs!.notes),
      /^\| confd-sidecar \| 35\.0 \| 35\.0 \|\n\| all \| 47\.3 \| 47\.3 \|$/m,
    );
  },
});

Deno.test({
  ...needs("release: an image that is too large, or a registry that is away, ends the job", "actionlint"),
  fn: () => {
    using folder = new Folder();
    const { runner, standIns, job } = imageScene(folder, 47_700_001);
    const [name, pin, sizes] = job.steps.filter(({ run }) => run !== undefined);
    assert(runner.run(name).success && runner.run(pin).success);
    const { success, stderr } = runner.run(sizes);
    assert(!success, "60,000,001 bytes are too many");
    assertMatch(stderr, /the layers for amd64 have 60000001 bytes, compressed: wanted are at most 60000000/);
    standIns.add("docker", "echo 'connection refused' >&2; exit 1");
    assert(!runner.run(pin).success, "no base is no base");
    assert(!runner.run(sizes).success);
  },
});

Deno.test({
  ...needs("release: the files are made, signed and published, all of them and with the notes", "nfpm", "actionlint"),
  fn: () => {
    using folder = new Folder();
    copySources(folder.at("checkout"));
    const dist = folder.at("checkout/dist");
    const standIns = new StandIns(folder);
    standIns.addDeno();
    standIns.add("cosign", 'echo signed >"$4"');
    standIns.add("gh", "");
    const workflow = readWorkflow("release");
    const context = { ...GITHUB, "needs.image.outputs.notes": "## Image\n\n| a | table |" };
    const env = { ...standIns.env(), ...VARIABLES };
    const runner = new Runner(workflow, { folder: folder.at("checkout"), env, context });
    const debs = ["amd64", "arm64"].map((arch) => `${dist}/confd-sidecar_1.0.0_${arch}.deb`);
    runJob(runner, workflow.jobs.files, (step) => {
      if (!step.name?.startsWith("The tag")) return;
      // Executables and their packages need base runtimes, which only the platform may have.
      for (const path of debs) Deno.writeTextFileSync(path, "", { append: true });
      Deno.renameSync(debs[1], `${debs[1]}.away`);
      assert(!runner.run(step).success, "without one of the packages there is no release");
      Deno.renameSync(`${debs[1]}.away`, debs[1]);
    });
    const [sign, publish, ...more] = standIns.calls("cosign", "gh");
    assertEquals(more, []);
    assertEquals(sign.slice(1), ["sign-blob", "--yes", "--bundle", "dist/SHA256SUMS.sigstore", "dist/SHA256SUMS"]);
    const command = ["release", "create", "v1.0.0", "--verify-tag", "--notes-file", "notes.md"];
    assertEquals(publish.slice(1, 1 + command.length), command);
    const files = publish.slice(1 + command.length).sort();
    assertEquals(files, Object.keys(contentsOf(dist)).map((name) => `dist/${name}`));
    for (const name of ["confd-sidecar.js", "SHA256SUMS", "SHA256SUMS.sigstore", "confd-sidecar.cdx.json"]) {
      assert(files.includes(`dist/${name}`), `${name} is published`);
    }
    const { notes } = newestRelease(Deno.readTextFileSync(`${ROOT}CHANGELOG.md`));
    const written = Deno.readTextFileSync(`${folder.at("checkout")}/notes.md`);
    assertEquals(written, `${notes}\n\n## Image\n\n| a | table |\n`);
    assertMatch(run(["sha256sum", "-c", "SHA256SUMS"], { cwd: dist }), /^release-notes\.md: OK$/m);
  },
});
