/**
 * Transcripts of the core: what happens, and what a step makes of it, in a text that a person can write and review.
 *
 *     options: restart=always restartMax=2
 *     files: /a=none
 *     hold: 60000 a reason
 *
 *     # A line that begins so is for the reader.
 *     > destinationChanged /a one
 *       arm settle 1000              what is to be done, timers among it
 *       | windowOpened dest=/a ...   what was decided
 *       = confd running, service absent, waiting (window)
 *
 * Pure: text in, text out.
 * @module
 */
import type { Options } from "../../lib/core/options.ts";
import type { Way } from "../../lib/core/ways.ts";
import type { Hold } from "../../lib/core/rollout_state.ts";
import type { Command, DryRunResult, Effect, Event, Timer } from "../../lib/core/protocol.ts";
import { step } from "../../lib/core/supervisor.ts";
import type { State } from "../../lib/core/supervisor_state.ts";
import type { Note } from "../../lib/core/notes.ts";
import { content, contents, stateOf } from "../support/states.ts";

/** A transcript with what the core makes of its events now. */
export function replay(transcript: string): string {
  let options: Partial<Options> = {};
  let files: Record<string, string | null> = {};
  const left: { hasBackup?: boolean; hold?: Hold } = {};
  let state: State | undefined;
  const lines: string[] = [];
  for (const line of transcript.split("\n")) {
    if (line.startsWith("options:")) options = parseOptions(line.slice("options:".length));
    else if (line.startsWith("files:")) files = Object.fromEntries(parsePairs(line.slice("files:".length)));
    else if (line === "backup") left.hasBackup = true;
    else if (line.startsWith("hold:")) left.hold = parseHold(line.slice("hold:".length).trim());
    else if (line.startsWith("> ")) {
      state ??= stateOf(files, options, left);
      const done = step(state, parseEvent(line.slice(2)));
      state = done.state;
      lines.push(line, ...done.effects.map(showEffect), ...done.notes.map(showNote), `  = ${showState(state)}`);
      continue;
    } else if (line.startsWith("  ")) continue;
    lines.push(line);
  }
  return lines.join("\n");
}

function parseOptions(text: string): Partial<Options> {
  const options: Record<string, unknown> = {};
  for (const word of text.trim().split(/\s+/).filter((word) => word !== "")) {
    const [name, value] = word.split(/=(.*)/s);
    if (name === "reloads") options[name] = parseReloads(value);
    else if (name === "fleet") options[name] = { timeoutMs: Number(value) };
    else if (name === "optional") options[name] = new Set(value.split(","));
    else options[name] = name === "reload" ? { by: value } : name === "signals" ? parseRules(value) : parseValue(value);
  }
  return options as Partial<Options>;
}

/** `/a:exec,/b:restart,/c:exec/2`: a way's name is its kind, unless it is given. */
function parseReloads(value: string): Map<string, Way> {
  return new Map(
    value.split(",").map((entry) => {
      const [dest, id] = entry.split(":");
      return [dest, { id, by: id.split("/")[0] as Way["by"] }];
    }),
  );
}

/** `60000 a reason`, `none a reason`; `placed` at the end: an earlier run had files in place. */
function parseHold(text: string): Hold {
  const [ms, ...words] = text.split(" ");
  const fromEarlierRun = words.at(-1) === "placed";
  const reason = words.slice(0, fromEarlierRun ? -1 : undefined).join(" ");
  return { until: ms === "none" ? null : { ms: Number(ms) }, reason: reason || null, fromEarlierRun };
}

function parseValue(value: string): unknown {
  if (value === "true" || value === "false") return value === "true";
  return /^\d+$/.test(value) ? Number(value) : value.includes(",") ? value.split(",") : value;
}

function parseRules(value: string): Map<string, string | null> {
  const rules = value.split(",").map((rule) => rule.split(":"));
  return new Map(rules.map(([from, to]) => [from, to === "none" ? null : to]));
}

function parsePairs(text: string): [string, string | null][] {
  return text.trim().split(/\s+/).filter((word) => word.includes("=")).map((word) => {
    const [path, value] = word.split("=");
    return [path, value === "none" ? null : value];
  });
}

function parseEvent(text: string): Event {
  const [type, first = "", ...rest] = text.split(" ");
  const more = rest.join(" ");
  const failure = first === "ok" ? null : [first, ...rest].join(" ");
  switch (type) {
    case "begun":
    case "checked":
      return { type };
    case "commanded":
      return { type, command: parseCommand(first, rest) };
    case "childExited": {
      // `childExited confd 1 "a complaint" a fault`
      const [, complaint] = /"([^"]*)"/.exec(more) ?? [];
      const signal = more.startsWith("SIG") ? more : null;
      return {
        type,
        child: child(first),
        code: signal === null ? Number(rest[0]) : 0,
        signal,
        fault: rest.slice(1).join(" ").replace(/"[^"]*" ?/, "") || undefined,
        complaint,
      };
    }
    case "spawnFailed":
      return { type, child: child(first), status: 127, reason: more };
    case "destinationChanged":
      return { type, dest: first, content: content(more === "none" ? null : more) };
    case "destinationRendered":
      return { type, dest: first };
    case "dryRunEnded":
      return { type, result: parseResult([first, ...rest]) };
    case "published": {
      const placed = contents(parsePairs(text));
      if (first === "ok") return { type, contents: placed, failure: null };
      return { type, contents: placed, failure: { refused: first === "refused", reason: "it is bad" } };
    }
    case "reloadEnded":
      // `reloadEnded http,exec it does not answer`: these ways failed.
      if (failure === null || !/^(exec|http|signal)/.test(first)) return { type, failure };
      return { type, failure: more, failed: first.split(",") };
    case "probeEnded":
      return { type, failure };
    case "restored":
      return { type, contents: first === "failed" ? null : contents(parsePairs(text)) };
    case "turnGranted":
      return { type };
    case "turnLost":
    case "turnRefused":
      return { type, reason: [first, ...rest].join(" ") };
    case "fleetReported":
      return { type, report: { is: "failed", kind: "away", reason: "it does not answer", again: false } };
    case "timerFired":
      return { type, timer: first as Timer };
    case "signalReceived":
      return { type, signal: first };
    default:
      throw new Error(`there is no such event: ${text}`);
  }
}

/** `hold 60000 a reason`, `hold none`, `reload`. */
function parseCommand(is: string, [ms, ...reason]: readonly string[]): Command {
  if (is !== "hold") return { is: is as "reload" };
  return { is, forMs: ms === "none" ? null : Number(ms), reason: reason.join(" ") || null };
}

function child(word: string): "confd" | "service" {
  if (word !== "confd" && word !== "service") throw new Error(`there is no such child: ${word}`);
  return word;
}

/** `/a` is in sync, `/b!word` is not. */
function parseResult(words: readonly string[]): DryRunResult {
  const named = words.filter((word) => word !== "");
  const outOfSync = new Map(
    named.filter((word) => word.includes("!")).map((word) => word.split("!") as [string, string]),
  );
  return { inSync: named.filter((word) => !word.includes("!")), outOfSync };
}

function showEffect(effect: Effect): string {
  const { type, ...rest } = effect;
  if (effect.type === "arm") return `  arm ${effect.timer} ${effect.jitter ? "up to " : ""}${effect.ms}`;
  if (effect.type === "keepHold") {
    return `  keepHold ${effect.hold === null ? "none" : Object.values(effect.hold).join(" ")}`;
  }
  if (effect.type === "reload") {
    return `  reload ${effect.ways.length > 1 ? effect.ways.map((way) => way || "default").join(" ") : effect.ways[0]}`
      .trimEnd();
  }
  if (effect.type === "publish") return effect.checkOnly ? "  publish checkOnly" : "  publish";
  return `  ${[type, ...Object.values(rest).map(showItem)].join(" ")}`;
}

function showItem(value: unknown): string {
  return value instanceof Map ? [...value].map(([dest, item]) => `${dest}=${item}`).join(" ") : String(value);
}

function showNote(note: Note): string {
  const { is, ...rest } = note;
  const fields = Object.entries(rest).map(([name, value]) => `${name}=${showValue(value)}`);
  return `  | ${[is, ...fields].join(" ")}`;
}

function showValue(value: unknown): string {
  if (value instanceof Map) return `{${[...value].map(([key, item]) => `${key}: ${item}`).join(", ")}}`;
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return JSON.stringify(value);
  return Array.isArray(value) ? `[${value.join(" ")}]` : String(value);
}

function showState({ run, confd, service, rollout }: State): string {
  if (run.is === "ended") return `ended with ${run.status}`;
  const window = `${rollout.window === null ? "" : " (window)"}${rollout.hold === null ? "" : " (hold)"}${
    rollout.turn.is === "none" ? "" : ` (turn ${rollout.turn.is})`
  }`;
  const children = `confd ${confd.is}, service ${service.is}`;
  return run.is === "stopping" ? `stopping: ${children}` : `${children}, ${rollout.stage.is}${window}`;
}
