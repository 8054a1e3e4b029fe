/**
 * A load tool that asks a server all the time, and tells what failed.
 *
 * Touches: processes and, through them, the loopback network.
 * @module
 */
import { assert } from "../support/assert.ts";
import { bareEnvironment, within } from "../support/sidecar.ts";
import { binaryOf } from "../tools/parts.ts";

/** What came of a load. */
export interface Report {
  requests: number;
  /** The tool's lines about errors; best none. */
  failures: string[];
}

/** Eight clients that ask for an address, one request after another, each on a connection of its own. */
export class Load implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #output: Promise<string>;

  constructor(url: string, headers: readonly string[] = ["Connection: close"]) {
    const asked = headers.flatMap((header) => ["-H", header]);
    this.#process = new Deno.Command(binaryOf("wrk"), {
      // Longer than any test; and as patient as a slow machine needs it.
      args: ["--threads", "1", "--connections", "8", "--duration", "10m", "--timeout", "10s", ...asked, url],
      env: bareEnvironment(),
      clearEnv: true,
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.#output = new Response(this.#process.stdout).text();
  }

  /** Ends the load, at which the tool tells how it went. */
  async end(): Promise<Report> {
    this.#process.kill("SIGINT");
    const text = await within(this.#output, "the load tool's report");
    const requests = Number(/(\d+) requests in/.exec(text)?.[1]);
    assert(requests > 0, text);
    return { requests, failures: text.split("\n").filter((line) => /error|Non-2xx/i.test(line)) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#process.kill("SIGKILL");
    } catch {
      // It has told its report and gone.
    }
    await Promise.all([this.#process.status, this.#output]);
  }
}
