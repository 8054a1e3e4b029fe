/**
 * The table that the bench prints.
 *
 * Pure.
 * @module
 */

/** One thing that was measured. */
export interface Row {
  what: string;
  own: string;
  /** What the own value is held against, and its value. */
  against: string;
  ratio: number;
  target: string;
  /** Undefined: there was nothing to hold it against. */
  met: boolean | undefined;
  /** The Go program's value; undefined: it was not measured. */
  peer?: string;
}

const HEADINGS = ["measured", "confd-sidecar", "held against", "ratio", "target", "result", "Go confd-sidecar"];

/** Renders rows as Markdown. */
export function markdown(rows: readonly Row[]): string {
  const cells = rows.map(({ what, own, against, ratio, target, met, peer }) => [
    what,
    own,
    against,
    Number.isFinite(ratio) ? ratio.toFixed(2) : "n/a",
    target,
    met === undefined ? "n/a" : met ? "met" : "missed",
    peer ?? "n/a (set BENCH_PEER)",
  ]);
  return [HEADINGS, HEADINGS.map(() => "---"), ...cells].map((line) => `| ${line.join(" | ")} |\n`).join("");
}
