import {
  argumentProblems,
  configFilePath,
  dryRunArguments,
  followArguments,
  followingOf,
  type Request,
} from "../../lib/confd/arguments.ts";
import { assertEquals } from "../support/assert.ts";

const request: Request = {
  dialect: "classic",
  confdDir: "/etc/confd",
  backend: "consul",
  nodes: [],
  intervalMs: 60_000,
  args: [],
};

Deno.test("followArguments() watches every backend that can be watched", () => {
  for (const backend of ["consul", "etcd", "etcdv3", "redis", "zookeeper", "rancher", "file"]) {
    assertEquals(followArguments({ ...request, backend }), ["-confdir=/etc/confd", `-backend=${backend}`, "-watch"]);
  }
  for (const backend of ["consul", "etcd", "redis", "zookeeper", "file"]) {
    assertEquals(
      followArguments({ ...request, dialect: "fork", backend }),
      [backend, "--confdir=/etc/confd", "--watch"],
    );
  }
});

Deno.test("followArguments() polls the others, in whole seconds", () => {
  for (const backend of ["env", "vault", "dynamodb", "ssm"]) {
    const words = followArguments({ ...request, backend, intervalMs: 90_000 });
    assertEquals(words, ["-confdir=/etc/confd", `-backend=${backend}`, "-interval=90"]);
  }
  for (const backend of ["env", "vault", "dynamodb", "ssm", "acm", "secretsmanager", "imds"]) {
    const words = followArguments({ ...request, dialect: "fork", backend });
    assertEquals(words, [backend, "--confdir=/etc/confd", "--interval=60"]);
  }
});

Deno.test("followArguments() hands nodes over one by one", () => {
  const nodes = ["http://a:2379", "http://b:2379"];
  assertEquals(
    followArguments({ ...request, nodes }).slice(3),
    ["-node=http://a:2379", "-node=http://b:2379"],
  );
  assertEquals(
    followArguments({ ...request, dialect: "fork", nodes }).slice(3),
    ["--node=http://a:2379", "--node=http://b:2379"],
  );
});

Deno.test("followArguments() hands over no nodes where the backend has none, for the fork refuses them", () => {
  for (const backend of ["file", "env", "ssm"]) {
    const words = followArguments({ ...request, dialect: "fork", backend, nodes: ["a:1"] });
    assertEquals(words.filter((word) => word.includes("node")), [], backend);
  }
});

Deno.test("followArguments() puts the private settings file after the user's words, one of which may be another", () => {
  const args = ["--config-file=/my.toml", "--prefix=/x"];
  for (const dialect of ["classic", "fork"] as const) {
    const words = followArguments({ ...request, dialect, args, configFile: "/state/confd.toml" });
    assertEquals(words.slice(3), [...args, "--config-file=/state/confd.toml"]);
  }
});

Deno.test("dryRunArguments() asks the classic confd for one round that writes nothing", () => {
  const words = dryRunArguments({ ...request, nodes: ["n:1"], args: ["-prefix=/x"], configFile: "/c.toml" });
  assertEquals(words, [
    "-confdir=/etc/confd",
    "-backend=consul",
    "-noop",
    "-onetime",
    "-node=n:1",
    "-prefix=/x",
    "--config-file=/c.toml",
    "--log-level=debug",
    "--keep-stage-file=false",
  ]);
});

Deno.test("dryRunArguments() asks the fork for text, and opens no port", () => {
  const words = dryRunArguments({ ...request, dialect: "fork", backend: "env", args: ["--prefix=/x"] });
  assertEquals(words, [
    "env",
    "--confdir=/etc/confd",
    "--noop",
    "--onetime",
    "--prefix=/x",
    "--log-level=debug",
    "--keep-stage-file=false",
    "--log-format=text",
    "--metrics-addr=",
  ]);
});

Deno.test("dryRunArguments() puts what keeps confd from writing before the user's words", () => {
  // After a word that is no flag, the classic confd reads no more of them: it would write, and never end.
  for (const dialect of ["classic", "fork"] as const) {
    const words = dryRunArguments({ ...request, dialect, args: ["orphan"] });
    const before = words.slice(0, words.indexOf("orphan")).map((word) => word.replace(/^-+/, ""));
    assertEquals(before.filter((word) => word === "noop" || word === "onetime"), ["noop", "onetime"]);
  }
});

Deno.test("followArguments() polls where the user turns watching off, in both dialects", () => {
  const args = ["-watch=false", "--prefix=/x"];
  for (const dialect of ["classic", "fork"] as const) {
    const words = followArguments({ ...request, dialect, backend: "redis", args, intervalMs: 5000 });
    assertEquals(words.filter((word) => word.includes("watch")), []);
    assertEquals(words.filter((word) => /^--?interval=5$/.test(word)).length, 1);
    assertEquals(words.at(-1), "--prefix=/x");
  }
});

Deno.test("followingOf() knows every word that Go reads as false", () => {
  const by = (word: string) => followingOf({ backend: "redis", args: [word] });
  for (const word of ["-watch=false", "--watch=0", "-watch=F", "-watch=FALSE"]) assertEquals(by(word), "poll", word);
  for (const word of ["-watch", "--watch=true", "-watch=", "watch=false"]) assertEquals(by(word), "watch", word);
});

Deno.test("followArguments() spells the user's flags as the fork wants them", () => {
  const args = ["-file=/a", "-prefix", "/x", "--scheme=https", "-n", "a:1", "-"];
  const words = (dialect: "classic" | "fork") => followArguments({ ...request, dialect, args }).slice(-args.length);
  assertEquals(words("classic"), args);
  assertEquals(words("fork"), ["--file=/a", "--prefix", "/x", "--scheme=https", "-n", "a:1", "-"]);
});

Deno.test("dryRunArguments() neither watches nor polls", () => {
  for (const backend of ["consul", "vault"]) {
    const words = dryRunArguments({ ...request, backend }).join(" ");
    assertEquals(/watch|interval/.test(words), false, words);
  }
});

Deno.test("argumentProblems() refuses what other settings decide", () => {
  const problem = (flag: string, by: string) =>
    `SIDECAR_CONFD_ARGS: '-${flag}' is not for this setting; what decides it is ${by}`;
  assertEquals(argumentProblems(["-confdir=/x", "--backend", "file", "-interval=5"]), [
    problem("confdir", "CONFD_CONFDIR"),
    problem("backend", "CONFD_BACKEND"),
    problem("interval", "SIDECAR_CONFD_INTERVAL"),
  ]);
  for (const flag of ["onetime", "noop", "help", "version", "check-config", "preflight", "validate"]) {
    assertEquals(argumentProblems([`--${flag}`]).length, 1, flag);
    assertEquals(argumentProblems([`-${flag}=false`]).length, 1, flag);
  }
});

Deno.test("argumentProblems() lets everything else pass", () => {
  const args = [
    "-prefix=/x",
    "--file",
    "/a",
    "-log-level=debug",
    "-node=b",
    "backend",
    "noop",
    "",
    "-",
    "-constructor",
  ];
  assertEquals(argumentProblems(args), []);
});

Deno.test("configFilePath() finds the file that confd reads its settings from", () => {
  assertEquals(configFilePath([], {}), "/etc/confd/confd.toml");
  assertEquals(configFilePath([], { CONFD_CONFIG_FILE: "/env.toml" }), "/env.toml");
  assertEquals(configFilePath([], { CONFD_CONFIG_FILE: "" }), "/etc/confd/confd.toml");
  assertEquals(configFilePath(["-config-file=/a.toml"], { CONFD_CONFIG_FILE: "/env.toml" }), "/a.toml");
  assertEquals(configFilePath(["--prefix=/x", "--config-file", "/b.toml"], {}), "/b.toml");
  assertEquals(configFilePath(["--config-file-x=/b.toml", "config-file=/c.toml"], {}), "/etc/confd/confd.toml");
});

Deno.test("configFilePath() takes the last of several, as both confds do", () => {
  assertEquals(configFilePath(["-config-file=/a.toml", "-config-file=/b.toml"], {}), "/b.toml");
  assertEquals(configFilePath(["-config-file", "/a.toml", "-config-file", "/b.toml"], {}), "/b.toml");
});
