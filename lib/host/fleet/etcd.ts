/**
 * A fleet's queue in etcd (v3), by its JSON gateway: an entry is a key bound to a lease of its own, in the order of creation.
 * https://etcd.io/docs/v3.5/dev-guide/api_grpc_gateway/
 *
 * Touches: the network, through api.ts; the clock, for people.
 * @module
 */
import type { Entry } from "../../fleet/member_state.ts";
import type { Awaited, Queue, Success } from "../../fleet/queue.ts";
import { type Answer, Api, type ApiParts, refusalOf } from "./api.ts";
import {
  BAD_MS,
  badText,
  decode,
  encode,
  entryText,
  type FleetStore,
  gone,
  readBad,
  readEntry,
  readSuccesses,
  type Self,
  StoreError,
  successesText,
  TTL_MS,
  type Wish,
} from "./store.ts";

/** A watch is open for so long at most, in milliseconds: a member calls it off before that. */
const WATCH_MS = 600_000;

interface KeyValue {
  key: string;
  value?: string;
  create_revision: string;
  mod_revision: string;
}

/** What the gateway answers: protobuf as JSON, so that a number is a text, and what is zero or empty is left out. */
interface Reply {
  header?: { revision: string };
  ID?: string;
  TTL?: string;
  token?: string;
  succeeded?: boolean;
  responses?: { response_range?: { kvs?: KeyValue[] } }[];
  result?: Reply & { events?: unknown[]; canceled?: boolean };
}

interface Known {
  readonly lease: string;
  readonly revision: string;
  readonly since: number;
}

/** A queue in etcd. */
export class EtcdStore implements FleetStore {
  readonly #api: Api;
  readonly #self: Self;
  readonly #root: string;
  readonly #entries = new Map<string, Known>();

  constructor(parts: Omit<ApiParts, "authorize">, self: Self) {
    this.#api = new Api({ ...parts, authorize });
    this.#self = self;
    this.#root = `${parts.address.group}/`;
  }

  async enter(digest: string, signal: AbortSignal): Promise<Entry> {
    const { ID: lease = "" } = await this.#post("/v3/lease/grant", { TTL: String(TTL_MS / 1000) }, signal);
    const key = `${this.#root}queue/${this.#self.id}.${crypto.randomUUID().slice(0, 8)}`;
    const since = Date.now();
    const put = putOf(key, { value: entryText(this.#self, { state: "waiting", digest }, since), lease });
    // Another node may be asked again after this one has done it: then the key is older than the answer.
    const get = { request_range: { key: encode(key) } };
    const reply = await this.#post("/v3/kv/txn", { success: [put, get] }, signal);
    const revision = Number(reply.responses?.[1]?.response_range?.kvs?.[0]?.create_revision ?? revisionOf(reply));
    this.#entries.set(key, { lease, revision: String(revision), since });
    return { key, revision, ttlMs: TTL_MS };
  }

  async look(digest: string, signal: AbortSignal): Promise<Queue> {
    const queue = { ...rangeOf(`${this.#root}queue/`), sort_order: "ASCEND", sort_target: "CREATE" };
    const success = { key: encode(`${this.#root}success`) };
    const bad = { key: encode(`${this.#root}bad/${digest}`) };
    const reply = await this.#post(
      "/v3/kv/txn",
      { success: [queue, success, bad].map((request_range) => ({ request_range })) },
      signal,
    );
    const [entries = [], [successful] = [], [harmful] = []] = (reply.responses ?? []).map(({ response_range }) =>
      response_range?.kvs ?? []
    );
    return {
      revision: revisionOf(reply),
      entries: entries.map(({ key, value }) => readEntry(decode(key), decode(value))),
      successes: successful === undefined
        ? []
        : readSuccesses(Number(successful.mod_revision), decode(successful.value)),
      bad: harmful === undefined ? null : readBad(decode(harmful.value), Date.now()),
    };
  }

  async watch(awaited: Awaited, since: number, signal: AbortSignal): Promise<void> {
    // Entries that come or change are of no use to who waits for somebody to leave.
    const what = awaited.is === "entry"
      ? { key: encode(awaited.key) }
      : { ...rangeOf(`${this.#root}queue/`), filters: ["NOPUT"] };
    const body = JSON.stringify({ create_request: { ...what, start_revision: String(since + 1) } });
    const call = { method: "POST", path: "/v3/watch", body, signal, limitMs: WATCH_MS } as const;
    await this.#api.follow(call, (line) => {
      const { result } = parse(line);
      return result?.canceled === true || (result?.events ?? []).length > 0;
    });
  }

  async mark(key: string, wish: Wish, signal: AbortSignal): Promise<number> {
    const { lease, revision, since } = this.#known(key);
    const put = putOf(key, { value: entryText(this.#self, wish, since), lease });
    const reply = await this.#post("/v3/kv/txn", { compare: [isThere(key, revision)], success: [put] }, signal);
    if (reply.succeeded !== true) throw gone();
    return revisionOf(reply);
  }

  async renew(key: string, signal: AbortSignal): Promise<void> {
    const { result } = await this.#post("/v3/lease/keepalive", { ID: this.#known(key).lease }, signal);
    if (Number(result?.TTL ?? 0) <= 0) throw gone();
  }

  async leave(key: string, successes: readonly Success[] | null, signal: AbortSignal): Promise<number> {
    const { lease, revision } = this.#known(key);
    const remove = { request_delete_range: { key: encode(key) } };
    const report = successes && putOf(`${this.#root}success`, { value: successesText(successes) });
    const success = report === null ? [remove] : [remove, report];
    const reply = await this.#post("/v3/kv/txn", { compare: [isThere(key, revision)], success }, signal);
    this.#entries.delete(key);
    // Otherwise it ends by itself.
    await this.#post("/v3/lease/revoke", { ID: lease }, signal).catch(() => {});
    // A turn that was over had no success to report.
    if (reply.succeeded !== true) throw gone();
    return revisionOf(reply);
  }

  async reportBad(digest: string, reason: string, signal: AbortSignal): Promise<void> {
    const { ID: lease = "" } = await this.#post("/v3/lease/grant", { TTL: String(BAD_MS / 1000) }, signal);
    const value = badText(this.#self.id, reason, Date.now());
    await this.#post("/v3/kv/txn", { success: [putOf(`${this.#root}bad/${digest}`, { value, lease })] }, signal);
  }

  #known(key: string): Known {
    const known = this.#entries.get(key);
    if (known === undefined) throw gone();
    return known;
  }

  async #post(path: string, body: unknown, signal: AbortSignal): Promise<Reply> {
    return read(await this.#api.send({ method: "POST", path, body: JSON.stringify(body), signal }));
  }
}

/** etcd gives a token for user and password. */
async function authorize(secret: string, api: Api): Promise<Record<string, string>> {
  const [name, password] = secret.split(/:(.*)/s);
  const body = JSON.stringify({ name, password });
  const call = { method: "POST", path: "/v3/auth/authenticate", body, signal: new AbortController().signal } as const;
  const { token } = read(await api.send({ ...call, authorized: false }));
  if (token === undefined) throw new StoreError("answer", "it gave no token for the user and the password");
  return { Authorization: token };
}

function read({ status, body }: Answer): Reply {
  if (status === 200) return parse(body);
  if (/lease not found/.test(body)) throw gone();
  // A store that knows users, asked without one, calls that a bad request.
  if (/user name|invalid auth|authentication failed|permission denied/.test(body)) {
    throw refusalOf({ status: 403, body });
  }
  throw refusalOf({ status, body });
}

function parse(text: string): Reply {
  try {
    return JSON.parse(text) as Reply;
  } catch {
    throw new StoreError("answer", "what answers is not etcd's JSON gateway (v3)");
  }
}

function revisionOf({ header }: Reply): number {
  return Number(header?.revision ?? 0);
}

function putOf(key: string, { value, lease = "0" }: { value: string; lease?: string }): unknown {
  return { request_put: { key: encode(key), value: encode(value), lease } };
}

/** The key is the one that came about at this revision, and not a later one. */
function isThere(key: string, revision: string): unknown {
  return { key: encode(key), target: "CREATE", result: "EQUAL", create_revision: revision };
}

/** All keys that begin so. */
function rangeOf(prefix: string): { key: string; range_end: string } {
  const end = prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
  return { key: encode(prefix), range_end: encode(end) };
}
