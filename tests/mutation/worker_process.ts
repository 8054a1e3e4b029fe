/**
 * A worker of the mutation tests, as a process: asked for one fault after another, and killed when it hangs.
 *
 * Touches: processes.
 * @module
 */
import { TextLineStream } from "./lines.ts";
import type { Verdict } from "./report.ts";

/** How long the tests may take for one fault, in milliseconds. */
const LIMIT_MS = 20_000;

/** A process that tries faults. */
export class Worker {
  readonly #child: Deno.ChildProcess;
  readonly #answers: ReadableStreamDefaultReader<string>;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  isAlive = true;

  constructor(sandbox: string, tests: readonly string[]) {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--allow-all", "--no-check", "--quiet", `${sandbox}/tests/mutation/worker.ts`, ...tests],
      cwd: sandbox,
      env: { SIMULATION_RUNS: "60", FLEET_RUNS: "60", DENO_NO_UPDATE_CHECK: "1" },
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.#answers = this.#child.stdout.pipeThrough(new TextDecoderStream()).pipeThrough(new TextLineStream())
      .getReader();
    this.#input = this.#child.stdin.getWriter();
  }

  /** Resolves once the tests are loaded and have passed without any fault. */
  async ready(): Promise<void> {
    const { value } = await this.#answers.read();
    if (value !== "ready") throw new Error("the tests cannot be run without any fault: see above");
  }

  /** What becomes of a fault. */
  async verdict(id: string): Promise<Verdict> {
    await this.#input.write(new TextEncoder().encode(`${id}\n`)).catch(() => {});
    const late = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => late.resolve(undefined), LIMIT_MS);
    const answer = await Promise.race([this.#answers.read(), late.promise]);
    clearTimeout(timer);
    if (answer?.value !== undefined) return JSON.parse(answer.value);
    await this.close();
    return { is: "killed", by: answer === undefined ? "it hangs" : "the process ended" };
  }

  async close(): Promise<void> {
    this.isAlive = false;
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.#child.status;
    await this.#answers.cancel();
  }
}
