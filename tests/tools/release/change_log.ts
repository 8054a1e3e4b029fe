/**
 * The change log: the newest version, its date, and what is in it.
 *
 * Pure.
 * @module
 */

/** One release. */
export interface Release {
  readonly version: string;
  /** As RFC 3339 has it: `2026-11-25`. */
  readonly date: string;
  /** What the change log says of it, in Markdown. */
  readonly notes: string;
}

/** The newest release of a text in the form of Keep a Changelog. Throws where there is none. */
export function newestRelease(text: string): Release {
  const found = /^## \[(\d+\.\d+\.\d+)\] - (\d{4}-\d\d-\d\d)\n([\s\S]*?)(?=^## |$(?![\s\S]))/m.exec(text);
  if (found === null) {
    throw new Error("CHANGELOG.md has no release: wanted is a line such as '## [1.0.0] - 2026-11-25'");
  }
  const [, version, date, notes] = found;
  return { version, date, notes: notes.trim() };
}
