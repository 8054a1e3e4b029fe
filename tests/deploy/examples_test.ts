/**
 * The deployments of examples/deploy/, read by what their platforms read them with, and looked at as an operator would.
 *
 * Touches: temporary folders, processes.
 * @module
 */
import { assert, assertEquals, assertThrows } from "../support/assert.ts";
import { Folder } from "../support/sidecar.ts";
import { needs } from "../tools/parts.ts";
import { type Deployment, type Example, EXAMPLES, pathOf, readDeployment } from "./deployment.ts";
import { worries } from "./worries.ts";

/** What a parser that is worth its name refuses: what stands in the example, what stands there instead, and its word. */
const SLIPS: Record<string, readonly [RegExp, string, RegExp][]> = {
  run: [
    [/--read-only/, "--readonly", /unknown flag: --readonly/],
    [/--stop-timeout 30/, "--stop-timeout 30s", /invalid argument "30s"/],
    [/--publish/, "--health-cmd promtool --publish", /needs a shell/],
    [/type=bind,source/, "type=bind,sorce", /sorce/],
  ],
  compose: [
    [/read_only/, "readonly", /services\.prometheus\.readonly/],
    [/stop_grace_period: 30s/, "stop_grace_period: soon", /stop_grace_period/],
    [/\$\$\{1\}/, "${1}", /invalid interpolation format/],
  ],
  swarm: [
    [/read_only/, "readonly", /additional property 'readonly' is not allowed/i],
    [/failure_action: rollback/, "on_failure: rollback", /on_failure/],
    [/\$\$\{1\}/, "${1}", /invalid interpolation format/i],
    [/cap_drop: \[ALL\]/, "security_opt: [no-new-privileges]", /Ignoring unsupported options: security_opt/],
  ],
  kubernetes: [
    [/readOnlyRootFilesystem/, "readOnlyRootFileSystem", /unknown field "[\w.[\]]*readOnlyRootFileSystem"/],
    [/terminationGracePeriodSeconds: 30/, "terminationGracePeriodSeconds: 30s", /cannot unmarshal string/],
    [/replicas: 1/, "replicas: 1\n  replica: 2", /unknown field "spec.replica"/],
    [/value: 20s/, "value: $(GRACE)", /\$\(/],
  ],
  nomad: [
    [/kill_timeout =/, "kill_time_out =", /Unsupported argument.*kill_time_out/],
    [/readonly_rootfs/, "read_only_rootfs", /unknown field "read_only_rootfs"/],
    [/"\$\$\{1\}"/, '"%{1}"', /Invalid template/],
    [/kill_timeout = "30s"/, 'kill_timeout = "soon"', /soon/],
  ],
  marathon: [
    [/taskKillGracePeriodSeconds/, "taskKillGracePeriod", /unknown field "taskKillGracePeriod"/],
    [/tsdb.path=\/prometheus"/, 'tsdb.path=/prometheus",', /invalid character '\]'/],
    [/"read-only"/, '"readonly"', /unknown flag: --readonly/],
  ],
};

/** An operator's slips, and the worry that each must raise. */
const SORROWS: readonly [string, (deployment: Deployment) => void, RegExp][] = [
  ["no patience", (one) => one.stopSeconds = 20, /killed before/],
  ["Docker's own patience", (one) => one.stopSeconds = 10, /killed before/],
  ["for ever", (one) => one.environment.SIDECAR_STOP_TIMEOUT = "0", /killed before/],
  ["another signal", (one) => one.stopSignal = "SIGINT", /stopped with SIGINT/],
  ["a setting misspelt", (one) => one.environment.SIDECAR_SETLE = "1s", /SIDECAR_SETLE: there is no such setting/],
  ["a resource that is none", (one) => one.environment.CONFD_CONFDFILE_1 = "x.toml\n[template]\n", /src/],
  ["no resource", (one) => delete one.environment.CONFD_CONFDFILE_1, /nothing is rendered/],
  ["no program", (one) => one.arguments.shift(), /no program/],
  ["the sidecar pushed aside", (one) => one.entrypoint = ["prometheus"], /entry point/],
  ["a writable root", (one) => one.readOnly = false, /root is writable/],
  ["root", (one) => one.user = "", /runs as root/],
  ["root's group", (one) => one.user = "65534:0", /runs as root/],
  ["capabilities", (one) => one.capDrop = ["NET_RAW"], /capabilities/],
  ["one capability", (one) => one.capAdd = ["NET_RAW"], /capabilities/],
  ["privileges", (one) => one.privileged = true, /privileged/],
  ["another process 1", (one) => one.init = true, /process 1/],
  ["no place for confd", (one) => unmount(one, "/etc/confd"), /\/etc\/confd cannot be written to/],
  ["no place for the file", (one) => unmount(one, "/etc/prometheus"), /\/etc\/prometheus cannot be written to/],
  ["no place for data", (one) => unmount(one, "/prometheus"), /\/prometheus\/confd-sidecar cannot be written to/],
  ["a state that is lost", (one) => delete one.environment.SIDECAR_STATE, /gone with the container/],
  ["an open secret", (one) => one.environment.CONSUL_HTTP_TOKEN = "x", /CONSUL_HTTP_TOKEN is in the environment/],
  ["no secret", (one) => one.mounts = one.mounts.filter(({ readOnly }) => !readOnly), /token is not mounted/],
];

function unmount(deployment: Deployment, target: string): void {
  deployment.mounts = deployment.mounts.filter((mount) => mount.target !== target);
}

function test(name: string, body: () => void): void {
  Deno.test({ ...needs(`examples/deploy: ${name}`, "deployments"), fn: body });
}

/** Reads the example with a slip in it. */
function readSlipped(example: Example, slip: RegExp, instead: string): Deployment {
  using folder = new Folder();
  const text = Deno.readTextFileSync(pathOf(example));
  const slipped = text.replace(slip, () => instead);
  assert(slipped !== text, `${example.file} has no ${slip}`);
  return readDeployment(example, folder.write(example.file, slipped));
}

for (const example of EXAMPLES) {
  test(`${example.file} is read, and leaves nothing to worry about`, () => {
    assertEquals(worries(readDeployment(example)), []);
  });

  test(`${example.file} with a slip in it is refused`, () => {
    for (const [slip, instead, word] of SLIPS[example.kind]) {
      assertThrows(() => readSlipped(example, slip, instead), word);
    }
  });

  test(`${example.file} with something forgotten is something to worry about`, () => {
    const deployment = readDeployment(example);
    for (const [name, spoil, worry] of SORROWS) {
      const spoilt = structuredClone(deployment);
      spoil(spoilt);
      const found = worries(spoilt);
      assert(found.some((one) => worry.test(one)), `${name} in ${example.file}: ${found}`);
    }
  });
}

test("whatever a platform wants escaped, the sidecar gets the same", () => {
  const all = EXAMPLES.map((example) => ({ ...example, ...readDeployment(example) }));
  const [first, ...others] = all.filter(({ kind }) => kind !== "marathon");
  assert(first.environment.CONFD_TEMPLATE_1.includes('replacement: "${1}"'));
  for (const { file, image, arguments: words, environment } of others) {
    assertEquals({ image, words }, { image: first.image, words: first.arguments }, file);
    for (const [name, value] of Object.entries(first.environment)) {
      // Each platform has its own way to name a neighbour, and its own place for secrets.
      if (!["CONFD_NODE", "CONSUL_HTTP_TOKEN_FILE"].includes(name)) assertEquals(environment[name], value, file);
    }
    assertEquals(Object.keys(environment).sort(), Object.keys(first.environment).sort(), file);
  }
});

test("nomad.hcl: a placeholder that is not escaped is no error for Nomad, and gone", () => {
  const nomad = EXAMPLES.find(({ kind }) => kind === "nomad")!;
  const { environment } = readSlipped(nomad, /"\$\$\{1\}"/, '"${1}"');
  assert(environment.CONFD_TEMPLATE_1.includes('replacement: "1"'));
});

test("swarm.yaml: a tmpfs in its short form is no error for a swarm, and not there", () => {
  const swarm = EXAMPLES.find(({ kind }) => kind === "swarm")!;
  const spoilt = readSlipped(swarm, /- \{ type: volume, target: \/etc\/confd \}/, "");
  const short = readSlipped(swarm, /read_only: true/, "read_only: true\n    tmpfs: [/run/more]");
  assert(!short.mounts.some(({ target }) => target === "/run/more"));
  assertEquals(worries(spoilt), ["/etc/confd cannot be written to"]);
});

test("no new privileges, but in a swarm, which cannot be told", () => {
  const without = EXAMPLES.filter((example) => !readDeployment(example).noNewPrivileges).map(({ kind }) => kind);
  assertEquals(without, ["swarm"]);
});

test("one goes before the next one comes: two cannot share one database", () => {
  const platform = (kind: string) => readDeployment(EXAMPLES.find((example) => example.kind === kind)!).platform;
  assertEquals(platform("swarm")?.updateOrder, "stop-first");
  assertEquals(platform("kubernetes")?.strategy, "Recreate");
});

test("README.md speaks of every example", () => {
  const readme = Deno.readTextFileSync(new URL("../../examples/deploy/README.md", import.meta.url));
  for (const { file } of EXAMPLES) assert(readme.includes(`(${file})`), file);
});
