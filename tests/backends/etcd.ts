/**
 * etcd in other ways: behind TLS with a password, and its v2 interface, which the classic confd calls `etcd`.
 *
 * Touches: files, processes, the loopback network, through what it uses.
 * @module
 */
import { Etcd } from "../support/etcd.ts";
import { ask, confdToml } from "../support/server.ts";
import type { Folder } from "../support/sidecar.ts";
import { type Certificates, makeCertificates } from "./certificates.ts";

/** The v2 interface. */
export class EtcdV2 extends Etcd {
  override readonly env: Record<string, string> = { CONFD_BACKEND: "etcd", CONFD_NODE: this.url };

  override async put(keys: Record<string, string>): Promise<void> {
    for (const [key, value] of Object.entries(keys)) {
      await ask(`${this.url}/v2/keys${key}`, { method: "PUT", body: new URLSearchParams({ value }) });
    }
  }

  protected override more(): string[] {
    return ["--enable-v2"];
  }
}

/** The v3 interface behind TLS, with a certificate of the test's own authority, and a password. */
export class EtcdSecure extends Etcd {
  override readonly env: Record<string, string>;
  protected override readonly scheme = "https";
  readonly #certificates: Certificates;
  readonly #client: Deno.HttpClient;
  #token: string | undefined;

  constructor(folder: Folder, backend: string) {
    super(folder, backend);
    this.#certificates = makeCertificates(folder);
    this.#client = Deno.createHttpClient({ caCerts: [Deno.readTextFileSync(this.#certificates.authority)] });
    this.env = {
      CONFD_BACKEND: backend,
      CONFD_NODE: this.url,
      CONFD_CLIENT_CAKEYS: this.#certificates.authority,
      SIDECAR_CONFD_ARGS: confdToml(folder, { basic_auth: true, ...ROOT }),
    };
  }

  protected override more(): string[] {
    const { certificate, key } = this.#certificates;
    return ["--cert-file", certificate, "--key-file", key];
  }

  /** A password once set stays; a token ends with the server that gave it. */
  protected override async restore(): Promise<void> {
    if (this.#token === undefined) {
      await this.post("/v3/auth/user/add", { name: ROOT.username, password: ROOT.password });
      await this.post("/v3/auth/role/add", { name: "root" });
      await this.post("/v3/auth/user/grant", { user: ROOT.username, role: "root" });
      await this.post("/v3/auth/enable", {});
    }
    this.#token = undefined;
    const answer = await this.post("/v3/auth/authenticate", { name: ROOT.username, password: ROOT.password });
    this.#token = JSON.parse(answer).token;
  }

  protected override ask(): Promise<string> {
    return ask(`${this.url}/health`, { client: this.#client });
  }

  protected override post(path: string, body: unknown): Promise<string> {
    const headers: HeadersInit = this.#token === undefined ? {} : { authorization: this.#token };
    return ask(this.url + path, { method: "POST", body: JSON.stringify(body), headers, client: this.#client });
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    this.#client.close();
    await super[Symbol.asyncDispose]();
  }
}

const ROOT = { username: "root", password: "open-sesame" };
