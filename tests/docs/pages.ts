/**
 * The pages of the project, and the parts of Markdown that tests look at.
 *
 * Touches: the file system, reading.
 * @module
 */

/** The project's folder, with a slash at its end. */
export const ROOT = new URL("../../", import.meta.url).pathname;

/** One page. */
export interface Page {
  /** Below the project's folder. */
  path: string;
  text: string;
}

/** Every page that is part of the project. */
export function pages(): Page[] {
  const below = ["docs", "examples"].flatMap(filesBelow).filter((path) => path.endsWith(".md"));
  const paths = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", ...below];
  return paths.map((path) => ({ path, text: readText(path) }));
}

/** A file's text, by its path below the project's folder. */
export function readText(path: string): string {
  return Deno.readTextFileSync(ROOT + path);
}

/** True for a file or folder of the project. */
export function exists(path: string): boolean {
  try {
    Deno.statSync(ROOT + path);
    return true;
  } catch {
    return false;
  }
}

/** Files below a folder of the project, in sub-folders too. */
export function filesBelow(folder: string): string[] {
  return [...Deno.readDirSync(ROOT + folder)].flatMap(({ name, isDirectory }) =>
    isDirectory ? filesBelow(`${folder}/${name}`) : [`${folder}/${name}`]
  ).sort();
}

/** The blocks between fences of one language. */
export function fences(text: string, language: string): string[] {
  return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].filter(([, found]) => found === language)
    .map(([, , body]) => body);
}

/** What stands in single backquotes, outside of fences. */
export function codeSpans(text: string): string[] {
  const prose = text.replace(/^```[\s\S]*?^```$/gm, "");
  return [...prose.matchAll(/`([^`\n]+)`/g)].map(([, span]) => span);
}

/** Targets of links that lead nowhere else than into the project: `path`, `#anchor` or both. */
export function relativeLinks(text: string): string[] {
  const prose = text.replace(/^```[\s\S]*?^```$/gm, "").replace(/`[^`\n]+`/g, "");
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target).filter((target) => !/^\w+:/.test(target));
}

/** The anchors of a page's headings, as they are commonly made. */
export function anchors(text: string): string[] {
  const headings = [...text.replace(/^```[\s\S]*?^```$/gm, "").matchAll(/^#+ (.+)$/gm)];
  return headings.map(([, heading]) =>
    heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "").trim().replaceAll(" ", "-")
  );
}

/** The cells of the table below a heading, without its head. */
export function tableBelow(text: string, heading: string): string[][] {
  const section = text.split(/^#+ /m).find((section) => section.startsWith(`${heading}\n`));
  if (section === undefined) throw new Error(`there is no heading '${heading}'`);
  const rows = section.split("\n").filter((line) => line.startsWith("|")).slice(2);
  return rows.map((row) => row.slice(1, row.lastIndexOf("|")).split("|").map((cell) => cell.trim()));
}
