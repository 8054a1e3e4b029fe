/** How large the layers of an image are, by a made-up registry. */
import { copiesOf, parseDockerfile } from "../image/dockerfile.ts";
import { assertEquals, assertThrows } from "../support/assert.ts";
import { type Layers, layersOf, OURS, sizeProblems, sizesSection } from "../tools/release/image_sizes.ts";
import { ROOT } from "./made.ts";

const AMD64 = { digest: "sha256:a3d", size: 1, platform: { architecture: "amd64", os: "linux" } };
const ARM64 = { digest: "sha256:a53", size: 1, platform: { architecture: "arm64", os: "linux", variant: "v8" } };
/** As buildx makes it: a manifest with attestations for each of the others. */
const ATTESTED = { digest: "sha256:a77", size: 1, platform: { architecture: "unknown", os: "unknown" } };

/** A registry with one image. */
function registry(manifests: readonly unknown[], layers: Record<string, readonly number[]>) {
  return (digest?: string) =>
    JSON.stringify(
      digest === undefined
        ? { schemaVersion: 2, manifests }
        : { schemaVersion: 2, layers: layers[digest].map((size) => ({ size })) },
    );
}

const BOTH: readonly Layers[] = [
  { arch: "amd64", sizes: [12_345_678, 9_000_000, 30_000_000] },
  { arch: "arm64", sizes: [1_000, 11_049_999, 8_000_000, 29_000_000] },
];

Deno.test("layersOf() finds the layers of both architectures, and no attestations", () => {
  const sizes = { "sha256:a3d": BOTH[0].sizes, "sha256:a53": BOTH[1].sizes };
  assertEquals(layersOf(registry([ATTESTED, ARM64, AMD64], sizes)), BOTH);
});

Deno.test("layersOf() says what an image lacks", () => {
  assertThrows(() => layersOf(() => JSON.stringify({ layers: [] })), /an image of one architecture, not an index/);
  const sizes = { "sha256:a3d": BOTH[0].sizes };
  assertThrows(() => layersOf(registry([AMD64, ATTESTED], sizes)), /it has no manifest for linux\/arm64/);
  assertThrows(
    () => layersOf(registry([AMD64, ARM64], { "sha256:a3d": [1, 2] })),
    /linux\/amd64 has 2 layers, and no base/,
  );
});

Deno.test("sizesSection() has a row for each layer, by what it holds, and the sum", () => {
  assertEquals(
    sizesSection("example.org/it@sha256:b11d", BOTH),
    `## Image

\`example.org/it@sha256:b11d\`, in MB, compressed:

| layer | amd64 | arm64 |
| --- | ---: | ---: |
| base, 1 of 2 |  | 0.0 |
| base, 2 of 2 | 12.3 | 11.0 |
| confd | 9.0 | 8.0 |
| confd-sidecar | 30.0 | 29.0 |
| all | 51.3 | 48.1 |
`,
  );
});

Deno.test("sizesSection() names the last layers as the Dockerfile copies them", () => {
  const last = parseDockerfile(Deno.readTextFileSync(`${ROOT}Dockerfile`)).at(-1)!;
  assertEquals(copiesOf(last).map(({ destination }) => destination.replace("/bin/", "")), OURS);
  // Nothing else in it makes a layer.
  const makesLayer = last.instructions.map(({ name }) => name).filter((name) =>
    ["COPY", "ADD", "RUN", "WORKDIR"].includes(name)
  );
  assertEquals(makesLayer, OURS.map(() => "COPY"));
});

Deno.test("sizeProblems() has each architecture with more than 60 MB", () => {
  assertEquals(sizeProblems(BOTH), []);
  assertEquals(sizeProblems([{ arch: "amd64", sizes: [59_000_000, 1_000_000] }]), []);
  assertEquals(sizeProblems([BOTH[0], { arch: "arm64", sizes: [59_000_000, 1_000_001] }]), [
    "the layers for arm64 have 60000001 bytes, compressed: wanted are at most 60000000",
  ]);
});
