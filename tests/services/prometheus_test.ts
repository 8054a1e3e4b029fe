/**
 * examples/prometheus: a bad configuration never goes live.
 *
 * Touches: files, processes and the loopback network, through the support modules.
 * @module
 */
import { assertEquals } from "../support/assert.ts";
import { eachConfd } from "../support/confds.ts";
import { freePort } from "../support/ports.ts";
import { type Folder, until } from "../support/sidecar.ts";
import { type ExampleOptions, exampleTest, play, type Played, reloads, stopWell } from "./example.ts";
import { goesLive } from "./scenarios.ts";

const PROGRAMS = ["prometheus", "promtool"] as const;
/** In the keys that the example comes with. */
const TARGET = "localhost:9100";

/** The example at work, and what Prometheus says of itself. */
interface Prometheus extends Played {
  /** The targets in the configuration that it has loaded; none while it does not answer. */
  targets(): Promise<string[]>;
  /** The expressions of the alerts that it has loaded. */
  alerts(): Promise<string[]>;
}

async function start(folder: Folder, rest: Partial<ExampleOptions> = {}): Promise<Prometheus> {
  const address = `127.0.0.1:${freePort()}`;
  const played = await play(folder, {
    ...rest,
    example: "prometheus",
    programs: PROGRAMS,
    env: { PROMETHEUS_ADDRESS: address, ...rest.env },
  });
  const ask = async (path: string) => {
    try {
      const answer = await fetch(`http://${address}/api/v1/${path}`);
      return JSON.stringify((await answer.json()).data);
    } catch {
      return "";
    }
  };
  return {
    ...played,
    targets: async () => [...(await ask("status/config")).matchAll(/- (localhost:\d+)/g)].map(([, target]) => target),
    alerts: async () => [...(await ask("rules")).matchAll(/"query":"([^"]*)"/g)].map(([, query]) => query),
  };
}

async function shows(what: () => Promise<string[]>, wanted: readonly string[]): Promise<void> {
  await until(`Prometheus has ${wanted}`, async () => (await what()).join() === wanted.join());
}

eachConfd("examples/prometheus: a change goes live, with as many processes as before", async ({ folder, confd }) => {
  await using played = await start(folder, { confd });
  const wanted = ["localhost:9102", "localhost:9103"];
  await goesLive(played, {
    processes: ["prometheus"],
    keys: { "/targets": `[${wanted}]` },
    shows: () => shows(played.targets, wanted),
  });
  await stopWell(played.sidecar);
}, { parts: PROGRAMS, steadyKeys: true });

exampleTest("examples/prometheus: good changes go live, a refused one never does", async ({ folder }) => {
  await using played = await start(folder);
  const { keys, sidecar, targets } = played;
  await shows(targets, [TARGET]);
  await keys.put({ "/targets": "[localhost:9100, localhost:9102]" });
  await shows(targets, ["localhost:9100", "localhost:9102"]);
  await keys.put({ "/targets": "[localhost:9103" });
  await sidecar.stderr.next(/check: .*FAILED/);
  await sidecar.stderr.next('refused: "promtool" ended with status 1; main program goes on with the last good one');
  assertEquals(await targets(), ["localhost:9100", "localhost:9102"]);
  assertEquals(reloads(sidecar), 1);
  await keys.put({ "/targets": "[localhost:9104]" });
  await shows(targets, ["localhost:9104"]);
  assertEquals(reloads(sidecar), 2);
  await stopWell(sidecar);
}, PROGRAMS);

const VARIATIONS: Record<string, (script: string) => string> = {
  "relative path": (script) => script,
  "absolute path": (script) => script.replace("[rules.yml]", '[{{ getenv "PROMETHEUS_DIR" }}/rules.yml]'),
};

for (const [kind, edit] of Object.entries(VARIATIONS)) {
  exampleTest(
    `examples/prometheus: rules are checked together with the file that names them, ${kind} path`,
    async (stage) => {
      const { folder } = stage;
      await using played = await start(folder, { edit });
      const { keys, sidecar, targets, alerts } = played;
      await shows(alerts, ["up == 0"]);
      await keys.put({ "/targets": "[localhost:9102]", "/alert": "up ==" });
      await sidecar.stderr.next(/check: .*could not parse expression/);
      await sidecar.stderr.next("the new configuration is refused");
      assertEquals([await targets(), await alerts()], [[TARGET], ["up == 0"]]);
      assertEquals(reloads(sidecar), 0);
      await keys.put({ "/alert": "up == 1" });
      await shows(alerts, ["up == 1"]);
      await shows(targets, ["localhost:9102"]);
      await stopWell(sidecar);
    },
    PROGRAMS,
  );
}

exampleTest(
  "examples/prometheus: a change that passes the check and fails the verification is taken back",
  async ({ folder }) => {
    const script = 'Deno.exit((await (await fetch(Deno.args[0])).text()).includes("localhost:9100") ? 0 : 1);\n';
    const verify = `${Deno.execPath()} run -A --no-config ${folder.write("verify.js", script)}`;
    const edit = (text: string) =>
      text.replace(/(?<=SIDECAR_VERIFY=)(http:.*)\/-\/ready/, `exec:${verify} $1/api/v1/status/config`);
    await using played = await start(folder, { edit, env: { SIDECAR_VERIFY_TIMEOUT: "2s" } });
    const { keys, sidecar, targets } = played;
    await sidecar.stderr.next("verified: main program is well on its configuration");
    await keys.put({ "/targets": "[localhost:9102]" });
    await sidecar.stderr.next("the new configuration is taken back");
    await sidecar.stderr.next("verified: main program is well on the last good configuration");
    assertEquals(await targets(), [TARGET]);
    await keys.put({ "/targets": "[localhost:9100, localhost:9103]" });
    await shows(targets, ["localhost:9100", "localhost:9103"]);
    await stopWell(sidecar);
  },
  PROGRAMS,
);
