/**
 * What a person wants to know first: whether all is well and, if not, what stands in the way.
 *
 * Pure.
 * @module
 */
import type { StatusDocument, StepName } from "./document.ts";

/** How bad it is, from nothing at all to something that an operator has to see to. */
export const LEVELS = ["well", "busy", "notice", "trouble"] as const;

/** One of them. */
export type Level = typeof LEVELS[number];

/** Something that stands in the way of the newest configuration, or of the service. */
export interface Obstacle {
  readonly level: "notice" | "trouble";
  readonly title: string;
  /** What it means. */
  readonly text: string;
  /** What a program or a person said of it, word for word. */
  readonly quote: string | null;
  readonly since: string | null;
  /** When it ends by itself. */
  readonly until: string | null;
}

/** The answer, in a headline and a sentence. */
export interface Verdict {
  readonly level: Level;
  readonly title: string;
  readonly text: string;
}

/** What a step does while it lasts. */
export const DOING: Readonly<Record<StepName, string>> = {
  settle: "settling",
  splay: "delayed by the splay",
  turn: "waiting for its turn in the fleet",
  check: "being checked",
  publish: "being put in place",
  start: "starting",
  reload: "reloading",
  restart: "restarting",
  verify: "being verified",
  rollBack: "being rolled back",
};

/** The answer. */
export function judge(document: StatusDocument, found = obstacles(document)): Verdict {
  if (document.phase === "stopping") {
    return { level: "busy", title: "Stopping", text: "The service was told to end, and the sidecar ends with it." };
  }
  const [worst] = found;
  if (worst !== undefined) return worst;
  if (!document.ready) return onTheWay(document);
  if (document.phase === "changing" || document.config.pendingSince !== null) {
    return { level: "busy", title: "A change is on its way", text: doing(document) };
  }
  const verified = document.config.verified === null ? "" : ", and it was verified";
  return { level: "well", title: "All is well", text: `The service runs on the newest configuration${verified}.` };
}

/** All that stands in the way, the worst first. */
export function obstacles(document: StatusDocument): Obstacle[] {
  if (document.phase === "stopping") return [];
  const found = [serviceDown, trouble, turnKept, notRendered, backend, confdDown, fleetAway, hold].flatMap((look) =>
    look(document)
  );
  // Several of one level stay in the order in which they were looked for.
  return found.sort((a, b) => LEVELS.indexOf(b.level) - LEVELS.indexOf(a.level));
}

function serviceDown({ phase, service, since }: StatusDocument): Obstacle[] {
  if (phase !== "restarting" || service.state === "stopping" || service.state === "running") return [];
  const how = service.lastExit === null ? "" : ` with ${exitOf(service.lastExit)}`;
  const text = `It ended${how}, and is started again.`;
  return [{ level: "trouble", title: "The service is down", text, quote: null, since, until: null }];
}

const TROUBLE = {
  refused: "The newest configuration was refused",
  rolledBack: "The newest configuration was rolled back",
  failed: "The newest configuration was not loaded",
};

function trouble(document: StatusDocument): Obstacle[] {
  if (document.trouble === null) return [];
  const { kind, reason, since } = document.trouble;
  return [{ level: "trouble", title: TROUBLE[kind], text: goesOn(document), quote: reason, since, until: null }];
}

function turnKept({ fleet }: StatusDocument): Obstacle[] {
  if (fleet?.state !== "kept") return [];
  const text = "No other member takes its place in the fleet until a newer change succeeds here, or until --release.";
  return [{ level: "notice", title: "The turn is kept", text, quote: null, since: fleet.since, until: null }];
}

function fleetAway({ fleet }: StatusDocument): Obstacle[] {
  if (fleet === null || fleet.away === null) return [];
  const { since, reason } = fleet.away;
  const text = "The service goes on. Changes wait until there is a turn for them.";
  return [{ level: "notice", title: "The fleet cannot be asked", text, quote: reason, since, until: null }];
}

/** Files that are not there are worth a word once the service runs: before that it waits for them. */
function notRendered(document: StatusDocument): Obstacle[] {
  const lost = document.config.destinations.filter(({ state }) => state === "missing" || state === "empty");
  if (!isStarted(document) || lost.length === 0) return [];
  const [title, verb] = lost.length === 1
    ? ["A file has nothing in it", "has"]
    : ["Files have nothing in them", "have"];
  const names = lost.map(({ path }) => path).join(", ");
  const text = `${names} ${verb} no content: the newest configuration is incomplete. ${goesOn(document)}`;
  return [{ level: "notice", title, text, quote: null, since: document.config.pendingSince, until: null }];
}

function backend(document: StatusDocument): Obstacle[] {
  const { reachable, complaint, backend, lastAnswer } = document.confd;
  if (reachable !== false && complaint === null) return [];
  const level = isStarted(document) ? "notice" : "trouble";
  const title = reachable === false ? `The backend ${backend} does not answer` : "confd cannot render";
  const text = isStarted(document)
    ? "The service goes on, and what changes meanwhile comes later."
    : "The service starts once confd can render.";
  return [{ level, title, text, quote: complaint, since: reachable === false ? lastAnswer : null, until: null }];
}

function confdDown(document: StatusDocument): Obstacle[] {
  const { state } = document.confd;
  if (state !== "backingOff" && state !== "ended") return [];
  const text = state === "ended"
    ? "It has ended. Changes do not arrive."
    : "It has ended, and is started again. Until then changes do not arrive.";
  const level = isStarted(document) ? "notice" : "trouble";
  return [{ level, title: "confd is down", text, quote: null, since: null, until: null }];
}

function hold({ hold }: StatusDocument): Obstacle[] {
  if (hold === null) return [];
  const { since, until, reason } = hold;
  const text = "An operator holds them. New configuration is rendered, and waits.";
  return [{ level: "notice", title: "Changes are on hold", text, quote: reason, since, until }];
}

/** Nothing is wrong, and yet it is not ready. */
function onTheWay(document: StatusDocument): Verdict {
  const { phase, config, conditions } = document;
  const waitsFor = config.destinations.filter(({ digest }) => digest === null).map(({ path }) => path);
  if (phase === "waiting" && waitsFor.length > 0) {
    const text = `confd has yet to render ${waitsFor.join(", ")}.`;
    return { level: "busy", title: "Waiting for the first configuration", text };
  }
  if (phase === "waiting") return { level: "busy", title: "The service is about to start", text: doing(document) };
  if (phase === "restarting") return { level: "busy", title: "The service is being restarted", text: doing(document) };
  const unmet = conditions.filter((one) => one.is === "no").map(({ name, says }) => `${name}: ${says}`);
  return { level: phase === "running" ? "notice" : "busy", title: "Not ready", text: `${unmet.join("; ")}.` };
}

function isStarted({ phase }: StatusDocument): boolean {
  return phase !== "waiting";
}

/** What is being done about the newest change. */
function doing({ rollouts, fleet }: StatusDocument): string {
  const newest = rollouts.findLast(({ outcome }) => outcome === "running");
  const step = newest?.steps.find(({ outcome }) => outcome === "running");
  if (step === undefined) return "The newest configuration is being worked on.";
  if (step.name === "turn") return `The newest configuration is waiting for its turn in the fleet${whom(fleet)}.`;
  if (step.name === "reload" || step.name === "restart" || step.name === "start") {
    return `The service is ${DOING[step.name]}.`;
  }
  return `The newest configuration is ${DOING[step.name]}.`;
}

/** How many names a sentence gives. */
const NAMED = 3;

/** For whom this member waits. */
export function whom(fleet: StatusDocument["fleet"]): string {
  if (fleet === null || fleet.queue === null) return "";
  const { place, length, ahead } = fleet.queue;
  const more = place - 1 > NAMED ? ` and ${place - 1 - NAMED} more` : "";
  const behind = ahead.length === 0 ? "" : `, behind ${ahead.slice(0, NAMED).join(", ")}${more}`;
  return `: place ${place} of ${length}${behind}`;
}

function goesOn(document: StatusDocument): string {
  if (document.config.loaded === null) return "The service has not been started: it waits for one that can go live.";
  return "The service goes on with what it has loaded.";
}

/** What a program ended with. */
export function exitOf({ code, signal }: { readonly code: number; readonly signal: string | null }): string {
  return signal ?? `status ${code}`;
}
