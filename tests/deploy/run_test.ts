/**
 * The deployments of examples/deploy/, as their platforms read them, in a container of their own with a real confd and a
 * real Prometheus: nothing of what the example says is replaced.
 *
 * Consul is a stand-in that wants the token, and every host name is this machine. There is neither an engine nor a
 * cluster: mounts get owner and mode as the platforms document it.
 *
 * Touches: temporary folders, processes; mounts and networks, in namespaces of their own.
 * @module
 */
import { type Container, containerProblem } from "../image/container.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { ANY_CONFD, type Confd, CONFDS, e2e } from "../support/confds.ts";
import { type Folder, until } from "../support/sidecar.ts";
import { type Deployment, type Example, EXAMPLES, readDeployment } from "./deployment.ts";
import { Neighbours, neighboursProblem } from "./neighbours.ts";
import { Stage } from "./stage.ts";

const PARTS = ["deployments", "prometheus", "promtool"] as const;
const REASON = containerProblem() ?? neighboursProblem();
const TOKEN = "5b2d2ca6-token";
const PROMETHEUS = "http://127.0.0.1:9090";

/** Registers a test of an example on its stage. */
function play(name: string, example: Example, confd: Confd, body: (played: Played) => Promise<void>): void {
  e2e(`examples/deploy/${example.file}: ${name} [${confd.name}]`, async ({ folder }) => {
    await using neighbours = await Neighbours.start(TOKEN);
    const deployment = readDeployment(example);
    const stage = new Stage({ folder, deployment, confd: confd.path(folder), token: TOKEN });
    await body({ folder, neighbours, deployment, stage });
  }, { parts: [confd.part, ...PARTS], reason: REASON });
}

interface Played {
  folder: Folder;
  neighbours: Neighbours;
  deployment: Deployment;
  stage: Stage;
}

/** Sets the targets, in the key that the example takes them from. */
async function setTargets({ deployment, neighbours }: Played, targets: string): Promise<void> {
  const [, key] = /getv "([^"]*)"/.exec(deployment.environment.CONFD_TEMPLATE_1)!;
  const whole = `scrape_configs: [{ job_name: node, static_configs: [{ targets: ${targets} }] }]`;
  await neighbours.put({ [key]: key.endsWith("configfile") ? whole : targets });
}

async function configuration({ neighbours }: Played): Promise<string> {
  return (await neighbours.get(`${PROMETHEUS}/api/v1/status/config`)).text;
}

async function shows(played: Played, container: Container, text: string): Promise<void> {
  try {
    await until(`Prometheus has ${text}`, async () => (await configuration(played)).includes(text));
  } catch (error) {
    throw new Error(`${error}\n${container.stderr.all.join("\n")}`);
  }
}

async function isWell({ deployment, neighbours }: Played, container: Container): Promise<boolean> {
  const { health } = deployment;
  if (health === null) return true;
  if (health.command !== null) return await container.exec(health.command);
  return (await neighbours.get(`http://127.0.0.1:${health.port}${health.path}`)).status === 200;
}

async function mainJob(played: Played): Promise<void> {
  await setTargets(played, "[localhost:9100]");
  await using container = played.stage.start(played.neighbours);
  await container.stderr.next("verified: main program is well on its configuration");
  await shows(played, container, "- localhost:9100");
  if (played.deployment.environment.CONFD_TEMPLATE_1.includes("replacement")) {
    await shows(played, container, "replacement: ${1}");
  }
  await until("it is well", () => isWell(played, container));
  await setTargets(played, "[localhost:9100, localhost:9101]");
  await shows(played, container, "- localhost:9101");
  await setTargets(played, "no list");
  await container.stderr.next("the new configuration is refused");
  container.signal("SIGTERM");
  assertEquals(await container.status(), 0);
}

for (const example of EXAMPLES) play("starts, reloads, refuses, stops", example, ANY_CONFD, mainJob);

const [KUBERNETES] = EXAMPLES.filter(({ kind }) => kind === "kubernetes");
for (const confd of CONFDS.filter(({ part, name }) => part === name && name !== ANY_CONFD.name)) {
  play("starts, reloads, refuses, stops", KUBERNETES, confd, mainJob);
}

const [COMPOSE] = EXAMPLES.filter(({ kind }) => kind === "compose");
play("a new container starts on the last good files while Consul is away", COMPOSE, ANY_CONFD, async (played) => {
  await setTargets(played, "[localhost:9100]");
  {
    await using container = played.stage.start(played.neighbours);
    await container.stderr.next("verified: main program is well on its configuration");
    container.signal("SIGTERM");
    assertEquals(await container.status(), 0);
  }
  await using alone = await Neighbours.start();
  await using container = played.stage.start(alone);
  await container.stderr.next("nothing could be rendered: main program is started on the last good files");
  await shows({ ...played, neighbours: alone }, container, "- localhost:9100");
});

play("without the token nothing is rendered", COMPOSE, ANY_CONFD, async (played) => {
  await setTargets(played, "[localhost:9100]");
  const { CONSUL_HTTP_TOKEN_FILE: _, ...environment } = played.deployment.environment;
  const { folder } = played;
  const stage = new Stage({
    folder,
    deployment: { ...played.deployment, environment },
    confd: ANY_CONFD.path(folder),
    token: TOKEN,
  });
  await using container = stage.start(played.neighbours);
  await container.stderr.next("403");
  assert(!container.stderr.all.some((line) => line.includes("starting main program now")));
});
