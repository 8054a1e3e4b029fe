/**
 * States of the supervisor to begin a test with.
 *
 * Pure.
 * @module
 */
import { type Content, type Contents, type Digest, EMPTY } from "../../lib/core/files.ts";
import type { Options } from "../../lib/core/options.ts";
import { type FromEarlierRun, initialState, type State } from "../../lib/core/supervisor_state.ts";
import { readSettings } from "../../lib/settings/settings.ts";

/** What a file holds, in a word: nothing, `empty`, or something that the word stands for. */
export function content(word: string | null): Content {
  return word === null || word === EMPTY ? word : word as Digest;
}

/** What each of several files holds, in words. */
export function contents(words: Iterable<readonly [string, string | null]>): Contents {
  return new Map([...words].map(([dest, word]) => [dest, content(word)]));
}

/** What a recorder is told of a run that a test has made up. */
export const FACTS = {
  version: "1",
  confd: { dialect: "fork", version: null },
  backend: "etcd",
  ready: "running" as const,
  fleet: null,
  pids: { confd: 1, service: 2 },
  orphansReaped: () => 0,
  usage: () => undefined,
};

/** The state before anything happened, with the settings' defaults but for `changes`. */
export function stateOf(
  onDisk: Readonly<Record<string, string | null>>,
  changes: Partial<Options> = {},
  left: FromEarlierRun = {},
): State {
  const defaults = {
    once: false,
    reloads: new Map(),
    optional: new Set(),
    follow: "watch",
    intervalMs: 0,
    debounceMs: 0,
    stopTimeoutMs: 30_000,
    stopSignal: "",
    signals: new Map(),
    restart: "never",
    restartMax: 5,
    staged: false,
    verified: false,
    stopOn: ["SIGTERM", "SIGINT"],
  };
  const { settings } = readSettings({});
  return initialState(
    { ...defaults, ...settings, fleet: null, ...changes } as Options,
    contents(Object.entries(onDisk)),
    left,
  );
}
