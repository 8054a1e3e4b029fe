/**
 * How long confd may delay a change because it was told to: `debounce` and `batch-interval` of the fork.
 *
 * A file that is out of date for that long is no sign of a confd that hears nothing.
 *
 * Pure.
 * @module
 */
import { parseDuration } from "../settings/duration.ts";
import { OPTIONS, type OptionSources, userValues } from "./options.ts";
import type { TemplateResource } from "./resource.ts";

/** Where the user can say so. */
export interface DebounceSources extends OptionSources {
  resources: readonly Pick<TemplateResource, "debounce">[];
}

/** The longest of what is said anywhere, in milliseconds; which of them wins in confd is not asked. */
export function debounceMs({ resources, ...sources }: DebounceSources): number {
  const said = [
    ...OPTIONS.filter(({ delays }) => delays).flatMap(({ flag }) => userValues(flag, sources)),
    ...resources.map(({ debounce }) => debounce),
  ];
  return Math.max(0, ...said.map((value) => typeof value === "string" ? parseDuration(value) ?? 0 : 0));
}
