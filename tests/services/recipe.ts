/**
 * A recipe of docs/safe-reloads.md, run as it stands there, with a real confd and real programs.
 *
 * Touches: files and processes, through the support modules.
 * @module
 */
import { fences, readText } from "../docs/pages.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { ANY_CONFD, e2e, type Stage } from "../support/confds.ts";
import { NO_BASH, runExample } from "../support/example.ts";
import { FileKeys } from "../support/keys.ts";
import { SETTLE } from "../support/scene.ts";
import { type Folder, Sidecar } from "../support/sidecar.ts";
import { binaryOf, type PartName } from "../tools/parts.ts";

/** How a recipe is run. */
export interface RecipeOptions {
  /** Its heading on the page. */
  recipe: string;
  /** Programs that it names. */
  programs: readonly PartName[];
  /** Other values for the variables that stand first in its block: folders and ports of the test's own. */
  values: Record<string, string>;
  /** The keys to begin with. */
  keys: Record<string, string>;
  /** Changes the environment that the block makes, for a variation of the recipe. */
  vary?: (env: Record<string, string>) => Record<string, string>;
}

/** A recipe at work. */
export interface Played extends AsyncDisposable {
  keys: FileKeys;
  sidecar: Sidecar;
}

/** Registers a test of a recipe. */
export function recipeTest(name: string, body: (stage: Stage) => Promise<void>, programs: readonly PartName[]): void {
  e2e(name, body, { parts: [ANY_CONFD.part, ...programs], reason: NO_BASH });
}

/** Starts what a recipe says. */
export function play(folder: Folder, { recipe, programs, values, keys, vary = (env) => env }: RecipeOptions): Played {
  const { args, env } = runExample(folder, withValues(block(recipe), values));
  const kept = new FileKeys(folder, keys);
  for (const name of programs) Deno.symlinkSync(binaryOf(name), folder.at(`bin/${name}`));
  const sidecar = new Sidecar({
    args,
    cwd: folder.path,
    env: {
      ...kept.env,
      PATH: `${folder.at("bin")}:${Deno.env.get("PATH")}`,
      CONFD_PATH: ANY_CONFD.path(folder),
      CONFD_CONFDIR: folder.at("confd"),
      SIDECAR_SETTLE: SETTLE,
      ...vary(env),
    },
  });
  return { keys: kept, sidecar, [Symbol.asyncDispose]: () => sidecar[Symbol.asyncDispose]() };
}

/** How often the service was reloaded so far. */
export function reloads({ stderr }: Sidecar): number {
  return stderr.all.filter((line) => line.endsWith("reloading main program now")).length;
}

/** Ends the run in the recipe's own way, with a status that the service has for it. */
export async function stopWell(sidecar: Sidecar, wanted: readonly number[] = [0]): Promise<void> {
  sidecar.signal("SIGTERM");
  const status = await sidecar.status();
  assert(wanted.includes(status), `status ${status}\n${sidecar.stderr.all.join("\n")}`);
}

function block(recipe: string): string {
  const section = readText("docs/safe-reloads.md").split(/^### /m).find((text) => text.startsWith(`${recipe}\n`));
  assert(section !== undefined, `there is no recipe '${recipe}'`);
  return fences(section, "bash")[0];
}

/** The variables are those that the block begins with, and no others. */
function withValues(script: string, values: Record<string, string>): string {
  const [, head, rest] = /^((?:export [A-Z]+_[A-Z]+=\S+\n)*?)(export (?:CONFD|SIDECAR)_[\s\S]*)$/.exec(script) ?? [];
  assert(head !== undefined, "the block begins with its variables");
  const names = [...head.matchAll(/^export (\w+)=/gm)].map(([, name]) => name);
  assertEquals(names, Object.keys(values));
  return Object.entries(values).map(([name, value]) => `export ${name}='${value}'\n`).join("") + rest;
}
