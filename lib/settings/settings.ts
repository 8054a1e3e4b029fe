/**
 * From the environment to settings, with all problems at once.
 *
 * Pure.
 * @module
 */
import { formatDuration } from "./duration.ts";
import { oddEnds, spoiled } from "./hints.ts";
import { didYouMean } from "./nearest.ts";
import { type Setting, SETTINGS, type Settings } from "./table.ts";

/** An environment: names and values. */
export type Environment = Readonly<Record<string, string>>;

/** The settings, and a sentence for each thing wrong with them. The settings may be used only if there is none. */
export interface SettingsReading {
  settings: Settings;
  problems: string[];
}

/** Reads every setting. A variable that is set to nothing counts as not set: orchestrators often cannot leave one out. */
export function readSettings(env: Environment): SettingsReading {
  const problems: string[] = [];
  const settings: Record<string, unknown> = {};
  for (const [key, setting] of Object.entries(SETTINGS) as [string, Setting<unknown>][]) {
    const text = env[setting.name] || setting.default;
    const value = text === undefined ? setting.absent : setting.parse(text);
    const wrong = spoiled(env[setting.name] ?? "");
    if (wrong !== undefined) problems.push(`${setting.name}: ${wrong}`);
    else if (value === undefined) problems.push(refusal(setting, text ?? ""));
    settings[key] = value;
  }
  problems.push(...unknownNames(env));
  const read = settings as Settings;
  if (!env[SETTINGS.reload.name] && read.reload.by === "signal") read.reload = { ...read.reload, explicit: false };
  read.state ||= `${read.confdDir}/.confd-sidecar`;
  read.socket ||= `${read.state}/control.sock`;
  if (read.settleMaxMs < read.settleMs) {
    if (env[SETTINGS.settleMaxMs.name]) {
      problems.push(
        `SIDECAR_SETTLE_MAX: ${formatDuration(read.settleMaxMs)} is shorter than SIDECAR_SETTLE, which is ` +
          `${formatDuration(read.settleMs)}: the longest wait cannot be shorter than the quiet time`,
      );
    }
    read.settleMaxMs = read.settleMs;
  }
  return { settings: read, problems };
}

/**
 * True if confd renders into a private folder, and what it rendered is put in place by the sidecar. Environment files are
 * looked at before they go live.
 */
export function isStaged(
  { check, verify }: Pick<Settings, "check" | "verify">,
  resources: readonly { readonly sidecar: { readonly env: boolean } }[],
): boolean {
  return check.length > 0 || verify !== "off" || resources.some(({ sidecar }) => sidecar.env);
}

function refusal(setting: Setting<unknown>, text: string): string {
  const value = setting.secret ? `the value, of ${text.length} characters,` : JSON.stringify(text);
  return `${setting.name}: ${value} is not ${setting.wanted}${oddEnds(text) || (setting.hint?.(text) ?? "")}`;
}

/** Names that start as ours do and are none of ours: most often a slip of the pen. */
function unknownNames(env: Environment): string[] {
  const known = Object.values(SETTINGS).map((setting) => setting.name);
  return Object.keys(env)
    .filter((name) => name.startsWith("SIDECAR_") && !known.includes(name))
    .map((name) => `${name}: there is no such setting` + didYouMean(name, known));
}
