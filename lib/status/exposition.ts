/**
 * Metrics in Prometheus' text format, version 0.0.4.
 *
 * Pure.
 * @module
 */
import type { Labels, Metric } from "./metric.ts";

/** The content type of the format. */
export const EXPOSITION_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** All metrics that have a value. */
export function exposition(metrics: readonly Metric[]): string {
  return metrics.filter(({ samples }) => samples.length > 0).map(family).join("");
}

function family(metric: Metric): string {
  const { name, help, type } = metric;
  const head = `# HELP ${name} ${help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")}\n# TYPE ${name} ${type}\n`;
  return head + linesOf(metric).join("");
}

function linesOf(metric: Metric): string[] {
  const { name } = metric;
  if (metric.type !== "histogram") return metric.samples.map(({ labels, value }) => line(name, labels, value));
  return metric.samples.flatMap(({ labels, buckets, sum, count }) => [
    ...buckets.map(([le, count]) => line(`${name}_bucket`, { ...labels, le: number(le) }, count)),
    line(`${name}_sum`, labels, sum),
    line(`${name}_count`, labels, count),
  ]);
}

function line(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`).join(",");
  return `${name}${pairs === "" ? "" : `{${pairs}}`} ${number(value)}\n`;
}

function number(value: number): string {
  return value === Infinity ? "+Inf" : String(value);
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');
}
