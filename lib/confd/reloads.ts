/**
 * The ways to reload that template resources name, beside the one of `SIDECAR_RELOAD`.
 *
 * Pure.
 * @module
 */
import { DEFAULT, type Way } from "../core/ways.ts";
import type { ReloadWay } from "../settings/reload.ts";
import type { TemplateResource } from "./resource.ts";

/** All ways of a run. */
export interface Reloads {
  /** Each by its name. */
  readonly ways: ReadonlyMap<string, ReloadWay>;
  /** The way of each destination that has one of its own. */
  readonly byDest: ReadonlyMap<string, Way>;
}

/** Collects them. Resources that say the same, or what `SIDECAR_RELOAD` says, have one way. */
export function reloadsOf(resources: readonly TemplateResource[], byDefault: ReloadWay): Reloads {
  const ways = new Map([[DEFAULT, byDefault]]);
  const byDest = new Map<string, Way>();
  for (const { dest, sidecar: { reload } } of resources) {
    if (reload === undefined) continue;
    const id = nameOf(reload) === nameOf(byDefault) ? DEFAULT : nameOf(reload);
    ways.set(id, ways.get(id) ?? reload);
    if (id !== DEFAULT) byDest.set(dest, { id, by: reload.by });
  }
  return { ways, byDest };
}

function nameOf(way: ReloadWay): string {
  switch (way.by) {
    case "signal":
      return way.signal;
    case "exec":
      return JSON.stringify(way.words);
    case "http":
      return way.url;
    default:
      return way.by;
  }
}
