/**
 * A fleet's queue in Consul: an entry is a key that is locked by a session of its own, in the order of creation.
 * https://developer.hashicorp.com/consul/api-docs/session, /txn, /kv
 *
 * A session that is not renewed ends after twice its time to live, at the latest. A key that it held is deleted then, and
 * may be locked again without delay.
 *
 * Touches: the network, through api.ts; the clock, for people.
 * @module
 */
import type { Entry } from "../../fleet/member_state.ts";
import type { Awaited, Queue, Success } from "../../fleet/queue.ts";
import type { Clock } from "../clock.ts";
import { type Answer, Api, type ApiParts, type Call, refusalOf } from "./api.ts";
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

/** How long a request may wait for a change, in seconds: Consul's longest. It adds up to a sixteenth. */
const WAIT_S = 600;
/** How long to wait where it does not let us wait for a change, in milliseconds: by default it has 200 connections for an address. */
const POLL_MS = 1000;

interface KeyValue {
  Key: string;
  Value: string | null;
  CreateIndex: number;
  ModifyIndex: number;
}

interface Known {
  readonly session: string;
  readonly since: number;
}

/** A queue in Consul. */
export class ConsulStore implements FleetStore {
  readonly #api: Api;
  readonly #clock: Clock;
  readonly #self: Self;
  readonly #root: string;
  readonly #entries = new Map<string, Known>();

  constructor(parts: Omit<ApiParts, "authorize">, self: Self) {
    this.#api = new Api({ ...parts, authorize: (token) => ({ "X-Consul-Token": token }) });
    this.#clock = parts.clock;
    this.#self = self;
    this.#root = `${parts.address.group}/`;
  }

  async enter(digest: string, signal: AbortSignal): Promise<Entry> {
    const session = await this.#openSession(TTL_MS, signal);
    const key = `${this.#root}queue/${this.#self.id}.${session.slice(0, 8)}`;
    const since = Date.now();
    const [{ CreateIndex }] = await this.#transact(
      [lock(key, { value: entryText(this.#self, { state: "waiting", digest }, since), session })],
      signal,
    );
    this.#entries.set(key, { session, since });
    return { key, revision: CreateIndex, ttlMs: TTL_MS };
  }

  async look(digest: string, signal: AbortSignal): Promise<Queue> {
    const answer = await this.#get(`${this.#root}?recurse&consistent`, signal);
    const pairs = answer.status === 404 ? [] : parse<KeyValue[]>(answer.body);
    const at = (key: string) => pairs.find(({ Key }) => Key === this.#root + key);
    const [success, bad] = [at("success"), at(`bad/${digest}`)];
    const entries = pairs
      .filter(({ Key }) => Key.startsWith(`${this.#root}queue/`))
      .sort((a, b) => a.CreateIndex - b.CreateIndex);
    return {
      revision: Number(answer.headers.get("x-consul-index") ?? 0),
      entries: entries.map(({ Key, Value }) => readEntry(Key, decode(Value))),
      successes: success === undefined ? [] : readSuccesses(success.ModifyIndex, decode(success.Value)),
      bad: bad === undefined ? null : readBad(decode(bad.Value), Date.now()),
    };
  }

  async watch(awaited: Awaited, since: number, signal: AbortSignal): Promise<void> {
    const path = awaited.is === "entry" ? `${awaited.key}?` : `${this.#root}queue/?recurse&`;
    try {
      await this.#get(`${path}index=${since}&wait=${WAIT_S}s`, signal, WAIT_S * 1100 + 3000);
    } catch (error) {
      if (!(error instanceof StoreError) || error.kind !== "away" || signal.aborted) throw error;
      await this.#clock.sleep(POLL_MS);
    }
  }

  async mark(key: string, wish: Wish, signal: AbortSignal): Promise<number> {
    const { session, since } = this.#known(key);
    const results = await this.#transact([
      { KV: { Verb: "check-session", Key: key, Session: session } },
      lock(key, { value: entryText(this.#self, wish, since), session }),
    ], signal);
    return results.at(-1)!.ModifyIndex;
  }

  async renew(key: string, signal: AbortSignal): Promise<void> {
    const { session } = this.#known(key);
    const answer = await this.#api.send({ method: "PUT", path: `/v1/session/renew/${session}`, signal });
    if (answer.status === 404) throw gone();
    expectOk(answer);
  }

  async leave(key: string, successes: readonly Success[] | null, signal: AbortSignal): Promise<number> {
    const { session } = this.#known(key);
    // A turn that was over has no success to report.
    const isThere = { KV: { Verb: "check-session", Key: key, Session: session } };
    const remove = { KV: { Verb: "delete", Key: key } };
    const report = successes &&
      { KV: { Verb: "set", Key: `${this.#root}success`, Value: encode(successesText(successes)) } };
    const results = await this.#transact([isThere, remove, ...(report === null ? [] : [report])], signal);
    this.#entries.delete(key);
    // Otherwise it ends by itself.
    await this.#api.send({ method: "PUT", path: `/v1/session/destroy/${session}`, signal }).catch(() => {});
    return results.at(-1)?.ModifyIndex ?? 0;
  }

  async reportBad(digest: string, reason: string, signal: AbortSignal): Promise<void> {
    const session = await this.#openSession(BAD_MS / 2, signal);
    const value = badText(this.#self.id, reason, Date.now());
    try {
      await this.#transact([lock(`${this.#root}bad/${digest}`, { value, session })], signal);
    } catch (error) {
      // Somebody else has written it down already.
      if (!(error instanceof StoreError) || error.kind !== "gone") throw error;
    }
  }

  #known(key: string): Known {
    const known = this.#entries.get(key);
    if (known === undefined) throw gone();
    return known;
  }

  /** It does not depend on the health of the node whose agent is asked. */
  async #openSession(ttlMs: number, signal: AbortSignal): Promise<string> {
    const body = JSON.stringify({
      Name: `confd-sidecar ${this.#self.id}`,
      TTL: `${ttlMs / 1000}s`,
      Behavior: "delete",
      LockDelay: "0s",
      NodeChecks: [],
    });
    const answer = expectOk(await this.#api.send({ method: "PUT", path: "/v1/session/create", body, signal }));
    return parse<{ ID: string }>(answer.body).ID;
  }

  async #get(path: string, signal: AbortSignal, limitMs?: Call["limitMs"]): Promise<Answer> {
    const answer = await this.#api.send({ method: "GET", path: `/v1/kv/${path}`, signal, limitMs });
    return answer.status === 404 ? answer : expectOk(answer);
  }

  /** All of it, or nothing. A session that has ended, or a key that is another's, is answered with 409. */
  async #transact(operations: unknown[], signal: AbortSignal): Promise<KeyValue[]> {
    const answer = await this.#api.send({ method: "PUT", path: "/v1/txn", body: JSON.stringify(operations), signal });
    if (answer.status === 409) {
      if (/permission denied/i.test(answer.body)) throw refusalOf({ ...answer, status: 403 });
      throw gone();
    }
    const { Results } = parse<{ Results: { KV: KeyValue }[] | null }>(expectOk(answer).body);
    return (Results ?? []).map(({ KV }) => KV);
  }
}

function lock(key: string, { value, session }: { value: string; session: string }): unknown {
  return { KV: { Verb: "lock", Key: key, Value: encode(value), Session: session } };
}

function expectOk(answer: Answer): Answer {
  if (answer.status !== 200) throw refusalOf(answer);
  return answer;
}

function parse<T>(text: string): T {
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new StoreError("answer", "what answers is not Consul");
  }
}
