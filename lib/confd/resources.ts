/**
 * All template resources together: those from variables and those that are in the image already.
 *
 * Pure: what is on disk comes in as values.
 * @module
 */
import { didYouMean } from "../settings/nearest.ts";
import type { WantedFile } from "./file_variables.ts";
import { parseResource, type ResourceSource, type TemplateResource } from "./resource.ts";

/** What is on disk already. */
export interface Image {
  /** The files of `conf.d/` that confd would read, by path below `conf.d/`. */
  resources: ReadonlyMap<string, string>;
  /** True for a template that stands in `templates/`. */
  hasTemplate: (src: string) => boolean;
  /** True where `/bin/sh` is: confd runs its commands through it. */
  hasShell: boolean;
}

/** The resources that confd will work on, and what is wrong or odd. */
export interface ResourcesReading {
  resources: TemplateResource[];
  problems: string[];
  warnings: string[];
}

/** Reads every template resource (`complete`: no variable for one was refused before); a file from a variable stands for the one of its name in the image. */
export function readResources(
  files: readonly WantedFile[],
  image: Image,
  { complete = true }: { complete?: boolean } = {},
): ResourcesReading {
  const sources = new Map<string, ResourceSource>();
  for (const [path, text] of image.resources) sources.set(path, { label: `conf.d/${path}`, file: path, text });
  const templates = files.filter((file) => file.folder === "templates").map((file) => file.name);
  for (const { folder, variable, name, content } of files) {
    if (folder === "conf.d") sources.set(name, { label: `${variable} (${name})`, file: name, text: content });
  }
  const problems: string[] = [];
  const warnings: string[] = [];
  const byDest = new Map<string, { label: string; text: string; resource: TemplateResource }>();
  for (const source of sources.values()) {
    const { label, text } = source;
    const reading = parseResource(source);
    problems.push(...reading.problems);
    warnings.push(...reading.warnings);
    const { resource } = reading;
    if (resource === undefined) continue;
    if (!templates.includes(resource.src) && !image.hasTemplate(resource.src)) {
      problems.push(
        `${label}: 'src' is ${JSON.stringify(resource.src)}, which neither a CONFD_TEMPLATE variable names nor ` +
          `templates/ holds${didYouMean(resource.src, templates)}`,
      );
    }
    if (!image.hasShell) {
      if (resource.checkCmd) {
        problems.push(`${label}: 'check_cmd' needs /bin/sh, which is not here: it would always fail`);
      }
      if (resource.reloadCmd) warnings.push(`${label}: 'reload_cmd' needs /bin/sh, which is not here: it will fail`);
    }
    const twin = byDest.get(resource.dest);
    // A mounted ConfigMap shows each of its files twice, through its hidden folder too: that harms nobody.
    if (twin !== undefined && twin.text !== text) {
      problems.push(
        `${label}: 'dest' is ${resource.dest}, and so it is in ${twin.label}: they would overwrite each other`,
      );
    }
    if (twin === undefined) byDest.set(resource.dest, { label, text, resource });
  }
  if (sources.size === 0 && complete) {
    problems.push(
      "there is no template resource: set CONFD_CONFDFILE_1 (first line: a name such as service.toml; then its content) " +
        "and CONFD_TEMPLATE_1, or put files into conf.d/ and templates/",
    );
  }
  return { resources: [...byDest.values()].map(({ resource }) => resource), problems, warnings };
}
