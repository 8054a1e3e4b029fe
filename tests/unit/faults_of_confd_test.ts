import { lastComplaint, permanentFault, reasonsIn } from "../../lib/confd/faults.ts";
import { assertEquals } from "../support/assert.ts";

Deno.test("permanentFault() finds the line that matters in a usage text", () => {
  const cases: [string, string | undefined][] = [
    [
      "flag provided but not defined: -foo\nUsage of confd:\n  -backend string\n",
      "flag provided but not defined: -foo",
    ],
    ["confd: error: unknown flag --foo\n", "confd: error: unknown flag --foo"],
    ["/usr/bin/confd-2: error: x\nmore\n", "/usr/bin/confd-2: error: x"],
    ["INFO confd: error: of somebody else\n", undefined],
    ["flag needs an argument: -node\nUsage of confd:\n", "flag needs an argument: -node"],
    ["a flag needs an argument: -node\n", undefined],
    ["a flag provided but not defined: -foo\n", undefined],
    [
      'invalid value "x y" for flag -interval: parse error\nUsage of confd:\n',
      'invalid value "x y" for flag -interval: parse error',
    ],
    ['invalid boolean value "x" for -watch: parse error\n', 'invalid boolean value "x" for -watch: parse error'],
    ['an invalid value "x" for flag -watch\n', undefined],
    ["2026-11-22T15:15:29Z h confd[1]: FATAL Invalid backend: x\nnext\n", "FATAL Invalid backend: x"],
    ["2026-11-22T15:15:29Z h confd[1]: FATAL Invalid backend\n", "FATAL Invalid backend"],
    ["2026-11-22T15:15:29Z h confd[1]: FATAL dial tcp: connection refused\n", undefined],
    ["", undefined],
  ];
  for (const [output, line] of cases) assertEquals(permanentFault(output), line);
});

Deno.test("reasonsIn() gives each destination its own complaint, or else the last that is nobody's", () => {
  const output = [
    "2026-11-22T15:15:29Z h confd[1]: INFO Backend set to etcd",
    "2026-11-22T15:15:29Z h confd[1]: ERROR template: a.tmpl:1:9: error calling getv: key does not exist: /a",
    "2026-11-22T15:15:29Z h confd[1]: ERROR dial tcp 127.0.0.1:2399: connect: connection refused",
  ].join("\n");
  const reasons = reasonsIn(output, [{ src: "a.tmpl", dest: "/a" }, { src: "sub/b.tmpl", dest: "/b" }]);
  assertEquals([...reasons], [
    ["/a", "template: a.tmpl:1:9: error calling getv: key does not exist: /a"],
    ["/b", "dial tcp 127.0.0.1:2399: connect: connection refused"],
  ]);
  assertEquals(reasonsIn("nothing", [{ src: "a", dest: "/a" }]).size, 0);
});

Deno.test("reasonsIn() knows a template by its file's name, and a complaint of another's from one that is nobody's", () => {
  const complain = (text: string) => `2026-11-22T15:15:29Z h confd[1]: ERROR ${text}`;
  const resources = [{ src: "sub/a.tmpl", dest: "/a" }, { src: "b.tmpl", dest: "/b" }];
  const output = [complain("template: a.tmpl:1: bad"), "INFO ERRORS are none ERROR", complain("x".repeat(400))];
  const reasons = reasonsIn(output.join("\n"), resources);
  assertEquals(reasons.get("/a"), "template: a.tmpl:1: bad");
  assertEquals(reasons.get("/b"), `${"x".repeat(300)}...`);
  assertEquals(reasonsIn(output[0], resources).has("/b"), false, "what is another's is not its own");
  assertEquals(reasonsIn(complain("x".repeat(300)), resources).get("/b"), "x".repeat(300));
});

Deno.test("reasonsIn() says what helps where etcd has no v2 interface", () => {
  const complaint = "client: response is invalid json. The endpoint is probably not valid etcd cluster endpoint.";
  const reasons = reasonsIn(`2026-11-22T15:15:29Z h confd[1]: ERROR ${complaint}\n`, [{ src: "a", dest: "/a" }]);
  assertEquals(
    reasons.get("/a"),
    `${complaint} CONFD_BACKEND=etcd means etcd's old v2 interface to this confd; for v3, set CONFD_BACKEND=etcdv3`,
  );
});

Deno.test("lastComplaint() is the last error that confd printed", () => {
  const lines = [
    "2026-11-22T15:15:29Z h confd[1]: ERROR one",
    "2026-11-22T15:15:29Z h confd[1]: FATAL two",
    "INFO three",
  ];
  assertEquals(lastComplaint(lines), "two");
  assertEquals(lastComplaint(lines.slice(2)), undefined);
});
