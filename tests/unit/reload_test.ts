import { parseReload } from "../../lib/settings/reload.ts";
import { assertEquals } from "../support/assert.ts";

Deno.test("parseReload() reads every way to reload", () => {
  assertEquals(parseReload("SIGUSR1"), { by: "signal", signal: "SIGUSR1", explicit: true });
  assertEquals(parseReload("hup"), { by: "signal", signal: "SIGHUP", explicit: true });
  assertEquals(parseReload("restart"), { by: "restart" });
  assertEquals(parseReload("none"), { by: "none" });
  assertEquals(parseReload("exec:nginx -s 'reload now'"), { by: "exec", words: ["nginx", "-s", "reload now"] });
  assertEquals(parseReload("https://localhost:9090/-/reload"), { by: "http", url: "https://localhost:9090/-/reload" });
});

Deno.test("parseReload() refuses what is none of them", () => {
  for (
    const text of [
      "",
      "reload",
      "exec:",
      "exec:   ",
      "exec:''",
      "exec:'a",
      "http://",
      "ftp://a/b",
      "SIGFOO",
      "RESTART",
      "SIGKILL",
      "SIGSTOP",
    ]
  ) {
    assertEquals(parseReload(text), undefined, text);
  }
});
