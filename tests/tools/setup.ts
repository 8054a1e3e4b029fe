/**
 * `deno task setup [--first] [PART...]`: brings the real programs that tests and demo run against into `.tools/bin`.
 *
 * Nothing is installed on the machine. What is there already is left alone; what is made appears whole, by a rename, or
 * not at all; what is not available is written down with its reason and tried again at the next run.
 *
 * Touches: the file system below `.tools`; processes and the network through the recipes.
 * @module
 */
import { findInPath } from "./commands.ts";
import { binaryOf, homeOf, part, type PartName, PARTS, readRecords, RECORDS, TOOLS } from "./parts.ts";
import type { Recipe } from "./recipe.ts";
import { recipes } from "./recipes.ts";

const WORK = `${TOOLS}/work`;

const NO_GO = "There is no 'go' in PATH, and it is needed to build confd for the tests. Install Go 1.26 or newer " +
  "(https://go.dev/dl/), or set CONFD_CLASSIC, CONFD_FORK and CONFD_FORK_0_30 each to the path of a confd, or to " +
  "PATH to use the confd of PATH.";

async function main(words: readonly string[]): Promise<number> {
  const first = words.includes("--first");
  const names = words.filter((word) => word !== "--first");
  const unknown = names.filter((name) => !(PARTS as readonly string[]).includes(name));
  if (unknown.length > 0) {
    console.error(`setup: there is no part ${unknown.join(", ")}; there are ${PARTS.join(", ")}`);
    return 64;
  }
  const all = recipes();
  const wanted = names.length === 0 ? all : names.map((name) => all.find((recipe) => recipe.name === name)!);
  if (first) return await bringFirst(wanted);
  const absent = await bring(wanted);
  absent.forEach(notice);
  return absent.some(({ required }) => required) ? 1 : 0;
}

/** Makes do with the first of some parts that is available. */
async function bringFirst(wanted: readonly Recipe[]): Promise<number> {
  const present = wanted.find(isThere);
  if (present) return report(present), 0;
  const absent: Recipe[] = [];
  for (const recipe of wanted) {
    const missed = await bring([recipe]);
    if (missed.length === 0) return 0;
    absent.push(...missed);
  }
  absent.forEach(notice);
  return 1;
}

/** Brings parts; returns those that are not available. */
async function bring(wanted: readonly Recipe[]): Promise<Recipe[]> {
  wanted.filter(isThere).forEach(report);
  let toMake = wanted.filter((recipe) => !isThere(recipe));
  if (toMake.length === 0) return [];
  Deno.mkdirSync(`${TOOLS}/bin`, { recursive: true });
  using lock = await Deno.open(`${TOOLS}/lock`, { create: true, write: true });
  await lock.lock(true);
  // Another setup may have made some of them while this one waited.
  toMake.filter(isThere).forEach(report);
  toMake = toMake.filter((recipe) => !isThere(recipe));
  await remove(WORK);
  const lanes = [toMake.filter(({ go }) => go), toMake.filter(({ go }) => !go)];
  if (lanes[0].length > 0 && findInPath("go")) {
    const servers = lanes[0].some(({ name }) => name === "consul" || name === "vault");
    const wait = servers ? "some ten minutes" : "a minute or two";
    console.log(`building ${lanes[0].map(({ name }) => name).join(", ")}: the first time takes ${wait}`);
  }
  // One go at a time, since it fills all cores by itself; the downloads run beside it.
  await Promise.all(lanes.map(async (lane) => {
    for (const recipe of lane) await makeOne(recipe);
  }));
  await remove(WORK);
  return toMake.filter((recipe) => !isThere(recipe));
}

async function makeOne(recipe: Recipe): Promise<void> {
  const { name, stamp } = recipe;
  const folder = `${WORK}/${name}`;
  await Deno.mkdir(folder, { recursive: true });
  // An outdated binary would pass for the right one if the new one does not arrive.
  await remove(binaryOf(name));
  await remove(homeOf(name));
  const made = recipe.go && !findInPath("go")
    ? { tried: "to find 'go' in PATH", problem: "there is none" }
    : await recipe.make(folder);
  if ("path" in made) {
    if (made.home !== undefined) {
      await Deno.mkdir(`${TOOLS}/lib`, { recursive: true });
      await Deno.rename(made.home, homeOf(name));
    }
    await Deno.rename(made.path, binaryOf(name));
    record(name, { stamp, version: made.version ?? recipe.version });
  } else {
    record(name, { stamp, version: recipe.version, missing: `tried ${made.tried}: ${made.problem}` });
  }
  report(recipe);
}

function isThere({ name, stamp }: Recipe): boolean {
  const known = readRecords()[name];
  return known?.stamp === stamp && known.missing === undefined && part(name) !== undefined;
}

/** Under the lock, and without an `await` between reading and writing: no other part's record is lost. */
function record(name: PartName, entry: { stamp: string; version: string; missing?: string }): void {
  Deno.writeTextFileSync(`${RECORDS}.new`, JSON.stringify({ ...readRecords(), [name]: entry }, undefined, 2) + "\n");
  Deno.renameSync(`${RECORDS}.new`, RECORDS);
}

function report({ name, version, how }: Recipe): void {
  const known = readRecords()[name];
  const fate = known?.missing === undefined ? how : "not available here";
  console.log(`${name.padEnd(16)} ${(known?.version ?? version).padEnd(8)} ${fate}`);
}

function notice({ name, version, go, advice, required }: Recipe): void {
  if (go && !findInPath("go")) return noGo();
  const why = readRecords()[name]?.missing ?? "unknown";
  console.error(
    `\nNOTICE: ${[name, version].join(" ").trim()}: not available here. Setup ${why}\n` +
      (required ? "Setup has failed without it. " : `Tests that need ${name} are skipped, each by name. `) +
      `${advice} The next setup tries again.\n`,
  );
}

let saidNoGo = false;
/** Said once, however many parts would need it. */
function noGo(): void {
  if (!saidNoGo) console.error(`\n${NO_GO}\n`);
  saidNoGo = true;
}

async function remove(path: string): Promise<void> {
  await Deno.remove(path, { recursive: true }).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
}

if (import.meta.main) Deno.exit(await main(Deno.args));
