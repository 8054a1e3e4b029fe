/**
 * What a container finds on its network: a stand-in for Consul's keys at port 8500, which asks for the token; and
 * somebody who looks at what the container answers.
 *
 * As a program it lives in the container's network, where nothing else is. It reads one JSON object a line from standard
 * input, and answers each with a line: `{"put": {KEY: VALUE}}` and `{"get": URL}`. Its argument is the token; without
 * one, Consul is away.
 *
 * Touches: processes, the loopback network.
 * @module
 */
import { unshareProblem } from "../image/container.ts";
import { type Lines, readLines } from "../support/lines.ts";
import { bareEnvironment, DEADLINE_MS } from "../support/sidecar.ts";

/** What came of a look. */
export interface Seen {
  /** 0: nobody answered. */
  status: number;
  text: string;
}

/** Why there can be none; undefined if there can. */
export function neighboursProblem(): string | undefined {
  const args = ["--net", "ip", "link", "set", "lo", "up"];
  return unshareProblem(args, "needs a network namespace with a loopback device, by unshare and ip");
}

/** A network of its own, and those who live in it. */
export class Neighbours implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #answers: Lines;

  private constructor(token?: string) {
    const self = [Deno.execPath(), "run", "-A", "--quiet", new URL(import.meta.url).pathname];
    this.#process = new Deno.Command("unshare", {
      args: [
        "--net",
        "sh",
        "-euc",
        'ip link set lo up; exec "$@"',
        "sh",
        ...self,
        ...token === undefined ? [] : [token],
      ],
      env: bareEnvironment(),
      clearEnv: true,
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.#input = this.#process.stdin.getWriter();
    this.#answers = readLines(this.#process.stdout, { deadlineMs: DEADLINE_MS });
  }

  /** Returns when there is a network to join. Without a token there is no Consul in it. */
  static async start(token?: string): Promise<Neighbours> {
    const started = new Neighbours(token);
    await started.put({});
    return started;
  }

  /** A process of this network. */
  get pid(): number {
    return this.#process.pid;
  }

  /** Sets keys, by path. */
  async put(keys: Record<string, string>): Promise<void> {
    await this.#ask({ put: keys });
  }

  /** Looks at an address as a neighbour would. */
  async get(url: string): Promise<Seen> {
    return await this.#ask({ get: url }) as Seen;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#input.close().catch(() => {});
    await this.#process.status;
    await this.#answers.ended;
  }

  async #ask(question: Question): Promise<unknown> {
    await this.#input.write(new TextEncoder().encode(JSON.stringify(question) + "\n"));
    return JSON.parse(await this.#answers.next(/^/));
  }
}

type Question = { put: Record<string, string> } | { get: string };

/** Consul's answers to those who list keys below a prefix, and wait for a change. */
class Consul {
  readonly #keys = new Map<string, { value: string; index: number }>();
  #index = 1;
  #changed = Promise.withResolvers<void>();
  readonly #token: string;

  constructor(token: string) {
    this.#token = token;
  }

  put(keys: Record<string, string>): void {
    this.#index++;
    for (const [key, value] of Object.entries(keys)) this.#keys.set(key.slice(1), { value, index: this.#index });
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  async answer(request: Request): Promise<Response> {
    if (request.headers.get("X-Consul-Token") !== this.#token) {
      return new Response("Permission denied", { status: 403 });
    }
    const { pathname, searchParams } = new URL(request.url);
    const prefix = decodeURIComponent(/^\/v1\/kv\/(.*)$/.exec(pathname)![1]);
    const seen = Number(searchParams.get("index") ?? 0);
    // Whoever waits in vain goes away with this network.
    while (seen >= this.#index) await this.#changed.promise;
    const found = [...this.#keys].filter(([key]) => key.startsWith(prefix)).sort();
    const list = found.map(([Key, { value, index }]) => ({
      Key,
      Value: new TextEncoder().encode(value).toBase64(),
      Flags: 0,
      LockIndex: 0,
      CreateIndex: index,
      ModifyIndex: index,
    }));
    const headers = { "X-Consul-Index": String(this.#index) };
    return Response.json(list, { headers, status: list.length > 0 ? 200 : 404 });
  }
}

async function look(url: string): Promise<Seen> {
  try {
    const answer = await fetch(url);
    return { status: answer.status, text: await answer.text() };
  } catch {
    return { status: 0, text: "" };
  }
}

if (import.meta.main) {
  const [token] = Deno.args;
  const consul = new Consul(token);
  const address = { hostname: "127.0.0.1", port: 8500, onListen: () => {} };
  if (token !== undefined) Deno.serve(address, (request) => consul.answer(request));
  let rest = "";
  for await (const text of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) {
      const question: Question = JSON.parse(line);
      if ("put" in question) consul.put(question.put);
      console.log(JSON.stringify("put" in question ? {} : await look(question.get)));
    }
  }
  Deno.exit(0);
}
