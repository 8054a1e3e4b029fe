/**
 * Telling what changed in the destinations since the service last loaded them. Only where the user wants it: texts are
 * kept in memory for it, and the library that compares them is loaded when it is first needed.
 *
 * Touches: the file system, reading; the logger that it is given.
 * @module
 */
import { describeDifference, type Style } from "../../log/difference.ts";
import type { Entry } from "../../log/line.ts";
import type { Logger } from "../output/logger.ts";

/** Files larger than this, in bytes, are not compared. */
const LARGEST = 1 << 20;
/** How many lines around a change are shown. */
const CONTEXT = 3;

/** The texts of files, by destination; undefined for what is not compared. */
type Texts = ReadonlyMap<string, string | undefined>;

/** Called with what changed in a file, values hidden. */
export type OnMasked = (dest: string, lines: readonly string[]) => void;

/** Remembers what the service has loaded, and compares. */
export class Differences {
  readonly #style: Style;
  readonly #logger: Logger;
  readonly #secret: ReadonlySet<string>;
  #loaded: Texts = new Map();

  /** `secret`: files whose values are never shown. */
  constructor(style: Style, logger: Logger, secret: ReadonlySet<string> = new Set()) {
    this.#style = style;
    this.#logger = logger;
    this.#secret = secret;
  }

  /** The service loads what is on disk now. */
  remember(dests: Iterable<string>): void {
    this.#loaded = new Map([...dests].map((dest) => [dest, readText(dest)]));
  }

  /** Logs what is another on disk than the service has loaded, and remembers it: the service loads it now. */
  async log(onMasked?: OnMasked): Promise<void> {
    const before = this.#loaded;
    this.remember(before.keys());
    await this.#compare(before, this.#loaded, onMasked);
  }

  /** Logs how files that were refused differ from what the service has loaded. `places` says where they are. */
  async logRefused(places: ReadonlyMap<string, string>, onMasked?: OnMasked): Promise<void> {
    const refused = new Map([...this.#loaded.keys()].map((dest) => [dest, readText(places.get(dest) ?? dest)]));
    await this.#compare(this.#loaded, refused, onMasked);
  }

  async #compare(before: Texts, after: Texts, onMasked?: OnMasked): Promise<void> {
    for (const [dest, old] of before) {
      const now = after.get(dest);
      if (old === now) continue;
      const style = this.#secret.has(dest) ? "masked" : this.#style;
      this.#logger.log(await difference(dest, { old, now, style }));
      if (onMasked === undefined) continue;
      const { msg, more = [msg] } = await difference(dest, { old, now, style: "masked" });
      onMasked(dest, more);
    }
  }
}

/** What is compared, and how it is shown. */
export interface Comparison {
  /** Undefined for what is not compared. */
  old: string | undefined;
  now: string | undefined;
  style: Style;
}

/** The entry for how a destination differs. */
export async function difference(dest: string, { old, now, style }: Comparison): Promise<Entry> {
  if (old === undefined || now === undefined) {
    const msg = `what changed in ${dest}: it is not a text of at most ${LARGEST} bytes, and not compared`;
    return { level: "info", msg, fields: { dest } };
  }
  const { structuredPatch } = await import("diff");
  const { hunks } = structuredPatch(dest, dest, old, now, "", "", { context: CONTEXT });
  return describeDifference(dest, hunks, style);
}

/** Undefined for a file that is none, too large, or no text. */
export function readText(path: string): string | undefined {
  try {
    if (Deno.statSync(path).size > LARGEST) return undefined;
    return new TextDecoder("utf-8", { fatal: true }).decode(Deno.readFileSync(path));
  } catch {
    return undefined;
  }
}
