/**
 * Consul: one server that keeps its keys on disk, open to all or with a token.
 *
 * Touches: files, processes, the loopback network, through what it uses.
 * @module
 */
import { binaryOf } from "../tools/parts.ts";
import { freePort } from "../support/ports.ts";
import type { Folder } from "../support/sidecar.ts";
import { ask, type Command, ServerProcess } from "../support/server.ts";

/** A server of Consul. */
export class ConsulServer extends ServerProcess {
  readonly env: Record<string, string>;
  readonly #settings: string;
  readonly #token: string | undefined;

  /** `open`: it listens at every address of the machine, for those in other network namespaces. */
  constructor(folder: Folder, { token, open = false }: { token?: string; open?: boolean } = {}) {
    super(folder);
    this.#token = token;
    this.env = {
      CONFD_BACKEND: "consul",
      CONFD_NODE: this.address,
      ...(token && { CONSUL_HTTP_TOKEN: token }),
    };
    this.#settings = folder.write(
      "consul.json",
      JSON.stringify({
        server: true,
        bootstrap: true,
        bind_addr: "127.0.0.1",
        client_addr: open ? "0.0.0.0" : "127.0.0.1",
        data_dir: folder.at("consul"),
        disable_update_check: true,
        disable_host_node_id: true,
        log_level: "error",
        // The quickest of its paces: nobody else is there to be elected.
        performance: { raft_multiplier: 1 },
        ports: { http: this.port, server: freePort(), serf_lan: freePort(), serf_wan: -1, dns: -1, grpc_tls: -1 },
        connect: { enabled: false },
        ...(token && { acl: { enabled: true, default_policy: "deny", tokens: { initial_management: token } } }),
      }),
      0o600,
    );
  }

  async put(keys: Record<string, string>): Promise<void> {
    for (const [key, value] of Object.entries(keys)) await this.#kv(key, { method: "PUT", body: value });
  }

  protected command(): Command {
    return { program: binaryOf("consul"), args: ["agent", `-config-file=${this.#settings}`] };
  }

  /** That it takes a key says all: there is a leader, and the token is known. */
  protected ask(): Promise<string> {
    return this.#kv("/confd-sidecar-asks", { method: "PUT", body: "" });
  }

  #kv(key: string, init: RequestInit): Promise<string> {
    const headers: HeadersInit = this.#token === undefined ? {} : { "x-consul-token": this.#token };
    return ask(`http://${this.address}/v1/kv${key}`, { ...init, headers });
  }
}
