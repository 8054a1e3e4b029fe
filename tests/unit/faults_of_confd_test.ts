import { permanentFault, reasonsIn } from "../../lib/confd/faults.ts";
import { assertEquals } from "../support/assert.ts";

Deno.test("permanentFault() finds the line that matters in a usage text", () => {
  const cases: [string, string | undefined][] = [
    [
      "flag provided but not defined: -foo\nUsage of confd:\n  -backend string\n",
      "flag provided but not defined: -foo",
    ],
    ["confd: error: unknown flag --foo\n", "confd: error: unknown flag --foo"],
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
