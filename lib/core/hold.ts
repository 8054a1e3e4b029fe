/**
 * A hold: changes are rendered and checked, and wait until they are released.
 *
 * A hold concerns changes alone. The service is started in any case: where changes are staged, on the files that were in
 * place before, if there are such. Where they are not, confd has written them in their places already, and a hold only
 * keeps the service from being told.
 *
 * Pure.
 * @module
 */
import { changed, hold as holdJust } from "./files.ts";
import type { Options } from "./options.ts";
import type { Rollout } from "./rollout_state.ts";
import type { Turn } from "./turn.ts";

/** True if the service may be made to read its files: nothing new goes live by that. */
export function loadsNothingNew({ files }: Rollout, options: Options): boolean {
  return options.staged || changed(files, options).length === 0;
}

/** A change waits; where it can be checked, it is. */
export function putOnHold(rollout: Rollout, { options, effects, notes }: Turn): Rollout {
  const { files, checked, hold } = rollout;
  if (options.staged && (checked === null || !holdJust(files, checked))) {
    effects.push({ type: "publish", checkOnly: true });
    notes.push({ is: "publishing", checkOnly: true });
    return { ...rollout, stage: { is: "publishing", checkOnly: true } };
  }
  notes.push({ is: "held", dests: changed(files, options), reason: hold?.reason ?? null });
  return { ...rollout, stage: { is: "idle" } };
}
