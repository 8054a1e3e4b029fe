/**
 * docs/operating.md: the table of metrics, held against what is exported; paths and commands, against what there is.
 *
 * Touches: the document.
 * @module
 */
import { ASKING_OPTIONS } from "../../lib/settings/client.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { readTable, UPDATING, writeTable } from "../support/doc_table.ts";
import { allMetrics } from "../support/metrics.ts";

const DOCUMENT = new URL("../../docs/operating.md", import.meta.url);
const TEXT = Deno.readTextFileSync(DOCUMENT);
/** Labels of metrics that have no value before something has happened. */
const LABELS: Record<string, string> = {
  confd_sidecar_config_info: "digest",
  confd_sidecar_destination_changed_timestamp_seconds: "dest",
};

Deno.test("docs/operating.md has every metric, with its labels and what it means", () => {
  const rows = allMetrics().map(({ name, type, help, samples }) => {
    const labels = Object.keys(samples[0]?.labels ?? {}).join(", ") || LABELS[name];
    return [`\`${name}\``, labels ?? "", type, help];
  });
  if (UPDATING) writeTable(DOCUMENT, "metrics", [["metric", "labels", "type", "meaning"], ...rows]);
  else assertEquals(readTable(DOCUMENT, "metrics"), rows);
});

Deno.test("docs/operating.md has every command of the client, and no other", () => {
  const named = new Set([...TEXT.matchAll(/`(--[a-z]+(?:-[a-z]+)*)/g)].map(([, option]) => option));
  assertEquals([...named].sort(), [...ASKING_OPTIONS].sort());
});

Deno.test("docs/operating.md has every path that is answered", () => {
  for (
    const path of [
      "/livez",
      "/healthz",
      "/readyz",
      "/metrics",
      "/status",
      "/reload",
      "/restart",
      "/release",
      "/rollback",
      "/fleet",
    ]
  ) {
    assert(TEXT.includes(`\`${path}\``), `${path} is named`);
  }
});
