import { parseAsking } from "../../lib/settings/client.ts";
import { authorityOf, listenHint, parseListen } from "../../lib/settings/listen.ts";
import { parseCommandLine } from "../../lib/settings/command_line.ts";
import { maskAll, masker } from "../../lib/settings/secrets.ts";
import { readSettings } from "../../lib/settings/settings.ts";
import { assert, assertEquals } from "../support/assert.ts";

Deno.test("parseAsking() reads every option of the client", () => {
  assertEquals(parseAsking(["--status"]), { is: "status", json: false });
  assertEquals(parseAsking(["--status=json"]), { is: "status", json: true });
  assertEquals(parseAsking(["--healthcheck"]), { is: "healthcheck", path: "/readyz" });
  assertEquals(parseAsking(["--healthcheck=ready"]), { is: "healthcheck", path: "/readyz" });
  assertEquals(parseAsking(["--healthcheck=live"]), { is: "healthcheck", path: "/livez" });
  for (const name of ["reload", "restart", "release", "rollback"]) {
    assertEquals(parseAsking([`--${name}`]), { is: "command", target: `/${name}` });
  }
  assertEquals(parseAsking(["--hold"]), { is: "command", target: "/hold" });
  assertEquals(parseAsking(["--hold=30m", "a & b"]), { is: "command", target: "/hold?for=30m&reason=a+%26+b" });
  assertEquals(parseAsking(["--hold", "why"]), { is: "command", target: "/hold?reason=why" });
  assertEquals(parseAsking(["--help"]), undefined);
});

Deno.test("parseAsking() says what is wrong", () => {
  assertEquals(parseAsking(["--status=xml"]), "--status=xml: it is --status or --status=json");
  assertEquals(
    parseAsking(["--healthcheck=x"]),
    "--healthcheck=x: it is --healthcheck, --healthcheck=live or --healthcheck=ready",
  );
  assertEquals(parseAsking(["--reload=now"]), "--reload takes no value");
  assertEquals(parseAsking(["--reload", "x"]), "nothing may follow --reload");
  assertEquals(
    parseAsking(["--hold", "two", "words"]),
    "nothing may follow --hold but a reason, in one word or quotes",
  );
  for (const wrong of ["soon", "0", ""]) {
    assert(String(parseAsking([`--hold=${wrong}`])).startsWith(`--hold=${wrong}: `), wrong);
  }
  const line = parseCommandLine(["--statsu"]);
  assertEquals(line.mode === "misuse" && line.problem.includes('did you mean "--status"?'), true);
  assertEquals(parseCommandLine(["--status"]), { mode: "ask", asking: { is: "status", json: false } });
  assertEquals(parseCommandLine(["--", "--status"]).mode, "run");
});

Deno.test("parseListen() reads [HOST]:PORT", () => {
  assertEquals(parseListen(":9533"), { hostname: "127.0.0.1", port: 9533 });
  assertEquals(parseListen("0.0.0.0:0"), { hostname: "0.0.0.0", port: 0 });
  assertEquals(parseListen("[::]:65535"), { hostname: "::", port: 65_535 });
  assertEquals(parseListen("web-0.local:80"), { hostname: "web-0.local", port: 80 });
  for (const wrong of ["9533", ":65536", "::1:80", "http://a:80", "a:", ":80/x", "a b:80", ""]) {
    assertEquals(parseListen(wrong), undefined, wrong);
  }
  assertEquals(listenHint("9533"), '; did you mean ":9533"?');
  assertEquals(listenHint("http://a:80"), "; it takes no scheme and no path");
  assertEquals(listenHint("::1:80"), "; an IPv6 address stands in brackets");
  assertEquals(listenHint("x"), "");
  assertEquals([authorityOf({ hostname: "::1", port: 1 }), authorityOf({ hostname: "a", port: 1 })], [
    "[::1]:1",
    "a:1",
  ]);
});

Deno.test("readSettings() reads where the sidecar can be reached", () => {
  const read = (env: Record<string, string>) => readSettings(env);
  assertEquals(read({}).settings.listen, "off");
  assertEquals(read({ SIDECAR_LISTEN: "off" }).settings.listen, "off");
  assertEquals(read({}).settings.socket, "/etc/confd/.confd-sidecar/control.sock");
  assertEquals(read({ SIDECAR_STATE: "/s" }).settings.socket, "/s/control.sock");
  assertEquals(read({ SIDECAR_SOCKET: "off" }).settings.socket, "off");
  assertEquals(read({ SIDECAR_SOCKET: `/${"x".repeat(106)}` }).problems, []);
  for (const wrong of ["relative", `/${"x".repeat(107)}`]) {
    assertEquals(read({ SIDECAR_SOCKET: wrong }).problems.length, 1);
  }
  assertEquals(read({ SIDECAR_READY: "maybe" }).problems.length, 1);
});

Deno.test("masker() hides what the environment and confd's words hold, and leaves the rest", () => {
  const env = {
    DB_PASSWORD: "hunter22",
    API_TOKEN: "hunter22-long",
    TLS_PRIVATE_KEY_FILE: "/etc/tls/key.pem",
    URL: "redis://user:p%40ssword@host:1/0",
    SHORT_SECRET: "abc",
    GREETING: "ordinary",
  };
  const mask = masker(env, [
    "-auth-token",
    "word-token",
    "--password=flag-password",
    "--file=/x",
    "-secret-keyring",
    "/etc/ring",
  ]);
  assertEquals(mask("a hunter22-long b hunter22 c"), "a *** b *** c");
  assertEquals(mask("redis://user:p%40ssword@host:1/0"), "redis://***@host:1/0");
  assertEquals(mask("it was p@ssword, as http://other:x@h"), "it was ***, as http://***@h");
  assertEquals(mask("word-token flag-password"), "*** ***");
  assertEquals(mask("/etc/tls/key.pem /etc/ring abc ordinary /x"), "/etc/tls/key.pem /etc/ring abc ordinary /x");
  assertEquals(maskAll({ a: ["hunter22", { b: "x" }], n: 1, z: null }, mask), {
    a: ["***", { b: "x" }],
    n: 1,
    z: null,
  });
});
