/**
 * The story of a run: what the log says of each step of the supervisor.
 *
 * The sentences that the Go program had stay word for word: people match on them.
 *
 * Pure.
 * @module
 */
import type { Transition } from "../core/drive.ts";
import { type Effect, EMPTY, type Timer } from "../core/protocol.ts";
import { CONFD_GRACE_MS, needsReload, pending, type State, unfit } from "../core/state.ts";
import { diedOfIt } from "../core/verifying.ts";
import { inWords } from "../settings/duration.ts";
import { type Entry, entry, type Level } from "./line.ts";
import {
  describeAnswer,
  describeFailedReload,
  describePublished,
  describeRestored,
  describeVerified,
} from "./outcomes.ts";

/** How many names a sentence gives before it only counts. */
const NAMED = 5;

/** What is to be said of one step. `confdTail`: the last lines that confd printed. */
export function describe(transition: Transition, confdTail: () => readonly string[]): Entry[] {
  return [...describeEvent(transition, confdTail), ...describeEffects(transition)];
}

function describeEvent({ before, event, after }: Transition, confdTail: () => readonly string[]): Entry[] {
  switch (event.type) {
    case "spawnFailed":
      return [entry("error", `cannot start ${called(event.child)}: ${event.reason}`, { child: event.child })];
    case "childExited": {
      const how = event.signal === null ? `with status ${event.code}` : `by signal ${event.signal}`;
      const fields = { child: event.child, code: event.code, signal: event.signal };
      return [
        entry(endLevel(before, event.child, event.code), `${called(event.child)} ended ${how}`, fields),
        ...(event.child === "service" && diedOfIt(before)
          ? [entry("warn", "main program died before it was verified: the new configuration is taken back")]
          : []),
        ...(after.phase.is !== before.phase.is && event.child === "confd" && isBeforeStart(before)
          ? lastLines(confdTail())
          : []),
      ];
    }
    case "signalReceived":
      return describeSignal(before, event.signal);
    case "timerFired":
      return describeTimer(before, after, event.timer);
    case "destinationChanged":
      return describeChange(before, after, event.dest, event.digest);
    case "dryRunEnded":
      return [...describeInPlace(before, after), ...describeAnswer(before, after, event.answer)];
    case "destinationRendered":
      return describeInPlace(before, after);
    case "reloadEnded":
      return event.failure === null ? [] : describeFailedReload(before, after, event.failure);
    case "published":
      return describePublished(before, after, event.failure);
    case "verifyEnded":
      return describeVerified(before, after, event.failure);
    case "restored":
      return event.digests === null ? [] : describeRestored(before);
    case "begun":
      return [];
  }
}

function describeEffects(transition: Transition): Entry[] {
  const { before, event, after, effects } = transition;
  return effects.flatMap((effect): Entry[] => {
    switch (effect.type) {
      case "spawn":
        if (effect.child === "service") {
          return [
            entry(
              "info",
              (["restarting", "replacing"].includes(before.phase.is) || before.rolledBack)
                ? "starting main program again"
                : "starting main program now",
            ),
          ];
        }
        if (event.type !== "begun") return [entry("info", "starting confd again")];
        return [
          entry("info", `confd started — waiting ${inWords(settleMs(after))} to start main program`),
          ...waitingFor(after),
        ];
      case "signal":
        return describeSent({ before, event, after, effects }, effect);
      case "arm":
        return describeBackoff(effect);
      case "armSomewhere":
        if (effect.timer !== "splay") return [];
        return [entry("info", `main program will be reloaded within ${inWords(effect.ms)}`, { ms: effect.ms })];
      case "reload":
        return [entry(isRetry(before) ? "debug" : "info", "reloading main program now")];
      case "keep":
        return [entry("debug", "keeping the files as the last good ones")];
      case "publish":
        return [entry("debug", "checking the new files")];
      case "dryRun":
        return [entry("debug", "asking confd what it would render")];
      case "exit":
        return [entry("debug", `ending with status ${effect.status}`, { status: effect.status })];
      default:
        return [];
    }
  });
}

function describeInPlace(before: State, after: State): Entry[] {
  if (before.phase.is !== "waiting" || after.phase.is !== "settling") return [];
  return [entry("info", `every config file is in place — waiting ${inWords(settleMs(after))} to start main program`)];
}

function describeBackoff({ timer, ms }: Effect & { type: "arm" }): Entry[] {
  if (timer !== "confdBackoff" && timer !== "serviceBackoff") return [];
  const what = timer === "confdBackoff" ? "confd" : "main program";
  return [entry("info", `${what} will be started again in ${inWords(ms)}`, { ms })];
}

function describeSent({ before, after }: Transition, { child, signal }: Effect & { type: "signal" }): Entry[] {
  if (child === "confd") return [entry("debug", `sending ${signal} to confd`)];
  const stops = after.phase.is === "stopping" && before.phase.is !== "stopping";
  if (after.phase.is === "replacing" && before.phase.is !== "replacing") {
    return [
      entry("info", "reloading main program now"),
      entry("info", `stopping main program with ${signal}, to start it again`, { signal }),
    ];
  }
  return [
    stops
      ? entry("info", `stopping main program with ${signal}`, { signal })
      : entry("debug", `forwarding ${signal} to main program`, { signal }),
  ];
}

function isRetry({ phase }: State): boolean {
  return phase.is === "running" && phase.reload.is === "failed";
}

function describeSignal(before: State, signal: string): Entry[] {
  const stops = signal === "SIGTERM" || signal === "SIGINT";
  if (before.phase.is === "stopping" && stops) {
    return [entry("warn", `${signal} again: killing what is left`, { signal })];
  }
  if (isBeforeStart(before)) {
    return stops
      ? [entry("info", `${signal}: stopping before main program was started`, { signal })]
      : [entry("debug", `${signal} is dropped: main program is not running`, { signal })];
  }
  return [entry("debug", `${signal} received`, { signal })];
}

function describeTimer(before: State, after: State, timer: Timer): Entry[] {
  switch (timer) {
    case "stillWaiting":
      return waitingFor(before);
    case "startTimeout": {
      if (after.phase.is === "restoring") return [entry("warn", `nothing is rendered yet: ${missing(before)}`)];
      const limit = inWords(before.options.startTimeoutMs);
      return [entry("error", `giving up after SIDECAR_START_TIMEOUT, ${limit}: ${missing(before)}`)];
    }
    case "stopTimeout":
      return [entry("warn", `main program has not stopped in ${inWords(before.options.stopTimeoutMs)}: killing it`)];
    case "confdGrace":
      return [entry("warn", `confd has not stopped in ${inWords(CONFD_GRACE_MS)}: killing it`)];
    case "settle":
    case "settleLimit":
      return describeWindowsEnd(before, after);
    default:
      return [];
  }
}

function describeWindowsEnd(before: State, after: State): Entry[] {
  if (before.phase.is !== "running" || after.phase.is !== "running") return [];
  if (needsReload(before) && before.options.reload.by === "none" && unfit(before).length === 0) {
    return [entry("info", "main program is left to notice the change by itself")];
  }
  if (!needsReload(before)) return [entry("info", "the change was taken back: nothing to reload")];
  return unfit(before).map((dest) => {
    const gone = before.destinations.get(dest)!.digest === null;
    return entry(
      "warn",
      gone
        ? `not reloading main program: ${dest} is gone`
        : `not reloading main program: ${dest} is empty now (SIDECAR_EMPTY=allow reloads all the same)`,
      { dest },
    );
  });
}

function describeChange(before: State, after: State, dest: string, digest: string | null): Entry[] {
  if (before === after) return [];
  const what = digest === null ? "is gone" : digest === EMPTY ? "is empty now" : "has changed";
  const told = [entry("debug", `${dest} ${what}`, { dest })];
  const opens = after.phase.is === "running" && before.phase.is === "running" && after.phase.window === "open" &&
    before.phase.window === "closed";
  const wait = inWords(settleMs(after));
  if (opens) {
    told.push(entry("info", `confd has updated a config file — waiting ${wait} to reload main program`, { dest }));
  } else if (before.phase.is === "waiting" && after.phase.is === "settling") {
    told.push(entry("info", `confd has updated a config file — waiting ${wait} to start main program`, { dest }));
  } else if (before.phase.is === "settling" && after.phase.is === "waiting") {
    told.push(...waitingFor(after));
  }
  return told;
}

function waitingFor(state: State): Entry[] {
  if (state.phase.is === "refused") {
    return [entry("info", "main program waits for a configuration that is not refused")];
  }
  if (state.phase.is !== "waiting") return [];
  return [entry("info", missing(state), { waitingFor: pending(state) })];
}

function missing(state: State): string {
  return `main program waits for confd to render ${names(pending(state))}`;
}

function names(dests: readonly string[]): string {
  const shown = dests.slice(0, NAMED).join(", ");
  return dests.length > NAMED ? `${shown} and ${dests.length - NAMED} more` : shown;
}

function lastLines(tail: readonly string[]): Entry[] {
  if (tail.length === 0) {
    return [entry("error", "confd ended before main program could be started; it printed nothing")];
  }
  return [
    entry("error", "confd ended before main program could be started; its last lines were:"),
    ...tail.map((line) => entry("error", `    ${line}`)),
  ];
}

function endLevel(before: State, child: string, code: number): Level {
  if (before.phase.is === "stopping") return "info";
  if (before.confd.is === "replacing" && child === "confd") return "debug";
  return child === "confd" ? "warn" : code === 0 ? "info" : "warn";
}

function isBeforeStart({ phase }: State): boolean {
  return ["waiting", "settling", "publishing", "refused", "restoring"].includes(phase.is);
}

function settleMs(state: State): number {
  return state.options.settleMs;
}

function called(child: string): string {
  return child === "confd" ? "confd" : "main program";
}
