/**
 * What the two Dockerfiles promise, as far as it can be seen without building them.
 *
 * Touches: the file system, reading.
 * @module
 */
import { fences, readText } from "../docs/pages.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { copiesOf, execForm, parseDockerfile, type Stage, userOf } from "./dockerfile.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const PROJECT = parseDockerfile(Deno.readTextFileSync(`${ROOT}Dockerfile`));
const PROMETHEUS = parseDockerfile(Deno.readTextFileSync(`${ROOT}examples/prometheus/Dockerfile`));

/** Stages that are copied from, or built upon, before they are there, and that are no image's name either. */
function unknownStages(stages: readonly Stage[]): string[] {
  const looksLikeImage = (base: string) => /[/:]/.test(base) || base === "confd-sidecar";
  return stages.flatMap((stage, index) => {
    const earlier = stages.slice(0, index).map(({ name }) => name);
    const bases = earlier.includes(stage.base) || looksLikeImage(stage.base) ? [] : [stage.base];
    const sources = copiesOf(stage).flatMap(({ from }) => from === undefined || earlier.includes(from) ? [] : [from]);
    return [...bases, ...sources];
  });
}

function contextSources(stages: readonly Stage[]): string[] {
  return stages.flatMap(copiesOf).filter(({ from }) => from === undefined).flatMap(({ sources }) => sources);
}

Deno.test("Dockerfile: the final stage has confd and the sidecar, and nothing else", () => {
  const final = PROJECT.at(-1)!;
  assertEquals(copiesOf(final), [
    { from: "confd", sources: ["/confd"], destination: "/bin/confd" },
    { from: "sidecar", sources: ["/confd-sidecar"], destination: "/bin/confd-sidecar" },
  ]);
  assertEquals(final.instructions.filter(({ name }) => name === "RUN" || name === "ADD"), []);
});

Deno.test("Dockerfile: the entry point is the sidecar, which no shell starts", () => {
  assertEquals(execForm(PROJECT.at(-1)!, "ENTRYPOINT"), ["/bin/confd-sidecar"]);
});

Deno.test("decision 0027: the image names no user, and those that stand on it name one by number", () => {
  assertEquals(userOf(PROJECT.at(-1)!), undefined);
  const examples = ["prometheus", "nginx", "haproxy"].map((name) => readText(`examples/${name}/Dockerfile`));
  for (const text of [...examples, ...fences(readText("docs/images.md"), "dockerfile")]) {
    assertMatch(userOf(parseDockerfile(text).at(-1)!) ?? "none", /^[1-9]\d*:[1-9]\d*$/);
  }
});

Deno.test("Dockerfile: every stage that is named is there", () => {
  assertEquals(unknownStages(PROJECT), []);
});

Deno.test("Dockerfile: either confd can be chosen", () => {
  const names = PROJECT.map(({ name }) => name);
  assertEquals(PROJECT.find(({ name }) => name === "confd")?.base, "confd-fork");
  assert(names.includes("confd-classic"));
});

Deno.test("Dockerfile: everything that is copied exists, and .dockerignore lets it through", () => {
  const lines = Deno.readTextFileSync(`${ROOT}.dockerignore`).split("\n");
  const allowed = lines.filter((line) => line.startsWith("!")).map((line) => line.slice(1));
  const sources = contextSources(PROJECT).map((source) => source.replace(/\/$/, ""));
  assert(sources.includes("main.ts"));
  for (const source of sources) {
    Deno.statSync(`${ROOT}${source}`);
    assert(allowed.some((path) => source === path || source.startsWith(`${path}/`)), `.dockerignore hides ${source}`);
  }
});

Deno.test("Dockerfile: the labels and the runtime are of this version", () => {
  const { version } = JSON.parse(Deno.readTextFileSync(`${ROOT}deno.json`));
  const labels = PROJECT.at(-1)!.instructions.find(({ name }) => name === "LABEL")!.rest;
  assertEquals(/image\.version="([^"]*)"/.exec(labels)?.[1], version);
  assertEquals(/image\.base\.name="([^"]*)"/.exec(labels)?.[1], PROJECT.at(-1)!.base);
  assertEquals(PROJECT.find(({ name }) => name === "sidecar")?.base, `denoland/deno:${Deno.version.deno}`);
});

Deno.test("examples/prometheus/Dockerfile: stands on the sidecar's image and starts Prometheus through it", () => {
  const final = PROMETHEUS.at(-1)!;
  assertEquals(final.base, "confd-sidecar");
  assertEquals(unknownStages(PROMETHEUS), []);
  assertEquals(contextSources(PROMETHEUS), []);
  assertEquals(execForm(final, "ENTRYPOINT"), ["/bin/confd-sidecar"]);
  assertEquals(execForm(final, "CMD")?.[0], "prometheus");
});
