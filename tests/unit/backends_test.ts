import { backendProblems, BACKENDS, dialectProblems, findBackend } from "../../lib/confd/backends.ts";
import { assert, assertEquals } from "../support/assert.ts";

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
    assertEquals(dialectProblems(name, "fork"), [], name);
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
  assertEquals(dialectProblems("etcdv3", "fork"), [
    'CONFD_BACKEND: "etcdv3" is not a backend of the confd found, the maintained fork (github.com/abtreece/confd); ' +
    'there, "etcd" speaks etcd\'s v3 interface',
  ]);
  assertEquals(dialectProblems("imds", "classic"), [
    'CONFD_BACKEND: "imds" is not a backend of the confd found, the classic one',
  ]);
  for (const name of ["rancher", "etcdv3"]) assert(dialectProblems(name, "fork").length === 1, name);
  for (const name of ["acm", "secretsmanager", "imds"]) assert(dialectProblems(name, "classic").length === 1, name);
});

Deno.test("dialectProblems() finds nothing wrong with those that both have", () => {
  for (const name of ["consul", "etcd", "redis", "zookeeper", "file", "env", "vault", "dynamodb", "ssm"]) {
    for (const dialect of ["classic", "fork"] as const) assertEquals(dialectProblems(name, dialect), [], name);
  }
});
