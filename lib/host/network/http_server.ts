/**
 * A small HTTP/1.1 server for probes, metrics and commands: one request for each connection, and no body of a request is
 * read.
 *
 * The runtime's own server costs 2 MiB more, and takes its address from `DENO_SERVE_ADDRESS` where that is set: that
 * variable may be the service's. Here a client can hold up nothing but its own connection: each exchange has a limit, and
 * when there are too many the oldest ends.
 *
 * Touches: the network.
 * @module
 */
import type { Clock } from "../clock.ts";
import { close, writeAll } from "./connection.ts";

/** The longest head of a request, in bytes. */
const LONGEST_HEAD = 8192;
/** How long a client may take to send its request, and to take the answer, in milliseconds. */
const LIMIT_MS = 10_000;
/** How many connections there may be. */
const CONNECTIONS = 128;
/** How long to wait when no connection can be taken, for want of descriptors, in milliseconds. */
const AGAIN_MS = 200;

/** What a client asks for. */
export interface Request {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** By their names in small letters. */
  readonly headers: ReadonlyMap<string, string>;
}

/** What it gets. */
export interface Response {
  readonly status: number;
  /** Its media type. */
  readonly type: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers a request; may take its time. */
export type Handler = (request: Request) => Response | Promise<Response>;

const REASONS: Record<number, string> = {
  200: "OK",
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  409: "Conflict",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

/** What the listener of a TCP port and that of a Unix socket have in common. */
export type Listener = Pick<Deno.Listener<Deno.Conn>, "accept" | "close">;

/** Serves until it is closed. */
export class HttpServer {
  readonly #listener: Listener;
  readonly #handler: Handler;
  readonly #clock: Clock;
  /** The oldest first. */
  readonly #connections = new Set<Deno.Conn>();
  readonly #ended: Promise<void>;
  #closed = false;

  constructor(parts: { listener: Listener; handler: Handler; clock: Clock }) {
    this.#listener = parts.listener;
    this.#handler = parts.handler;
    this.#clock = parts.clock;
    this.#ended = this.#serve();
  }

  /** Ends every connection. Resolves when nothing of the server is left. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#listener.close();
    for (const connection of this.#connections) close(connection);
    await this.#ended;
  }

  async #serve(): Promise<void> {
    while (!this.#closed) {
      try {
        this.#take(await this.#listener.accept());
      } catch {
        if (!this.#closed) await this.#clock.sleep(AGAIN_MS);
      }
    }
  }

  async #take(connection: Deno.Conn): Promise<void> {
    this.#connections.add(connection);
    const [oldest] = this.#connections;
    if (this.#connections.size > CONNECTIONS) this.#drop(oldest);
    try {
      await this.#exchange(connection);
    } catch {
      // The client has gone, or was too slow: that is its affair.
    }
    this.#drop(connection);
  }

  #drop(connection: Deno.Conn): void {
    this.#connections.delete(connection);
    close(connection);
  }

  async #exchange(connection: Deno.Conn): Promise<void> {
    const head = await this.#limited(connection, () => readHead(connection));
    if (head === undefined) return;
    const request = parseHead(head);
    // What an operator waits for may last, and is not dropped for others.
    if (request?.method === "POST") this.#connections.delete(connection);
    const response = request === undefined ? REFUSED : await this.#answer(request);
    const bytes = encode(response, request?.method === "HEAD");
    await this.#limited(connection, () => writeAll(connection, bytes));
  }

  async #answer(request: Request): Promise<Response> {
    try {
      return await this.#handler(request);
    } catch (error) {
      return { status: 500, type: "text/plain; charset=utf-8", body: `${(error as Error).message}\n` };
    }
  }

  async #limited<T>(connection: Deno.Conn, act: () => Promise<T>): Promise<T> {
    const callOff = this.#clock.after(LIMIT_MS, () => close(connection));
    try {
      return await act();
    } finally {
      callOff();
    }
  }
}

const REFUSED: Response = { status: 400, type: "text/plain; charset=utf-8", body: "this is no request of HTTP/1.1\n" };

/** The head of a request; undefined where the client goes before it is whole. */
async function readHead(connection: Deno.Conn): Promise<string | undefined> {
  const buffer = new Uint8Array(LONGEST_HEAD);
  for (let length = 0; length < buffer.length;) {
    const read = await connection.read(buffer.subarray(length));
    if (read === null) return undefined;
    length += read;
    const text = new TextDecoder("latin1").decode(buffer.subarray(0, length));
    const end = /\r?\n\r?\n/.exec(text);
    if (end !== null) return text.slice(0, end.index);
  }
  return "";
}

/** Undefined for what is no request. */
export function parseHead(head: string): Request | undefined {
  const [first, ...lines] = head.split(/\r?\n/);
  const [, method, target] = /^([A-Z]{1,16}) (\S{1,2048}) HTTP\/1\.[01]$/.exec(first) ?? [];
  if (method === undefined) return undefined;
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    if (name === undefined) return undefined;
    headers.set(name.toLowerCase(), value);
  }
  try {
    const { pathname, searchParams } = new URL(target, "http://sidecar");
    return { method, path: pathname, query: searchParams, headers };
  } catch {
    return undefined;
  }
}

function encode({ status, type, body, headers = {} }: Response, headOnly: boolean): Uint8Array {
  const content = new TextEncoder().encode(body);
  const all = {
    "Content-Type": type,
    "Content-Length": String(content.length),
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Connection": "close",
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const head = new TextEncoder().encode(`HTTP/1.1 ${status} ${REASONS[status] ?? ""}\r\n${lines}\r\n`);
  if (headOnly) return head;
  const bytes = new Uint8Array(head.length + content.length);
  bytes.set(head);
  bytes.set(content, head.length);
  return bytes;
}
