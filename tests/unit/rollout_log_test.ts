/** Rollouts as they are told to others, driven by the core itself. */
import { drive, type Transition } from "../../lib/core/drive.ts";
import type { Options } from "../../lib/core/options.ts";
import type { Event } from "../../lib/core/protocol.ts";
import type { RolloutRecord } from "../../lib/status/document.ts";
import { Recorder } from "../../lib/status/recorder.ts";
import { Starts } from "../../lib/status/starts.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { content, contents, FACTS, stateOf } from "../support/states.ts";

/** A run of which a second passes between two events. */
class Run {
  readonly recorder: Recorder;
  readonly ended: RolloutRecord[] = [];
  readonly #starts: Starts;
  readonly #post: (event: Event) => void;
  #at = 0;

  constructor(options: Partial<Options> = {}, dests = ["/a"]) {
    const state = stateOf(Object.fromEntries(dests.map((dest) => [dest, null])), options);
    this.recorder = new Recorder({ facts: FACTS, state, at: 0, onRollout: (record) => this.ended.push(record) });
    this.#starts = new Starts((transition, at) => this.recorder.observe(transition, at));
    const observe = (transition: Transition) => void this.#starts.observe(transition, this.#at);
    this.#post = drive(state, { perform: () => {}, observe });
  }

  /** Events in short: `/a=one`, `settle`, `published ok /a=one`, `reloaded`. */
  on(...events: (string | Event)[]): this {
    for (const event of events) {
      this.#at += 1000;
      this.#post(typeof event === "string" ? parse(event) : event);
    }
    return this;
  }

  /** Each record in a line: trigger, outcome, then its steps. */
  get told(): string[] {
    this.#starts.settle();
    return this.recorder.view.rollouts.map(line);
  }
}

function line({ trigger, outcome, steps, seconds, destinations }: RolloutRecord): string {
  const told = steps.map(({ name, seconds, outcome, reason }) => {
    return `${name} ${seconds ?? "..."}${outcome === "failed" ? `!${reason ?? ""}` : ""}`;
  });
  return `${trigger} ${destinations.join(",")} ${outcome} ${seconds ?? "..."}: ${told.join(", ")}`;
}

function parse(word: string): Event {
  const [, dest, value] = /^(\/\w+)=(.*)$/.exec(word) ?? [];
  if (dest !== undefined) {
    return { type: "destinationChanged", dest, content: content(value === "none" ? null : value) };
  }
  const [what, ...rest] = word.split(" ");
  switch (what) {
    case "begun":
    case "checked":
      return { type: what };
    case "published": {
      const placed = contents(rest.map((pair) => pair.split("=") as [string, string]));
      return { type: "published", contents: placed, failure: null };
    }
    case "refused":
      return {
        type: "published",
        contents: contents([["/a", rest[0]]]),
        failure: { refused: true, reason: "it is bad" },
      };
    case "unpublished":
      return { type: "published", contents: new Map(), failure: { refused: false, reason: "the disk is full" } };
    case "restored":
      return { type: "restored", contents: rest[0] === "failed" ? null : contents([["/a", rest[0]]]) };
    case "reloaded":
      return { type: "reloadEnded", failure: rest.join(" ") || null };
    case "probed":
      return { type: "probeEnded", failure: rest.join(" ") || null };
    case "ended":
      return { type: "childExited", child: "service", code: Number(rest[0] ?? 0), signal: null };
    case "confdEnded":
      return { type: "childExited", child: "confd", code: 0, signal: null };
    case "signal":
      return { type: "signalReceived", signal: rest[0] };
    case "reload":
    case "restart":
    case "rollBack":
    case "release":
      return { type: "commanded", command: { is: what } };
    case "hold":
      return { type: "commanded", command: { is: "hold", forMs: null, reason: "why" } };
    default:
      return { type: "timerFired", timer: what as "settle" };
  }
}

const STARTED = ["begun", "/a=one", "settle"];
const STAGED_START = [...STARTED, "checked", "published /a=one"];

Deno.test("rollouts: the first start, with what it waits for", () => {
  const run = new Run().on(...STARTED);
  assertEquals(run.told, ["start /a loaded 2: settle 1, start 0"]);
  assertEquals(new Run().on("begun", "/a=one").told, ["start /a running ...: settle ..."]);
});

Deno.test("rollouts: a staged and verified start has every step", () => {
  const run = new Run({ staged: true, verified: true }).on(...STAGED_START, "probe", "probed");
  assertEquals(run.told, ["start /a verified 6: settle 1, check 1, publish 1, start 0, verify 2"]);
});

Deno.test("rollouts: a first set that is refused, and the next one", () => {
  const run = new Run({ staged: true }).on(
    ...STARTED,
    "refused one",
    "/a=two",
    "settle",
    "checked",
    "published /a=two",
  );
  assertEquals(run.told, [
    "start /a refused 3: settle 1, check 1!it is bad",
    "start /a loaded 3: settle 1, check 1, publish 1, start 0",
  ]);
});

Deno.test("rollouts: a change, and one that is taken back", () => {
  const run = new Run().on(...STARTED, "/a=two", "settle", "reloaded", "/a=three", "/a=two", "settle");
  assertEquals(
    run.told.slice(1),
    ["change /a loaded 2: settle 1, reload 1", "change /a takenBack 2: settle 1, settle 1"].map(first),
  );
});

/** A window that goes on is one step. */
function first(told: string): string {
  return told.replace("settle 1, settle 1", "settle 2");
}

Deno.test("rollouts: a change that settles while another is applied is another one", () => {
  const run = new Run().on(...STARTED, "/a=two", "settle", "/a=three", "reloaded", "settle", "reloaded");
  assertEquals(run.told.slice(1), ["change /a loaded 3: settle 1, reload 2", "change /a loaded 3: settle 2, reload 1"]);
});

Deno.test("rollouts: a failing reload is told once, as its last try", () => {
  const run = new Run().on(
    ...STARTED,
    "/a=two",
    "settle",
    "reloaded no",
    "retry",
    "reloaded no",
    "retry",
    "reloaded never",
  );
  assertEquals(run.told.slice(1), ["change /a failed 2: settle 1, reload 1!no", "retry  failed 1: reload 1!never"]);
  assertEquals(run.on("retry", "reloaded").told.slice(3), ["retry  loaded 1: reload 1"]);
});

Deno.test("rollouts: files that cannot be put in place", () => {
  const run = new Run({ staged: true }).on(...STAGED_START, "/a=two", "settle", "unpublished");
  assertEquals(run.told.slice(1), ["change /a failed 2: settle 1, check 1!the disk is full"]);
});

Deno.test("rollouts: a set with a missing file is incomplete", () => {
  const run = new Run().on(...STARTED, "/a=none", "settle");
  assertEquals(run.told.slice(1), ["change /a refused 1: settle 1!/a is gone"]);
});

Deno.test("rollouts: back to the last good files, since the service is not well on the new ones", () => {
  const options = { staged: true, verified: true };
  const run = new Run(options).on(
    ...STAGED_START,
    "probe",
    "probed",
    "/a=two",
    "settle",
    "checked",
    "published /a=two",
    "reloaded",
  );
  run.on("probe", "probed it does not answer", "verifyTimeout", "restored one", "reloaded", "probe", "probed");
  assertEquals(run.told.slice(1), [
    "change /a rolledBack 11: settle 1, check 1, publish 1, reload 1, verify 3!it does not answer, rollBack 1, reload 1, verify 2",
  ]);
});

Deno.test("rollouts: an operator's rollback is a rollout of its own", () => {
  const run = new Run({ staged: true }).on(
    ...STAGED_START,
    "/a=two",
    "settle",
    "checked",
    "published /a=two",
    "reloaded",
  );
  run.on("rollBack", "restored one", "reloaded");
  assertEquals(run.told.slice(2), ["rollback  loaded 2: rollBack 1, reload 1"]);
  assertEquals(run.on("rollBack", "restored failed").told.slice(3), [
    "rollback /a failed 1: rollBack 1!the files cannot be put in place",
  ]);
});

Deno.test("rollouts: a hold ends the change that it keeps, and a release begins another", () => {
  const run = new Run({ staged: true }).on(...STAGED_START, "hold", "/a=two", "settle", "checked", "published /a=two");
  assertEquals(run.told.slice(1).map((told) => told.split(":")[0]), ["change /a held 3"]);
  run.on("release", "checked", "published /a=two", "reloaded");
  assertEquals(run.told.slice(2), ["release /a loaded 3: check 1, publish 1, reload 1"]);
});

Deno.test("rollouts: a random delay is a step", () => {
  const run = new Run({ splayMs: 5000 }).on(...STARTED, "/a=two", "settle", "splay", "reloaded");
  assertEquals(run.told.slice(1), ["change /a loaded 3: settle 1, splay 1, reload 1"]);
});

Deno.test("rollouts: reloads by a restart, and by nobody", () => {
  const restart = new Run({ reload: { by: "restart" } }).on(...STARTED, "/a=two", "settle", "ended");
  assertEquals(restart.told.slice(1), ["change /a loaded 2: settle 1, restart 1"]);
  const none = new Run({ reload: { by: "none" } }).on(...STARTED, "/a=two", "settle");
  assertEquals(none.told.slice(1), ["change /a loaded 1: settle 1, reload 0"]);
});

Deno.test("rollouts: a reload and a restart that somebody asks for, and a SIGHUP that is one", () => {
  const run = new Run({ reload: { by: "exec" } }).on(...STARTED, "reload", "reloaded", "signal SIGHUP", "reloaded");
  assertEquals(run.told.slice(1), ["reload  loaded 1: reload 1", "reload  loaded 1: reload 1"]);
  assertEquals(run.on("restart", "ended").told.slice(3), ["restart  loaded 1: restart 1"]);
});

Deno.test("rollouts: a service that is started again by itself", () => {
  const run = new Run({ restart: "on-failure" }).on(...STARTED, "ended 1", "serviceBackoff");
  assertEquals(run.told.slice(1), ["restart  loaded 0: start 0"]);
});

Deno.test("rollouts: the end of the run ends what is open", () => {
  const run = new Run({ staged: true }).on(
    ...STAGED_START,
    "/a=two",
    "settle",
    "signal SIGTERM",
    "ended",
    "confdEnded",
  );
  assertEquals(run.told.slice(1), ["change /a failed 4: settle 1, check 3!the run ended"]);
  assert(run.recorder.view.rollouts.every(({ outcome }) => outcome !== "running"), "none is under way");
});

Deno.test("rollouts: the last fifty are kept, and each is told of once", () => {
  const run = new Run().on(...STARTED);
  for (let i = 0; i < 60; i++) run.on(`/a=${i}`, "settle", "reloaded");
  assertEquals([run.recorder.view.rollouts.length, run.ended.length], [50, 61]);
  assertEquals(run.recorder.view.rollouts.at(-1)?.id, 61);
});

Deno.test("rollouts: one that ends later than those that began after it keeps its place", () => {
  const run = new Run({ fleet: { timeoutMs: 0 }, reload: { by: "exec" }, staged: true }).on(...STAGED_START);
  run.on("/a=two", "settle", "reload", "reloaded");
  const ids = () => run.recorder.view.rollouts.map(({ id, outcome }) => `${id} ${outcome}`);
  assertEquals(ids(), ["1 loaded", "2 running", "3 loaded"]);
  for (let i = 0; i < 60; i++) run.on("reload", "reloaded");
  assertEquals([ids().length, ids()[0], ids()[1], ids()[49]], [50, "2 running", "15 loaded", "63 loaded"]);
  run.on({ type: "turnGranted" }, "checked", "published /a=two", "reloaded");
  assertEquals([ids().length, ids()[0], ids()[1], ids()[49]], [50, "2 loaded", "15 loaded", "63 loaded"]);
});

Deno.test("rollouts: differences belong to the rollout of the moment", () => {
  const run = new Run().on(...STARTED, "/a=two", "settle");
  run.recorder.differences()("/a", ["-***"]);
  run.on("reloaded");
  assertEquals(run.recorder.view.rollouts.map(({ differences }) => differences.length), [0, 1]);
});

Deno.test("rollouts: a start on a file that was there already", () => {
  const run = new Run().on("begun", "/a=one");
  run.on("/a=none", "/a=one", { type: "destinationRendered", dest: "/a" }, "settle");
  assertEquals(run.told, ["start /a loaded 5: settle 2, start 0"]);
});

Deno.test("rollouts: a service that cannot be started, and one that is not well on anything", () => {
  const missing: Event = { type: "spawnFailed", child: "service", status: 127, reason: "it is not there" };
  const verified = { staged: true, verified: true };
  assertEquals(new Run(verified).on(...STAGED_START, missing).told, [
    "start /a failed 4: settle 1, check 1, publish 1, start 0!it is not there",
  ]);
  const confd: Event = { ...missing, child: "confd" };
  assertEquals(new Run().on("begun", confd).told[0].includes("it is not there"), false, "confd is no step");
  assertEquals(new Run(verified).on(...STAGED_START, "probe", "probed no", "verifyTimeout").told, [
    "start /a failed 7: settle 1, check 1, publish 1, start 0, verify 3!no",
  ]);
});

Deno.test("rollouts: what is held was checked, and not put in place", () => {
  const run = new Run({ staged: true }).on(...STAGED_START, "hold", "/a=two", "settle", "checked", "published /a=two");
  assertEquals(run.told.slice(1), ["change /a held 3: settle 1, check 1"]);
  const plain = new Run().on(...STARTED, "hold", "/a=two", "settle");
  assertEquals(plain.told.slice(1), ["change /a held 1: settle 1"]);
});

Deno.test("rollouts: the files of a window are all that changed in it", () => {
  const run = new Run({}, ["/a", "/b"]).on(
    "begun",
    "/a=one",
    "/b=one",
    "settle",
    "/a=two",
    "/b=two",
    "settle",
    "reloaded",
  );
  assertEquals(run.told.slice(1), ["change /a,/b loaded 3: settle 2, reload 1"]);
});

Deno.test("rollouts: a command that is refused begins nothing", () => {
  const run = new Run().on(...STARTED, "rollBack", "/a=none", "reload", "/a=two", "settle", "reloaded");
  assertEquals(run.told.slice(1).map((told) => told.split(" ")[0]), ["change"]);
});

Deno.test("rollouts: a change that settles at the end of the run has failed with it", () => {
  const run = new Run().on(...STARTED, "/a=two", "signal SIGTERM", "ended", "confdEnded");
  assertEquals(run.told.slice(1), ["change /a failed 3: settle 3!the run ended"]);
});

Deno.test("rollouts: an operator's rollback ends a verification that is under way", () => {
  const run = new Run({ staged: true, verified: true }).on(
    ...STAGED_START,
    "probe",
    "rollBack",
    "restored zero",
    "reloaded",
  );
  run.on("probe", "probed");
  assertEquals(run.told, [
    "start /a failed 6: settle 1, check 1, publish 1, start 0, verify 2!an operator asked for the files from before",
    "rollback  verified 4: rollBack 1, reload 1, verify 2",
  ]);
});

Deno.test("Recorder tells of each set that the service has loaded, once", () => {
  const loaded: string[] = [];
  const state = stateOf({ "/a": null });
  const onLoaded = (contents: ReadonlyMap<string, unknown>) => loaded.push(String(contents.get("/a")));
  const recorder = new Recorder({ facts: FACTS, state, at: 0, onLoaded });
  const post = drive(state, { perform: () => {}, observe: (transition) => recorder.observe(transition, 0) });
  for (const event of ["begun", "/a=one", "settle"]) post(parse(event));
  recorder.digest = "one";
  for (const event of ["/a=two", "/a=one", "settle"]) post(parse(event));
  assertEquals([loaded, recorder.digest], [["one"], "one"]);
  for (const event of ["/a=two", "settle", "reloaded"]) post(parse(event));
  assertEquals(
    [loaded, recorder.digest],
    [["one", "two"], null],
    "the digest of older files is not shown for newer ones",
  );
});

// What does not go its way to the end.

Deno.test("rollouts: a change that is taken back during its random delay is over with it", () => {
  const run = new Run({ splayMs: 5000 }).on(...STARTED, "/a=two", "settle", "/a=one", "splay");
  assertEquals(run.told.slice(1), ["change /a takenBack 3: settle 1, splay 2"]);
  run.on("/a=three", "settle", "splay", "reloaded");
  assertEquals(run.told.slice(2), ["change /a loaded 3: settle 1, splay 1, reload 1"]);
});

Deno.test("rollouts: a change that has settled behind another, and is taken back before its turn", () => {
  const run = new Run().on(...STARTED, "/a=two", "settle", "/a=three", "settle", "/a=two", "reloaded");
  assertEquals(run.told.slice(1), ["change /a loaded 5: settle 1, reload 4", "change /a takenBack 3: settle 1"]);
});

Deno.test("rollouts: a change that has settled behind one that fails is the next try, and not taken back", () => {
  const run = new Run().on(...STARTED, "/a=two", "settle", "/a=three", "settle", "reloaded no");
  assertEquals(run.told.slice(1), ["change /a failed 4: settle 1, reload 3!no", "change /a running ...: settle 1"]);
  run.on("retry", "reloaded");
  assertEquals(run.told.slice(2), ["change /a loaded 4: settle 1, reload 1"]);
  const takenBack = new Run().on(...STARTED, "/a=two", "settle", "/a=three", "settle", "/a=two", "reloaded no");
  assertEquals(takenBack.told.slice(2), ["change /a takenBack 3: settle 1"]);
});

Deno.test("rollouts: a service that ends while it is reloaded, and what it loads when it is started again", () => {
  const run = new Run({ restart: "on-failure" }).on(...STARTED, "/a=two", "settle", "/a=three", "ended 3");
  assertEquals(run.told.slice(1), [
    "change /a failed 3: settle 1, reload 2!main program ended with status 3",
    "change /a running ...: settle 1",
  ]);
  run.on("serviceBackoff");
  assertEquals(run.told.slice(2), ["change /a loaded 2: settle 1", "restart  loaded 0: start 0"]);
});

Deno.test("rollouts: a service that ends while files are checked, which goes on", () => {
  const run = new Run({ staged: true, restart: "on-failure" }).on(...STAGED_START, "/a=two", "settle", "ended 3");
  run.on("checked", "published /a=two", "serviceBackoff");
  assertEquals(run.told.slice(1), ["change /a loaded 5: settle 1, check 2, publish 1, start 0"]);
});

Deno.test("rollouts: a restart that an operator asks for meanwhile", () => {
  const verified = new Run({ staged: true, verified: true }).on(...STAGED_START, "probe", "restart", "ended");
  assertEquals(verified.told, [
    "start /a failed 6: settle 1, check 1, publish 1, start 0, verify 2!an operator asked for a restart",
    "restart  running ...: restart 1, verify ...",
  ]);
  const publishing = new Run({ staged: true }).on(...STAGED_START, "/a=two", "settle", "restart");
  publishing.on("checked", "published /a=two", "ended");
  assertEquals(publishing.told.slice(1), ["change /a loaded 5: settle 1, check 2, publish 1, start 0"]);
  const refused = new Run({ staged: true }).on(...STAGED_START, "/a=two", "settle", "restart", "refused two", "ended");
  assertEquals(refused.told.slice(1), [
    "change /a refused 3: settle 1, check 2!it is bad",
    "restart /a loaded 0: start 0",
  ]);
  assertEquals(refused.on("/a=three", "settle", "unpublished", "retry").told.at(-1), "retry /a running ...: check ...");
});

Deno.test("rollouts: last good files that cannot be put in place are no way back", () => {
  const options = { staged: true, verified: true, restart: "always" as const };
  const run = new Run(options).on(...STAGED_START, "probe", "probed", "/a=two", "settle", "published /a=two");
  run.on("reloaded", "verifyTimeout", "restored failed", "ended", "probe", "probed");
  assertEquals(run.told.slice(1), [
    "change /a failed 5: settle 1, check 1, reload 1, verify 1!it gives no answer, rollBack 1!the files cannot be put in place",
    "restart  verified 3: restart 1, verify 2",
  ]);
});

Deno.test("rollouts: what settles while older files come back has its turn then", () => {
  const options = { staged: true, verified: true };
  const run = new Run(options).on(...STAGED_START, "probe", "probed", "/a=two", "settle", "published /a=two");
  run.on("reloaded", "/a=three", "verifyTimeout", "restored one", "reloaded", "probe", "probed", "published /a=three");
  const told = run.told.slice(1).map((told) => told.split(":")[0]);
  assertEquals(told, ["change /a rolledBack 9", "change /a running ..."]);
});

Deno.test("rollouts: a held change that has passed its check was not put in place, and may be taken back", () => {
  const run = new Run({ staged: true }).on(...STAGED_START, "hold", "/a=two", "settle", "checked", "published /a=two");
  assertEquals(run.told.slice(1), ["change /a held 3: settle 1, check 1"]);
  run.on("/a=three", "settle", "/a=one", "checked", "published /a=three");
  assertEquals(run.told.slice(2), ["change /a takenBack 4: settle 1, check 2"]);
});

Deno.test("rollouts: a reload that is asked for while a file is gone leaves the window open", () => {
  const run = new Run({ reload: { by: "exec" } }).on(...STARTED, "/a=none", "signal SIGHUP");
  assertEquals(run.told.slice(1), ["change /a running ...: settle ..."]);
  assertEquals(run.on("settle").told.slice(1), ["change /a refused 2: settle 2!/a is gone"]);
});

Deno.test("rollouts: a start whose program cannot be executed has failed, and its reason is known", () => {
  const missing: Event = { type: "spawnFailed", child: "service", status: 127, reason: "it is not there" };
  const first = new Run().on(...STARTED, missing);
  assertEquals(first.told, ["start /a failed 2: settle 1, start 0!it is not there"]);
  const { config, service, counts } = first.recorder.document;
  assertEquals([config.loaded, service.started, service.starts, counts.reloads], [null, null, 0, 0]);
  assertEquals(first.ended.map(({ outcome }) => outcome), ["failed"]);
  const again = new Run({ restart: "always" }).on(...STARTED, "ended", "serviceBackoff", missing);
  assertEquals(again.told.slice(1), ["restart  failed 0: start 0!it is not there"]);
  const restart = new Run().on(...STARTED, "restart", "ended", missing);
  assertEquals(restart.told.slice(1), ["restart  failed 1: restart 1!it is not there"]);
  const byRestart = new Run({ reload: { by: "restart" } }).on(...STARTED, "/a=two", "settle", "ended", missing);
  assertEquals(byRestart.told.slice(1), ["change /a failed 2: settle 1, restart 1!it is not there"]);
});

Deno.test("rollouts: a restart that waits for a file goes on until the start, or ends with the run", () => {
  const run = new Run({ restart: "always" }).on(...STARTED, "/a=none", "restart", "ended");
  assertEquals(run.told.at(-1), "restart /a running ...: restart ...");
  run.on("/a=two");
  assertEquals(run.told.at(-1), "restart /a running ...: restart 2, settle ...");
  run.on("/a=none");
  assertEquals(run.told.at(-1), "restart /a running ...: restart ...", "its settling was premature");
  run.on("signal SIGTERM", "confdEnded");
  assertEquals(run.told.at(-1), "restart /a failed 5: restart 5!the run ended");
});

Deno.test("rollouts: a start that waits for nothing is one", () => {
  const run = new Run({ optional: new Set(["/a"]) }).on("begun", "settle");
  assertEquals(run.told, ["start /a loaded 1: settle 1, start 0"]);
});

Deno.test("rollouts: a release that nothing waits for gives no name to what comes later", () => {
  const run = new Run({ restart: "on-failure" }).on(...STARTED, "hold", "release", "ended 1", "serviceBackoff");
  assertEquals(run.told.slice(1), ["restart  loaded 0: start 0"]);
});

Deno.test("rollouts: what confd and other signals do begins none, and ends none", () => {
  const run = new Run().on(...STARTED, "confdEnded", "confdBackoff", "signal SIGUSR1");
  assertEquals(run.told.length, 1);
  const missing: Event = { type: "spawnFailed", child: "confd", status: 126, reason: "text file busy" };
  run.on("/a=two", "settle", "confdEnded", "confdBackoff", missing);
  assertEquals(run.told.slice(1), ["change /a running ...: settle 1, reload ..."]);
});

Deno.test("rollouts: a change that is taken back while another is checked", () => {
  const run = new Run({ staged: true }).on(...STAGED_START, "/a=two", "settle", "/a=three", "/a=one", "settle");
  assertEquals(run.told.slice(1), ["change /a running ...: settle 1, check ...", "change /a takenBack 2: settle 2"]);
});

Deno.test("rollouts: a set with an empty file is incomplete, and says so", () => {
  const run = new Run().on(...STARTED, "/a=empty", "settle");
  assertEquals(run.told.slice(1), ["change /a refused 1: settle 1!/a is empty"]);
});

Deno.test("rollouts: a service that is killed while it reads what was put in place", () => {
  const run = new Run({ staged: true, restart: "always" }).on(...STAGED_START, "/a=two", "settle", "published /a=two");
  run.on({ type: "childExited", child: "service", code: 137, signal: "SIGKILL" });
  assertEquals(run.told.slice(1), [
    "change /a failed 3: settle 1, check 1, reload 1!main program ended by signal SIGKILL",
  ]);
});

Deno.test("rollouts: a stop ends a reload with the run, and not with the service", () => {
  const run = new Run().on(...STARTED, "/a=two", "settle", "signal SIGTERM", "ended", "confdEnded");
  assertEquals(run.told.slice(1), ["change /a failed 4: settle 1, reload 3!the run ended"]);
});

Deno.test("rollouts: tries are told once, changes each", () => {
  const run = new Run().on(...STARTED, "/a=two", "settle", "reloaded no", "/a=three", "settle", "reloaded no");
  run.on("retry", "reloaded no", "retry", "reloaded", "/a=four", "settle", "reloaded no", "retry", "reloaded no");
  assertEquals(run.told.slice(1).map((told) => told.split(":")[0]), [
    "change /a failed 2",
    "change /a failed 2",
    "retry  failed 1",
    "retry  loaded 1",
    "change /a failed 2",
    "retry  failed 1",
  ]);
});

Deno.test("rollouts: differences are those of a refused set too, which is over", () => {
  const run = new Run({ staged: true }).on(...STAGED_START, "/a=two", "settle", "refused two");
  run.recorder.differences()("/a", ["-***"]);
  assertEquals(run.recorder.view.rollouts.map(({ differences }) => differences), [[], [{
    path: "/a",
    lines: ["-***"],
  }]]);
  new Run().recorder.differences()("/a", []);
});
