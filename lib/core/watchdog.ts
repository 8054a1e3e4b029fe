/**
 * Asking confd, without letting it write anything, whether the files are what it would render now.
 *
 * Before the start that is the only way to know of files that were there already. Afterwards it is the watchdog: a confd
 * that hangs on a lost connection, or whose watch the backend does not serve, says nothing and is not to be told from one
 * that has nothing to do. A file that is found not to be what its backend holds, and is not some time later either, is a
 * change that confd has not heard of: confd is started again. If that is so a second time, with no change heard in
 * between, watching does not work here, and confd polls for the rest of the run.
 *
 * Pure.
 * @module
 */
import { replaceConfd } from "./confd.ts";
import type { DryRunResult, Effect } from "./protocol.ts";
import { arm, disarm, DRY_RUN_MS, type DryRun, type Listening, pending, type State, type Step } from "./state.ts";
import { rendered } from "./waiting.ts";

/** How long a file has to be out of date for confd to be deaf, and how much longer than its interval if it polls. */
const DEAF_MS = 5000;
/** A confd that polls is asked that much less often than it polls: it need not be told of changes, but can hang. */
const POLLS = 10;
/** So often in a row, and the watch is given up. */
const DEAF_TWICE = 2;

/** How long after one question the next one comes once the files are there; 0: none does. */
export function dryRunIntervalMs({ options, listening }: State): number {
  return listening.by === "watch" ? options.intervalMs : options.intervalMs * POLLS;
}

/** How long a file has to be out of date for confd to be deaf. */
export function staleAfterMs({ options, listening }: State): number {
  if (listening.by === "poll") return options.intervalMs + DEAF_MS;
  return Math.min(options.intervalMs, DEAF_MS) + options.debounceMs;
}

/** Sees to it that the next question comes when it should, whatever has happened. */
export function scheduleDryRun(state: State, effects: Effect[]): Step {
  const { dryRun } = state;
  const wanted = nextQuestion(state);
  if (dryRun.is === "asked" || dryRun.is === wanted) return [state, effects];
  if (wanted === "none") return [{ ...state, dryRun: { ...dryRun, is: "none" } }, [...disarm("dryRun"), ...effects]];
  if (wanted === "soon") return armed(state, effects, { ...dryRun, is: wanted, afterMs: dryRun.waitMs });
  const afterMs = state.listening.doubts.size > 0 ? staleAfterMs(state) : dryRunIntervalMs(state);
  const next: DryRun = { ...dryRun, is: wanted, afterMs, spread: true };
  if (dryRun.spread) return armed(state, effects, next);
  // A fleet that was started at once must not ask at once for ever.
  return [{ ...state, dryRun: next }, [...effects, { type: "armSomewhere", timer: "dryRun", ms: afterMs }]];
}

function armed(state: State, effects: Effect[], dryRun: DryRun): Step {
  return [{ ...state, dryRun }, [...effects, arm("dryRun", dryRun.afterMs)]];
}

function nextQuestion(state: State): "none" | "soon" | "later" {
  const { phase, confd, destinations } = state;
  if (confd.is !== "running" || phase.is === "stopping" || phase.is === "ended") return "none";
  // A file that was there already, and in sync, shows no trace of confd's work: the only way to know is to ask.
  const there = phase.is === "waiting" && pending(state).every((dest) => destinations.get(dest)!.digest !== null);
  if (there) return "soon";
  return dryRunIntervalMs(state) > 0 ? "later" : "none";
}

/** confd answered, as far as it could. */
export function dryRunEnded(state: State, answer: DryRunResult): Step {
  const { waitMs, afterMs } = state.dryRun;
  const dryRun: DryRun = { ...state.dryRun, is: "none", waitMs: Math.min(waitMs * 2, DRY_RUN_MS.longest) };
  const next: State = { ...state, dryRun };
  const [told, effects] = next.phase.is === "waiting" ? rendered(next, answer.inSync) : [next, []];
  const watched = dryRunIntervalMs(told) > 0 && nextQuestion(told) !== "none";
  return watched ? judge(told, effects, { answer, waited: afterMs >= staleAfterMs(state) }) : [told, effects];
}

/** `waited`: the question came long enough after the one before it. */
function judge(state: State, effects: Effect[], { answer, waited }: { answer: DryRunResult; waited: boolean }): Step {
  const { listening } = state;
  const wrong = outOfDate(state, answer);
  if (answer.inSync.length + wrong.size === 0) {
    // Before the start there are others who tell of trouble.
    const unanswered = state.phase.is === "waiting" ? 0 : listening.unanswered + 1;
    return [{ ...state, listening: { ...listening, unanswered, doubts: new Map() } }, effects];
  }
  const tried = common(listening.tried, wrong);
  const open = new Map([...wrong].filter(([dest]) => !tried.has(dest)));
  const deaf = waited ? common(listening.doubts, open) : new Map();
  if (deaf.size > 0) return cure(state, effects, { deaf, tried });
  const synced = listening.synced || wrong.size === 0;
  return [{ ...state, listening: { ...listening, synced, unanswered: 0, tried, doubts: open } }, effects];
}

/** Files that are not what confd would render now, each with what it would be. */
function outOfDate({ destinations }: State, { inSync, outOfSync }: DryRunResult): Map<string, string> {
  const missing = inSync.filter((dest) => destinations.get(dest)?.digest === null);
  return new Map([...outOfSync, ...missing.map((dest) => [dest, ""] as const)]);
}

function common(one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): Map<string, string> {
  return new Map([...one].filter(([dest, wanted]) => other.get(dest) === wanted));
}

/** Starts confd again: it renders everything at its start. What that does not help against is not tried again. */
function cure(
  state: State,
  effects: Effect[],
  { deaf, tried }: { deaf: ReadonlyMap<string, string>; tried: ReadonlyMap<string, string> },
): Step {
  const { by, deaf: before, synced } = state.listening;
  // Where starting it again did not help, hearing was not what it lacked.
  const times = before === 0 || synced ? before + 1 : before;
  const listening: Listening = {
    by: times < DEAF_TWICE ? by : "poll",
    synced: false,
    deaf: times,
    unanswered: 0,
    doubts: new Map(),
    tried: new Map([...tried, ...deaf]),
  };
  return replaceConfd({ ...state, listening }, effects);
}

/** A file has changed: if confd has not only just been started, it hears what its backend says. */
export function heard(state: State): State {
  const { listening, confd } = state;
  if (confd.is !== "running" || !listening.synced || listening.deaf === 0) return state;
  return { ...state, listening: { ...listening, deaf: 0 } };
}
