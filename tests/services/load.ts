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
  /** How many failed, by the tool's name for it; those are left out that did not occur. */
  failures: Record<string, number>;
}

/** How the clients behave. */
export interface LoadOptions {
  /** Whether they keep their connections for the next request, as far as the server lets them. @default false */
  keepAlive?: boolean;
}

/** Four clients that ask for an address, one request after another. */
export class Load implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #output: Promise<string>;

  constructor(url: string, { keepAlive = false }: LoadOptions = {}) {
    const headers = keepAlive ? [] : ["--header", "Connection: close"];
    this.#process = new Deno.Command(binaryOf("wrk"), {
      // Longer than any test; and as patient as a slow machine needs it.
      args: ["--threads", "1", "--connections", "4", "--duration", "10m", "--timeout", "10s", ...headers, url],
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
    // Socket errors: connect 0, read 3, write 0, timeout 0
    // Non-2xx or 3xx responses: 2
    const counts = [...text.matchAll(/(connect|read|write|timeout|Non-2xx)(?: or 3xx responses:)? (\d+)/g)];
    const found = counts.map(([, kind, count]) => [kind, Number(count)] as const).filter(([, count]) => count > 0);
    return { requests, failures: Object.fromEntries(found) };
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
