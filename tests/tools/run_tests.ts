/**
 * `deno test` with an end that can be relied on: every skipped test is named with its reason, and the last line is
 * always `N passed, N failed`, with `, N skipped` where there are such.
 *
 * Without arguments it runs all of `tests/`, file beside file: those that need no tools while setup brings the tools,
 * then those that do, and at last, alone, what measures. Arguments are handed on to `deno test`, after a setup of the parts
 * that the files named need.
 *
 * Touches: processes, standard output, temporary files.
 * @module
 */
import { fileURLToPath } from "node:url";
import { partsNeeded } from "./needed.ts";
import { reasonOf } from "./parts.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** Only the end of the output is kept: the summary is the last thing that `deno test` prints. */
const TAIL_LENGTH = 4096;

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** Tests that need nothing but the sources. */
export const BARE = [
  "tests/unit",
  "tests/model",
  "tests/docs",
  "tests/fleet/queue_test.ts",
  "tests/fleet/member_test.ts",
  "tests/fleet/fleet_turns_test.ts",
  "tests/fleet/queue_client_test.ts",
  "tests/fleet/simulation_test.ts",
  "tests/fleet/whole_fleet_test.ts",
];
/** Tests with real programs. */
export const WHOLE = [
  "tests/e2e",
  "tests/pid1",
  "tests/services",
  "tests/image",
  "tests/deploy",
  "tests/release",
  "tests/moving",
  "tests/page",
  "tests/observe",
  "tests/backends",
  "tests/fleet/stores_test.ts",
  "tests/fleet/fleetlock_test.ts",
  "tests/fleet/sidecars_test.ts",
  "tests/scale/keys_test.ts",
  "tests/scale/resources_test.ts",
  "tests/scale/variables_test.ts",
];
/** Tests that measure, or use all of the machine: they run one by one, with nothing beside them. */
export const ALONE = [
  "tests/scale/fleet_test.ts",
  "tests/scale/many_files_test.ts",
  "tests/scale/soak_test.ts",
  "tests/scale/turns_test.ts",
  "tests/bench",
];
/** How long one part of the tests may take, in milliseconds: what hangs must not hang for ever. */
const LIMIT_MS = 20 * 60_000;
/** How many test files run at once: most of them wait most of the time. */
const JOBS = 5;

interface Outcome {
  counts: Counts | undefined;
  success: boolean;
  skipped: string[];
}

async function main(args: readonly string[]): Promise<number> {
  if (args.length > 0) {
    const needed = partsNeeded(args);
    const status = needed.length === 0 ? 0 : await setup(needed);
    return status === 0 ? conclude([await runTests(args, 1)]) : status;
  }
  const [status, bare] = await Promise.all([setup(), runTests(BARE, JOBS)]);
  if (status !== 0) {
    conclude([bare, { counts: undefined, success: false, skipped: [] }]);
    return status;
  }
  const outcomes = [bare, await runTests(WHOLE, JOBS), await runTests(ALONE, 1)];
  if (Deno.env.get("DENORT_BIN")) outcomes.push(await testExecutable());
  else console.log("\nskipped: the compiled executable, since DENORT_BIN names no base runtime to compile with");
  return conclude(outcomes);
}

/** What runs with the compiled executable too, where there is a base runtime. */
export const COMPILED = ["tests/e2e", "tests/pid1", "tests/image"];

async function testExecutable(): Promise<Outcome> {
  const { arch } = Deno.build;
  const args = ["run", "--allow-all", "tests/tools/compile.ts", arch];
  const { success } = await new Deno.Command(Deno.execPath(), { args, cwd: ROOT, stdin: "null" }).spawn().status;
  if (!success) return { counts: undefined, success: false, skipped: [] };
  return await runTests(COMPILED, JOBS, { SIDECAR_UNDER_TEST: `${ROOT}dist/confd-sidecar-${arch}` });
}

/** Brings real programs that tests run against, all or some; returns the status. */
async function setup(parts: readonly string[] = []): Promise<number> {
  const script = fileURLToPath(new URL("setup.ts", import.meta.url));
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", script, ...parts],
    cwd: ROOT,
    stdin: "null",
  });
  return (await child.spawn().status).code;
}

/** Types are the matter of `deno task check`: a slip in one file should not hide what the others say. */
async function runTests(
  what: readonly string[],
  jobs: number,
  env: Record<string, string> = {},
): Promise<Outcome> {
  const report = await Deno.makeTempFile({ prefix: "confd-sidecar-tests-", suffix: ".xml" });
  try {
    const parallel = jobs > 1 ? ["--parallel"] : [];
    const child = new Deno.Command(Deno.execPath(), {
      args: ["test", "--allow-all", "--no-check", `--junit-path=${report}`, ...parallel, ...what],
      cwd: ROOT,
      env: { DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1", DENO_JOBS: String(jobs), ...env },
      stdin: "null",
      stdout: "piped",
    }).spawn();
    const late = setTimeout(() => {
      console.log(
        `\nthe tests in ${what.join(" ")} have not ended in ${LIMIT_MS / 60_000} minutes; the last lines are above`,
      );
      child.kill("SIGKILL");
    }, LIMIT_MS);
    const decoder = new TextDecoder();
    let tail = "";
    for await (const chunk of child.stdout) {
      for (let done = 0; done < chunk.length;) done += Deno.stdout.writeSync(chunk.subarray(done));
      tail = (tail + decoder.decode(chunk, { stream: true })).slice(-TAIL_LENGTH);
    }
    const { success } = await child.status;
    clearTimeout(late);
    return { counts: countsIn(tail), success, skipped: skippedIn(await Deno.readTextFile(report)) };
  } finally {
    await Deno.remove(report);
  }
}

/** `ok | 12 passed (3 steps) | 0 failed | 1 ignored (1s)`, the last such line. */
function countsIn(tail: string): Counts | undefined {
  const line = tail.split("\n").findLast((line) => /^(ok|FAILED) \| \d+ passed/.test(line));
  if (line === undefined) return undefined;
  const count = (word: string) => Number(new RegExp(`\\| (\\d+) ${word}`).exec(line)?.[1] ?? 0);
  return { passed: count("passed"), failed: count("failed"), skipped: count("ignored") };
}

function skippedIn(junit: string): string[] {
  const found = junit.matchAll(/<testcase name="([^"]*)"[^>]*>\s*<skipped\/>/g);
  return [...found].map(([, name]) => name.replace(/&(lt|gt|quot|apos|amp);/g, (_, entity) => ENTITIES[entity]));
}

const ENTITIES: Record<string, string> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };

/** Each reason once, since it is long and many tests may share it; below it each test by name. */
function nameSkipped(names: readonly string[]): void {
  for (const [reason, skipped = []] of Object.entries(Object.groupBy(names, reasonOf))) {
    console.log(`SKIPPED: ${reason}`);
    for (const name of skipped) console.log(`  - ${name}`);
  }
}

/** Prints the last line. A part that failed has at least one failure, whatever it was able to count. */
function conclude(outcomes: readonly Outcome[]): number {
  nameSkipped(outcomes.flatMap(({ skipped }) => skipped));
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const { counts, success } of outcomes) {
    if (counts === undefined) console.log("a part of the tests ended without a summary");
    else if (counts.passed + counts.failed === 0) console.log("no test ran");
    const sound = success && counts !== undefined && counts.passed > 0;
    sum.passed += counts?.passed ?? 0;
    sum.failed += sound ? counts.failed : Math.max(counts?.failed ?? 0, 1);
    sum.skipped += counts?.skipped ?? 0;
  }
  const { passed, failed, skipped } = sum;
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
  return failed === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
