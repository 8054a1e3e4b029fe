/**
 * Every server that keys may come from, and which confds can read it.
 *
 * Pure; the servers that it makes are not.
 * @module
 */
import type { Confd } from "../support/confds.ts";
import type { Folder } from "../support/sidecar.ts";
import type { PartName } from "../tools/parts.ts";
import { AcmServer, DynamodbServer, SecretsManagerServer, SsmServer } from "./aws.ts";
import { ConsulServer } from "./consul.ts";
import { Etcd } from "../support/etcd.ts";
import { EtcdSecure, EtcdV2 } from "./etcd.ts";
import { RedisServer } from "./redis.ts";
import { EnvKeys, FileServer } from "./files.ts";
import type { Part } from "./journey.ts";
import type { Server } from "../support/server.ts";
import { VaultServer } from "./vault.ts";
import { ZookeeperServer } from "./zookeeper.ts";

/** A server as one may set it up. */
export interface ServerKind {
  name: string;
  parts: readonly PartName[];
  /** The confds that can read it. @default all */
  confds?: readonly Confd["name"][];
  make(folder: Folder, confd: Confd): Server;
  /** How a value that was put is seen in what is rendered. @default as it is */
  seen?: (value: string) => string;
  /** Parts of the journey that make no sense, and what the table says instead. */
  without?: (part: Part) => string | undefined;
}

const CLASSIC = "confd-classic";
const FORK_0_30 = "confd-fork-0.30";
const FORK = "confd-fork";

/** All of them. */
export const SERVERS: readonly ServerKind[] = [
  {
    name: "env",
    parts: [],
    make: () => new EnvKeys(),
    // Its keys are there from the beginning and never change.
    without: (part) => part === "first rendering" || part === "server away at a stop" ? undefined : "n.a.",
  },
  ...(["YAML", "JSON", "folder"] as const).map((form) => ({
    name: `file, ${form}`,
    parts: [],
    make: (folder: Folder) => new FileServer(folder, form),
    without: (part: Part) => part === "network silent" ? "n.a." : undefined,
  })),
  { name: "etcd", parts: ["etcd"], make: (folder, confd) => new Etcd(folder, confd.etcd) },
  {
    name: "etcd with TLS and a password",
    parts: ["etcd", "openssl"],
    make: (folder, confd) => new EtcdSecure(folder, confd.etcd),
  },
  {
    name: "etcd v2",
    parts: ["etcd"],
    confds: [CLASSIC],
    make: (folder, confd) => new EtcdV2(folder, confd.etcd),
  },
  { name: "consul", parts: ["consul"], make: (folder) => new ConsulServer(folder) },
  {
    name: "consul with a token",
    parts: ["consul"],
    make: (folder) => new ConsulServer(folder, { token: "5b3c7a52-0000-4000-8000-7e57ab1e0000" }),
  },
  {
    name: "vault by token",
    parts: ["vault"],
    make: (folder) => new VaultServer(folder, { auth: "token", kv: 1 }),
  },
  {
    name: "vault by approle",
    parts: ["vault"],
    make: (folder) => new VaultServer(folder, { auth: "approle", kv: 1 }),
  },
  {
    name: "vault with kv v2",
    parts: ["vault"],
    confds: [FORK_0_30, FORK],
    make: (folder) => new VaultServer(folder, { auth: "token", kv: 2 }),
  },
  {
    name: "redis",
    parts: ["redis-server"],
    make: (folder) => new RedisServer(folder, { events: true }),
  },
  {
    name: "redis without events",
    parts: ["redis-server"],
    make: (folder) => new RedisServer(folder, { events: false }),
  },
  {
    name: "redis with a password",
    parts: ["redis-server"],
    make: (folder) => new RedisServer(folder, { events: true, password: "open-sesame" }),
  },
  { name: "zookeeper", parts: ["zookeeper"], make: (folder) => new ZookeeperServer(folder) },
  {
    name: "dynamodb",
    parts: ["moto-server"],
    make: (folder, confd) => new DynamodbServer(folder, confd),
  },
  {
    name: "ssm",
    parts: ["moto-server"],
    make: (folder, confd) => new SsmServer(folder, confd),
  },
  {
    name: "secretsmanager",
    parts: ["moto-server"],
    confds: [FORK],
    make: (folder) => new SecretsManagerServer(folder),
  },
  {
    name: "acm",
    parts: ["moto-server", "openssl"],
    confds: [FORK],
    make: (folder) => new AcmServer(folder),
    seen: () => "-----BEGIN CERTIFICATE-----",
  },
];

/** Whether a confd can read a server. */
export function canRead(confd: Confd, { confds }: ServerKind): boolean {
  return confds === undefined || confds.includes(confd.name);
}
