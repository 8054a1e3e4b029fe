/**
 * What the log says of outcomes: of files put in place, of reloads, of verifications, and of confd's hearing.
 *
 * Pure.
 * @module
 */
import { staleAfterMs } from "../core/watchdog.ts";
import type { DryRunResult, PublishFailure } from "../core/protocol.ts";
import { RELOAD_RETRY_MS, type State } from "../core/state.ts";
import { inWords } from "../settings/duration.ts";
import { type Entry, entry } from "./line.ts";

/** The service is well, or it is not, and what becomes of that. */
export function describeVerified(before: State, after: State, failure: string | null): Entry[] {
  if (before.phase.is !== "running" || before.phase.reload.is !== "verifying") return [];
  if (failure === null) {
    const which = before.rolledBack ? "the last good configuration" : "its configuration";
    return [entry("info", `verified: main program is well on ${which}`)];
  }
  const back = after.phase.is === "running" && after.phase.reload.is === "restoring";
  const fields = { failure, rollbacks: after.tally.rollbacks };
  if (back) return [entry("warn", `the new configuration is taken back: ${failure}`, fields)];
  const which = before.rolledBack ? "the last good configuration, either" : "its configuration, and there is no other";
  return [entry("error", `main program is not well on ${which}: ${failure}`, { failure })];
}

/** The last good files are in place. */
export function describeRestored({ phase, rolledBack }: State): Entry[] {
  if (rolledBack) return [entry("info", "the last good files are in place again")];
  if (phase.is !== "restoring") return [];
  return [entry("warn", "nothing could be rendered: main program is started on the last good files")];
}

/** New files are in place, or they are not. */
export function describePublished(before: State, after: State, failure: PublishFailure | null): Entry[] {
  if (failure === null) return [entry("debug", "the new files are in place")];
  const fields = { reason: failure.reason, refusals: after.tally.refusals };
  if (!failure.refused) {
    const said = entry(
      "warn",
      `the new files cannot be put in place: ${failure.reason}; it will be tried again`,
      fields,
    );
    return [isWorthSaying(retryMsOf(before)) ? said : { ...said, level: "debug" }];
  }
  const consequence = after.phase.is === "refused"
    ? "main program is not started on it"
    : "main program goes on with the last good one";
  return [entry("warn", `the new configuration is refused: ${failure.reason}; ${consequence}`, fields)];
}

/** Said once, and once more when it has been tried for long. */
export function describeFailedReload({ phase }: State, { tally }: State, failure: string): Entry[] {
  if (phase.is !== "running" || phase.reload.is !== "asked") return [];
  const { retryMs } = phase.reload;
  const said = entry("info", `main program was not reloaded: ${failure}; it will be tried again`, {
    failure,
    failedReloads: tally.failedReloads,
  });
  if (!isWorthSaying(retryMs)) return [{ ...said, level: "debug" }];
  return [retryMs === RELOAD_RETRY_MS.first ? said : { ...said, level: "warn" }];
}

/** What is tried again and again is said at first, and once more at each try when it has been tried for long. */
function isWorthSaying(retryMs: number): boolean {
  return retryMs === RELOAD_RETRY_MS.first || retryMs === RELOAD_RETRY_MS.longest;
}

function retryMsOf({ phase }: State): number {
  if (phase.is === "publishing") return phase.retryMs;
  return phase.is === "running" && phase.reload.is === "publishing" ? phase.reload.retryMs : RELOAD_RETRY_MS.first;
}

/** So many questions without an answer are no chance. */
const UNANSWERED = 2;

/** confd was asked whether its files are up to date. Before the start there are others who tell of trouble. */
export function describeAnswer(
  before: State,
  after: State,
  { complaint = "it does not say why" }: DryRunResult,
): Entry[] {
  if (after.confd.is === "replacing" && before.confd.is !== "replacing") return describeDeaf(before, after);
  if (before.phase.is === "waiting") return [];
  if (after.listening.unanswered === UNANSWERED) {
    const said = `confd cannot render anything at present: main program goes on with the files it has (${complaint})`;
    return [entry("warn", said, { complaint })];
  }
  const back = before.listening.unanswered >= UNANSWERED && after.listening.unanswered === 0;
  return [
    ...(back ? [entry("info", "confd can render again")] : []),
    ...[...after.listening.tried.keys()].map((dest) =>
      entry("warn", `${dest} is still not what confd would render: what confd prints may say why`, { dest })
    ),
  ];
}

function describeDeaf(before: State, after: State): Entry[] {
  const dests = [...after.listening.tried.keys()];
  const fields = { waitingFor: dests, deaf: after.tally.deaf };
  const said = `confd is deaf: ${dests.join(", ")} has not been what it would render for ${
    inWords(staleAfterMs(before))
  }`;
  if (after.listening.by === before.listening.by) return [entry("warn", `${said}; it is started again`, fields)];
  const every = inWords(after.options.intervalMs);
  return [entry("warn", `${said}, once more; it is started again, and polls its backend every ${every}`, fields)];
}
