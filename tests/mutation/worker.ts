/**
 * A worker of the mutation tests: loads the tests once, learns which of them reach which fault, and then reads numbers of
 * faults from standard input and writes, for each, what became of it.
 *
 * A fault in what a module works out when it is loaded cannot be switched on later: for such a one the tests are loaded
 * anew, in a process of their own.
 *
 * Touches: standard input and output; processes; whatever the tests touch.
 * @module
 */
import { TextLineStream } from "./lines.ts";
import type { Verdict } from "./report.ts";

interface Test {
  name: string;
  run: () => unknown;
}

/** What the instrumented sources look at and fill in. */
interface Switch {
  activeMutant?: string;
  currentTestId?: string;
  hitCount?: number;
  hitLimit?: number;
  mutantCoverage?: { static: Record<string, number>; perTest: Record<string, Record<string, number>> };
}

const state: Switch = (globalThis as { __stryker__?: Switch }).__stryker__ ??= {};
const STATIC = Deno.env.get("MUTANT");
if (STATIC !== undefined) state.activeMutant = STATIC;

/** A loop that runs so much longer than without the fault does not end. */
const HIT_FACTOR = 100;
const HITS = 10_000;

async function load(files: readonly string[]): Promise<Test[]> {
  const tests: Test[] = [];
  const collect = (what: unknown, how?: unknown) => {
    if (typeof what === "string") tests.push({ name: what, run: how as () => unknown });
    else {
      const { name, fn, ignore } = what as { name: string; fn: () => unknown; ignore?: boolean };
      if (!ignore) tests.push({ name, run: fn });
    }
  };
  (Deno as unknown as { test: unknown }).test = collect;
  console.log = () => {};
  for (const file of files) await import(`${Deno.cwd()}/${file}`);
  return tests;
}

async function failure(test: Test): Promise<string | undefined> {
  try {
    await test.run();
    return undefined;
  } catch (error) {
    return String(error);
  }
}

/** Runs all tests without a fault; returns, for each fault, the tests that reach it, the quickest first. */
async function survey(tests: readonly Test[]): Promise<Map<string, { test: Test; hits: number }[]>> {
  const timed: { test: Test; ms: number; id: string }[] = [];
  for (const [i, test] of tests.entries()) {
    state.currentTestId = String(i);
    const begun = performance.now();
    const failed = await failure(test);
    if (failed !== undefined) throw new Error(`${test.name} fails without any fault: ${failed}`);
    timed.push({ test, ms: performance.now() - begun, id: String(i) });
  }
  state.currentTestId = undefined;
  timed.sort((a, b) => a.ms - b.ms);
  const reaching = new Map<string, { test: Test; hits: number }[]>();
  for (const { test, id } of timed) {
    for (const [mutant, hits] of Object.entries(state.mutantCoverage?.perTest[id] ?? {})) {
      if (!reaching.has(mutant)) reaching.set(mutant, []);
      reaching.get(mutant)!.push({ test, hits });
    }
  }
  return reaching;
}

async function verdictOf(mutant: string, reaching: readonly { test: Test; hits: number }[]): Promise<Verdict> {
  state.activeMutant = mutant;
  for (const { test, hits } of reaching) {
    state.hitCount = 0;
    state.hitLimit = hits * HIT_FACTOR + HITS;
    if (await failure(test) !== undefined) {
      state.activeMutant = undefined;
      return { is: "killed", by: test.name };
    }
  }
  state.activeMutant = undefined;
  return reaching.length === 0 ? { is: "unreached" } : { is: "survived" };
}

/** Tries a fault in a process that has it from its beginning. */
async function verdictOfStatic(mutant: string): Promise<Verdict> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--no-check", "--quiet", import.meta.filename!, ...Deno.args],
    env: { MUTANT: mutant },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  });
  return (await child.output()).success ? { is: "survived" } : { is: "killed", by: "a start with it" };
}

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

const tests = await load(Deno.args);
if (STATIC !== undefined) {
  for (const test of tests) if (await failure(test) !== undefined) Deno.exit(1);
  Deno.exit(0);
}
const reaching = await survey(tests);
const atLoading = new Set(Object.keys(state.mutantCoverage?.static ?? {}));
say("ready");
for await (const id of Deno.stdin.readable.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream())) {
  const known = reaching.get(id) ?? [];
  const verdict = await verdictOf(id, known);
  say(JSON.stringify(verdict.is !== "killed" && atLoading.has(id) ? await verdictOfStatic(id) : verdict));
}
