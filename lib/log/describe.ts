/**
 * What the log says of each decision of the supervisor.
 *
 * The sentences that the Go program had stay word for word: people match on them.
 *
 * Pure.
 * @module
 */
import { EMPTY } from "../core/files.ts";
import type { Note } from "../core/notes.ts";
import { RETRY_MS } from "../core/rollout.ts";
import type { ReloadKind } from "../core/ways.ts";
import { inWords } from "../settings/duration.ts";
import type { Counts } from "./counts.ts";
import { describeFleet, type OfFleet } from "./describe_fleet.ts";
import { describeOperator, type OfOperators } from "./describe_operator.ts";
import { type Entry, entry, type Level } from "./line.ts";
import { NAMED, names } from "./names.ts";

/** What a sentence may need beside the note. */
export interface Context {
  /** With the note counted. */
  readonly counts: Counts;
  /** The last lines that confd printed. */
  readonly confdTail: () => readonly string[];
  /** True if there is no service. @default false */
  readonly once?: boolean;
  /** True if nothing is put in place. @default false */
  readonly preview?: boolean;
}

type NoteOf<Is extends Note["is"]> = Note & { is: Is };

/** A failure is logged at its first, and when it has been tried again for so long that the waits grow no more. */
const LONG_FAILURES = Math.ceil(Math.log2(RETRY_MS.longest / RETRY_MS.first));

/** What the sentences say where there is no service. */
const WITHOUT_SERVICE: readonly [RegExp, string][] = [
  [/ to start main program$/, " for further changes"],
  [/\bmain program waits for /, "waiting for "],
  [/: main program is (not )?started on .*/, ""],
];

/** The entries for a note. */
export function describe(note: Note, context: Context): Entry[] {
  const entries = describeNote(note, context);
  if (!context.once) return entries;
  const reworded = (msg: string) => WITHOUT_SERVICE.reduce((msg, [from, to]) => msg.replace(from, to), msg);
  return entries.map((entry) => ({ ...entry, msg: reworded(entry.msg) }));
}

function describeNote(note: Note, context: Context): Entry[] {
  switch (note.is) {
    case "confdStarted":
      if (note.again) return [entry("info", "starting confd again")];
      return [entry("info", `confd started — waiting ${inWords(note.settleMs)} to start main program`)];
    case "serviceStarted":
      return [entry("info", note.again ? "starting main program again" : "starting main program now")];
    case "spawnFailed":
      return [entry("error", `cannot start ${called(note.child)}: ${note.reason}`, { child: note.child })];
    case "childExited":
      return describeExit(note);
    case "backingOff":
      return [entry("info", `${called(note.child)} will be started again in ${inWords(note.ms)}`, { ms: note.ms })];
    case "restartsGivenUp": {
      const times = note.restarts === 1 ? "once" : `${note.restarts} times`;
      return [entry("error", `main program was started again ${times} in a row (SIDECAR_RESTART_MAX): giving up`)];
    }
    case "confdGivenUp":
      return describeGivenUp(note, context.confdTail());
    case "confdSignalled":
      return [entry("debug", `sending ${note.signal} to confd`)];
    case "serviceStopping": {
      const why = note.toRestart ? ", to start it again" : "";
      return [entry("info", `stopping main program with ${note.signal}${why}`, { signal: note.signal })];
    }
    case "killing":
      return [entry("warn", `${called(note.child)} has not stopped in ${inWords(note.afterMs)}: killing it`)];
    case "signalReceived":
      return describeSignal(note);
    case "commanded":
    case "holding":
    case "released":
    case "held":
      return describeOperator(note);
    case "queued":
    case "turnGranted":
    case "turnKept":
    case "turnLeft":
    case "turnLost":
    case "turnOverdue":
    case "fleet":
      return describeFleet(note);
    case "exiting":
      return [entry("debug", `ending with status ${note.status}`, { status: note.status })];
    case "waiting":
      return [entry("info", waitsFor(note), { waitingFor: note.dests })];
    case "startTimedOut": {
      const missing = waitsFor({ ...note, refusal: null });
      if (note.restores) return [entry("warn", `nothing is rendered yet: ${missing}`)];
      return [entry("error", `giving up after SIDECAR_START_TIMEOUT, ${inWords(note.limitMs)}: ${missing}`)];
    }
    case "complete":
      return [
        entry("info", `every config file is in place — waiting ${inWords(note.settleMs)} to start main program`),
      ];
    case "done":
      return [
        entry("info", `every config file is rendered${context.preview ? "; none was put in place" : " and in place"}`),
      ];
    default:
      return describeChange(note, context);
  }
}

type OfChanges = Exclude<
  Note,
  | NoteOf<"confdStarted" | "serviceStarted" | "spawnFailed" | "childExited" | "backingOff" | "restartsGivenUp">
  | NoteOf<"confdGivenUp" | "confdSignalled" | "serviceStopping" | "killing" | "signalReceived" | "exiting">
  | NoteOf<"waiting" | "startTimedOut" | "complete" | "done">
  | OfOperators
  | OfFleet
>;

function describeChange(note: OfChanges, { counts }: Context): Entry[] {
  switch (note.is) {
    case "changed": {
      const what = note.content === null ? "is gone" : note.content === EMPTY ? "is empty now" : "has changed";
      return [entry("debug", `${note.dest} ${what}`, { dest: note.dest })];
    }
    case "windowOpened":
      return [entry("info", windowSentence(note), { dest: note.dest })];
    case "windowClosed":
      return [entry("info", `changed: ${names(note.dests)}`, { dests: note.dests })];
    case "takenBack":
      return [
        entry(
          "info",
          note.refused
            ? "the change was taken back to what was refused: nothing to reload"
            : "the change was taken back: nothing to reload",
        ),
      ];
    case "incomplete":
      return [
        entry(
          "warn",
          note.missing
            ? `not reloading main program: ${note.dest} is gone`
            : `not reloading main program: ${note.dest} is empty now (SIDECAR_EMPTY=allow reloads all the same)`,
          { dest: note.dest },
        ),
      ];
    case "neverCalm":
      return [
        entry(
          "warn",
          `${names(note.dests)} changed at each of the last ${note.times} polls, ${
            inWords(note.everyMs)
          } apart: does ` +
            "its template hold something that always changes, such as the time?",
          { dests: note.dests },
        ),
      ];
    case "splaying":
      return [
        entry(
          "info",
          `${note.by === "none" ? "main program's turn comes" : "main program will be reloaded"} within ${
            inWords(note.ms)
          }`,
          {
            ms: note.ms,
          },
        ),
      ];
    case "publishing":
      return [entry("debug", "checking the new files")];
    case "checked":
      return [entry("debug", "the new files have passed their check")];
    case "published":
      return [entry("debug", "the new files are in place")];
    case "refused": {
      const consequence = note.starts
        ? "main program goes on with the last good one"
        : "main program is not started on it";
      const said = `the new configuration is refused: ${note.reason}; ${consequence}`;
      return [entry("warn", said, { reason: note.reason, refusals: counts.refusals })];
    }
    case "publishFailed": {
      const said = `the new files cannot be put in place: ${note.reason}; it will be tried again`;
      return [entry(levelOfFailure("warn", note.failures), said, { reason: note.reason, refusals: counts.refusals })];
    }
    case "reloading":
      return describeReloading(note);
    case "reloaded":
      return describeReloaded(note);
    case "reloadFailed": {
      const { reason: failure, failures } = note;
      const said = `main program was not reloaded: ${failure}; it will be tried again`;
      const level = failures === 0 ? "info" : levelOfFailure("warn", failures);
      return [entry(level, said, { failure, failedReloads: counts.failedReloads })];
    }
    case "reminder":
      return [describeReminder(note)];
    case "keeping":
      return [entry("debug", "keeping the files as the last good ones")];
    case "probeFailed":
    case "verified":
    case "rolledBack":
    case "unwell":
    case "restored":
    case "notRestored":
      return describeVerification(note, counts);
    default:
      return describeWatch(note, counts);
  }
}

function windowSentence({ target, settleMs, by }: NoteOf<"windowOpened">): string {
  if (target === "reload" && by === "none") {
    return "confd has updated a config file — main program is left to notice it by itself";
  }
  const what = target === "start" ? "start" : "reload";
  return `confd has updated a config file — waiting ${inWords(settleMs)} to ${what} main program`;
}

function describeReloading({ by, failures }: NoteOf<"reloading">): Entry[] {
  if (by === "none") return [entry("info", "main program is left to notice the change by itself")];
  return [entry(failures > 0 ? "debug" : "info", "reloading main program now")];
}

const DONE_BY: Partial<Record<ReloadKind | "several", string>> = {
  exec: " by its command",
  http: " by its HTTP request",
};

/** A signal that was sent at the first try is told of already. */
function describeReloaded({ by, ways, failures }: NoteOf<"reloaded">): Entry[] {
  const how = ways > 1 ? ` in ${ways} ways` : DONE_BY[by];
  if (failures === 0) return how === undefined ? [] : [entry("info", `main program was reloaded${how}`)];
  return [entry("info", `main program was reloaded${how ?? ""} at the ${ordinal(failures + 1)} try`)];
}

function ordinal(n: number): string {
  const ending = n % 100 >= 11 && n % 100 <= 13 ? "th" : ["th", "st", "nd", "rd"][n % 10] ?? "th";
  return `${n}${ending}`;
}

const STANDS: Record<NoteOf<"reminder">["kind"], string> = {
  refused: "the new configuration is still refused",
  rolledBack: "the new configuration is still taken back",
  failed: "main program still has not loaded the new configuration",
};

function describeReminder({ kind, reason, forMs, dests }: NoteOf<"reminder">): Entry {
  return entry("warn", `${STANDS[kind]}, for ${inWords(forMs)} now: ${reason}`, { reason, dests });
}

type OfVerification = NoteOf<"probeFailed" | "verified" | "rolledBack" | "unwell" | "restored" | "notRestored">;

function describeVerification(note: OfVerification, counts: Counts): Entry[] {
  switch (note.is) {
    case "probeFailed": {
      const within = `within ${inWords(note.limitMs)}`;
      const otherwise = note.restores ? `or the new configuration is taken back` : `or there is nothing to go back to`;
      const said = `main program is not well yet: ${note.reason}; it has to be ${within}, ${otherwise}`;
      return [entry("info", said, { failure: note.reason })];
    }
    case "verified": {
      const which = note.restored ? "the last good configuration" : "its configuration";
      return [entry("info", `verified: main program is well on ${which}`)];
    }
    case "rolledBack": {
      const said = {
        died: "main program died before it was verified: the new configuration is taken back",
        verify: `the new configuration is taken back after ${inWords(note.afterMs)}: ${note.reason}${neverWell(note)}`,
        operator: "the configuration is taken back, as an operator asked: it is not tried again before it changes",
      };
      return [entry("warn", said[note.cause], { failure: note.reason, rollbacks: counts.rollbacks })];
    }
    case "unwell": {
      const said = note.restored
        ? `main program fails verification on the last good configuration too, for ${
          inWords(note.afterMs)
        }: ${note.reason}`
        : `main program fails verification on its configuration, and there is no other, for ${
          inWords(note.afterMs)
        }: ${note.reason}`;
      return [entry("error", `${said}${neverWell(note)}`, { failure: note.reason })];
    }
    case "restored":
      return [RESTORED[note.why]];
    case "notRestored":
      return NOT_RESTORED[note.which];
  }
}

/** Why the last good files cannot be put in place is logged by last_good.ts. */
const NOT_RESTORED: Record<NoteOf<"notRestored">["which"], Entry[]> = {
  lastGood: [],
  before: [
    entry(
      "warn",
      "the configuration before this one cannot be put in place: main program goes on with the present one",
    ),
  ],
  fromEarlierRun: [
    entry(
      "warn",
      "the files that an earlier run had in place cannot be put there: main program waits for rendered ones",
    ),
  ],
};

const RESTORED: Record<NoteOf<"restored">["why"], Entry> = {
  nothingRendered: entry("warn", "nothing could be rendered: main program is started on the last good files"),
  held: entry("info", "changes are held: main program is started on the files that an earlier run had in place"),
  rolledBack: entry("info", "the last good files are in place again"),
  asked: entry("info", "the files from before are in place again"),
};

function neverWell({ wasWell }: { wasWell: boolean }): string {
  return wasWell ? "" : " (it has not been well once in this run: is SIDECAR_VERIFY right?)";
}

type OfWatch = NoteOf<"dryRunStarted" | "missedChange" | "staysOutOfDate" | "cannotRender" | "rendersAgain">;

function describeWatch(note: OfWatch, counts: Counts): Entry[] {
  switch (note.is) {
    case "dryRunStarted":
      return [entry("debug", "dry run of confd: looking for changes that it has missed")];
    case "missedChange": {
      const verb = note.dests.length === 1 ? "has" : "have";
      const again = note.polls === null
        ? ""
        : ` once more; from now on it polls its backend every ${inWords(note.polls)}`;
      const said = `confd missed a change: ${note.dests.join(", ")} ${verb} been out of date for ` +
        `${inWords(note.forMs)}; restarting confd${again}`;
      return [entry("warn", said, { waitingFor: note.dests, deaf: counts.missedChanges })];
    }
    case "staysOutOfDate": {
      const said = `${note.dest} is still not what confd would render: what confd prints may say why`;
      return [entry("warn", said, { dest: note.dest })];
    }
    case "cannotRender": {
      const complaint = note.complaint ?? "it does not say why";
      const said = `confd cannot render anything at present: main program goes on with the files it has (${complaint})`;
      return [entry("warn", said, { complaint })];
    }
    case "rendersAgain":
      return [entry("info", "confd can render again")];
  }
}

function describeExit({ child, code, signal, told, young }: NoteOf<"childExited">): Entry[] {
  const how = signal === null ? `with status ${code}` : `by signal ${signal}`;
  const entries = [entry(levelOfExit({ child, code, told }), `${called(child)} ended ${how}`, { child, code, signal })];
  if (child === "service" && young && code === 0 && told === null) {
    entries.push(
      entry(
        "info",
        "it ended at once and without an error: if it has gone into the background, tell it to stay in the foreground " +
          "(for nginx: -g 'daemon off;')",
      ),
    );
  }
  return entries;
}

/** An end that was asked for is no reason to warn; that confd is started again was said before. */
function levelOfExit({ child, code, told }: Pick<NoteOf<"childExited">, "child" | "code" | "told">): Level {
  if (told === "restart" && child === "confd") return "debug";
  return told !== null || (child === "service" && code === 0) ? "info" : "warn";
}

function describeGivenUp({ fault }: NoteOf<"confdGivenUp">, tail: readonly string[]): Entry[] {
  if (fault !== null) {
    return [entry("error", `confd cannot work as it was started, and trying again would not help: ${fault}`)];
  }
  if (tail.length === 0) {
    return [entry("error", "confd ended before main program could be started; it printed nothing")];
  }
  return [
    entry("error", "confd ended before main program could be started; its last lines were:"),
    ...tail.map((line) => entry("error", `    ${line}`)),
  ];
}

function describeSignal({ signal, use, sent }: NoteOf<"signalReceived">): Entry[] {
  const fields = { signal };
  switch (use) {
    case "stop":
      return [entry("debug", `${signal} received`, fields)];
    case "stopBeforeStart":
      return [entry("info", `${signal}: stopping before main program was started`, fields)];
    case "kill":
      return [entry("warn", `${signal} again: killing what is left`, fields)];
    case "same":
      return [entry("debug", `${signal} received once more, as part of the same stop`, fields)];
    case "forward": {
      const level = signal === "SIGHUP" ? "info" : "debug";
      return [entry(level, `${signal} received: forwarding ${sent} to main program`, fields)];
    }
    case "reload":
      return [entry("info", `${signal} received: reloading main program as SIDECAR_RELOAD says`, fields)];
    case "drop":
      return [entry("debug", `${signal} is dropped: main program is not running`, fields)];
    case "ignore":
      return [entry("debug", `${signal} is dropped, as SIDECAR_SIGNALS says`, fields)];
  }
}

function waitsFor({ dests, refusal, reasons }: Pick<NoteOf<"waiting">, "dests" | "refusal" | "reasons">): string {
  if (dests.length === 0 && refusal !== null) {
    return `main program waits for a configuration that is not refused (${refusal})`;
  }
  const why = dests.slice(0, NAMED).flatMap((dest) => reasons?.get(dest) ?? []);
  const told = [...new Set(why)].join("; ");
  return `main program waits for confd to render ${names(dests)}${told === "" ? "" : ` (${told})`}`;
}

function levelOfFailure(level: Level, failures: number): Level {
  return failures === 0 || failures === LONG_FAILURES ? level : "debug";
}

function called(child: string): string {
  return child === "confd" ? "confd" : "main program";
}
