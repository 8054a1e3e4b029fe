/**
 * The settings in force, for a person to read: each with its value and where that comes from, and no secret.
 *
 * Pure.
 * @module
 */
import { shownAddress } from "./address.ts";
import { type Environment, readSettings } from "./settings.ts";
import { type Setting, SETTINGS, type Settings } from "./table.ts";
import { splitWords } from "./words.ts";

/** The widest name of a setting, and a blank. */
export const NAME_WIDTH = 25;

/** What it means that a setting has no value, where that is not 'none'. */
const NOTHING: Record<string, string> = {
  [SETTINGS.stopSignal.name]: "SIGTERM",
  [SETTINGS.fleetId.name]: "the host's name",
};

/** Settings whose default follows from others. */
const DERIVED: Record<string, (settings: Settings) => string> = {
  [SETTINGS.state.name]: ({ state }) => state,
  [SETTINGS.socket.name]: ({ socket }) => socket,
};

/** A line for each setting: name, value, origin. The settings must have no problem. */
export function shownSettings(env: Environment): string[] {
  const { settings } = readSettings(env);
  const rows = (Object.values(SETTINGS) as Setting<unknown>[]).map((setting): [string, string, string] => {
    const { name } = setting;
    const text = DERIVED[name]?.(settings) ?? (env[name] || setting.default || "");
    const origin = env[name] ? "environment" : "default";
    return [name, text === "" ? NOTHING[name] ?? "none" : shownValue(setting, text), origin];
  });
  const width = Math.max(...rows.map(([, value]) => value.length));
  return rows.map(([name, value, origin]) => `${name.padEnd(NAME_WIDTH)}${value.padEnd(width)}  ${origin}`);
}

/** A value as it may be shown. Words of a command can be secrets, but for the first: that is a program. */
function shownValue({ name, secret }: Setting<unknown>, text: string): string {
  if (!secret) return text;
  if (name === SETTINGS.nodes.name) return text.split(",").map((node) => shownNode(node.trim())).join(",");
  if (/^https?:\/\//.test(text)) return shownAddress(text);
  if (name === SETTINGS.confdArgs.name) return splitWords(text)!.map(shownFlag).join(" ");
  if (text.startsWith("exec:")) return `exec:${shownCommand(text.slice("exec:".length))}`;
  return name === SETTINGS.check.name ? shownCommand(text) : text;
}

/** A node may have a user and a password before an `@`, and more behind a `?`. */
function shownNode(node: string): string {
  if (/^\w+:\/\//.test(node)) return shownAddress(node);
  return node.slice(node.lastIndexOf("@") + 1).replace(/\?.*/, "");
}

/** Of a flag its name, and nothing of a word that may be its value. */
function shownFlag(word: string): string {
  return word.startsWith("-") ? word.replace(/=.*/s, "=***") : "***";
}

function shownCommand(text: string): string {
  const [program, ...args] = splitWords(text)!;
  if (args.length === 0) return program;
  return `${program} ... (${args.length} more ${args.length === 1 ? "word" : "words"})`;
}
