/**
 * 'Did you mean': the known name nearest to one that is not known.
 *
 * Pure.
 * @module
 */

/**
 * The candidate that is at most a third of its length away from `name` (edit distance, letters' case ignored), the
 * nearest first, or undefined when none is near. What all such names have in common (`SIDECAR_`, `.tmpl`) does not count.
 */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Infinity;
  for (const candidate of candidates) {
    const [ours, theirs] = withoutCommonEnds(name.toLowerCase(), candidate.toLowerCase());
    const distance = editDistance(ours, theirs);
    const longest = theirs.length < 2 && distance === 1 ? 0 : Math.max(1, theirs.length / 3);
    if (distance < bestDistance && distance <= longest) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Two names without the words before an underscore, and the ending after a dot, that both have. */
function withoutCommonEnds(a: string, b: string): [string, string] {
  const ending = /\.[^.]*$/.exec(a)?.[0] ?? "";
  if (ending !== "" && b.endsWith(ending)) {
    return withoutCommonEnds(a.slice(0, -ending.length), b.slice(0, -ending.length));
  }
  const start = /^[^_]*_/.exec(a)?.[0] ?? "";
  if (start !== "" && b.startsWith(start)) return withoutCommonEnds(a.slice(start.length), b.slice(start.length));
  return [a, b];
}

/** The end of a sentence: `; did you mean "x"?`, or nothing. */
export function didYouMean(name: string, candidates: Iterable<string>): string {
  const near = nearest(name, candidates);
  return near === undefined ? "" : `; did you mean ${JSON.stringify(near)}?`;
}

/** Levenshtein's distance, two rows at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length];
}
