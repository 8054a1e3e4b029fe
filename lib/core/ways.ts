/**
 * The ways in which changes are brought to the service. Each file has one; changes of one window are one rollout: a restart
 * beats the rest, otherwise each different way is done once: commands first, then HTTP, then signals.
 *
 * Pure.
 * @module
 */

/** How the service is reloaded. */
export type ReloadKind = "signal" | "restart" | "none" | "exec" | "http";

/** One way, by the name under which the host knows it. */
export interface Way {
  readonly id: string;
  readonly by: ReloadKind;
}

/** The name of the way for files that say nothing of their own, and of a reload that nothing has changed for. */
export const DEFAULT = "";

/** What ways are told by. */
export interface Ways {
  readonly reload: { readonly by: ReloadKind };
  readonly reloads: ReadonlyMap<string, Way>;
}

const ORDER: readonly ReloadKind[] = ["exec", "http", "signal"];

/** The way of one file. */
export function wayOf(dest: string, { reload, reloads }: Ways): Way {
  return reloads.get(dest) ?? { id: DEFAULT, by: reload.by };
}

/** What is to be done for some files, in its order; one restart, where one of them wants that; nothing, where none wants it. */
export function waysFor(dests: Iterable<string>, ways: Ways): readonly Way[] {
  const wanted = new Map([...dests].map((dest) => wayOf(dest, ways)).map((way) => [way.id, way]));
  const all = [...wanted.values()];
  const restart = all.find(({ by }) => by === "restart");
  if (restart !== undefined) return [restart];
  return ORDER.flatMap((kind) => all.filter(({ by }) => by === kind));
}

/** What several ways are called together. */
export function kindOf(ways: readonly Way[]): ReloadKind | "several" {
  const kinds = new Set(ways.map(({ by }) => by));
  const [kind = "none"] = kinds;
  return kinds.size > 1 ? "several" : kind;
}
