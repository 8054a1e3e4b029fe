/**
 * `image_sizes.ts IMAGE@DIGEST`: how large each layer of a pushed image is, compressed, as a table for the release notes. Ends
 * with 1 where all of them are too large together for one of the architectures.
 *
 * Touches: processes (docker buildx), standard output.
 * @module
 */

/** The most that all layers of one architecture may have, compressed. */
export const LIMIT_MB = 60;
const MB = 1_000_000;
/** Every image has both. */
const ARCHS = ["amd64", "arm64"] as const;
/** What the last layers hold, as the Dockerfile copies it. Those before are the base's. */
export const OURS = ["confd", "confd-sidecar"];

/** The layers of the image of one architecture, in bytes. */
export interface Layers {
  arch: string;
  sizes: readonly number[];
}

/** What a registry says of something that it has: an entry of an OCI index or manifest, as far as it matters here. */
interface Descriptor {
  digest: string;
  size: number;
  platform?: { architecture: string; os: string };
}

/** The layers of a whole image. `read` gets the manifest, or index of manifests, of a digest; without one, the image's. */
export function layersOf(read: (digest?: string) => string): Layers[] {
  const { manifests } = JSON.parse(read()) as { manifests?: Descriptor[] };
  if (manifests === undefined) throw new Error("it is an image of one architecture, not an index of several");
  return ARCHS.map((arch) => {
    // Attestations stand in the index too, with an architecture that is 'unknown'.
    const found = manifests.find(({ platform }) => platform?.os === "linux" && platform.architecture === arch);
    if (found === undefined) throw new Error(`it has no manifest for linux/${arch}`);
    const { layers } = JSON.parse(read(found.digest)) as { layers: Descriptor[] };
    if (layers.length <= OURS.length) throw new Error(`linux/${arch} has ${layers.length} layers, and no base`);
    return { arch, sizes: layers.map(({ size }) => size) };
  });
}

/** A section in Markdown. */
export function sizesSection(image: string, all: readonly Layers[]): string {
  const rows = Math.max(...all.map(({ sizes }) => sizes.length));
  const base = rows - OURS.length;
  const names = [...Array.from({ length: base }, (_, i) => `base, ${i + 1} of ${base}`), ...OURS];
  // A base may have more layers on one architecture: the last ones are the same.
  const cells = names.map((name, i) => [name, ...all.map(({ sizes }) => megabytes(sizes.at(i - rows)))]);
  const table = [["layer", ...all.map(({ arch }) => arch)], ["---", ...all.map(() => "---:")], ...cells, [
    "all",
    ...all.map(({ sizes }) => megabytes(sum(sizes))),
  ]];
  const lines = table.map((row) => `| ${row.join(" | ")} |`);
  return ["## Image", "", `\`${image}\`, in MB, compressed:`, "", ...lines, ""].join("\n");
}

/** What is wrong with the sizes; empty: nothing. */
export function sizeProblems(all: readonly Layers[]): string[] {
  return all.filter(({ sizes }) => sum(sizes) > LIMIT_MB * MB).map(({ arch, sizes }) =>
    `the layers for ${arch} have ${sum(sizes)} bytes, compressed: wanted are at most ${LIMIT_MB * MB}`
  );
}

function megabytes(bytes: number | undefined): string {
  return bytes === undefined ? "" : (bytes / MB).toFixed(1);
}

function sum(sizes: readonly number[]): number {
  return sizes.reduce((all, size) => all + size, 0);
}

/** What the registry has, to the byte. */
function inspect(reference: string): string {
  const { success, stdout, stderr } = new Deno.Command("docker", {
    args: ["buildx", "imagetools", "inspect", "--raw", reference],
  }).outputSync();
  if (!success) throw new Error(`docker cannot inspect ${reference}: ${new TextDecoder().decode(stderr).trim()}`);
  return new TextDecoder().decode(stdout);
}

function main([image]: readonly string[]): number {
  if (!image?.includes("@")) return console.error("usage: image_sizes.ts IMAGE@DIGEST"), 64;
  const [name] = image.split("@");
  const all = layersOf((digest) => inspect(digest === undefined ? image : `${name}@${digest}`));
  console.log(sizesSection(image, all));
  const problems = sizeProblems(all);
  for (const problem of problems) console.error(`${image}: ${problem}`);
  return problems.length === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exit(main(Deno.args));
