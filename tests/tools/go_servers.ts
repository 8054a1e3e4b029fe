/**
 * Servers that are built from pinned Go sources, each in a small module of ours with a `main` that has what the tests
 * use, and no more: whole, Consul and Vault take twice as long to build.
 *
 * Touches: the file system, reading; processes (go), the network through them; writes only where it is told to.
 * @module
 */
import { fileURLToPath } from "node:url";
import { runQuietly } from "./commands.ts";
import { digest, GO_ENV, GO_TIMEOUT_MS } from "./go.ts";
import { failure, type Made, proven, type Recipe } from "./recipe.ts";

interface GoServer {
  name: "consul" | "vault";
  version: string;
  /** The word that makes it print its version and end well. */
  flag: string;
}

const SERVERS: readonly GoServer[] = [
  { name: "consul", version: "1.21.0", flag: "version" },
  { name: "vault", version: "1.21.4", flag: "--version" },
];

/** The recipes of these parts. */
export function goServerRecipes(): Recipe[] {
  return SERVERS.map(goServerRecipe);
}

function goServerRecipe(server: GoServer): Recipe {
  const module = fileURLToPath(new URL(server.name, import.meta.url));
  // Both stand on a library that they share with nobody else, see there.
  const sources = [`${module}/go.mod`, `${module}/main.go`, `${module}/../go-discover/discover.go`];
  return {
    name: server.name,
    version: server.version,
    stamp: `go ${server.name}@${server.version} ${digest(sources.map((path) => Deno.readTextFileSync(path)).join())}`,
    how: "built from pinned sources",
    advice: "It is built by Go 1.25 or newer from the modules that its go.mod pins.",
    required: false,
    go: true,
    make: (folder) => build(server, { module, folder }),
  };
}

async function build({ name, flag }: GoServer, { module, folder }: { module: string; folder: string }): Promise<Made> {
  const path = `${folder}/${name}`;
  const built = await runQuietly(
    ["go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", path, "."],
    { cwd: module, env: GO_ENV, timeoutMs: GO_TIMEOUT_MS },
  );
  return built.ok ? proven(path, { flag }) : failure(built);
}
