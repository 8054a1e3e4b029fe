/**
 * The templates that resources name: from variables, or else in the image already.
 *
 * Pure: what is on disk comes in as values.
 * @module
 */
import { didYouMean } from "../settings/nearest.ts";
import { calls } from "./command_template.ts";
import type { WantedFile } from "./file_variables.ts";
import type { TemplateResource } from "./resource.ts";

/** All templates. */
export class Templates {
  readonly #contents: ReadonlyMap<string, string>;
  readonly #refused: readonly string[];
  readonly #image: { template: (src: string) => Uint8Array | undefined };

  constructor(
    files: readonly WantedFile[],
    image: { template: (src: string) => Uint8Array | undefined },
    refused: readonly WantedFile[],
  ) {
    const templates = (from: readonly WantedFile[]) => from.filter(({ folder }) => folder === "templates");
    this.#contents = new Map(templates(files).map(({ name, content }) => [name, content]));
    this.#refused = templates(refused).map(({ name }) => name);
    this.#image = image;
  }

  /** What is wrong with a resource's template. */
  problems({ label, src }: TemplateResource): string[] {
    // One that was refused has its problem already.
    if (this.#contents.has(src) || this.#refused.includes(src)) return [];
    const bytes = this.#image.template(src);
    if (bytes === undefined) {
      return [
        `${label}: 'src' is ${
          JSON.stringify(src)
        }, which neither a CONFD_TEMPLATE variable names nor templates/ holds` +
        didYouMean(src, this.#contents.keys()),
      ];
    }
    if (!hasUnreadableAction(bytes)) return [];
    return [`${label}: templates/${src} has an action between {{ and }} that is not valid UTF-8: confd cannot read it`];
  }

  /** True if a resource's template is rendered to something else at each time. */
  tellTime({ src }: TemplateResource): boolean {
    return calls(this.#contents.get(src) ?? decode(this.#image.template(src)), "datetime");
  }
}

function decode(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? "" : new TextDecoder().decode(bytes);
}

/** Outside its actions, a template may have any bytes. */
function hasUnreadableAction(bytes: Uint8Array): boolean {
  const text = decode(bytes);
  if (!text.includes("\ufffd")) return false;
  return [...text.matchAll(/\{\{(?!-?\s*\/\*)(?:(?!\}\})[\s\S])*\}\}/g)].some(([action]) => action.includes("\ufffd"));
}
