/**
 * States of the supervisor to begin a test with.
 *
 * Pure.
 * @module
 */
import { initialState, type Options, type State } from "../../lib/core/state.ts";
import { readSettings } from "../../lib/settings/settings.ts";

/** The state before anything happened, with the settings' defaults but for `changes`. */
export function stateOf(onDisk: Readonly<Record<string, string | null>>, changes: Partial<Options> = {}): State {
  const defaults = {
    follow: "watch",
    intervalMs: 0,
    debounceMs: 0,
    stopTimeoutMs: 30_000,
    stopSignal: "",
    signals: new Map(),
    restart: "never",
    restartMax: 5,
  };
  const { settings } = readSettings({});
  return initialState({ ...defaults, ...settings, ...changes } as Options, new Map(Object.entries(onDisk)));
}
