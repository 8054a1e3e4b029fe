/**
 * All template resources together: those from variables and those that are in the image already.
 *
 * Pure: what is on disk comes in as values.
 * @module
 */
import { Templates } from "./templates.ts";
import type { WantedFile } from "./file_variables.ts";
import { parseResource, type ResourceSource, type TemplateResource } from "./resource.ts";

/** What is on disk already. */
export interface Image {
  /** The files of `conf.d/` that confd would read, by path below `conf.d/`. */
  resources: ReadonlyMap<string, string>;
  /** The bytes of a template that stands in `templates/`; undefined: there is none of that name. */
  template: (src: string) => Uint8Array | undefined;
  /** True where `/bin/sh` is: confd runs its commands through it. */
  hasShell: boolean;
}

/** The resources that confd will work on, and what is wrong or odd. */
export interface ResourcesReading {
  resources: TemplateResource[];
  /** The files of those that no variable names. */
  leftOver: string[];
  /** The labels of those whose templates tell the time. */
  tellTime: string[];
  problems: string[];
  warnings: string[];
}

/**
 * Reads every template resource; a file from a variable stands for the one of its name in the image. What is wrong within
 * a resource that was refused for its name is told with the rest.
 */
export function readResources(
  files: readonly WantedFile[],
  image: Image,
  refused: readonly WantedFile[] = [],
): ResourcesReading {
  const named = new Set(files.filter(({ folder }) => folder === "conf.d").map(({ name }) => name));
  const leftOver = [...image.resources.keys()].filter((path) => !named.has(path));
  const sources = new Map<string, ResourceSource>();
  for (const [path, text] of image.resources) sources.set(path, { label: `conf.d/${path}`, file: path, text });
  for (const file of files) if (file.folder === "conf.d") sources.set(file.name, asSource(file));
  const reading: ResourcesReading = {
    resources: [],
    leftOver: leftOver.filter(isPlain),
    tellTime: [],
    problems: [],
    warnings: [],
  };
  const templates = new Templates(files, image, refused);
  const byDest = new Map<string, TemplateResource>();
  for (const source of sources.values()) {
    const { resource, problems, warnings } = parseResource(source);
    reading.problems.push(...problems);
    reading.warnings.push(...warnings);
    if (resource === undefined) continue;
    reading.problems.push(...templates.problems(resource));
    if (templates.tellTime(resource)) reading.tellTime.push(resource.label);
    if (!image.hasShell) judgeWithoutShell(resource, reading);
    const twin = byDest.get(resource.dest);
    // A mounted ConfigMap shows each of its files twice, through its hidden folder too: that harms nobody.
    if (twin !== undefined && twin.text !== resource.text) {
      reading.problems.push(
        `${resource.label}: 'dest' is ${resource.dest}, and so it is in ${twin.label}: they would overwrite each other`,
      );
    }
    if (twin === undefined) byDest.set(resource.dest, resource);
  }
  const bad = refused.filter(({ folder, content }) => folder === "conf.d" && content.trim() !== "");
  reading.problems.push(...bad.flatMap((file) => parseResource({ ...asSource(file), label: file.variable }).problems));
  if (sources.size === 0 && !refused.some(({ folder }) => folder === "conf.d")) {
    reading.problems.push(
      "there is no template resource: set CONFD_CONFDFILE_1 (first line: a name such as service.toml; then its content) " +
        "and CONFD_TEMPLATE_1, or put files into conf.d/ and templates/",
    );
  }
  reading.resources.push(...byDest.values());
  return reading;
}

function asSource({ variable, name, content }: WantedFile): ResourceSource {
  return { label: `${variable} (${name})`, file: name, text: content };
}

/** False for what a mounted ConfigMap shows through its hidden folder. */
function isPlain(path: string): boolean {
  return !path.split("/").some((part) => part.startsWith(".."));
}

function judgeWithoutShell(
  { label, checkCmd, reloadCmd }: TemplateResource,
  { problems, warnings }: ResourcesReading,
): void {
  if (checkCmd) problems.push(`${label}: 'check_cmd' needs /bin/sh, which is not here: it would always fail`);
  if (reloadCmd) warnings.push(`${label}: 'reload_cmd' needs /bin/sh, which is not here: it will fail`);
}
