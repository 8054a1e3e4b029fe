/**
 * A real Prometheus that scrapes a real run: kube-prometheus' alert fires on a refused configuration, and ends with it.
 *
 * Touches: files, processes and the loopback network, through the support modules.
 * @module
 */
import { assertEquals } from "../support/assert.ts";
import { get, portOf } from "../support/asking.ts";
import { ANY_CONFD, e2e } from "../support/confds.ts";
import { FileKeys } from "../support/keys.ts";
import { freePort } from "../support/ports.ts";
import { Scene } from "../support/scene.ts";
import { until } from "../support/sidecar.ts";
import { binaryOf } from "../tools/parts.ts";

const RULES = Deno.readTextFileSync(new URL("../../examples/observe/alerts.yaml", import.meta.url));
const ALERT = "ConfigReloaderSidecarErrors";

/** The rules with shorter times, and nothing else changed. */
function hastened(rules: string): string {
  return rules.replaceAll(/\[5m\]/g, "[2s]").replaceAll(/for: 1?\d+m/g, "for: 1s");
}

e2e("kube-prometheus' alert fires on a refused configuration, and clears afterwards", async ({ folder }) => {
  const keys = new FileKeys(folder, { "/key": "one" });
  const scene = new Scene(folder, { confd: ANY_CONFD, keys });
  const check = folder.write("check.sh", '#!/bin/sh\n! grep -q bad "$1"\n', 0o755);
  const env = { SIDECAR_LISTEN: "127.0.0.1:0", SIDECAR_CHECK: `${check} ${scene.dest}` };
  await using sidecar = scene.start({ env });
  const port = await portOf(sidecar);
  await sidecar.stdout.next("start: value=one");
  folder.write("alerts.yaml", hastened(RULES));
  const config = folder.write(
    "prometheus.yaml",
    `global: { scrape_interval: 500ms, evaluation_interval: 500ms }
rule_files: [alerts.yaml]
scrape_configs:
  - job_name: web
    static_configs: [{ targets: ["127.0.0.1:${port}"], labels: { namespace: shop, pod: web-0 } }]
`,
  );
  const address = `127.0.0.1:${freePort()}`;
  const prometheus = new Deno.Command(binaryOf("prometheus"), {
    args: [`--config.file=${config}`, `--storage.tsdb.path=${folder.at("data")}`, `--web.listen-address=${address}`],
    stdout: "null",
    stderr: "null",
  }).spawn();
  try {
    const states = async () => {
      const answer = await fetch(`http://${address}/api/v1/alerts`).catch(() => undefined);
      const { data } = await answer?.json().catch(() => ({})) ?? {};
      const alerts: { labels: Record<string, string>; state: string }[] = data?.alerts ?? [];
      return alerts.filter(({ labels }) => labels.alertname === ALERT).map(({ state }) => state);
    };
    const value = async () => {
      const query = encodeURIComponent('reloader_last_reload_successful{namespace="shop"}');
      const answer = await fetch(`http://${address}/api/v1/query?query=${query}`).catch(() => undefined);
      return (await answer?.json().catch(() => ({})))?.data?.result?.[0]?.value?.[1];
    };
    await until("the first scrape", async () => await value() === "1");
    assertEquals(await states(), []);
    await keys.put({ "/key": "bad" });
    await until("the alert", async () => (await states()).includes("firing"));
    await keys.put({ "/key": "two" });
    await until("the end of the alert", async () => await value() === "1" && (await states()).length === 0);
    const checking = new Deno.Command(binaryOf("promtool"), {
      args: ["check", "metrics"],
      stdin: "piped",
      stderr: "piped",
      stdout: "piped",
    }).spawn();
    const writer = checking.stdin.getWriter();
    await writer.write(new TextEncoder().encode((await get(port, "/metrics")).body));
    await writer.close();
    const { code, stdout, stderr } = await checking.output();
    const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    assertEquals([code, said], [0, ""], "promtool has nothing to say of the metrics");
  } finally {
    prometheus.kill("SIGKILL");
    await prometheus.status;
  }
}, { parts: ["prometheus", "promtool"] });
