import { drive } from "../../lib/core/drive.ts";
import type { Event } from "../../lib/core/protocol.ts";
import { messagesOf, NOTHING_TOLD } from "../../lib/status/notify.ts";
import { Recorder } from "../../lib/status/recorder.ts";
import type { StatusDocument } from "../../lib/status/document.ts";
import { before, refusedDocument, wellDocument } from "../page/documents.ts";
import { assertEquals } from "../support/assert.ts";
import { content, contents, FACTS, stateOf } from "../support/states.ts";

/** What systemd is told at each event, but for the status line. */
function told(options: Parameters<typeof stateOf>[1], events: readonly Event[]): string[][] {
  const state = stateOf({ "/a": null }, options);
  const recorder = new Recorder({ facts: FACTS, state, at: 0 });
  let before = NOTHING_TOLD;
  let now: string[] = [];
  const post = drive(state, {
    perform: () => {},
    observe: (transition) => {
      recorder.observe(transition, 0);
      const { state, notes } = transition;
      const moment = {
        state,
        notes,
        document: recorder.document,
        mask: (text: string) => text,
        monotonicUsec: () => 7n,
      };
      const [messages, next] = messagesOf(before, moment);
      before = next;
      now = messages.filter((message) => !message.startsWith("STATUS="));
    },
  });
  return events.map((event) => {
    now = [];
    post(event);
    return now;
  });
}

const BEGUN: Event = { type: "begun" };
const SETTLED: Event = { type: "timerFired", timer: "settle" };
const RELOADED: Event = { type: "reloadEnded", failure: null };
const RELOADING = "RELOADING=1\nMONOTONIC_USEC=7";

function changed(word: string): Event {
  return { type: "destinationChanged", dest: "/a", content: content(word) };
}

function published(word: string): Event {
  return { type: "published", contents: contents([["/a", word]]), failure: null };
}

Deno.test("messagesOf() asks for time while a start waits, and says when the service is ready", () => {
  assertEquals(told({}, [BEGUN, { type: "timerFired", timer: "stillWaiting" }, changed("one"), SETTLED]), [
    ["EXTEND_TIMEOUT_USEC=30000000"],
    ["EXTEND_TIMEOUT_USEC=30000000"],
    [],
    ["READY=1"],
  ]);
});

Deno.test("messagesOf() frames a reload, also one that fails", () => {
  const started = [BEGUN, changed("one"), SETTLED];
  assertEquals(told({}, [...started, changed("two"), SETTLED, RELOADED]).slice(3), [[], [RELOADING], ["READY=1"]]);
  const failed: Event = { type: "reloadEnded", failure: "no" };
  assertEquals(told({}, [...started, changed("two"), SETTLED, failed]).slice(4), [[RELOADING], ["READY=1"]]);
});

Deno.test("messagesOf() counts a verification to the reload, and not to the first start", () => {
  const options = { staged: true, verified: true };
  const probed: Event = { type: "probeEnded", failure: null };
  const events = [
    BEGUN,
    changed("one"),
    SETTLED,
    published("one"),
    { type: "timerFired", timer: "probe" } as Event,
    probed,
  ];
  const more = [
    changed("two"),
    SETTLED,
    published("two"),
    RELOADED,
    { type: "timerFired", timer: "probe" } as Event,
    probed,
  ];
  assertEquals(told(options, [...events, ...more]).slice(3), [
    [],
    [],
    ["READY=1"],
    [],
    [],
    [RELOADING],
    [],
    [],
    ["READY=1"],
  ]);
});

Deno.test("messagesOf() frames a restart", () => {
  const events: Event[] = [BEGUN, changed("one"), SETTLED, { type: "commanded", command: { is: "restart" } }];
  const ended: Event = { type: "childExited", child: "service", code: 0, signal: null };
  assertEquals(told({}, [...events, ended]).slice(3), [[RELOADING], ["READY=1"]]);
});

Deno.test("messagesOf() answers a SIGHUP whatever becomes of it, but not before the service is ready", () => {
  const hangup: Event = { type: "signalReceived", signal: "SIGHUP" };
  const started = [BEGUN, changed("one"), SETTLED];
  assertEquals(told({}, [hangup, ...started, hangup]), [[], ["EXTEND_TIMEOUT_USEC=30000000"], [], ["READY=1"], [
    RELOADING,
    "READY=1",
  ]]);
  assertEquals(told({ reload: { by: "exec" } }, [...started, hangup, RELOADED]).slice(3), [[RELOADING], ["READY=1"]]);
  const dropped = { signals: new Map([["SIGHUP", null]]) };
  assertEquals(told(dropped, [...started, hangup]).at(-1), [RELOADING, "READY=1"]);
});

Deno.test("messagesOf() says once that the run stops, and nothing after that", () => {
  const stop: Event = { type: "signalReceived", signal: "SIGTERM" };
  const ended: Event = { type: "childExited", child: "service", code: 0, signal: null };
  assertEquals(told({}, [BEGUN, changed("one"), SETTLED, stop, ended]).slice(3), [["STOPPING=1"], []]);
});

Deno.test("messagesOf() frames neither other signals nor a SIGHUP that stops", () => {
  const started = [BEGUN, changed("one"), SETTLED];
  const signal = (signal: string): Event => ({ type: "signalReceived", signal });
  assertEquals(told({}, [...started, signal("SIGUSR1")]).at(-1), []);
  assertEquals(told({ stopOn: ["SIGHUP"] }, [...started, signal("SIGHUP")]).at(-1), ["STOPPING=1"]);
});

Deno.test("messagesOf() frames files that come back, and no service that is down", () => {
  const started = [BEGUN, changed("one"), SETTLED, published("one")];
  const back: Event[] = [
    { type: "commanded", command: { is: "rollBack" } },
    { type: "restored", contents: contents([["/a", "zero"]]) },
    RELOADED,
  ];
  assertEquals(told({ staged: true }, [...started, ...back]).slice(4), [[RELOADING], [], ["READY=1"]]);
  const ended: Event = { type: "childExited", child: "service", code: 1, signal: null };
  const down = told({ restart: "always" }, [BEGUN, changed("one"), SETTLED, ended]);
  assertEquals(down.at(-1), []);
});

Deno.test("messagesOf() asks for time only before the service is there", () => {
  const verified = { staged: true, verified: true };
  const events: Event[] = [BEGUN, changed("one"), SETTLED, published("one")];
  const confd: Event[] = [
    { type: "childExited", child: "confd", code: 1, signal: null },
    { type: "timerFired", timer: "confdBackoff" },
  ];
  assertEquals(told(verified, [...events, ...confd]).slice(3), [[], [], []], "it is started, and not ready");
  const waits = told({}, [BEGUN, ...confd, changed("one")]);
  assertEquals(waits, [["EXTEND_TIMEOUT_USEC=30000000"], [], ["EXTEND_TIMEOUT_USEC=30000000"], []]);
});

Deno.test("messagesOf() tells the status when it is another, in one line", () => {
  const state = stateOf({ "/a": null });
  const document = documentOf("it is\n  bad");
  const mask = (text: string) => text.replaceAll("hunter22", "***");
  const moment = { state, notes: [], document, mask, monotonicUsec: () => 7n };
  const [messages, next] = messagesOf(NOTHING_TOLD, moment);
  assertEquals(messages, ["STATUS=The newest configuration was refused: it is bad"]);
  assertEquals(messagesOf(next, moment)[0], []);
  const [long] = messagesOf(next, { ...moment, document: documentOf("x".repeat(1000)) })[0];
  assertEquals(long.length, "STATUS=".length + 240);
  const [secret] = messagesOf(next, { ...moment, document: documentOf(`${"x".repeat(199)}hunter22`) })[0];
  assertEquals(secret.includes("hun"), false, "no secret is cut in two before it is masked");
  const [well] = messagesOf(next, { ...moment, document: wellDocument() })[0].slice(-1);
  assertEquals(well, "STATUS=All is well: The service runs on the newest configuration, and it was verified.");
});

function documentOf(reason: string): StatusDocument {
  const trouble = { kind: "refused" as const, reason, since: before(1) };
  return { ...refusedDocument(), ready: false, trouble };
}
