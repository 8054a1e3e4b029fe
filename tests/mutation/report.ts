/**
 * What mutation testing came to, as Markdown.
 *
 * Pure.
 * @module
 */
import type { Mutant } from "./mutate.ts";

/** What became of a fault. No test reaches an `unreached` one. */
export type Verdict = { is: "killed"; by: string } | { is: "survived" } | { is: "unreached" };

/** A table of files, and below it every fault that no test has found. */
export function table(
  mutants: readonly Mutant[],
  verdicts: ReadonlyMap<string, Verdict>,
  read: (path: string) => string,
): string {
  const files = Object.entries(Object.groupBy(mutants, ({ fileName }) => fileName)).sort();
  const folders = Object.entries(Object.groupBy(mutants, ({ fileName }) => fileName.replace(/[^/]+$/, "*"))).sort();
  const row = ([name, of = []]: [string, Mutant[] | undefined]) => {
    const found = of.filter(({ id }) => verdicts.get(id)?.is === "killed").length;
    const share = (100 * found / of.length).toFixed(1);
    return `| ${name} | ${of.length} | ${found} | ${of.length - found} | ${share} % |`;
  };
  const head = ["| file | faults | found | not found | share |", "| --- | --- | --- | --- | --- |"];
  const rest = mutants.filter(({ id }) => verdicts.get(id)?.is !== "killed");
  const survivors = rest.map((mutant) => survivor(mutant, verdicts.get(mutant.id)?.is ?? "", read(mutant.fileName)));
  return [...head, ...folders.map(row), ...files.map(row), "", ...survivors].join("\n");
}

function survivor({ fileName, location: { start, end }, replacement, mutatorName }: Mutant, is: string, text: string) {
  const lines = text.split("\n").slice(start.line, end.line + 1);
  const last = lines.length - 1;
  lines[last] = lines[last].slice(0, end.column);
  lines[0] = lines[0].slice(start.column);
  const short = (text: string) => text.replace(/\s+/g, " ").slice(0, 80);
  return `${fileName}:${start.line + 1}: ${is} ${mutatorName}: ${short(lines.join("\n"))} => ${short(replacement)}`;
}
