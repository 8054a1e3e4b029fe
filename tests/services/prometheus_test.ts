/**
 * Prometheus after the recipe of docs/safe-reloads.md: a bad configuration never goes live.
 *
 * Touches: files, processes and the loopback network, through the support modules.
 * @module
 */
import { assertEquals } from "../support/assert.ts";
import { freePort } from "../support/keys.ts";
import { type Folder, until } from "../support/sidecar.ts";
import { play, type Played, type RecipeOptions, recipeTest, reloads, stopWell } from "./recipe.ts";

const PROGRAMS = ["prometheus", "promtool"] as const;

/** The recipe at work, and what Prometheus says of itself. */
interface Prometheus extends Played {
  /** The targets in the configuration that it has loaded; none while it does not answer. */
  targets(): Promise<string[]>;
  /** The expressions of the alerts that it has loaded. */
  alerts(): Promise<string[]>;
}

function start(folder: Folder, vary?: RecipeOptions["vary"]): Prometheus {
  const address = `127.0.0.1:${freePort()}`;
  const played = play(folder, {
    recipe: "Prometheus",
    programs: PROGRAMS,
    values: {
      PROMETHEUS_DIR: folder.at("prometheus"),
      PROMETHEUS_DATA: folder.at("data"),
      PROMETHEUS_ADDRESS: address,
    },
    keys: { "/targets": "[localhost:9101]", "/alert": "up == 0" },
    vary,
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

recipeTest("Prometheus: good changes go live, a refused one never does", async ({ folder }) => {
  await using played = start(folder);
  const { keys, sidecar, targets } = played;
  await shows(targets, ["localhost:9101"]);
  await keys.put({ "/targets": "[localhost:9101, localhost:9102]" });
  await shows(targets, ["localhost:9101", "localhost:9102"]);
  await keys.put({ "/targets": "[localhost:9103" });
  await sidecar.stderr.next(/check: .*FAILED/);
  await sidecar.stderr.next('refused: "promtool" ended with status 1; main program goes on with the last good one');
  assertEquals(await targets(), ["localhost:9101", "localhost:9102"]);
  assertEquals(reloads(sidecar), 1);
  await keys.put({ "/targets": "[localhost:9104]" });
  await shows(targets, ["localhost:9104"]);
  assertEquals(reloads(sidecar), 2);
  await stopWell(sidecar);
}, PROGRAMS);

const VARIATIONS: readonly [string, (folder: Folder) => RecipeOptions["vary"]][] = [
  ["relative", () => undefined],
  ["absolute", (folder) => (env) => ({
    ...env,
    CONFD_TEMPLATE_1: env.CONFD_TEMPLATE_1.replace("[rules.yml]", `["${folder.at("prometheus/rules.yml")}"]`),
  })],
];

for (const [kind, vary] of VARIATIONS) {
  recipeTest(`Prometheus: rules are checked together with the file that names them, ${kind} path`, async (stage) => {
    const { folder } = stage;
    await using played = start(folder, vary(folder));
    const { keys, sidecar, targets, alerts } = played;
    await shows(alerts, ["up == 0"]);
    await keys.put({ "/targets": "[localhost:9102]", "/alert": "up ==" });
    await sidecar.stderr.next(/check: .*could not parse expression/);
    await sidecar.stderr.next("the new configuration is refused");
    assertEquals([await targets(), await alerts()], [["localhost:9101"], ["up == 0"]]);
    assertEquals(reloads(sidecar), 0);
    await keys.put({ "/alert": "up == 1" });
    await shows(alerts, ["up == 1"]);
    await shows(targets, ["localhost:9102"]);
    await stopWell(sidecar);
  }, PROGRAMS);
}

recipeTest(
  "Prometheus: a change that passes the check and fails the verification is taken back",
  async ({ folder }) => {
    const script = 'Deno.exit((await (await fetch(Deno.args[0])).text()).includes("localhost:9101") ? 0 : 1);\n';
    const verify = `${Deno.execPath()} run -A --no-config ${folder.write("verify.js", script)}`;
    await using played = start(folder, (env) => ({
      ...env,
      SIDECAR_VERIFY: `exec:${verify} ${env.SIDECAR_VERIFY.replace("/-/ready", "/api/v1/status/config")}`,
      SIDECAR_VERIFY_TIMEOUT: "2s",
    }));
    const { keys, sidecar, targets } = played;
    await sidecar.stderr.next("verified: main program is well on its configuration");
    await keys.put({ "/targets": "[localhost:9102]" });
    await sidecar.stderr.next("the new configuration is taken back");
    await sidecar.stderr.next("verified: main program is well on the last good configuration");
    assertEquals(await targets(), ["localhost:9101"]);
    await keys.put({ "/targets": "[localhost:9101, localhost:9103]" });
    await shows(targets, ["localhost:9101", "localhost:9103"]);
    await stopWell(sidecar);
  },
  PROGRAMS,
);
