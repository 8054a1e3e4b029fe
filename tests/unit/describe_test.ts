import { drive } from "../../lib/core/drive.ts";
import { EMPTY } from "../../lib/core/files.ts";
import type { Event, Timer } from "../../lib/core/protocol.ts";
import { count, NOTHING_COUNTED } from "../../lib/log/counts.ts";
import type { Entry } from "../../lib/log/line.ts";
import { describe } from "../../lib/log/describe.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { content, stateOf } from "../support/states.ts";

interface Plot {
  onDisk?: Record<string, string | null>;
  options?: Parameters<typeof stateOf>[1];
  confdTail?: string[];
}

/** What the log says of a run to which these things happen. */
function entriesOf(events: Event[], { onDisk = { "/a": null }, options, confdTail = [] }: Plot = {}): Entry[] {
  const entries: Entry[] = [];
  let counts = NOTHING_COUNTED;
  const post = drive(stateOf(onDisk, options), {
    perform: () => {},
    observe: ({ notes }) => {
      for (const note of notes) {
        counts = count(counts, note);
        entries.push(...describe(note, { counts, confdTail: () => confdTail }));
      }
    },
  });
  for (const event of events) post(event);
  return entries;
}

/** The same as a person reads it at the log's usual level, graver lines marked. */
function linesOf(events: Event[], plot?: Plot): string[] {
  return entriesOf(events, plot).filter(({ level }) => level !== "debug")
    .map(({ level, msg }) => level === "info" ? msg : `${level}: ${msg}`);
}

const begun: Event = { type: "begun" };
const fired = (timer: Timer): Event => ({ type: "timerFired", timer });
const changed = (word: string | null, dest = "/a"): Event => ({
  type: "destinationChanged",
  dest,
  content: content(word),
});
const received = (signal: string): Event => ({ type: "signalReceived", signal });
const exited = (child: "confd" | "service", code: number, signal: string | null = null): Event => ({
  type: "childExited",
  child,
  code,
  signal,
});
const reloaded: Event = { type: "reloadEnded", failure: null };
const started = [begun, changed("1"), fired("settle")];
/** How many lines `started` makes. */
const ARRIVAL = linesOf(started).length;

/** The lines after the service was started. */
function afterStart(events: Event[], plot?: Plot): string[] {
  return linesOf([...started, ...events], plot).slice(ARRIVAL);
}

Deno.test("describe() keeps the sentences that people match on, word for word", () => {
  assertEquals(linesOf([...started, changed("2"), fired("settle"), reloaded]), [
    "confd started — waiting one second to start main program",
    "main program waits for confd to render /a",
    "confd has updated a config file — waiting one second to start main program",
    "starting main program now",
    "confd has updated a config file — waiting one second to reload main program",
    "changed: /a",
    "reloading main program now",
  ]);
});

Deno.test("describe() says the settle time that was set", () => {
  const lines = linesOf(started, { options: { settleMs: 1500 } });
  assertEquals(lines[0], "confd started — waiting 1s500ms to start main program");
  assertEquals(lines[2], "confd has updated a config file — waiting 1s500ms to start main program");
});

Deno.test("describe() says again and again what is waited for, and counts where it is much", () => {
  const many = Object.fromEntries(Array.from("abcdefg", (letter) => [`/${letter}`, null]));
  assertEquals(linesOf([begun, changed("1", "/a"), fired("stillWaiting")], { onDisk: many }).slice(1), [
    "main program waits for confd to render /a, /b, /c, /d, /e and 2 more",
    "main program waits for confd to render /b, /c, /d, /e, /f and 1 more",
  ]);
  const five = Object.fromEntries(Array.from("abcde", (letter) => [`/${letter}`, null]));
  assertEquals(linesOf([begun], { onDisk: five })[1], "main program waits for confd to render /a, /b, /c, /d, /e");
});

Deno.test("describe() says that files which were there already are in place", () => {
  const lines = linesOf([begun, fired("dryRun"), {
    type: "dryRunEnded",
    result: { inSync: ["/a"], outOfSync: new Map() },
  }], { onDisk: { "/a": "1" } });
  assertEquals(lines.slice(2), ["every config file is in place — waiting one second to start main program"]);
});

Deno.test("describe() says once that a window opened, however many changes follow", () => {
  assertEquals(afterStart([changed("2"), changed("3"), changed("4"), fired("settleLimit")]), [
    "confd has updated a config file — waiting one second to reload main program",
    "changed: /a",
    "reloading main program now",
  ]);
});

Deno.test("describe() says that a change was taken back", () => {
  assertEquals(afterStart([changed("2"), changed("1"), fired("settle")]), [
    "confd has updated a config file — waiting one second to reload main program",
    "the change was taken back: nothing to reload",
  ]);
});

Deno.test("describe() says why the main program is not reloaded", () => {
  assertEquals(afterStart([changed(null), fired("settle")]).slice(1), [
    "warn: not reloading main program: /a is gone",
  ]);
  assertEquals(afterStart([changed(EMPTY), fired("settle")]).slice(1), [
    "warn: not reloading main program: /a is empty now (SIDECAR_EMPTY=allow reloads all the same)",
  ]);
  assertEquals(afterStart([changed(EMPTY), fired("settle")], { options: { empty: "allow" } }).slice(1), [
    "changed: /a",
    "reloading main program now",
  ]);
});

Deno.test("describe() says what is waited for when a file vanishes before the start", () => {
  assertEquals(linesOf([begun, changed("1"), changed(null)]).slice(3), ["main program waits for confd to render /a"]);
});

Deno.test("describe() tells of confd's ends before the start, and gives its last lines when it is given up", () => {
  const again: Event[] = [fired("confdBackoff"), exited("confd", 1)];
  const events = [begun, exited("confd", 1), ...again, ...again, ...again, ...again, ...again];
  const lines = linesOf(events, { confdTail: ["FATAL no", "such backend"] });
  assertEquals(lines.slice(2, 5), [
    "warn: confd ended with status 1",
    "confd will be started again in one second",
    "starting confd again",
  ]);
  assertEquals(
    lines.filter((line) => line.includes("will be started again")).map((line) => line.split(" in ")[1]),
    ["one second", "2 seconds", "4 seconds", "8 seconds", "16 seconds"],
  );
  assertEquals(lines.slice(-4), [
    "warn: confd ended with status 1",
    "error: confd ended before main program could be started; its last lines were:",
    "error:     FATAL no",
    "error:     such backend",
  ]);
});

Deno.test("describe() says where confd printed nothing", () => {
  assertEquals(linesOf([begun, exited("confd", 0)], { options: { confdExit: "stop" } }).slice(2), [
    "warn: confd ended with status 0",
    "error: confd ended before main program could be started; it printed nothing",
  ]);
});

Deno.test("describe() tells of confd's end while the main program runs, without its last lines", () => {
  assertEquals(afterStart([exited("confd", 137, "SIGKILL")], { confdTail: ["x"] }), [
    "warn: confd ended by signal SIGKILL",
    "confd will be started again in one second",
  ]);
});

Deno.test("describe() tells of a program that cannot be started", () => {
  const failed = (child: "confd" | "service"): Event => ({
    type: "spawnFailed",
    child,
    status: 127,
    reason: "no such",
  });
  assertEquals(linesOf([begun, failed("confd")]).slice(2), ["error: cannot start confd: no such"]);
  assertEquals(afterStart([failed("service")]), ["error: cannot start main program: no such"]);
});

Deno.test("describe() says that SIDECAR_START_TIMEOUT passed, and what was missing", () => {
  const plot = { onDisk: { "/a": null, "/b": null }, options: { startTimeoutMs: 90_000 } };
  assertEquals(linesOf([begun, changed("1"), fired("startTimeout")], plot).slice(2), [
    "error: giving up after SIDECAR_START_TIMEOUT, 1m30s: main program waits for confd to render /b",
  ]);
});

Deno.test("describe() tells of the main program's own end", () => {
  assertEquals(afterStart([fired("serviceYoung"), exited("service", 0)]), ["main program ended with status 0"]);
  assertEquals(afterStart([exited("service", 3)]), ["warn: main program ended with status 3"]);
  assertEquals(afterStart([exited("service", 139, "SIGSEGV")]), ["warn: main program ended by signal SIGSEGV"]);
});

Deno.test("describe() tells of an orderly stop", () => {
  assertEquals(afterStart([received("SIGTERM"), exited("service", 143, "SIGTERM"), exited("confd", 0)]), [
    "stopping main program with SIGTERM",
    "main program ended by signal SIGTERM",
    "confd ended with status 0",
  ]);
});

Deno.test("describe() does not warn of an end that a reload by a restart has asked for", () => {
  const plot = { options: { reload: { by: "restart" } } } as const;
  const events = [changed("2"), fired("settle"), exited("service", 143, "SIGTERM")];
  const lines = linesOf([...started, ...events], plot);
  assertEquals(lines.slice(-3), [
    "stopping main program with SIGTERM, to start it again",
    "main program ended by signal SIGTERM",
    "starting main program again",
  ]);
});

Deno.test("describe() does not take a signal that is forwarded during the stop for another stop", () => {
  assertEquals(afterStart([received("SIGTERM"), received("SIGUSR1")]), ["stopping main program with SIGTERM"]);
});

Deno.test("describe() logs a SIGHUP that is forwarded, and no other signal", () => {
  assertEquals(afterStart([received("SIGHUP"), received("SIGUSR1")]), [
    "SIGHUP received: forwarding SIGHUP to main program",
  ]);
});

Deno.test("describe() tells of a stop that does not go well", () => {
  assertEquals(afterStart([received("SIGTERM"), fired("stopTimeout")]).slice(1), [
    "warn: main program has not stopped in 30 seconds: killing it",
  ]);
  assertEquals(afterStart([received("SIGINT"), fired("stopAgain"), received("SIGTERM")]).slice(1), [
    "warn: SIGTERM again: killing what is left",
  ]);
  assertEquals(afterStart([received("SIGTERM"), exited("service", 0), fired("confdGrace")]).slice(2), [
    "warn: confd has not stopped in one second: killing it",
  ]);
});

Deno.test("describe() tells of a stop before the start", () => {
  assertEquals(linesOf([begun, received("SIGINT")]).slice(2), ["SIGINT: stopping before main program was started"]);
});

Deno.test("describe() gives JSON logs what a sentence is about", () => {
  const entries = entriesOf([...started, exited("confd", 2), exited("service", 3)]);
  const fieldsOf = (msg: string) => entries.find((entry) => entry.msg.startsWith(msg))?.fields;
  assertEquals(fieldsOf("main program waits"), { waitingFor: ["/a"] });
  assertEquals(fieldsOf("confd has updated"), { dest: "/a" });
  assertEquals(fieldsOf("confd ended"), { child: "confd", code: 2, signal: null });
  assertEquals(fieldsOf("main program ended"), { child: "service", code: 3, signal: null });
});

Deno.test("describe() never shows a digest: it would tell whether two values are equal", () => {
  const entries = entriesOf([begun, changed("5e1f"), fired("settle"), changed("ab12"), fired("settle")]);
  const said = JSON.stringify(entries);
  assert(!said.includes("5e1f") && !said.includes("ab12"), said);
});

function dryRunOf(inSync: string[], wanted?: string, complaint?: string): Event[] {
  const outOfSync = new Map(wanted === undefined ? [] : [["/a", wanted]]);
  return [fired("dryRun"), { type: "dryRunEnded", result: { inSync, outOfSync, complaint } }];
}

Deno.test("describe() says that confd has missed a change, and what comes of it", () => {
  const missed = (wanted: string) => [...dryRunOf([], wanted), ...dryRunOf([], wanted), exited("confd", 0)];
  const events = [...dryRunOf(["/a"]), ...missed("2"), changed("2"), ...dryRunOf(["/a"]), ...missed("3")];
  const lines = afterStart(events, { options: { intervalMs: 60_000 } });
  assertEquals(lines.filter((line) => /confd/.test(line) && !/updated/.test(line)), [
    "warn: confd missed a change: /a has been out of date for 5 seconds; restarting confd",
    "starting confd again",
    "warn: confd missed a change: /a has been out of date for 5 seconds; restarting confd once more; from now on it " +
    "polls its backend every 1m",
    "starting confd again",
  ]);
});

Deno.test("describe() says that a file stays out of date though confd was started again for it", () => {
  const events = [...dryRunOf([], "2"), ...dryRunOf([], "2"), exited("confd", 0), ...dryRunOf([], "2")];
  assertEquals(afterStart(events, { options: { intervalMs: 60_000 } }).slice(2), [
    "warn: /a is still not what confd would render: what confd prints may say why",
  ]);
});

Deno.test("describe() says once that confd cannot render anything, with its complaint, and when it can again", () => {
  const none = dryRunOf([], undefined, "no such host");
  const events = [...none, ...none, ...none, ...none, ...dryRunOf(["/a"])];
  assertEquals(afterStart(events, { options: { intervalMs: 60_000 } }), [
    "warn: confd cannot render anything at present: main program goes on with the files it has (no such host)",
    "confd can render again",
  ]);
});
