/**
 * Variables that hold files: the first line is the file's name, the rest its content.
 *
 * Pure.
 * @module
 */
import type { Environment } from "../settings/settings.ts";
import { isFileVariable } from "./environment.ts";
import { hasControl } from "./template_keys.ts";

/** The folders below confd's configuration folder. */
export type Folder = "conf.d" | "templates";

/** A file that a variable asks for. */
export interface WantedFile {
  variable: string;
  folder: Folder;
  name: string;
  content: string;
}

/** The longest name that Linux's file systems take, in bytes (NAME_MAX), less what a temporary name adds. */
const LONGEST_NAME = 255 - 20;

/** The files that variables ask for; those that are refused, under the names that were probably meant; and why. */
export interface FilesReading {
  files: WantedFile[];
  refused: WantedFile[];
  problems: string[];
}

/** Reads the variables `CONFD_CONFDFILE*` and `CONFD_TEMPLATE*`, in the order of their names. */
export function readFileVariables(env: Environment): FilesReading {
  const reading: FilesReading = { files: [], refused: [], problems: [] };
  const { files, refused, problems } = reading;
  for (const variable of Object.keys(env).filter(isFileVariable).sort()) {
    // Whoever composes environments can often not leave a variable out.
    if (env[variable] === "") continue;
    const folder = variable.startsWith("CONFD_CONFDFILE") ? "conf.d" : "templates";
    const [, name, content] = /^([^\n]*)(?:\n|$)([\s\S]*)$/.exec(env[variable])!;
    const problem = nameProblem(name, content, folder);
    const twin = files.find((file) => file.folder === folder && file.name === name);
    if (problem !== undefined) {
      problems.push(`${variable}: its first line, of ${name.length} characters, ${problem}`);
      refused.push({ variable, folder, name: meantName(name), content });
    } else if (twin !== undefined) {
      problems.push(`${variable}: names the file ${name}, and so does ${twin.variable}`);
      refused.push({ variable, folder, name, content });
    } else files.push({ variable, folder, name, content });
  }
  return reading;
}

/** The first word of a line, without what became of it on its way. */
function meantName(line: string): string {
  return /[^\s\\"'\ufeff]+/.exec(line)?.[0] ?? "";
}

/** Why a name cannot be one plain file's name that confd reads; undefined if it can. It may be part of a secret content. */
function nameProblem(name: string, content: string, folder: Folder): string | undefined {
  if (name.trim() === "") return "is no file name: the first line names the file, the rest is its content";
  if (name.includes("\\n")) {
    return "has a backslash and an 'n' in it: where they stand for a line end, the variable has lost its line ends on the way";
  }
  // A file's name, and more behind it: lines were put together if that is all there is, or part of a template or resource.
  if (/^\S+\.\S+\s+\S/.test(name) && (content === "" || /\{\{|\[template\]|\s=/.test(name))) {
    return "has blanks in it and all that follows: the variable has lost its line ends on the way (in YAML, '>' folds " +
      "lines and '|' keeps them)";
  }
  if (name.endsWith("\r")) {
    return "ends with a carriage return: the variable has Windows line ends; wanted are plain ones";
  }
  if (name.startsWith("\ufeff")) return "begins with a byte order mark; wanted is the file's name alone";
  if (name !== name.trim()) return "has blanks around the name: is the variable's content indented?";
  if (/^(["']).*\1?$/.test(name)) {
    return "begins with a quote: quotes around a value in an environment file are part of it";
  }
  if (hasControl(name)) return "has a control character in it; wanted is one plain file name";
  if (name.includes("/") || name === "." || name === "..") {
    return "is not one plain file name (no slash, no '..'): the first line names the file, the rest is its content";
  }
  if (new TextEncoder().encode(name).length > LONGEST_NAME) {
    return `is longer than ${LONGEST_NAME} bytes: the first line names the file, the rest is its content`;
  }
  if (folder === "conf.d" && !isResourceName(name)) {
    return "is not a name that confd reads: wanted is one that ends in 'toml', such as service.toml";
  }
  return undefined;
}

/** True for the names that confd reads in `conf.d/`: those that match its pattern `*toml`. */
export function isResourceName(name: string): boolean {
  return name.endsWith("toml");
}
