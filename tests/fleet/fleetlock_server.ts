/**
 * A FleetLock server, to the specification of the protocol: slots for each group, owned, recursive, without a time to live.
 * https://coreos.github.io/zincati/development/fleetlock/protocol/
 *
 * A stand-in: no server that exists can be had here.
 *
 * Touches: the loopback network.
 * @module
 */

/** One of them. */
export class FleetLockServer implements AsyncDisposable {
  /** Requests, in their order: `pre-reboot a 200`. */
  readonly requests: string[] = [];
  /** Who holds a slot. */
  readonly holders = new Set<string>();
  /** What it answers instead, where that is something. */
  broken: { status: number; body: string } | undefined;
  readonly #slots: number;
  readonly #secret: string | undefined;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor(slots: number, secret?: string) {
    this.#slots = slots;
    this.#secret = secret;
    const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
    this.#server = Deno.serve(options, (request) => this.#answer(request));
  }

  get address(): string {
    return `127.0.0.1:${this.#server.addr.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  async #answer(request: Request): Promise<Response> {
    const path = new URL(request.url).pathname;
    const { client_params: { id, group } } = await request.json();
    const { status, body } = this.broken ?? this.#decide(path, request, { id, group });
    this.requests.push(`${path.slice("/v1/".length)} ${id} ${status}`);
    return new Response(body, { status });
  }

  #decide(path: string, { method, headers }: Request, { id, group }: { id: string; group: string }) {
    const no = (status: number, kind: string) => ({ status, body: JSON.stringify({ kind, value: `${kind}: no` }) });
    if (this.#secret !== undefined && headers.get("authorization") !== this.#secret) return no(401, "unauthorized");
    if (method !== "POST" || headers.get("fleet-lock-protocol") !== "true") return no(400, "bad_request");
    if (group !== "web") return no(400, "unknown_group");
    if (path === "/v1/steady-state") {
      this.holders.delete(id);
      return { status: 200, body: "" };
    }
    if (path !== "/v1/pre-reboot") return no(404, "not_found");
    if (!this.holders.has(id) && this.holders.size >= this.#slots) return no(423, "all_slots_full");
    this.holders.add(id);
    return { status: 200, body: "" };
  }
}
