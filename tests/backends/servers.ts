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
import { EtcdSecureServer, EtcdServer, EtcdV2Server } from "./etcd.ts";
import { RedisServer } from "./redis.ts";
import type { Server } from "./server.ts";
import { VaultServer } from "./vault.ts";
import { ZookeeperServer } from "./zookeeper.ts";

/** A server as one may set it up. */
export interface ServerKind {
  name: string;
  parts: readonly PartName[];
  /** The confds that can read it. @default all */
  confds?: readonly Confd["name"][];
  /** Whether `-watch` sees its changes; if not, confd is to ask in intervals. */
  watched: boolean;
  make(folder: Folder, confd: Confd): Server;
}

const CLASSIC = "confd-classic";
const FORK_0_30 = "confd-fork-0.30";
const FORK = "confd-fork";

/** All of them. */
export const SERVERS: readonly ServerKind[] = [
  { name: "etcd", parts: ["etcd"], watched: true, make: (folder, confd) => new EtcdServer(folder, confd) },
  {
    name: "etcd with TLS and a password",
    parts: ["etcd", "openssl"],
    watched: true,
    make: (folder, confd) => new EtcdSecureServer(folder, confd),
  },
  {
    name: "etcd v2",
    parts: ["etcd"],
    confds: [CLASSIC],
    watched: true,
    make: (folder, confd) => new EtcdV2Server(folder, confd),
  },
  { name: "consul", parts: ["consul"], watched: true, make: (folder) => new ConsulServer(folder) },
  {
    name: "consul with a token",
    parts: ["consul"],
    watched: true,
    make: (folder) => new ConsulServer(folder, { token: "5b3c7a52-0000-4000-8000-7e57ab1e0000" }),
  },
  {
    name: "vault by token",
    parts: ["vault"],
    watched: false,
    make: (folder) => new VaultServer(folder, { auth: "token", kv: 1 }),
  },
  {
    name: "vault by approle",
    parts: ["vault"],
    watched: false,
    make: (folder) => new VaultServer(folder, { auth: "approle", kv: 1 }),
  },
  {
    name: "vault with kv v2",
    parts: ["vault"],
    confds: [FORK_0_30, FORK],
    watched: false,
    make: (folder) => new VaultServer(folder, { auth: "token", kv: 2 }),
  },
  {
    name: "redis",
    parts: ["redis-server"],
    watched: true,
    make: (folder) => new RedisServer(folder, { events: true }),
  },
  {
    name: "redis without events",
    parts: ["redis-server"],
    watched: false,
    make: (folder) => new RedisServer(folder, { events: false }),
  },
  {
    name: "redis with a password",
    parts: ["redis-server"],
    watched: true,
    make: (folder) => new RedisServer(folder, { events: true, password: "open-sesame" }),
  },
  { name: "zookeeper", parts: ["zookeeper"], watched: true, make: (folder) => new ZookeeperServer(folder) },
  {
    name: "dynamodb",
    parts: ["moto-server"],
    watched: false,
    make: (folder, confd) => new DynamodbServer(folder, confd),
  },
  { name: "ssm", parts: ["moto-server"], watched: false, make: (folder, confd) => new SsmServer(folder, confd) },
  {
    name: "secretsmanager",
    parts: ["moto-server"],
    confds: [FORK],
    watched: false,
    make: (folder) => new SecretsManagerServer(folder),
  },
  {
    name: "acm",
    parts: ["moto-server", "openssl"],
    confds: [FORK],
    watched: false,
    make: (folder) => new AcmServer(folder),
  },
];

/** Whether a confd can read a server. A stand-in can what the fork can that does its work. */
export function canRead(confd: Confd, { confds }: ServerKind): boolean {
  return confds === undefined || confds.includes(confd.name) || confds.includes(confd.part);
}
