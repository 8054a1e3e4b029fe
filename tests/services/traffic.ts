/**
 * Servers that answer with one word, and somebody who asks for it all the time.
 *
 * Touches: the loopback network.
 * @module
 */
import { until } from "../support/sidecar.ts";

/** A server that answers every request with one word. */
export class Answering implements AsyncDisposable {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  /** `delayMs`: what it takes its time for, so that there are always requests under way. */
  constructor(word: string, { delayMs = 0 } = {}) {
    const headers = { connection: "close" };
    this.#server = Deno.serve({ hostname: "0.0.0.0", port: 0, onListen: () => {} }, async () => {
      if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
      return new Response(word, { headers });
    });
  }

  /** `127.0.0.1:PORT` */
  get address(): string {
    return this.addressNumber(1);
  }

  /** One of its many addresses, `127.0.0.NUMBER:PORT`. */
  addressNumber(number: number): string {
    return `127.0.0.${number}:${this.#server.addr.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

/** What came of one request: the answer, with its status before it unless that is 200; or why there is none. */
async function ask(url: string, { client, headers }: RequestInit & { client: Deno.HttpClient }): Promise<string> {
  try {
    const answer = await fetch(url, { client, headers });
    const text = (await answer.text()).trim();
    return answer.ok ? text : `${answer.status} ${text}`;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Requests one after another, each on a connection of its own, until it is disposed of. */
export class Traffic implements AsyncDisposable {
  /** What came of each. */
  readonly answers: string[] = [];
  readonly #client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
  readonly #running: Promise<void>;
  #over = false;

  constructor(url: string) {
    this.#running = this.#run(url);
  }

  async #run(url: string): Promise<void> {
    while (!this.#over) this.answers.push(await ask(url, { client: this.#client }));
  }

  /** Waits until that many more have one answer, without another between them. */
  async settles(answer: string, count = 20): Promise<void> {
    const from = this.answers.length;
    await until(() => `${count} times '${answer}', and not ${this.answers.slice(-count)}`, () => {
      const last = this.answers.slice(Math.max(from, this.answers.length - count));
      return last.length === count && last.every((one) => one === answer);
    });
  }

  /** Answers other than these. */
  others(...answers: readonly string[]): string[] {
    return this.answers.filter((one) => !answers.includes(one));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over = true;
    await this.#running;
    this.#client.close();
  }
}

/** Waits until an address gives an answer, on a connection that does not stay. */
export async function answers(url: string, answer: string, headers: Record<string, string> = {}): Promise<void> {
  using client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
  let last = "";
  const holds = async () => (last = await ask(url, { client, headers })) === answer;
  await until(() => `${url} answers '${answer}', and not '${last}'`, holds);
}

/** Waits until a proxy says that it took an answer from a server. */
export async function servedBy(url: string, address: string): Promise<void> {
  using client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
  await until(`${url} is served by ${address}`, async () => {
    const answer = await fetch(url, { client });
    await answer.body?.cancel();
    return answer.headers.get("x-served-by") === address;
  });
}
