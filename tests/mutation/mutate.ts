/**
 * Mutation testing: the pure folders, but for `lib/log`, with one small fault at a time, against the unit tests, the
 * transcripts and the simulation. A fault that no test finds says which code no test holds.
 *
 * StrykerJS's instrumenter puts all faults into one copy of the sources, each behind a switch, so that a worker loads the
 * tests once and tries one fault after another. Its own runners would start a process for each: an hour instead of
 * minutes. A worker that hangs in a fault is killed, and the fault counts as found.
 *
 * Arguments: the folders of `lib/` to be tried (all of them by default). `MUTATE_JOBS` is the number of workers.
 * Touches: processes, a temporary copy of the project, standard output.
 * @module
 */
import { fileURLToPath } from "node:url";
import { table, type Verdict } from "./report.ts";
import { Worker } from "./worker_process.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** Loaded when they are needed: nothing else of the project has to wait for them, or to lock them. */
const TOOLS = { instrumenter: "npm:@stryker-mutator/instrumenter@10.1.1", injector: "npm:typed-inject@5.0.0" };
/** What a browser shows is tried in a browser, which takes too long for this. */
const OF_THE_PAGE = /\/(page\w*|markup|verdict)\.ts$/;
const FOLDERS = ["core", "confd", "settings", "status", "telemetry", "fleet"];
const JOBS = Number(Deno.env.get("MUTATE_JOBS") ?? navigator.hardwareConcurrency);

/** One fault. */
export interface Mutant {
  id: string;
  fileName: string;
  mutatorName: string;
  replacement: string;
  location: { start: { line: number; column: number }; end: { line: number; column: number } };
}

/** Copies what tests need, with all faults in the folders' sources. */
async function makeSandbox(folders: readonly string[]): Promise<{ sandbox: string; mutants: Mutant[] }> {
  const sandbox = await Deno.makeTempDir({ prefix: "confd-sidecar-mutants-" });
  for (const name of ["deno.json", "deno.lock", "main.ts", "lib", "tests", "docs", "README.md", "examples"]) {
    copy(`${ROOT}/${name}`, `${sandbox}/${name}`);
  }
  const sources = folders.flatMap((folder) =>
    [...Deno.readDirSync(`${ROOT}/lib/${folder}`)].map(({ name }) => `lib/${folder}/${name}`).sort()
  ).filter((path) => !OF_THE_PAGE.test(path));
  const files = sources.map((name) => ({ name, content: Deno.readTextFileSync(`${ROOT}/${name}`), mutate: true }));
  const { files: made, mutants } = await instrument(files);
  for (const { name, content } of made) Deno.writeTextFileSync(`${sandbox}/${name}`, content);
  return { sandbox, mutants };
}

interface SourceFile {
  name: string;
  content: string;
}

async function instrument(files: readonly SourceFile[]): Promise<{ files: SourceFile[]; mutants: Mutant[] }> {
  const { createInstrumenter } = await import(TOOLS.instrumenter);
  const { createInjector } = await import(TOOLS.injector);
  const silent = new Proxy({}, { get: (_, name) => String(name).startsWith("is") ? () => false : () => {} });
  const injector = createInjector().provideValue("logger", silent).provideValue("options", {});
  const instrumenter = injector.injectFunction(createInstrumenter);
  return instrumenter.instrument(files, { plugins: null, excludedMutations: [], ignorers: [] });
}

function copy(from: string, to: string): void {
  if (!Deno.statSync(from).isDirectory) return Deno.copyFileSync(from, to);
  Deno.mkdirSync(to);
  for (const { name } of Deno.readDirSync(from)) copy(`${from}/${name}`, `${to}/${name}`);
}

/** The tests that run in one process and need nothing but the pure folders. */
function testFiles(sandbox: string): string[] {
  const unit = [...Deno.readDirSync(`${sandbox}/tests/unit`)].map(({ name }) => `tests/unit/${name}`).sort();
  const pure = unit.filter((path) => {
    const text = Deno.readTextFileSync(`${sandbox}/${path}`);
    return /lib\/(core|confd|settings|log|status|telemetry|fleet)\//.test(text) &&
      !/lib\/host\/|lib\/[a-z_]+\.ts/.test(text);
  });
  // Of its simulations, the large one takes seconds for each fault.
  const fleet = ["queue", "member"].map((name) => `tests/fleet/${name}_test.ts`);
  return [
    ...pure,
    ...fleet,
    "tests/model/transcripts_test.ts",
    "tests/model/simulation_test.ts",
    "tests/fleet/whole_fleet_test.ts",
  ];
}

/** Tries every fault; returns what became of each. */
async function tryAll(sandbox: string, mutants: readonly Mutant[]): Promise<Map<string, Verdict>> {
  const verdicts = new Map<string, Verdict>();
  const left = mutants.values();
  const tests = testFiles(sandbox);
  const begin = async () => {
    const worker = new Worker(sandbox, tests);
    await worker.ready();
    return worker;
  };
  const work = async () => {
    let worker = await begin();
    for (const { id } of left) {
      if (!worker.isAlive) worker = await begin();
      verdicts.set(id, await worker.verdict(id));
      if (verdicts.size % 100 === 0) console.error(`${verdicts.size} of ${mutants.length}`);
    }
    await worker.close();
  };
  await Promise.all(Array.from({ length: JOBS }, work));
  return verdicts;
}

if (import.meta.main) {
  const folders = Deno.args.length > 0 ? Deno.args : FOLDERS;
  const { sandbox, mutants } = await makeSandbox(folders);
  try {
    console.log(table(mutants, await tryAll(sandbox, mutants), (name) => Deno.readTextFileSync(`${ROOT}/${name}`)));
  } finally {
    Deno.removeSync(sandbox, { recursive: true });
  }
}
