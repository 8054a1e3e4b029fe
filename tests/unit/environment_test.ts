import {
  confdEnvironment,
  dryRunEnvironment,
  environmentWarnings,
  isFileVariable,
  nearNames,
  serviceLinks,
} from "../../lib/confd/environment.ts";
import { assert, assertEquals } from "../support/assert.ts";

Deno.test("isFileVariable() knows the variables that hold files", () => {
  for (
    const name of [
      "CONFD_TEMPLATE",
      "CONFD_TEMPLATE_1",
      "CONFD_TEMPLATE_",
      "CONFD_TEMPLATE_CACHE_1",
      "CONFD_TEMPLATE_cache",
      "CONFD_TEMPLATE_a\nb",
      "CONFD_CONFDFILE",
      "CONFD_CONFDFILE_x",
      "CONFD_CONFDFILE_CACHE",
    ]
  ) assert(isFileVariable(name), name);
});

Deno.test("isFileVariable() never takes CONFD_TEMPLATE_CACHE for a template, nor other settings", () => {
  for (
    const name of [
      "CONFD_TEMPLATE_CACHE",
      "CONFD_TEMPLATES",
      "CONFD_TEMPLATE2",
      "CONFD_CONFDIR",
      "CONFD_CONFDFILES",
      "XCONFD_TEMPLATE_1",
      "confd_template_1",
      "CONFD_NODE",
    ]
  ) assert(!isFileVariable(name), name);
});

Deno.test("confdEnvironment() keeps bodies of files, settings of the sidecar and what it decides from confd", () => {
  const kept = {
    PATH: "/bin",
    EMPTY: "",
    CONSUL_HTTP_TOKEN: "t",
    CONFD_TEMPLATE_CACHE: "true",
    CONFD_PREFIX: "/p",
    CONFD_CLIENT_CERT: "/c",
    CONFD_CONFIG_FILE: "/c.toml",
    CONFD_METRICS_ADDR: ":9100",
    CONFD_BACKEND: "env",
  };
  const hidden = {
    CONFD_TEMPLATE_1: "a\nsecret",
    CONFD_TEMPLATE: "a\nsecret",
    CONFD_CONFDFILE_1: "a.toml\n",
    SIDECAR_SETTLE: "1s",
    SIDECAR_CONFD_ARGS: "-auth-token x",
    NOTIFY_SOCKET: "/run/n",
    CONFD_CONFDIR: "/x",
    CONFD_INTERVAL: "5",
    CONFD_NOOP: "1",
    CONFD_ONETIME: "true",
    CONFD_WATCH: "false",
    CONFD_LOG_LEVEL: "",
    CONFD_DEBOUNCE: "",
  };
  const env = { ...hidden, ...kept };
  const before = structuredClone(env);
  assertEquals(confdEnvironment(env), kept);
  assertEquals(env, before);
});

Deno.test("dryRunEnvironment() opens no port and leaves no file either", () => {
  const env = { PATH: "/bin", CONFD_METRICS_ADDR: ":9100", CONFD_KEEP_STAGE_FILE: "true", CONFD_NOOP: "1" };
  assertEquals(dryRunEnvironment(env), { PATH: "/bin" });
});

Deno.test("environmentWarnings() tells of variables that the user seems to count on", () => {
  const sentence = (name: string) =>
    `${name} is not handed to confd: the sidecar decides how confd follows its backend`;
  assertEquals(environmentWarnings({ CONFD_WATCH: "true", CONFD_INTERVAL: "5", CONFD_NOOP: "1", CONFD_ONETIME: "1" }), [
    `${sentence("CONFD_INTERVAL")}; set SIDECAR_CONFD_INTERVAL`,
    sentence("CONFD_NOOP"),
    sentence("CONFD_ONETIME"),
    sentence("CONFD_WATCH"),
  ]);
  assertEquals(environmentWarnings({ CONFD_WATCH: "", CONFD_CONFDIR: "/x", CONFD_PREFIX: "/y" }), []);
});

Deno.test("environmentWarnings() tells a template that has the name of a setting of confd", () => {
  assertEquals(environmentWarnings({ CONFD_TEMPLATE_CACHE: "a.tmpl\n{{ . }}" }), [
    "CONFD_TEMPLATE_CACHE is a setting of confd itself and no template: give the template another name",
  ]);
  assertEquals(environmentWarnings({ CONFD_TEMPLATE_CACHE: "true" }), []);
});

Deno.test("nearNames() asks whether another variable was meant", () => {
  const cases: [string, string][] = [
    ["CONFD_NODES", "CONFD_NODE"],
    ["CONFD_BACKEDN", "CONFD_BACKEND"],
    ["CONFD_CONFFILE_1", "CONFD_CONFDFILE_1"],
    ["CONFD_TEMPLATES_1", "CONFD_TEMPLATE_1"],
  ];
  for (const [name, meant] of cases) {
    const said = `${name} is a variable of neither the sidecar nor confd; did you mean ${meant}?`;
    assertEquals(nearNames({ [name]: "x" }), [said]);
  }
});

Deno.test("nearNames() says nothing of names that are right, or confd's, or far from ours", () => {
  const env = {
    CONFD_NODE: "",
    CONFD_TEMPLATE_x: "",
    CONFD_CONFDFILE: "",
    CONFD_NOOP: "",
    CONFD_WATCH: "",
    CONFD_METRICS_ADDR: "",
    X: "",
  };
  assertEquals(nearNames(env), []);
});

Deno.test("serviceLinks() knows Kubernetes' variables for a Service with one of our names", () => {
  const links = {
    SIDECAR_SERVICE_HOST: "10.0.0.1",
    SIDECAR_SERVICE_PORT: "80",
    SIDECAR_PORT: "tcp://10.0.0.1:80",
    SIDECAR_PORT_80_TCP_ADDR: "10.0.0.1",
    CONFD_TEMPLATE_SERVICE_HOST: "10.0.0.2",
    CONFD_TEMPLATE_SERVICE_PORT: "80",
    CONFD_TEMPLATE_PORT: "tcp://10.0.0.2:80",
  };
  assertEquals(serviceLinks({ ...links, SIDECAR_SETTLE: "1s", CONFD_TEMPLATE_1: "x" }), Object.keys(links));
  assertEquals(serviceLinks({ SIDECAR_PORT: "1", SIDECAR_SERVICE_HOST: "x" }), [], "not a group of them");
});
