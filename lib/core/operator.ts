/**
 * What an operator may ask for, and when: why it cannot be done at present, in words for the one who asks.
 *
 * Pure.
 * @module
 */
import { loadsNothingNew } from "./hold.ts";
import type { Command } from "./protocol.ts";
import { missingOrEmpty } from "./rollout_state.ts";
import type { State } from "./supervisor_state.ts";

const STOPPING = "the sidecar is stopping";
const NOT_STARTED = "main program has not been started yet";
const RESTARTING = "main program is down, to be started again: try again once it runs";
const BRINGING_BACK = "older files are being put in place: try again in a moment";

/** Why a command is not done; null: it is. */
export function refusalOf(state: State, command: Command): string | null {
  if (state.run.is !== "up") return STOPPING;
  switch (command.is) {
    case "hold":
    case "release":
      return null;
    case "reload":
      return refusalOfReload(state);
    case "restart":
      return refusalOfRestart(state);
    case "rollBack":
      return refusalOfRollBack(state);
  }
}

function isDown({ service }: State): string | null {
  if (service.is === "running") return null;
  return service.is === "absent" && service.status === null ? NOT_STARTED : RESTARTING;
}

function refusalOfReload(state: State): string | null {
  const { rollout, options } = state;
  if (options.reload.by === "none") return "SIDECAR_RELOAD=none: main program is left to notice changes by itself";
  const down = isDown(state);
  if (down !== null) return down;
  if (rollout.hold !== null && !loadsNothingNew(rollout, options)) {
    return "changes are held, and are in place already: a reload would bring them to main program; release them first";
  }
  const [dest] = missingOrEmpty(rollout, options);
  return dest === undefined ? null : `${dest} is missing or empty, and main program is not reloaded on that`;
}

function refusalOfRestart({ service, rollout }: State): string | null {
  if (rollout.stage.is === "restoring") return BRINGING_BACK;
  if (service.is === "stopping") return "main program is being restarted already";
  return service.is === "absent" ? NOT_STARTED : null;
}

function refusalOfRollBack(state: State): string | null {
  const { rollout: { stage }, options } = state;
  if (!options.staged) {
    return "there is no set to go back to: without SIDECAR_CHECK or SIDECAR_VERIFY confd writes the files in their " +
      "places by itself, and earlier ones are not kept";
  }
  const down = isDown(state);
  if (down !== null) return down;
  if (stage.is === "restoring") return BRINGING_BACK;
  return ["publishing", "applying"].includes(stage.is) ? "a change is on its way: try again in a moment" : null;
}
