/**
 * `deno test` with an end that can be relied on: every skipped test is named with its reason, and the last line is
 * always `N passed, N failed`, with `, N skipped` where there are such.
 *
 * Arguments are handed on to `deno test`; without any, it runs all of `tests/`.
 *
 * Touches: processes, standard output, a temporary file.
 * @module
 */
import { fileURLToPath } from "node:url";
import { reasonOf } from "./parts.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** Only the end of the output is kept: the summary is the last thing that `deno test` prints. */
const TAIL_LENGTH = 4096;

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

async function main(args: readonly string[]): Promise<number> {
  const report = await Deno.makeTempFile({ prefix: "confd-sidecar-tests-", suffix: ".xml" });
  try {
    const { success, tail } = await runTests(args, report);
    const counts = countsIn(tail);
    tellSkipped(skippedIn(Deno.readTextFileSync(report)));
    return conclude(counts, success);
  } finally {
    await Deno.remove(report);
  }
}

/** Types are the matter of `deno task check`: a slip in one file should not hide what the others say. */
async function runTests(args: readonly string[], report: string): Promise<{ success: boolean; tail: string }> {
  const what = args.length > 0 ? args : ["tests/"];
  const child = new Deno.Command(Deno.execPath(), {
    args: ["test", "--allow-all", "--no-check", `--junit-path=${report}`, ...what],
    cwd: ROOT,
    env: { DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
  }).spawn();
  const decoder = new TextDecoder();
  let tail = "";
  for await (const chunk of child.stdout) {
    for (let done = 0; done < chunk.length;) done += Deno.stdout.writeSync(chunk.subarray(done));
    tail = (tail + decoder.decode(chunk, { stream: true })).slice(-TAIL_LENGTH);
  }
  return { success: (await child.status).success, tail };
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
function tellSkipped(names: readonly string[]): void {
  for (const [reason, skipped = []] of Object.entries(Object.groupBy(names, reasonOf))) {
    console.log(`SKIPPED: ${reason}`);
    for (const name of skipped) console.log(`  - ${name}`);
  }
}

/** Prints the last line. A run that failed has at least one failure, whatever it was able to count. */
function conclude(counts: Counts | undefined, success: boolean): number {
  const { passed, failed, skipped } = counts ?? { passed: 0, failed: 0, skipped: 0 };
  const sound = success && counts !== undefined && passed > 0;
  if (counts === undefined) console.log("deno test ended without a summary");
  else if (passed + failed === 0) console.log("no test ran");
  const failures = sound ? failed : Math.max(failed, 1);
  console.log(`${passed} passed, ${failures} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
  return failures === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
