/**
 * HTML that cannot be broken out of: what is put into a template is escaped, unless a template made it.
 *
 * Pure.
 * @module
 */

/** A piece of HTML that is safe to show. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What a template takes: text to be escaped, HTML as it is, several of both, or nothing. */
export type Part = Html | string | number | null | readonly Part[];

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/**
 * A template. Its attributes stand in double quotes. Its line breaks, and white space beside them, are for those who
 * read the source, and go.
 */
export function markup({ raw }: TemplateStringsArray, ...parts: readonly Part[]): Html {
  const tidy = (text: string) => text.replace(/\s*\n\s*/g, "");
  return new Html(raw.map((text, i) => tidy(text) + (i < parts.length ? textOf(parts[i]) : "")).join(""));
}

function textOf(part: Part): string {
  if (part === null) return "";
  if (part instanceof Html) return part.text;
  if (typeof part === "object") return part.map(textOf).join("");
  return String(part).replace(/[&<>"']/g, (char) => ENTITIES[char]);
}
