/**
 * The status as a table for people, for a terminal.
 *
 * Pure.
 * @module
 */
import { age, clock, length } from "./ages.ts";
import { columns } from "./columns.ts";
import type { FleetStatus, RolloutRecord, StatusDocument } from "./document.ts";
import { exitOf, judge, obstacles, whom } from "./verdict.ts";

/** How many of the last changes are shown. */
const SHOWN = 10;
const MARGIN = 10;

/** Lines for people. */
export function statusTable(document: StatusDocument, nowMs: number): string[] {
  const { title, text } = judge(document);
  const { version, phase, since, ready, started } = document;
  return [
    `${title}. ${text}`,
    ...obstacles(document).flatMap(({ title, quote, since, until }) => [
      `! ${title}${since === null ? "" : `, ${age(since, nowMs)}`}${
        until === null ? "" : `, ends ${age(until, nowMs)}`
      }`,
      ...(quote === null ? [] : [`  ${quote}`]),
    ]),
    "",
    row(
      "sidecar",
      `${version}, ${phase} since ${age(since, nowMs)}, ${ready ? "ready" : "not ready"}; up ${age(started, nowMs)}`,
    ),
    row("service", serviceLine(document, nowMs)),
    row("confd", confdLine(document, nowMs)),
    row("config", configLine(document, nowMs)),
    ...(document.fleet === null ? [] : [row("fleet", fleetLine(document.fleet, nowMs))]),
    "",
    ...columns([
      ["FILE", "STATE", "CHANGED"],
      ...document.config.destinations.map((
        { path, state, changed },
      ) => [path, state, changed === null ? "-" : age(changed, nowMs)]),
    ]),
    ...changes(document.rollouts, nowMs),
  ];
}

function row(name: string, text: string): string {
  return name.padEnd(MARGIN) + text;
}

const STATES: Record<StatusDocument["service"]["state"], string> = {
  notStarted: "not started",
  running: "running",
  stopping: "stopping",
  backingOff: "down, to be started again",
  ended: "ended",
};

function serviceLine({ service }: StatusDocument, nowMs: number): string {
  const { state, pid, started, starts, lastExit } = service;
  return [
    STATES[state],
    ...(pid === null ? [] : [`process ${pid}`]),
    ...(started === null ? [] : [`started ${age(started, nowMs)}`, `${starts} ${starts === 1 ? "start" : "starts"}`]),
    ...(lastExit === null ? [] : [`last ended ${age(lastExit.at, nowMs)} with ${exitOf(lastExit)}`]),
  ].join(", ");
}

function confdLine({ confd }: StatusDocument, nowMs: number): string {
  const { state, dialect, version, pid, mode, backend, reachable, lastAnswer, starts } = confd;
  const answers = lastAnswer === null ? "it has not answered yet" : `it last answered ${age(lastAnswer, nowMs)}`;
  return [
    STATES[state],
    ...(pid === null ? [] : [`process ${pid}`]),
    `${dialect}${version === null ? "" : ` ${version}`}`,
    `${starts} ${starts === 1 ? "start" : "starts"}`,
    `${mode === "watch" ? "watches" : "polls"} ${backend}`,
    reachable === false ? `which does not answer; ${answers}` : answers,
  ].join(", ");
}

function configLine({ config }: StatusDocument, nowMs: number): string {
  const { digest, loaded, verified, pendingSince } = config;
  if (loaded === null) return "none loaded yet";
  return [
    digest === null ? "loaded" : `${digest.slice(0, 12)} loaded`,
    age(loaded, nowMs),
    ...(verified === null ? [] : [`verified ${age(verified, nowMs)}`]),
    ...(pendingSince === null ? [] : [`a change has been pending since ${age(pendingSince, nowMs)}`]),
  ].join(", ").replace(", ", " ");
}

const TURNS: Record<FleetStatus["state"], string> = {
  none: "no turn wanted",
  waiting: "waits for its turn",
  holding: "has its turn",
  kept: "keeps its turn: nobody else goes in its place until a newer change succeeds here, or until --release",
  exempt: "goes ahead without a turn",
};

function fleetLine(fleet: FleetStatus, nowMs: number): string {
  const { engine, group, id, n, state, since, away } = fleet;
  return [
    `${id} in ${group} (${engine}${n === null ? "" : `, ${n} at once`})`,
    `${TURNS[state]}${whom(fleet)}`,
    ...(since === null ? [] : [`since ${age(since, nowMs)}`]),
    ...(away === null ? [] : [`the store cannot be asked: ${away.reason}`]),
  ].join(", ");
}

function changes(rollouts: readonly RolloutRecord[], nowMs: number): string[] {
  if (rollouts.length === 0) return [];
  const rows = rollouts.slice(-SHOWN).reverse().map(({ at, trigger, outcome, seconds, steps, destinations }) => [
    clock(at, nowMs),
    trigger,
    WORDS[outcome],
    seconds === null ? "" : length(seconds),
    steps.findLast(({ reason }) => reason !== null)?.reason ?? destinations.join(" "),
  ]);
  return ["", ...columns([["TIME (UTC)", "CHANGE", "OUTCOME", "TOOK", "WHY, OR WHICH FILES"], ...rows])];
}

const WORDS: Record<RolloutRecord["outcome"], string> = {
  running: "under way",
  loaded: "loaded",
  verified: "verified",
  takenBack: "taken back",
  held: "held",
  refused: "refused",
  failed: "failed",
  rolledBack: "rolled back",
};
