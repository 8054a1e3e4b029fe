/**
 * The files that confd renders: what each holds, what the service has loaded, and the questions that both raise.
 *
 * Pure.
 * @module
 */

declare const digest: unique symbol;

/** The digest of a file that holds something. */
export type Digest = string & { readonly [digest]: true };

/** What a file holds: something, nothing, or there is no file (null). */
export type Content = Digest | typeof EMPTY | null;

/** A file with nothing in it. */
export const EMPTY = "empty";

/** What each of several files holds, by path. */
export type Contents = ReadonlyMap<string, Content>;

/** One destination. */
export interface File {
  /** What it holds now; where files are staged, what the staged file holds. */
  readonly now: Content;
  /** What the service last loaded; where files are staged, what was last put in place for it. */
  readonly loaded: Content;
  /** True once confd has rendered it in this run. */
  readonly rendered: boolean;
  /** True if the service does without it. */
  readonly optional: boolean;
}

/** All destinations, by path. */
export type Files = ReadonlyMap<string, File>;

/** The files before anything happened. */
export function filesOnDisk(onDisk: Contents, optional: ReadonlySet<string>): Files {
  return new Map(
    [...onDisk].map(([dest, now]) => [dest, { now, loaded: null, rendered: false, optional: optional.has(dest) }]),
  );
}

/** One of them with other properties. */
export function withFile(files: Files, dest: string, change: Partial<File>): Files {
  const known = files.get(dest);
  return known === undefined ? files : new Map(files).set(dest, { ...known, ...change });
}

/** The service loads what the files hold now. */
export function loadNow(files: Files): Files {
  return new Map([...files].map(([dest, file]) => [dest, { ...file, loaded: file.now }]));
}

/** These contents are in place for the service. */
export function putInPlace(files: Files, contents: Contents): Files {
  return new Map([...files].map(([dest, file]) => [dest, { ...file, loaded: contents.get(dest) ?? null }]));
}

/** confd did not render these contents, but they serve for a start. */
export function overwrite(files: Files, contents: Contents): Files {
  return new Map(
    [...files].map(([dest, file]) => [dest, { ...file, now: contents.get(dest) ?? file.now, rendered: true }]),
  );
}

/** The destinations that confd has still to render before the service can be started. */
export function pending(files: Files): string[] {
  return destsWhere(files, ({ rendered, now, optional }) => !optional && (!rendered || now === null));
}

/** True if the service has never loaded one of them. */
export function isNew(files: Files): boolean {
  return destsWhere(files, ({ loaded, optional }) => !optional && loaded === null).length > 0;
}

/**
 * The destinations that are not what the service last loaded. A staged file that confd has not rendered yet is no change,
 * and neither is the lack of a file that the service does without.
 */
export function changed(files: Files, options: { staged: boolean }): string[] {
  return destsWhere(files, (file) => isChanged(file, options));
}

/** True if the service has to take this file up; see {@link changed}. */
export function isChanged(
  { now, loaded, rendered, optional }: File,
  { staged }: { staged: boolean },
): boolean {
  return now !== loaded && !(now === null && (optional || (staged && !rendered)));
}

/** The destinations for which the service has loaded something else than these contents. */
export function unlike(files: Files, contents: Contents): string[] {
  return [...files].filter(([dest, { loaded }]) => loaded !== (contents.get(dest) ?? null)).map(([dest]) => dest);
}

/** True if the files hold just these contents. */
export function hold(files: Files, contents: Contents): boolean {
  return [...files].every(([dest, { now }]) => contents.get(dest) === now);
}

/** What they hold now. */
export function presentContents(files: Files): Contents {
  return new Map([...files].map(([dest, { now }]) => [dest, now]));
}

/** What the service has loaded. */
export function loadedContents(files: Files): Contents {
  return new Map([...files].map(([dest, { loaded }]) => [dest, loaded]));
}

function destsWhere(files: Files, holds: (file: File) => boolean): string[] {
  return [...files].filter(([, file]) => holds(file)).map(([dest]) => dest);
}
