/**
 * Vault: a server that keeps its keys on disk, and confd logs in by token or by AppRole.
 *
 * Each key is a field of one secret, which is what all confds make the same keys of.
 *
 * Touches: files, processes, the loopback network, through what it uses.
 * @module
 */
import { binaryOf } from "../tools/parts.ts";
import type { Folder } from "../support/sidecar.ts";
import { ask, type Command, confdToml, ServerProcess } from "../support/server.ts";

/** What a Vault is to be like. */
export interface VaultOptions {
  auth: "token" | "approle";
  /** The version of its secrets engine kv. */
  kv: 1 | 2;
}

const TOKEN = "root-of-a-test";
const ROLE = { role_id: "role-of-a-test", secret_id: "secret-of-a-test" };

/** A server of Vault. */
export class VaultServer extends ServerProcess {
  readonly env: Record<string, string>;
  readonly #kv: 1 | 2;
  readonly #secrets: Record<string, string> = {};

  constructor(folder: Folder, { auth, kv }: VaultOptions) {
    super(folder);
    this.#kv = kv;
    const settings: Record<string, string> = auth === "token"
      ? { auth_type: "token", auth_token: TOKEN }
      : { auth_type: "app-role", ...ROLE };
    this.env = {
      CONFD_BACKEND: "vault",
      CONFD_NODE: `http://${this.address}`,
      SIDECAR_CONFD_ARGS: `--prefix=/secret/app ${confdToml(folder, settings)}`,
    };
  }

  async put(keys: Record<string, string>): Promise<void> {
    for (const [key, value] of Object.entries(keys)) this.#secrets[key.slice(1)] = value;
    const [path, data] = this.#kv === 1 ? ["secret/app", this.#secrets] : ["secret/data/app", { data: this.#secrets }];
    await this.#post(path, data);
  }

  protected command(): Command {
    const args = [this.folder.at("vault"), this.address];
    Deno.mkdirSync(args[0], { recursive: true });
    return { program: binaryOf("vault"), args, env: { VAULT_DEV_ROOT_TOKEN_ID: TOKEN } };
  }

  protected ask(): Promise<string> {
    return ask(`http://${this.address}/v1/sys/health`);
  }

  /** At the first start there are neither secrets nor roles; later on they are there already. */
  protected override async restore(): Promise<void> {
    const mounted = JSON.parse(await ask(`http://${this.address}/v1/sys/mounts`, { headers: HEADERS }));
    if (mounted.data["secret/"] !== undefined) return;
    await this.#post("sys/mounts/secret", { type: "kv", options: { version: `${this.#kv}` } });
    await this.#post("sys/auth/approle", { type: "approle" });
    const policy = 'path "secret/*" { capabilities = ["read", "list"] }';
    await this.#post("sys/policies/acl/reader", { policy });
    await this.#post("auth/approle/role/confd", { token_policies: "reader" });
    await this.#post("auth/approle/role/confd/role-id", { role_id: ROLE.role_id });
    await this.#post("auth/approle/role/confd/custom-secret-id", { secret_id: ROLE.secret_id });
  }

  #post(path: string, body: unknown): Promise<string> {
    const init = { method: "POST", headers: HEADERS, body: JSON.stringify(body) };
    return ask(`http://${this.address}/v1/${path}`, init);
  }
}

const HEADERS = { "x-vault-token": TOKEN };
