/**
 * The examples for observing: rules that Prometheus' own tool accepts and that fire when they should, and a dashboard that
 * asks for nothing that is not exported.
 *
 * Touches: files; promtool.
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import { metricNames } from "../support/metrics.ts";
import { binaryOf, needs } from "../tools/parts.ts";

const FOLDER = new URL("../../examples/observe/", import.meta.url);

interface Panel {
  id: number;
  title: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets: { expr: string }[];
}

function read(name: string): string {
  return Deno.readTextFileSync(new URL(name, FOLDER));
}

function promtool(...args: string[]): { code: number; text: string } {
  const { code, stdout, stderr } = new Deno.Command(binaryOf("promtool"), { args, cwd: FOLDER }).outputSync();
  return { code, text: [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("") };
}

Deno.test({
  ...needs("the alert rules are accepted, and fire when they should", "promtool"),
  fn: () => {
    for (const args of [["check", "rules", "alerts.yaml"], ["test", "rules", "alerts_test.yaml"]]) {
      const { code, text } = promtool(...args);
      assertEquals(code, 0, text);
    }
    assertEquals(promtool("check", "config", "--syntax-only", "prometheus.yaml").code, 0);
  },
});

Deno.test("every alert is tested", () => {
  const alerts = [...read("alerts.yaml").matchAll(/- alert: (\w+)/g)].map(([, name]) => name);
  const tested = read("alerts_test.yaml");
  for (const name of alerts) {
    const fires = new RegExp(`alertname: ${name}\\n\\s+exp_alerts:`);
    assert(fires.test(tested), `${name} is seen to fire`);
  }
});

Deno.test("alerts and dashboard ask for metrics that are exported, and for no others", () => {
  const exported = metricNames();
  const { panels } = JSON.parse(read("dashboard.json")) as { panels: Panel[] };
  const asked = [read("alerts.yaml"), ...panels.flatMap(({ targets }) => targets.map(({ expr }) => expr))].join("\n");
  const names = new Set(asked.match(/\b(?:reloader|confd_sidecar|process)_[a-z_]+/g));
  assert(names.size > 15, "they were found");
  for (const name of names) assert(exported.has(name.replace(/_(bucket|sum|count)$/, "")), `${name} is exported`);
});

Deno.test("the panels of the dashboard are different ones, and do not overlap", () => {
  const { panels } = JSON.parse(read("dashboard.json")) as { panels: Panel[] };
  assertEquals(new Set(panels.map(({ id }) => id)).size, panels.length);
  for (const [i, { title, gridPos: a }] of panels.entries()) {
    assert(a.x + a.w <= 24, `${title} is within the grid`);
    for (const { title: other, gridPos: b } of panels.slice(i + 1)) {
      const apart = a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;
      assert(apart, `${title} and ${other} do not overlap`);
    }
  }
});
