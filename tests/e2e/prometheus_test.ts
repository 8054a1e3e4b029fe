/**
 * The example that the project grew from: Prometheus, whose targets stand in the backend and change while it runs.
 *
 * Touches: files, processes and the loopback network, through the support modules.
 * @module
 */
import { assertEquals } from "../support/assert.ts";
import { ANY_CONFD, type Confd, e2e, eachConfd, type Stage } from "../support/confds.ts";
import { Etcd } from "../support/etcd.ts";
import { freePort } from "../support/ports.ts";
import { Scene } from "../support/scene.ts";
import { Sidecar, until } from "../support/sidecar.ts";
import { binaryOf } from "../tools/parts.ts";

const TEMPLATE = `global:
    scrape_interval:     15s
    evaluation_interval: 15s
scrape_configs:
    - job_name: "prometheus"
      static_configs:
        - targets: ["localhost:9090"]
    - job_name: "node"
      static_configs:
        - targets: {{ getv "/prometheus/config/nodes" }}
`;

/** An answer of Prometheus' interface; undefined while it does not answer. */
async function ask<T>(address: string, path: string): Promise<T | undefined> {
  try {
    const answer = await fetch(`http://${address}/api/v1/${path}`);
    return (await answer.json()).data;
  } catch {
    return undefined;
  }
}

/** The addresses in the configuration that Prometheus has loaded: what it says first. */
async function configured(address: string): Promise<string[]> {
  const answer = await ask<{ yaml: string }>(address, "status/config");
  return [...(answer?.yaml ?? "").matchAll(/- (localhost:\d+)/g)].map(([, target]) => target).sort();
}

/** The addresses that Prometheus scrapes: it takes some seconds to get there. */
async function scraped(address: string): Promise<string[]> {
  const answer = await ask<{ activeTargets: { discoveredLabels: Record<string, string> }[] }>(address, "targets");
  return (answer?.activeTargets ?? []).map(({ discoveredLabels }) => discoveredLabels.__address__).sort();
}

/** Prometheus starts with one node and, while it runs, gets another. */
async function tell({ folder, confd }: Stage & { confd: Confd }, targets: typeof scraped): Promise<void> {
  await using etcd = await new Etcd(folder, confd.etcd).start();
  await etcd.put({ "/prometheus/config/nodes": '["localhost:9100"]' });
  const scene = new Scene(folder, { confd, keys: etcd, rendered: [{ name: "prometheus.yml", template: TEMPLATE }] });
  const address = `127.0.0.1:${freePort()}`;
  const args = [
    binaryOf("prometheus"),
    `--config.file=${scene.dest}`,
    `--storage.tsdb.path=${folder.at("prometheus")}`,
    `--web.listen-address=${address}`,
  ];
  await using sidecar = new Sidecar({ args, env: scene.env });
  const shows = (wanted: readonly string[]) =>
    until(`Prometheus has ${wanted}`, async () => (await targets(address)).join() === wanted.join());
  await shows(["localhost:9090", "localhost:9100"]);
  await etcd.put({ "/prometheus/config/nodes": '["localhost:9100", "localhost:9101"]' });
  await shows(["localhost:9090", "localhost:9100", "localhost:9101"]);
  sidecar.signal("SIGTERM");
  assertEquals(await sidecar.status(), 0);
}

eachConfd("Prometheus takes up new targets as they are put into the backend", (stage) => tell(stage, configured), {
  parts: ["etcd", "prometheus"],
});

e2e("Prometheus scrapes the new targets", (stage) => tell({ ...stage, confd: ANY_CONFD }, scraped), {
  parts: [ANY_CONFD.part, "etcd", "prometheus"],
});
