/**
 * The small pieces that the page is made of: an icon, a time, a state in words.
 *
 * Pure.
 * @module
 */
import { age, clock, fullTime } from "./ages.ts";
import { type Html, markup, type Part } from "./markup.ts";
import type { Level } from "./verdict.ts";

/** What an icon says; words beside it always say the same. */
export type Look = Level | "none";

/** The shapes of the icons, so that none is told from another by its colour alone. */
const SHAPES: Readonly<Record<Look, string>> = {
  well: "M6.5 12.5l4 4 7.5-8.5",
  busy: "M7 12h.01M12 12h.01M17 12h.01",
  notice: "M12 6.5v7M12 17.5h.01",
  trouble: "M8 8l8 8M16 8l-8 8",
  none: "M8 12h8",
};

/** The shapes, once for the whole page; each icon uses one. */
export function shapes(): Html {
  const symbols = Object.entries(SHAPES).map(([name, path]) =>
    markup`<symbol id="i-${name}" viewBox="0 0 24 24"><path d="${path}"/></symbol>`
  );
  return markup`<svg width="0" height="0" aria-hidden="true" class="off">${symbols}</svg>`;
}

/** An icon. */
export function icon(look: Look): Html {
  return markup`<svg class="icon ${look}" aria-hidden="true"><use href="#i-${look}"/></svg>`;
}

/** A state: an icon and words. */
export function state(look: Look, words: string): Html {
  return markup`<span class="state ${look}">${icon(look)}${words}</span>`;
}

/** How long ago a time is, with the time itself behind it. */
export function ago(at: string | null, nowMs: number): Html {
  if (at === null) return markup`never`;
  return markup`<time datetime="${at}" title="${fullTime(at)}">${age(at, nowMs)}</time>`;
}

/** A time, and how long ago that is. */
export function moment(at: string | null, nowMs: number): Html {
  if (at === null) return markup`never`;
  return markup`<time datetime="${at}" title="${fullTime(at)}">${clock(at, nowMs)}</time> (${age(at, nowMs)})`;
}

/** A digest, as far as it is of use to the eye. */
export function digest(text: string | null): Html {
  return text === null ? markup`none` : markup`<code title="${text}">${text.slice(0, 12)}</code>`;
}

/** Names and values. */
export function facts(rows: readonly (readonly [name: string, value: Part])[]): Html {
  return markup`<dl>${rows.map(([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** What somebody else said, word for word. */
export function quoted(text: string): Html {
  return markup`<pre class="quote">${text}</pre>`;
}

/** A section under a heading. */
export function section(id: string, title: string, ...content: readonly Part[]): Html {
  return markup`
    <section id="${id}" aria-labelledby="h-${id}">
      <h2 id="h-${id}">${title}</h2>
      ${content}
    </section>`;
}
