import { parseSignal, parseSignalRules, parseStopOn, parseStopSignal } from "../../lib/settings/signals.ts";
import { assertEquals } from "../support/assert.ts";

Deno.test("parseSignal() reads names with and without SIG, in any case", () => {
  for (const text of ["SIGTERM", "TERM", "sigterm", "Term"]) assertEquals(parseSignal(text), "SIGTERM", text);
  assertEquals(parseSignal("usr1"), "SIGUSR1");
});

Deno.test("parseSignal() refuses what is no signal", () => {
  for (const text of ["", "SIG", "15", "SIGNOPE", "SIGSIGTERM", " SIGTERM", "constructor", "SIGRTMIN"]) {
    assertEquals(parseSignal(text), undefined, text);
  }
});

Deno.test("parseSignalRules() reads rules, none of which is another signal's", () => {
  assertEquals(
    parseSignalRules("SIGTERM=SIGQUIT, usr1 = none,SIGHUP=sighup"),
    new Map([["SIGTERM", "SIGQUIT"], ["SIGUSR1", null], ["SIGHUP", "SIGHUP"]]),
  );
  assertEquals(parseSignalRules("SIGTERM=KILL"), new Map([["SIGTERM", "SIGKILL"]]));
});

Deno.test("parseSignalRules() refuses half a rule, too many, and two for one signal", () => {
  for (
    const text of [
      "",
      "SIGTERM",
      "SIGTERM=",
      "=SIGTERM",
      "SIGTERM=SIGQUIT=SIGINT",
      "SIGUSR1=none,",
      "SIGUSR1=none,USR1=SIGHUP",
      "SIGUSR1=NONE",
      "none=SIGUSR1",
      "SIGUSR1=nope",
    ]
  ) assertEquals(parseSignalRules(text), undefined, text);
});

Deno.test("parseSignalRules() does not let SIGTERM be dropped", () => {
  assertEquals(parseSignalRules("SIGTERM=none"), undefined);
  assertEquals(parseSignalRules("SIGINT=none"), new Map([["SIGINT", null]]));
});

Deno.test("parseSignalRules() refuses rules for signals that never come", () => {
  for (const name of ["KILL", "STOP", "CHLD", "PIPE", "SEGV", "ILL", "FPE", "BUS"]) {
    assertEquals(parseSignalRules(`SIG${name}=SIGTERM`), undefined, name);
  }
});

Deno.test("parseStopOn() reads signals that can be received, with SIGTERM among them", () => {
  assertEquals(parseStopOn("SIGTERM,SIGINT"), ["SIGTERM", "SIGINT"]);
  assertEquals(parseStopOn("quit, term"), ["SIGQUIT", "SIGTERM"]);
  for (const text of ["SIGINT", "SIGTERM,SIGKILL", "SIGTERM,", "SIGTERM,SIGFOO"]) {
    assertEquals(parseStopOn(text), undefined);
  }
});

Deno.test("parseStopSignal() refuses a signal that only suspends", () => {
  assertEquals([parseStopSignal("SIGQUIT"), parseStopSignal("SIGSTOP"), parseStopSignal("x")], [
    "SIGQUIT",
    undefined,
    undefined,
  ]);
});
