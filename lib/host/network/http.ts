/**
 * One HTTP request, to the service, to a collector of telemetry or to a fleet's store: the status of the answer, and its
 * body where it is asked for.
 *
 * The runtime's `fetch` refuses the ports that browsers block, sends requests for this machine through a proxy, follows
 * redirects to other hosts, and hides why it failed. The service is asked directly: no proxy, any port, no redirects.
 *
 * Touches: the network; the variable `SSL_CERT_FILE` and the file that it names.
 * @module
 */
import { close, writeAll } from "./connection.ts";
import { bodyOf } from "./http_body.ts";
import { shownAddress } from "../../settings/address.ts";

/** How much of an answer is read in search of its first line, in bytes. */
const HEAD_BYTES = 16_384;

/** What is asked. */
export interface HttpRequest {
  method: "GET" | "POST" | "PUT" | "DELETE";
  url: string;
  headers?: Readonly<Record<string, string>>;
  body?: string;
  /** What TLS goes by, beside what everybody has. */
  tls?: { readonly caCerts?: string[]; readonly cert?: string; readonly key?: string };
  /** Ends it early. */
  signal: AbortSignal;
}

/** An answer that has a body. */
export interface Reply {
  readonly status: number;
  /** By name, in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  /** Piece by piece, as it comes. */
  readonly pieces: AsyncIterable<string>;
}

/** The status of an answer, or why there is none. */
export type Outcome = { readonly status: number; readonly location?: string } | { readonly failure: string };

/** Resolves with null if the answer is 2xx, or with a sentence that says why it is not. */
export async function request(wanted: HttpRequest): Promise<string | null> {
  const shown = shownAddress(wanted.url);
  const outcome = await send(wanted);
  if ("failure" in outcome) {
    return outcome.failure === LATE ? `${shown} ${LATE}` : `${shown}: ${outcome.failure}`;
  }
  const { status, location } = outcome;
  if (status >= 200 && status < 300) return null;
  if (location === undefined) return `${shown} answered ${status}`;
  return `${shown} answered ${status}, a redirect, which is not followed`;
}

const LATE = "did not answer in time";

/** Sends a request. */
export async function send(wanted: HttpRequest): Promise<Outcome> {
  try {
    return await exchange(wanted);
  } catch (error) {
    return { failure: wanted.signal.aborted ? LATE : causeOf(error as Error) };
  }
}

async function exchange(wanted: HttpRequest): Promise<{ status: number; location?: string }> {
  return await withAnswer(wanted, ({ status, headers }) => {
    return Promise.resolve({ status, location: status >= 300 && status < 400 ? headers.get("location") : undefined });
  });
}

/** Sends a request, and hands its answer to `use`; the connection is closed after that. Throws where there is no answer. */
export async function withAnswer<T>(wanted: HttpRequest, use: (reply: Reply) => Promise<T>): Promise<T> {
  const { url, tls, signal } = wanted;
  const { protocol, hostname, port } = new URL(url);
  const secure = protocol === "https:";
  const address = { hostname: hostname.replace(/^\[|\]$/g, ""), port: Number(port) || (secure ? 443 : 80) };
  // A connection that nobody waits for any more closes once it is there.
  const connecting: Promise<Deno.Conn> = secure
    ? Deno.connectTls({ ...address, ...tls, caCerts: [...ownAuthorities(), ...tls?.caCerts ?? []] })
    : Deno.connect(address);
  using connection = await orAborted(connecting, signal, (late) => late.close());
  const closeIt = () => close(connection);
  signal.addEventListener("abort", closeIt);
  try {
    // It may have been aborted at the very moment at which the connection came about.
    signal.throwIfAborted();
    await ask(connection, wanted);
    return await use(await readReply(connection));
  } finally {
    signal.removeEventListener("abort", closeIt);
    closeIt();
  }
}

async function ask(connection: Deno.Conn, { method, url, headers = {}, body = "" }: HttpRequest): Promise<void> {
  const { host, pathname, search, username, password } = new URL(url);
  const lines = [`${method} ${pathname}${search} HTTP/1.1`, `Host: ${host}`, "Connection: close", "Accept: */*"];
  const content = new TextEncoder().encode(body);
  if (method !== "GET") lines.push(`Content-Length: ${content.length}`);
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value.replaceAll(/[\r\n]/g, " ")}`);
  if (username !== "" || password !== "") {
    lines.push(`Authorization: Basic ${btoa(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`)}`);
  }
  await writeAll(connection, new TextEncoder().encode(`${lines.join("\r\n")}\r\n\r\n`));
  await writeAll(connection, content);
}

/** The head of the answer. What goes before a final answer (1xx) is passed over. */
async function readReply(connection: Deno.Conn): Promise<Reply> {
  const buffer = new Uint8Array(HEAD_BYTES);
  let length = 0;
  for (;;) {
    // One character is one byte here.
    const text = LATIN1.decode(buffer.subarray(0, length)).replace(/^HTTP\/1\.\d 1\d\d[\s\S]*?\r?\n\r?\n/, "");
    const [head] = /^[\s\S]*?\r?\n\r?\n/.exec(text) ?? [];
    const read = head === undefined && length < buffer.length ? await connection.read(buffer.subarray(length)) : null;
    if (read !== null) {
      length += read;
      continue;
    }
    const { status, headers } = readHead(head ?? text);
    const first = buffer.slice(length - (text.length - (head ?? text).length), length);
    return { status, headers, pieces: bodyOf(connection, headers, first) };
  }
}

const LATIN1 = new TextDecoder("latin1");

function readHead(head: string): Pick<Reply, "status" | "headers"> {
  const status = /^HTTP\/\d(?:\.\d)? (\d{3})/.exec(head)?.[1];
  if (status === undefined) {
    throw new Error(head === "" ? "the connection was closed without an answer" : "no HTTP answer");
  }
  const fields = head.split(/\r?\n/).slice(1).flatMap((line): [string, string][] => {
    const [, name, value] = /^([^:]+): *(.*)$/.exec(line) ?? [];
    return name === undefined ? [] : [[name.toLowerCase(), value.trim()]];
  });
  return { status: Number(status), headers: new Map(fields) };
}

async function orAborted<T>(promise: Promise<T>, signal: AbortSignal, drop: (late: T) => void): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(new Error("aborted"));
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort);
  try {
    return await Promise.race([promise, aborted]);
  } catch (error) {
    promise.then(drop, () => {});
    throw error;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** The runtime knows its own variables for authorities; this one is everybody else's. */
function ownAuthorities(): string[] {
  const file = Deno.env.get("SSL_CERT_FILE");
  if (!file) return [];
  return [Deno.readTextFileSync(file)];
}

/** The runtime's messages, in the words that people know. */
const CAUSES: [RegExp, string][] = [
  [/refused/i, "connection refused"],
  [/failed to lookup|name or service|no address|resolve/i, "no host of that name is known"],
  [/certificate/i, "its certificate is not accepted"],
  [/unreachable/i, "the host cannot be reached"],
  [/reset|broken pipe/i, "the connection was reset"],
];

/** Why there is no answer, in the words that people know. */
export function causeOf({ message }: Error): string {
  const known = CAUSES.find(([pattern]) => pattern.test(message))?.[1];
  return known === undefined || known.startsWith("its cert")
    ? `${known ?? ""}${known ? `: ${message}` : message}`
    : known;
}
