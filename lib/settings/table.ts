/**
 * The one table of settings: name, default, what is accepted, and how the text becomes a value.
 *
 * The table of docs/reference.md is held against this one by a test. A setting is added here and nowhere else.
 *
 * Pure.
 * @module
 */
import { FLEET_ID_WANTED, FLEET_WANTED, type FleetAddress, fleetHint, parseFleet, parseFleetId } from "./fleet.ts";
import { type Listen, LISTEN_WANTED, listenHint, parseListen } from "./listen.ts";
import { DURATION_WANTED, parseDuration } from "./duration.ts";
import { didYouMean } from "./nearest.ts";
import {
  badRule,
  badStopOn,
  parseSignalRules,
  parseStopOn,
  parseStopSignal,
  RULES_WANTED,
  SIGNAL_WANTED,
  STOP_ON_WANTED,
} from "./signals.ts";
import { parseReload, RELOAD_WANTED, reloadHint, type ReloadWay } from "./reload.ts";
import { parseVerify, VERIFY_WANTED, verifyHint, type VerifyWay } from "./verify.ts";
import { splitWords } from "./words.ts";

/** One setting, read from one environment variable. */
export interface Setting<T> {
  /** Name of the environment variable. */
  readonly name: string;
  /** The text that stands for a variable that is not set or empty; undefined: {@link Setting.absent} is the value. */
  readonly default?: string;
  /** Completes the sentence '... is not'. */
  readonly wanted: string;
  /** The end of the sentence, where more can be said of a text that is not accepted. */
  readonly hint?: (text: string) => string;
  /** The texts that are accepted, where they are a few words. */
  readonly choices?: readonly string[];
  /** True where the value may hold a secret and is left out of messages. */
  readonly secret?: boolean;
  /** Undefined means that the text is not accepted. */
  readonly parse: (text: string) => T | undefined;
  /** The value where there is no text at all. */
  readonly absent?: T;
}

function text(name: string, fallback: string, wanted: string): Setting<string> {
  return { name, default: fallback, wanted, parse: (text) => text };
}

function duration(name: string, fallback: string): Setting<number> {
  return { name, default: fallback, wanted: DURATION_WANTED, parse: parseDuration };
}

function choice<const T extends string>(name: string, fallback: T, choices: readonly T[]): Setting<T> {
  const wanted = choices.map((word) => `'${word}'`).join(", ").replace(/, ([^,]*)$/, " or $1");
  const hint = (text: string) => {
    const longer = choices.find((word) => text.length > 2 && (text.startsWith(word) || word.startsWith(text)));
    return longer === undefined ? didYouMean(text, choices) : `; did you mean "${longer}"?`;
  };
  return { name, default: fallback, wanted, hint, choices, parse: (text) => choices.find((word) => word === text) };
}

function absolutePath(text: string): string | undefined {
  return text.startsWith("/") && !text.includes("\0") ? text.replace(/(?<=.)\/+$/, "") : undefined;
}

/** The longest path of a Unix socket, in bytes: unix(7). */
const LONGEST_SOCKET = 107;

function socketPath(text: string): string | undefined {
  if (text === "off") return text;
  const path = absolutePath(text);
  return path !== undefined && new TextEncoder().encode(path).length <= LONGEST_SOCKET ? path : undefined;
}

/** confd takes whole seconds, and spins or panics at 0. */
function wholeSeconds(text: string): number | undefined {
  const ms = parseDuration(text);
  return ms !== undefined && ms >= 1000 && ms % 1000 === 0 ? ms : undefined;
}

function list(text: string): string[] | undefined {
  const items = text.split(",").map((item) => item.trim());
  return items.every((item) => item !== "") ? items : undefined;
}

/** Every setting, by the name that the code uses. */
export const SETTINGS = {
  confdPath: text("CONFD_PATH", "confd", "a program"),
  confdDir: {
    name: "CONFD_CONFDIR",
    default: "/etc/confd",
    wanted: "an absolute path",
    parse: absolutePath,
  } as Setting<string>,
  backend: text("CONFD_BACKEND", "consul", "a backend"),
  nodes: {
    name: "CONFD_NODE",
    wanted: "a list separated by commas, without empty items",
    secret: true,
    parse: list,
    absent: [],
  } as Setting<string[]>,
  confdArgs: {
    name: "SIDECAR_CONFD_ARGS",
    wanted: "a list of words: a quote is not closed, or a backslash stands last",
    secret: true,
    parse: splitWords,
    absent: [],
  } as Setting<string[]>,
  confdIntervalMs: {
    name: "SIDECAR_CONFD_INTERVAL",
    default: "60s",
    wanted: "a duration in whole seconds, at least 1s",
    parse: wholeSeconds,
  } as Setting<number>,
  confdExit: choice("SIDECAR_CONFD_EXIT", "restart", ["restart", "stop"]),
  settleMs: duration("SIDECAR_SETTLE", "1s"),
  settleMaxMs: duration("SIDECAR_SETTLE_MAX", "10s"),
  startTimeoutMs: duration("SIDECAR_START_TIMEOUT", "0"),
  diff: choice("SIDECAR_DIFF", "none", ["none", "masked", "full"]),
  check: {
    name: "SIDECAR_CHECK",
    wanted: "the words of a command: a quote is not closed, or a backslash stands last",
    secret: true,
    parse: splitWords,
    absent: [],
  } as Setting<string[]>,
  /** `off`: nothing has to hold. */
  verify: {
    name: "SIDECAR_VERIFY",
    wanted: VERIFY_WANTED,
    hint: verifyHint,
    secret: true,
    parse: parseVerify,
    absent: "off",
  } as Setting<VerifyWay | "off">,
  verifyTimeoutMs: duration("SIDECAR_VERIFY_TIMEOUT", "30s"),
  splayMs: duration("SIDECAR_SPLAY", "0"),
  reload: {
    name: "SIDECAR_RELOAD",
    default: "SIGHUP",
    wanted: RELOAD_WANTED,
    hint: reloadHint,
    secret: true,
    parse: parseReload,
  } as Setting<ReloadWay>,
  reloadTimeoutMs: duration("SIDECAR_RELOAD_TIMEOUT", "30s"),
  start: choice("SIDECAR_START", "rendered", ["rendered", "last-good"]),
  /** Undefined in the text: below confd's folder, see `readSettings`. */
  state: { name: "SIDECAR_STATE", wanted: "an absolute path", parse: absolutePath, absent: "" } as Setting<string>,
  empty: choice("SIDECAR_EMPTY", "hold", ["hold", "allow"]),
  stopSignal: {
    name: "SIDECAR_STOP_SIGNAL",
    wanted: `${SIGNAL_WANTED} (but not SIGSTOP)`,
    parse: parseStopSignal,
    absent: "",
  } as Setting<string>,
  stopOn: {
    name: "SIDECAR_STOP_ON",
    default: "SIGTERM,SIGINT",
    wanted: STOP_ON_WANTED,
    hint: badStopOn,
    parse: parseStopOn,
  } as Setting<readonly string[]>,
  stopTimeoutMs: duration("SIDECAR_STOP_TIMEOUT", "30s"),
  signals: {
    name: "SIDECAR_SIGNALS",
    wanted: RULES_WANTED,
    hint: badRule,
    parse: parseSignalRules,
    absent: new Map(),
  } as Setting<ReadonlyMap<string, string | null>>,
  restart: choice("SIDECAR_RESTART", "never", ["never", "on-failure", "always"]),
  restartMax: {
    name: "SIDECAR_RESTART_MAX",
    default: "5",
    wanted: "a whole number",
    parse: (text) => /^\d{1,9}$/.test(text) ? Number(text) : undefined,
  } as Setting<number>,
  envHide: { name: "SIDECAR_ENV_HIDE", wanted: "a list separated by commas", parse: list, absent: [] } as Setting<
    string[]
  >,
  /** `off`: there is no HTTP endpoint. */
  listen: {
    name: "SIDECAR_LISTEN",
    default: "off",
    wanted: LISTEN_WANTED,
    hint: listenHint,
    parse: (text) => text === "off" ? text : parseListen(text),
  } as Setting<Listen | "off">,
  ready: choice("SIDECAR_READY", "running", ["running", "strict"]),
  /** Empty in the text: in the private folder, where that can be; see `readSettings`. */
  socket: {
    name: "SIDECAR_SOCKET",
    wanted: `an absolute path of at most ${LONGEST_SOCKET} bytes, or 'off'`,
    parse: socketPath,
    absent: "",
  } as Setting<string>,
  /** `off`: reloads wait for nobody. */
  fleet: {
    name: "SIDECAR_FLEET",
    default: "off",
    wanted: FLEET_WANTED,
    hint: fleetHint,
    secret: true,
    parse: (text) => text === "off" ? text : parseFleet(text),
  } as Setting<FleetAddress | "off">,
  /** Empty in the text: the host's name. */
  fleetId: { name: "SIDECAR_FLEET_ID", wanted: FLEET_ID_WANTED, parse: parseFleetId, absent: "" } as Setting<string>,
  fleetTokenFile: {
    name: "SIDECAR_FLEET_TOKEN_FILE",
    wanted: "an absolute path",
    parse: absolutePath,
    absent: "",
  } as Setting<string>,
  fleetTimeoutMs: duration("SIDECAR_FLEET_TIMEOUT", "0"),
  logLevel: choice("SIDECAR_LOG_LEVEL", "info", ["debug", "info", "warn", "error"]),
  logFormat: choice("SIDECAR_LOG_FORMAT", "text", ["text", "json"]),
};

/** The values of all settings. */
export type Settings = {
  -readonly [Key in keyof typeof SETTINGS]: (typeof SETTINGS)[Key] extends Setting<infer T> ? T : never;
};
