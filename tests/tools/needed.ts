/**
 * The parts that some test files need: those that they, or the modules of tests that they import, name.
 *
 * Touches: the file system, reading.
 * @module
 */
import { type PartName, PARTS } from "./parts.ts";

/** These name parts without a need of them. */
const NAMELESS = /\/tests\/tools\//;

/** The parts for test files or folders of them; what is no path, such as an option, needs nothing. */
export function partsNeeded(paths: readonly string[]): PartName[] {
  const texts = new Map<string, string>();
  for (const path of paths) visit(path, texts);
  const all = [...texts.values()].join("\n");
  return PARTS.filter((part) => all.includes(`"${part}"`));
}

function visit(path: string, texts: Map<string, string>): void {
  const isFolder = kindOf(path);
  if (isFolder === undefined || texts.has(path)) return;
  if (isFolder) {
    for (const { name } of Deno.readDirSync(path)) if (/_test\.ts$|^[^.]+$/.test(name)) visit(`${path}/${name}`, texts);
    return;
  }
  const text = Deno.readTextFileSync(path);
  texts.set(path, text);
  for (const [, specifier] of text.matchAll(/\bfrom\s+"(\.[^"]+)"/g)) {
    const target = new URL(specifier, new URL(path, `file://${Deno.cwd()}/`)).pathname;
    if (target.includes("/tests/") && !NAMELESS.test(target)) visit(target, texts);
  }
}

/** True for a folder, false for a file; undefined: there is neither. */
function kindOf(path: string): boolean | undefined {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return undefined;
  }
}
