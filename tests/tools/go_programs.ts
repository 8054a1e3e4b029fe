/**
 * Programs that are built from pinned Go sources, each in a small module of ours with a `main` that has what the tests
 * use, and no more: whole, Consul and Vault take twice as long to build.
 *
 * Touches: the file system, reading; processes (go), the network through them; writes only where it is told to.
 * @module
 */
import { fileURLToPath } from "node:url";
import { runQuietly } from "./commands.ts";
import { digest, GO_ENV, GO_TIMEOUT_MS } from "./go.ts";
import type { PartName } from "./parts.ts";
import { failure, type Made, proven, type Recipe } from "./recipe.ts";

interface GoProgram {
  name: PartName;
  /** Empty where it is all our own. */
  version: string;
  /** The word that makes it print its version and end well. @default --version */
  flag?: string;
  /** What is built, where it is no program of ours. @default our own */
  package?: string;
  /** Other modules of ours that it is built with. */
  beside?: readonly string[];
}

const PROGRAMS: readonly GoProgram[] = [
  { name: "consul", version: "1.21.0", flag: "version", beside: ["go-discover"] },
  { name: "vault", version: "1.21.4", beside: ["go-discover"] },
  // The parsers of the platforms whose deployments are among the examples.
  { name: "deployments", version: "" },
  // OpenTelemetry's collector, of the parts that print what comes in.
  { name: "otel-collector", version: "0.165.0" },
  // For those who come from it.
  { name: "consul-template", version: "0.41.1", package: "github.com/hashicorp/consul-template" },
  // What makes packages, and what reads workflows.
  { name: "nfpm", version: "2.45.0" },
  { name: "actionlint", version: "1.7.12" },
];

/** The recipes of these parts. */
export function goProgramRecipes(): Recipe[] {
  return PROGRAMS.map((program) => {
    const { name, version, beside = [] } = program;
    const sources = [name, ...beside].flatMap((module) => filesOf(folderOf(module))).map((path) =>
      Deno.readTextFileSync(path)
    );
    return {
      name,
      version,
      stamp: `go ${name}@${version} ${digest(sources.join(""))}`,
      how: "built from pinned sources",
      advice: "It is built by Go 1.26 or newer from the modules that its go.mod pins.",
      required: false,
      go: true,
      make: (folder: string) => build(program, folder),
    };
  });
}

async function build({ name, flag, package: what = "." }: GoProgram, folder: string): Promise<Made> {
  const path = `${folder}/${name}`;
  const built = await runQuietly(
    ["go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", path, what],
    { cwd: folderOf(name), env: GO_ENV, timeoutMs: GO_TIMEOUT_MS },
  );
  return built.ok ? proven(path, { flag: flag ?? "--version" }) : failure(built);
}

function folderOf(module: string): string {
  return fileURLToPath(new URL(module, import.meta.url));
}

/** In an order that stays the same. */
function filesOf(folder: string): string[] {
  return [...Deno.readDirSync(folder)].filter(({ isFile }) => isFile).map(({ name }) => `${folder}/${name}`).sort();
}
