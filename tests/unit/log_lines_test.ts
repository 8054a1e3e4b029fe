import { findHints, readDryRun } from "../../lib/confd/log_lines.ts";
import { assert, assertEquals } from "../support/assert.ts";

/**
 * What each confd said with `--onetime --noop --log-level=debug` on a file backend, of five destinations: `bad` (its
 * template fails), `differs` (other content), `missing` (does not exist), `modes` (other mode), `same` (in sync), and
 * one that the resource spells with two slashes (in sync). Time and place are shortened.
 */
const CLASSIC = `\
2026-11-22T18:30:13Z box confd[13870]: INFO Backend set to file
2026-11-22T18:30:13Z box confd[13870]: INFO Starting confd
2026-11-22T18:30:13Z box confd[13870]: DEBUG Key Map: map[string]string{"/name":"one"}
2026-11-22T18:30:13Z box confd[13870]: DEBUG Using source template /conf/templates/bad.tmpl
2026-11-22T18:30:13Z box confd[13870]: ERROR template: bad.tmpl:1:5: executing "bad.tmpl" at <getv "/nokey">: error calling getv: key does not exist: /nokey
2026-11-22T18:30:13Z box confd[13870]: DEBUG Comparing candidate config to /out/differs
2026-11-22T18:30:13Z box confd[13870]: INFO /out/differs has md5sum 985878d512a9cdf4757e070dc9132522 should be 8b0abf7ae55263825cd4db76d554b977
2026-11-22T18:30:13Z box confd[13870]: WARNING Noop mode enabled. /out/differs will not be modified
2026-11-22T18:30:13Z box confd[13870]: DEBUG Comparing candidate config to /out/missing
2026-11-22T18:30:13Z box confd[13870]: WARNING Noop mode enabled. /out/missing will not be modified
2026-11-22T18:30:13Z box confd[13870]: DEBUG Comparing candidate config to /out/modes
2026-11-22T18:30:13Z box confd[13870]: INFO /out/modes has mode -rw-r--r-- should be -rw-------
2026-11-22T18:30:13Z box confd[13870]: WARNING Noop mode enabled. /out/modes will not be modified
2026-11-22T18:30:13Z box confd[13870]: DEBUG Comparing candidate config to /out//odd
2026-11-22T18:30:13Z box confd[13870]: WARNING Noop mode enabled. /out//odd will not be modified
2026-11-22T18:30:13Z box confd[13870]: DEBUG Comparing candidate config to /out/same
2026-11-22T18:30:13Z box confd[13870]: WARNING Noop mode enabled. /out/same will not be modified
2026-11-22T18:30:13Z box confd[13870]: FATAL template: bad.tmpl:1:5: executing "bad.tmpl" at <getv "/nokey">: error calling getv: key does not exist: /nokey
`;
const FORK = `\
2026-11-22T18:30:13Z box confd[13879]: INFO Starting confd
2026-11-22T18:30:13Z box confd[13879]: DEBUG Template cache enabled with stat TTL 1s
2026-11-22T18:30:13Z box confd[13879]: ERROR template: bad.tmpl:1:5: executing "bad.tmpl" at <getv "/nokey">: error calling getv: key does not exist: /nokey
2026-11-22T18:30:13Z box confd[13879]: DEBUG Stage file created successfully dest_path=/out/differs content_size_bytes=9 stage_path=/out/.differs73489075 total_duration_ms=0 write_duration_ms=0 permission_duration_ms=0
2026-11-22T18:30:13Z box confd[13879]: INFO /out/differs has md5sum 985878d512a9cdf4757e070dc9132522 should be 8b0abf7ae55263825cd4db76d554b977
2026-11-22T18:30:13Z box confd[13879]: WARN Noop mode enabled. /out/differs will not be modified
2026-11-22T18:30:13Z box confd[13879]: WARN Noop mode enabled. /out/missing will not be modified
2026-11-22T18:30:13Z box confd[13879]: INFO /out/modes has mode -rw-r--r-- should be -rw-------
2026-11-22T18:30:13Z box confd[13879]: WARN Noop mode enabled. /out/modes will not be modified
2026-11-22T18:30:13Z box confd[13879]: DEBUG Target config /out//odd in sync
2026-11-22T18:30:13Z box confd[13879]: DEBUG Target config /out/same in sync
confd: error: /out/bad: template: bad.tmpl:1:5: executing "bad.tmpl" at <getv "/nokey">: error calling getv: key does not exist: /nokey
`;
/** All destinations of those that exist. */
const EXISTING = ["/out/bad", "/out/differs", "/out/modes", "/out//odd", "/out/same"];

Deno.test("readDryRun() reads what the classic confd says: nothing differs of what it would not modify", () => {
  assertEquals(readDryRun("classic", CLASSIC, EXISTING).inSync, ["/out//odd", "/out/same"]);
});

Deno.test("readDryRun() reads what the fork says: in sync", () => {
  assertEquals(readDryRun("fork", FORK, [...EXISTING, "/out/missing"]).inSync, ["/out//odd", "/out/same"]);
});

Deno.test("readDryRun() tells what a file would be that is not what confd would render", () => {
  const md5 = "md5sum 8b0abf7ae55263825cd4db76d554b977";
  const classic = readDryRun("classic", CLASSIC, [...EXISTING, "/out/missing"]);
  assertEquals(classic.outOfSync, new Map([["/out/differs", md5]]));
  // The classic confd does not compare what does not exist: who asks knows better.
  assertEquals(classic.inSync, ["/out//odd", "/out/same", "/out/missing"]);
  const fork = readDryRun("fork", FORK, [...EXISTING, "/out/missing"]);
  assertEquals(fork.outOfSync, new Map([["/out/differs", md5], ["/out/missing", ""]]));
  const size = "x: INFO /d has size 3 should be 4\nx: WARN Noop mode enabled. /d will not be modified\n";
  assertEquals(readDryRun("fork", size, ["/d"]).outOfSync, new Map([["/d", "size 4"]]));
});

Deno.test("readDryRun() heeds the content where the mode differs too", () => {
  const log = "x: INFO /d has mode a should be b\nx: INFO /d has md5sum 1 should be 2\n" +
    "x: WARNING Noop mode enabled. /d will not be modified\n";
  for (const dialect of ["classic", "fork"] as const) {
    assertEquals(readDryRun(dialect, log, ["/d"]).outOfSync, new Map([["/d", "md5sum 2"]]));
  }
});

Deno.test("readDryRun() tells the last complaint", () => {
  assertEquals(readDryRun("classic", "x: ERROR one\nx: FATAL two\nx: INFO /d\n", []).complaint, "two");
  assertEquals(readDryRun("classic", "x: INFO /d\n", []).complaint, undefined);
});

Deno.test("readDryRun() finds nothing in silence, or where confd ended early", () => {
  for (const dialect of ["classic", "fork"] as const) {
    assertEquals(readDryRun(dialect, "", EXISTING).inSync, []);
    const early = "2026-11-22T18:30:13Z box confd[1]: FATAL cannot connect to any node\n";
    assertEquals(readDryRun(dialect, early, EXISTING).inSync, []);
  }
});

Deno.test("readDryRun() heeds each thing that may differ", () => {
  for (const what of ["UID 0 should be 1", "GID 0 should be 1", "mode a should be b", "md5sum a should be b"]) {
    const log = `x: INFO /d has ${what}\nx: WARNING Noop mode enabled. /d will not be modified\n`;
    assertEquals(readDryRun("classic", log, ["/d"]).inSync, [], what);
  }
});

Deno.test("readDryRun() tells paths apart of which one ends or begins as the other", () => {
  const log = "x: INFO /a/d has md5sum 1 should be 2\nx: WARNING Noop mode enabled. /a/d will not be modified\n" +
    "x: WARNING Noop mode enabled. /d will not be modified\nx: WARNING Noop mode enabled. /d.d will not be modified\n";
  assertEquals(readDryRun("classic", log, ["/d", "/a/d", "/d.d", "/a"]).inSync, ["/d", "/d.d"]);
  const fork = "x: DEBUG Target config /a/d in sync\nx: DEBUG Target config /d.d in sync\n";
  assertEquals(readDryRun("fork", fork, ["/d", "/a/d", "/d.d", "/a"]).inSync, ["/a/d", "/d.d"]);
});

Deno.test("readDryRun() is not fooled by a key that has the words in the middle of a line", () => {
  const classic = 'x: DEBUG Key Map: {"/k":"Noop mode enabled. /d will not be modified"}\n';
  assertEquals(readDryRun("classic", classic, ["/d"]).inSync, []);
  assertEquals(readDryRun("fork", 'x: DEBUG Key Map: {"/k":"Target config /d in sync"}\n', ["/d"]).inSync, []);
});

Deno.test("readDryRun() reads thousands of lines once, and not once for each of thousands of destinations", () => {
  const dests = Array.from({ length: 5000 }, (_, i) => `/out/${i}.conf`);
  const value = "a /value has mode /b has mode /c ".repeat(20_000);
  const said = (line: (dest: string) => string) => [`x: DEBUG Key Map: ${value}`, ...dests.map(line), ""].join("\n");
  const classic = said((dest) => `x: WARNING Noop mode enabled. ${dest} will not be modified`);
  const begun = performance.now();
  assertEquals(readDryRun("classic", classic, dests).inSync, dests);
  assertEquals(readDryRun("fork", said((dest) => `x: DEBUG Target config ${dest} in sync`), dests).inSync, dests);
  const tookMs = performance.now() - begun;
  assert(tookMs < 5000, `it took ${tookMs} ms`);
});

Deno.test("findHints() reads text lines in their order", () => {
  const log = `\
2026-11-22T18:33:16Z box confd[17601]: INFO /out/differs has md5sum 985878d512a9 should be 8b0abf7ae552
2026-11-22T18:33:16Z box confd[17601]: INFO Target config /out/differs out of sync
2026-11-22T18:33:16Z box confd[17601]: INFO Target config /out/differs has been updated
2026-11-22T18:33:19Z box confd[17630]: DEBUG Target config /out//odd in sync
`;
  assertEquals(findHints(log), [
    { dest: "/out/differs", state: "outOfSync" },
    { dest: "/out/differs", state: "updated" },
    { dest: "/out//odd", state: "inSync" },
  ]);
});

Deno.test("findHints() reads JSON lines", () => {
  const log = `\
{"time":"2026-11-22T18:33:19.826166502Z","level":"DEBUG","msg":"Target config /out/differs in sync"}
{"time":"2026-11-22T18:33:19.826166502Z","level":"INFO","msg":"Target config /out/a b has been updated"}
`;
  assertEquals(findHints(log), [
    { dest: "/out/differs", state: "inSync" },
    { dest: "/out/a b", state: "updated" },
  ]);
});

Deno.test("findHints() finds nothing in other lines", () => {
  const log = "x: INFO Backend set to consul\nTarget config /a\nhas been updated\nTarget config  in sync\n" +
    "x: INFO Target config /a is fine\nx: INFO Target config /b in synchrony\n";
  assertEquals(findHints(log), []);
  assertEquals(findHints(""), []);
});

Deno.test("findHints() finds a line after a very long one, and within one, soon", () => {
  const long = "Target config /".repeat(70_000);
  const started = performance.now();
  const hints = findHints(`x: DEBUG ${"k".repeat(1 << 20)}\nx: INFO Target config /a in sync\n${long}`);
  assertEquals(hints, [{ dest: "/a", state: "inSync" }]);
  assert(performance.now() - started < 5000, "a line can keep the sidecar busy");
});
