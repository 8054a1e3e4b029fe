/**
 * A store's HTTP interface: several nodes, of which any will do; credentials that may change; a limit for each request.
 *
 * Touches: the network, through http.ts; the file with credentials, and those for TLS.
 * @module
 */
import type { FleetAddress } from "../../settings/fleet.ts";
import type { Clock } from "../clock.ts";
import { causeOf, type HttpRequest, withAnswer } from "../network/http.ts";
import { textOf } from "../network/http_body.ts";
import { StoreError } from "./store.ts";

/** How long an answer may take, in milliseconds. */
const LIMIT_MS = 3000;

/** What it works with. */
export interface ApiParts {
  readonly address: FleetAddress;
  readonly clock: Clock;
  /** File with the token, or with user and password; empty: there is none. */
  readonly tokenFile: string;
  /** Makes headers of what the file has in it. */
  readonly authorize: (secret: string, api: Api) => Promise<Record<string, string>> | Record<string, string>;
}

/** A request, as stores have them. */
export interface Call {
  readonly method: HttpRequest["method"];
  readonly path: string;
  readonly body?: string;
  readonly headers?: Record<string, string>;
  readonly signal: AbortSignal;
  /** @default {@link LIMIT_MS} */
  readonly limitMs?: number;
  /** False for a request that needs no credentials. @default true */
  readonly authorized?: boolean;
}

/** An answer, whole. */
export interface Answer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** Talks to a store. */
export class Api {
  readonly #parts: ApiParts;
  #node = 0;
  #headers: Promise<Record<string, string>> | undefined;

  constructor(parts: ApiParts) {
    this.#parts = parts;
  }

  /** Sends a request, and returns the whole answer, whatever its status. */
  async send(call: Call): Promise<Answer> {
    const once = () =>
      this.#exchange(call, async ({ status, headers, pieces }) => ({ status, headers, body: await textOf(pieces) }));
    const answer = await once();
    if (answer.status !== 401 || this.#headers === undefined || call.authorized === false) return answer;
    // Credentials may have become others, and a token may be too old.
    this.#headers = undefined;
    return await once();
  }

  /** Sends a request, and calls `take` with each line of the answer until that returns true. */
  async follow(call: Call, take: (line: string) => boolean): Promise<void> {
    await this.#exchange(call, async ({ status, pieces }) => {
      if (status !== 200) throw refusalOf({ status, body: await textOf(pieces) });
      let rest = "";
      for await (const piece of pieces) {
        const lines = (rest + piece).split("\n");
        rest = lines.pop()!;
        if (lines.some(take)) return;
      }
    });
  }

  /** Asks a node, and where it fails the others: whatever is asked may be asked twice. */
  async #exchange<T>(call: Call, use: Parameters<typeof withAnswer<T>>[1]): Promise<T> {
    const { nodes } = this.#parts.address;
    const authorization = call.authorized === false ? {} : await this.#authorization();
    const authorized = { ...call, headers: { "Content-Type": "application/json", ...call.headers, ...authorization } };
    for (let tries = 1;; tries++) {
      const node = this.#node;
      try {
        return await this.#askNode(nodes[node], authorized, use);
      } catch (error) {
        if (!(error instanceof StoreError) || error.kind !== "away" || call.signal.aborted) throw error;
        this.#node = (node + 1) % nodes.length;
        if (tries >= nodes.length) throw error;
      }
    }
  }

  async #askNode<T>(node: string, call: Call, use: Parameters<typeof withAnswer<T>>[1]): Promise<T> {
    const { address: { tls }, clock } = this.#parts;
    const limit = new AbortController();
    const callOff = clock.after(call.limitMs ?? LIMIT_MS, () => limit.abort());
    try {
      const signal = AbortSignal.any([call.signal, limit.signal]);
      const { method, path, body, headers } = call;
      return await withAnswer({ method, url: node + path, body, headers, tls: readTls(tls), signal }, use);
    } catch (error) {
      if (error instanceof StoreError) throw error;
      const why = limit.signal.aborted ? "it does not answer in time" : causeOf(error as Error);
      throw new StoreError("away", `${node}: ${why}`);
    } finally {
      callOff();
    }
  }

  async #authorization(): Promise<Record<string, string>> {
    const { tokenFile, authorize } = this.#parts;
    if (tokenFile === "") return {};
    try {
      return await (this.#headers ??= Promise.resolve(authorize(readSecret(tokenFile), this)));
    } catch (error) {
      this.#headers = undefined;
      throw error;
    }
  }
}

/** What a status that is none of success means. `body` may say why. */
export function refusalOf({ status, body }: { status: number; body: string }): StoreError {
  const said = /"(?:message|error)"\s*:\s*"([^"]*)"/.exec(body)?.[1] ?? body.trim().split("\n")[0].slice(0, 200);
  const kind = status === 401 || status === 403
    ? "denied"
    : status >= 500 || status === 429 || status === 408
    ? "away"
    : "answer";
  return new StoreError(kind, `it answered ${status}${said === "" ? "" : `: ${said}`}`);
}

/** User and password as a header. */
export function basic(secret: string): Record<string, string> {
  return { Authorization: `Basic ${new TextEncoder().encode(secret).toBase64()}` };
}

function readSecret(file: string): string {
  try {
    return Deno.readTextFileSync(file).trim();
  } catch (error) {
    throw new StoreError("denied", `SIDECAR_FLEET_TOKEN_FILE: ${file} cannot be read: ${(error as Error).message}`);
  }
}

function readTls({ ca, cert, key }: FleetAddress["tls"]): HttpRequest["tls"] {
  const read = (file: string) => {
    try {
      return Deno.readTextFileSync(file);
    } catch (error) {
      throw new StoreError("denied", `SIDECAR_FLEET: ${file} cannot be read: ${(error as Error).message}`);
    }
  };
  return {
    ...(ca && { caCerts: [read(ca)] }),
    ...(cert && key && { cert: read(cert), key: read(key) }),
  };
}
