import { backendProblems, BACKENDS, calledBy, dialectProblems, findBackend } from "../../lib/confd/backends.ts";
import { assert, assertEquals } from "../support/assert.ts";

const CLASSIC = { dialect: "classic", early: false } as const;
const EARLY = { dialect: "classic", early: true } as const;
const FORK = { dialect: "fork", early: false } as const;
const NOTHING = { problems: [], warnings: [] };
const ALL =
  "consul, etcd, etcdv3, redis, zookeeper, rancher, file, env, vault, dynamodb, ssm, acm, secretsmanager, imds";

Deno.test("backendProblems() accepts every backend that has what it needs", () => {
  for (const [name, { needs }] of Object.entries(BACKENDS)) {
    assertEquals(backendProblems(name, { args: needs ? [`--${needs.flag}=x`] : [] }), [], name);
  }
});

Deno.test("backendProblems() names all backends, and the one that was meant", () => {
  assertEquals(backendProblems("consol"), [
    `CONFD_BACKEND: "consol" is not a backend of confd (${ALL}); did you mean "consul"?`,
  ]);
  assertEquals(backendProblems("sqlite"), [`CONFD_BACKEND: "sqlite" is not a backend of confd (${ALL})`]);
  assertEquals(backendProblems("Consul").length, 1);
});

Deno.test("backendProblems() and the others are not fooled by names that every object has", () => {
  for (const name of ["constructor", "toString", "__proto__", "hasOwnProperty"]) {
    assertEquals(findBackend(name), undefined);
    assertEquals(backendProblems(name).length, 1, name);
    assertEquals(dialectProblems(name, FORK).problems, [], name);
  }
});

Deno.test("backendProblems() wants the flag without which confd ends", () => {
  assertEquals(backendProblems("file", { args: ["--filter=*"] }), [
    'CONFD_BACKEND: "file" needs the file or folder to read keys from: set SIDECAR_CONFD_ARGS, for instance to ' +
    "'--file=...'",
  ]);
  assertEquals(backendProblems("dynamodb", { args: ["--tables=x"] }), [
    "CONFD_BACKEND: \"dynamodb\" needs the name of the table: set SIDECAR_CONFD_ARGS, for instance to '--table=...'",
  ]);
});

Deno.test("backendProblems() takes that flag in every form, and from confd.toml", () => {
  for (const args of [["-file=/x"], ["--file=/x"], ["-file", "/x"], ["--watch", "--file", "/x"]]) {
    assertEquals(backendProblems("file", { args }), [], args.join(" "));
  }
  assertEquals(backendProblems("file", { table: { file: "x" } }), []);
  assertEquals(backendProblems("dynamodb", { table: { table: "x" } }), []);
  assertEquals(backendProblems("dynamodb", { table: { file: "x" } }).length, 1);
});

Deno.test("dialectProblems() tells of backends that the confd found does not have", () => {
  assertEquals(dialectProblems("imds", CLASSIC).problems, [
    'CONFD_BACKEND: "imds" is not a backend of the confd found, the classic one',
  ]);
  for (const name of ["rancher", "etcdv3"]) assert(dialectProblems(name, FORK).problems.length === 1, name);
  for (const name of ["acm", "secretsmanager", "imds"]) {
    assert(dialectProblems(name, CLASSIC).problems.length === 1, name);
  }
});

Deno.test("dialectProblems() finds nothing wrong with those that both have", () => {
  for (const name of ["consul", "etcd", "redis", "zookeeper", "file", "env", "vault", "dynamodb", "ssm"]) {
    for (const found of [CLASSIC, EARLY, FORK]) assertEquals(dialectProblems(name, found), NOTHING, name);
  }
});

Deno.test("dialectProblems() warns of what not all early versions of the fork have", () => {
  assertEquals(dialectProblems("rancher", EARLY).warnings, [
    'CONFD_BACKEND: "rancher" is not a backend of every version of the confd found, an early version of the maintained ' +
    "fork (0.17 to 0.33)",
  ]);
  for (const name of ["rancher", "acm", "secretsmanager"]) {
    assertEquals([dialectProblems(name, EARLY).warnings.length, dialectProblems(name, EARLY).problems], [1, []], name);
  }
  assertEquals(dialectProblems("imds", EARLY).problems.length, 1);
});

Deno.test("calledBy() translates what means the same, and says how to choose where a name means two things", () => {
  assertEquals(calledBy("etcdv3", FORK), {
    name: "etcd",
    note:
      'CONFD_BACKEND: "etcdv3" is called "etcd" by the confd found, the maintained fork (github.com/abtreece/confd), ' +
      "which is started with that",
  });
  for (const version of ["0.18.0", "0.30.0", "1.0.0"]) {
    assertEquals(calledBy("etcdv3", EARLY, version).name, "etcd", version);
  }
  for (const version of ["0.17.0", "dev", undefined]) {
    assertEquals(calledBy("etcdv3", EARLY, version), { name: "etcdv3" });
  }
  assertEquals(calledBy("etcdv3", CLASSIC), { name: "etcdv3" });
  assertEquals(calledBy("etcd", CLASSIC), {
    name: "etcd",
    note:
      'CONFD_BACKEND: "etcd" is etcd\'s v2 interface to the confd found, the classic one; for the v3 interface, the only ' +
      'one that etcd has by itself since 3.4, set "etcdv3"',
  });
  for (const found of [EARLY, FORK]) assertEquals(calledBy("etcd", found), { name: "etcd" });
  assertEquals(calledBy("consul", FORK), { name: "consul" });
});

Deno.test("dialectProblems() takes nodes in the forms that their backend takes", () => {
  const right: Record<string, string[]> = {
    consul: ["a:8500", "http://a:8500", "https://a", "a", "unix:///run/consul.sock"],
    etcd: ["http://a:2379", "https://u:p@a:2379"],
    etcdv3: ["a:2379", "http://a:2379", "[::1]:2379"],
    redis: ["a:6379", "a:6379/1", "/run/redis.sock", "[::1]:6379"],
    zookeeper: ["a:2181", "10.0.0.1"],
    vault: ["http://a:8200", "https://a"],
  };
  for (const [name, nodes] of Object.entries(right)) assertEquals(dialectProblems(name, CLASSIC, nodes), NOTHING, name);
  const wrong: Record<string, string[]> = {
    consul: ["redis://a", "a b:1", "tcp://a:1", "'a:1'"],
    etcd: ["a:2379", "tcp://a:1", "http://a b"],
    etcdv3: ["redis://a:1", "a b:1"],
    redis: ["http://a:6379", "redis://a:6379", "a", "tcp://a:1"],
    zookeeper: ["http://a:2181", "a:2181/x"],
    vault: ["a:8200", "tcp://a:8200"],
  };
  for (const [name, nodes] of Object.entries(wrong)) {
    assertEquals(dialectProblems(name, CLASSIC, nodes).problems.length, nodes.length, name);
  }
  for (const found of [FORK, EARLY]) assertEquals(dialectProblems("etcd", found, ["a:2379"]), NOTHING);
});

Deno.test("dialectProblems() says what is wrong with a node, and never shows it", () => {
  assertEquals(dialectProblems("redis", FORK, ["a:1", "http://u:pw@a:1"]).problems, [
    'CONFD_NODE: node 2, of 15 characters, is not HOST:PORT, HOST:PORT/DATABASE or the path of a socket, as "redis" wants it',
  ]);
  const hint = (node: string) => dialectProblems("redis", FORK, [node]).problems[0].split(" wants it")[1];
  assertEquals(hint("a:1 b:1"), "; nodes are separated by commas, and have no blanks in them");
  assertEquals(hint('"a:1"'), "; the quotes around it are a part of it, as an environment file keeps them");
});

Deno.test("dialectProblems() warns of nodes for a backend that has none", () => {
  assertEquals(dialectProblems("file", FORK, ["a:1"]), {
    problems: [],
    warnings: ['CONFD_NODE: the backend "file" has no nodes, so it is ignored'],
  });
});
