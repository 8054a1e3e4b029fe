/**
 * How each part is made: built from pinned Go sources, unpacked from a Debian package, or linked to what is there.
 *
 * Touches: processes (go), the network through them; writes only where it is told to.
 * @module
 */
import { fileURLToPath } from "node:url";
import { chromiumRecipe } from "./chromium.ts";
import { findInPath, isExecutable, runQuietly } from "./commands.ts";
import { debianRecipes } from "./debian.ts";
import { debianTreeRecipes } from "./debian_trees.ts";
import { digest, GO_ENV, GO_TIMEOUT_MS } from "./go.ts";
import { goProgramRecipes } from "./go_programs.ts";
import { motoRecipe } from "./moto.ts";
import type { PartName } from "./parts.ts";
import { failure, type Made, proven, type Recipe } from "./recipe.ts";
import { zookeeperRecipe } from "./zookeeper.ts";

interface Confd {
  name: PartName;
  variable: string;
  package: string;
  version: string;
  /** True: built in our own small module, which pins everything, and so expected to work. */
  pinned: boolean;
}

const CONFDS: readonly Confd[] = [
  {
    name: "confd-classic",
    variable: "CONFD_CLASSIC",
    package: "github.com/kelseyhightower/confd",
    version: "0.16.0",
    pinned: true,
  },
  {
    name: "confd-fork-0.30",
    variable: "CONFD_FORK_0_30",
    package: "github.com/abtreece/confd/cmd/confd",
    version: "0.30.0",
    pinned: true,
  },
  {
    name: "confd-fork",
    variable: "CONFD_FORK",
    package: "github.com/abtreece/confd/cmd/confd",
    version: "0.41.1",
    pinned: false,
  },
];

/** The recipes of all parts, as the environment wants them. */
export function recipes(): Recipe[] {
  return [
    ...CONFDS.map(confdRecipe),
    ...goProgramRecipes(),
    ...debianRecipes(),
    ...debianTreeRecipes(),
    zookeeperRecipe(),
    chromiumRecipe(),
    motoRecipe(),
  ];
}

function confdRecipe(confd: Confd): Recipe {
  const { name, variable, version, pinned } = confd;
  const wanted = Deno.env.get(variable);
  const advice = `${variable}=/path/to/confd uses another binary instead, ${variable}=PATH the confd of PATH.`;
  if (wanted) return linkRecipe({ name, variable, wanted, advice });
  const module = fileURLToPath(new URL(name, import.meta.url));
  const pins = pinned ? ` ${digest(Deno.readTextFileSync(`${module}/go.mod`))}` : "";
  return {
    name,
    version,
    stamp: `go ${confd.package}@${version}${pins}`,
    how: pinned ? "built from pinned sources" : "built from the Go module",
    advice,
    required: pinned,
    go: true,
    make: (folder) => pinned ? buildPinned(confd, { module, folder }) : installModule(confd, folder),
  };
}

async function buildPinned(confd: Confd, { module, folder }: { module: string; folder: string }): Promise<Made> {
  const path = `${folder}/confd`;
  const built = await runQuietly(
    ["go", "build", "-trimpath", "-buildvcs=false", "-o", path, confd.package],
    { cwd: module, env: GO_ENV, timeoutMs: GO_TIMEOUT_MS },
  );
  return built.ok ? proven(path, { flag: "-version" }) : failure(built);
}

async function installModule(confd: Confd, folder: string): Promise<Made> {
  const installed = await runQuietly(
    ["go", "install", "-trimpath", `${confd.package}@v${confd.version}`],
    { cwd: folder, env: { ...GO_ENV, GOBIN: folder }, timeoutMs: GO_TIMEOUT_MS },
  );
  return installed.ok ? proven(`${folder}/confd`, { flag: "--version" }) : failure(installed);
}

function linkRecipe(
  { name, variable, wanted, advice }: Pick<Recipe, "name" | "advice"> & { variable: string; wanted: string },
): Recipe {
  const found = wanted === "PATH" ? findInPath("confd") : absolute(wanted);
  return {
    name,
    version: "",
    stamp: `link ${found}`,
    how: `${variable}: linked to ${found}`,
    advice,
    required: true,
    go: false,
    async make(folder) {
      const tried = `${variable}=${wanted}`;
      if (found === undefined) return { tried, problem: "there is no confd in PATH" };
      if (!isExecutable(found)) return { tried, problem: `${found} is not an executable file` };
      await Deno.symlink(found, `${folder}/link`);
      return { path: `${folder}/link` };
    },
  };
}

function absolute(path: string): string {
  return path.startsWith("/") ? path : `${Deno.cwd()}/${path}`;
}
