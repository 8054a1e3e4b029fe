/**
 * The stores of AWS, as moto plays them.
 *
 * It forgets everything when it ends, so what was put is put again at each start.
 *
 * Touches: files, processes, the loopback network, through what it uses.
 * @module
 */
import { binaryOf } from "../tools/parts.ts";
import type { Confd } from "../support/confds.ts";
import type { Folder } from "../support/sidecar.ts";
import { issue } from "./certificates.ts";
import { ask, type Command, ServerProcess } from "../support/server.ts";

const REGION = "us-east-1";
const TABLE = "keys";

interface AwsOptions {
  backend: string;
  /** The start of the variables that some confds have for an endpoint of one's own. */
  local: string;
  /** More words for confd's command line. */
  args?: string;
  /** The one port at which a confd looks for it. */
  reachedAt?: number;
}

abstract class AwsServer extends ServerProcess {
  readonly env: Record<string, string>;
  readonly reachedAt?: number;
  protected readonly keys: Record<string, string> = {};

  constructor(folder: Folder, { backend, local, args, reachedAt }: AwsOptions) {
    super(folder);
    this.reachedAt = reachedAt;
    const url = `http://${this.address}`;
    this.env = {
      CONFD_BACKEND: backend,
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: "key-of-a-test",
      AWS_SECRET_ACCESS_KEY: "secret-of-a-test",
      AWS_ENDPOINT_URL: url,
      [`${local}_LOCAL`]: "true",
      [`${local}_ENDPOINT_URL`]: url,
      ...(args && { SIDECAR_CONFD_ARGS: args }),
    };
  }

  async put(keys: Record<string, string>): Promise<void> {
    Object.assign(this.keys, keys);
    await this.write(keys);
  }

  protected abstract write(keys: Record<string, string>): Promise<void>;

  protected command(): Command {
    return { program: binaryOf("moto-server"), args: ["-H", "127.0.0.1", "-p", `${this.port}`] };
  }

  protected ask(): Promise<string> {
    return ask(`http://${this.address}/moto-api/`);
  }

  protected override restore(): Promise<void> {
    return this.write(this.keys);
  }

  /** Calls an action of a service by its name, `AmazonSSM.PutParameter`. */
  protected call(service: string, target: string, body: unknown): Promise<string> {
    const scope = `key-of-a-test/20260101/${REGION}/${service}/aws4_request`;
    const headers = {
      "x-amz-target": target,
      "content-type": "application/x-amz-json-1.1",
      // moto looks at who asks for what, and not whether it is true.
      authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`,
    };
    return ask(`http://${this.address}/`, { method: "POST", headers, body: JSON.stringify(body) });
  }
}

/** DynamoDB. */
export class DynamodbServer extends AwsServer {
  /** The classic confd knows no other place for it than port 8000. */
  constructor(folder: Folder, confd: Confd) {
    const reachedAt = confd.etcd === "etcdv3" ? 8000 : undefined;
    super(folder, { backend: "dynamodb", local: "DYNAMODB", args: `--table=${TABLE}`, reachedAt });
  }

  protected override async restore(): Promise<void> {
    await this.call("dynamodb", "DynamoDB_20120810.CreateTable", {
      TableName: TABLE,
      AttributeDefinitions: [{ AttributeName: "key", AttributeType: "S" }],
      KeySchema: [{ AttributeName: "key", KeyType: "HASH" }],
      BillingMode: "PAY_PER_REQUEST",
    });
    await super.restore();
  }

  protected async write(keys: Record<string, string>): Promise<void> {
    for (const [key, value] of Object.entries(keys)) {
      const Item = { key: { S: key }, value: { S: value } };
      await this.call("dynamodb", "DynamoDB_20120810.PutItem", { TableName: TABLE, Item });
    }
  }
}

/** The parameter store of Systems Manager. */
export class SsmServer extends AwsServer {
  /** The classic confd knows no other place for it than port 8001. */
  constructor(folder: Folder, confd: Confd) {
    super(folder, { backend: "ssm", local: "SSM", reachedAt: confd.etcd === "etcdv3" ? 8001 : undefined });
  }

  protected async write(keys: Record<string, string>): Promise<void> {
    for (const [Name, Value] of Object.entries(keys)) {
      await this.call("ssm", "AmazonSSM.PutParameter", { Name, Value, Type: "SecureString", Overwrite: true });
    }
  }
}

/** Secrets Manager: one secret, whose fields are the keys. */
export class SecretsManagerServer extends AwsServer {
  constructor(folder: Folder) {
    super(folder, { backend: "secretsmanager", local: "SECRETSMANAGER", args: "--prefix=/app" });
  }

  protected override async restore(): Promise<void> {
    await this.call("secretsmanager", "secretsmanager.CreateSecret", { Name: "app", SecretString: "{}" });
    await super.restore();
  }

  protected async write(): Promise<void> {
    const fields = Object.entries(this.keys).map(([key, value]) => [key.slice(1), value]);
    const SecretString = JSON.stringify(Object.fromEntries(fields));
    await this.call("secretsmanager", "secretsmanager.PutSecretValue", { SecretId: "app", SecretString });
  }
}

/** Certificate Manager: one certificate, another one at each put. Its text is what templates get. */
export class AcmServer extends AwsServer {
  #arn = "";
  readonly #files = { certificate: this.folder.at("acm.pem"), key: this.folder.at("acm.key") };

  constructor(folder: Folder) {
    super(folder, { backend: "acm", local: "ACM" });
  }

  /** Known once something was put. */
  override get root(): string {
    return this.#arn;
  }

  override keyOf(): string {
    return `/${this.#arn}`;
  }

  /** The same seed makes the same name, unless confd asks in between: each answer takes a number of its own. */
  protected override async restore(): Promise<void> {
    const before = this.#arn;
    do {
      await ask(`http://${this.address}/moto-api/seed?a=1`, { method: "POST" });
      if (before !== "") await this.#import({});
    } while (this.#arn !== before);
  }

  protected async write(keys: Record<string, string>): Promise<void> {
    for (const value of Object.values(keys)) {
      issue(`/CN=${value}`, this.#files);
      await this.#import(this.#arn === "" ? {} : { CertificateArn: this.#arn });
    }
  }

  async #import(again: { CertificateArn?: string }): Promise<void> {
    const { certificate, key } = this.#files;
    const [Certificate, PrivateKey] = [certificate, key].map((path) => Deno.readFileSync(path).toBase64());
    const answer = await this.call("acm", "CertificateManager.ImportCertificate", {
      Certificate,
      PrivateKey,
      ...again,
    });
    this.#arn = JSON.parse(answer).CertificateArn;
  }
}
