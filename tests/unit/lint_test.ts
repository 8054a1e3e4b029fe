import plugin, { modulePath, resolveImport } from "../lint/architecture.ts";
import { assert, assertEquals } from "../support/assert.ts";

/** The rules that a module breaks, and their messages. */
function blamed(path: string, source: string): { rules: string[]; messages: string[] } {
  const found = Deno.lint.runPlugin(plugin, `/project/${path}`, source);
  return {
    rules: found.map(({ id }) => id.replace("architecture/", "")),
    messages: found.map(({ message }) => message),
  };
}

function rulesOf(path: string, source: string): string[] {
  return [...new Set(blamed(path, source).rules)];
}

Deno.test("modulePath() knows the project's modules", () => {
  assertEquals(modulePath("/x/main.ts"), "main.ts");
  assertEquals(modulePath("/x/lib/run.ts"), "lib/run.ts");
  assertEquals(modulePath("lib/core/drive.ts"), "lib/core/drive.ts");
  for (const path of ["/x/tests/unit/a_test.ts", "/x/domain.ts", "/x/glib/core/a.ts"]) {
    assertEquals(modulePath(path), undefined, path);
  }
});

Deno.test("resolveImport() follows relative imports", () => {
  assertEquals(resolveImport("lib/core/a.ts", "./b.ts"), "lib/core/b.ts");
  assertEquals(resolveImport("lib/core/a.ts", "../host/b.ts"), "lib/host/b.ts");
  assertEquals(resolveImport("lib/core/a.ts", "smol-toml"), undefined);
  assertEquals(resolveImport("lib/core/a.ts", "node:fs"), undefined);
});

Deno.test("pure: nothing that reaches the world", () => {
  const uses = [
    "Deno.env.get('A')",
    "Date.now()",
    "Date['now']()",
    "new Date()",
    "new Date",
    "Date()",
    "performance.now()",
    "Math.random()",
    "crypto.randomUUID()",
    "setTimeout(f, 1)",
    "setInterval(f, 1)",
    "console.log(1)",
    "fetch('x')",
    "process.exit(1)",
    "globalThis.fetch('x')",
    "({ setTimeout })",
    "[performance]",
    "x[Deno]",
  ];
  for (const folder of ["core", "settings", "confd", "log"]) {
    for (const use of uses) {
      assert(rulesOf(`lib/${folder}/a.ts`, `export const a = ${use};`).includes("pure"), `lib/${folder}: ${use}`);
    }
  }
  for (const use of uses) assertEquals(rulesOf("lib/host/a.ts", `export const a = ${use};`), [], use);
});

Deno.test("pure: says what, where, and what to do instead", () => {
  assertEquals(blamed("lib/core/a.ts", "export const a = Date.now();"), {
    rules: ["pure"],
    messages: ["lib/core/a.ts is pure: it must not use 'Date.now'; let the host do it and hand the value in"],
  });
});

Deno.test("pure: names that only look like it are free", () => {
  const uses = [
    "new Date(0)",
    "new Date(time)",
    "Date.UTC(2026)",
    "Math.max(1, 2)",
    "x.process",
    "x.fetch()",
    "({ console: 1, Deno: 2 })",
    "'Deno.env'",
  ];
  for (const use of uses) assertEquals(rulesOf("lib/core/a.ts", `export const a = ${use};`), [], use);
  assertEquals(rulesOf("lib/log/a.ts", "export interface A { time: Date; process: number }"), []);
  assertEquals(rulesOf("lib/log/a.ts", "// Deno.env, setTimeout\nexport class A { fetch() {} }"), []);
});

Deno.test("pure: imports pure modules and smol-toml only", () => {
  const code = (specifier: string) => `import { x } from "${specifier}";\nexport const a = x;`;
  for (const specifier of ["../settings/words.ts", "./b.ts", "../core/c.ts", "../log/d.ts", "smol-toml"]) {
    assertEquals(rulesOf("lib/confd/a.ts", code(specifier)), [], specifier);
  }
  for (const specifier of ["node:fs", "npm:zod", "smol-toml/x", "../run.ts", "https://x.y/z.ts"]) {
    assertEquals(rulesOf("lib/log/a.ts", code(specifier)).includes("pure"), true, specifier);
  }
  assert(rulesOf("lib/core/a.ts", "export const a = await import('node:fs');").includes("pure"));
  assert(rulesOf("lib/core/a.ts", "export { a } from 'node:fs'; export const b = 1;").includes("pure"));
  assert(rulesOf("lib/core/a.ts", "import type { A } from '../host/host.ts'; export type B = A;").includes("pure"));
});

Deno.test("layers: the core imports the core", () => {
  const { rules, messages } = blamed("lib/core/a.ts", "import { x } from '../log/line.ts'; export const a = x;");
  assertEquals(rules, ["layers"]);
  assertEquals(messages, ["lib/core/a.ts must not import lib/log/line.ts: lib/core may import lib/core"]);
  assertEquals(rulesOf("lib/core/a.ts", "import { x } from './protocol.ts'; export const a = x;"), []);
});

Deno.test("layers: the host imports what is below it, and nothing above", () => {
  for (const target of ["../core/a.ts", "../confd/a.ts", "../settings/a.ts", "../log/a.ts", "./b.ts"]) {
    assertEquals(rulesOf("lib/host/a.ts", `import { x } from '${target}'; export const a = x;`), [], target);
  }
  for (const target of ["../run.ts", "../prepare.ts"]) {
    assertEquals(rulesOf("lib/host/a.ts", `import { x } from '${target}'; export const a = x;`), ["layers"], target);
  }
});

Deno.test("layers: nothing in lib imports main.ts, and what stands in lib itself imports all else", () => {
  assertEquals(rulesOf("lib/run.ts", "import '../main.ts'; export const a = 1;"), ["layers"]);
  assertEquals(rulesOf("lib/host/a.ts", "export const a = await import('../../main.ts');"), ["layers"]);
  assertEquals(rulesOf("lib/run.ts", "import { x } from './host/host.ts'; export const a = x;"), []);
  assertEquals(rulesOf("main.ts", "import { x } from './lib/run.ts'; x();"), []);
});

Deno.test("one_spawner: children are started and signalled in one module", () => {
  for (const use of ["new Deno.Command('x')", "Deno.kill(1, 'SIGHUP')", "Deno['kill'](1, 'SIGHUP')"]) {
    assertEquals(rulesOf("lib/host/host.ts", `export const a = ${use};`), ["one_spawner"], use);
    assertEquals(rulesOf("main.ts", `export const a = ${use};`), ["one_spawner"], use);
    assertEquals(rulesOf("lib/host/processes/processes.ts", `export const a = ${use};`), [], use);
    assertEquals(rulesOf("tests/support/sidecar.ts", `export const a = ${use};`), [], use);
  }
  assertEquals(rulesOf("lib/run.ts", "const { Command: C } = Deno; export const a = C;"), ["one_spawner"]);
  assertEquals(rulesOf("lib/run.ts", "export const a = (c: Deno.ChildProcess) => c.kill();"), []);
});

Deno.test("one_exit: the exit status is set in main.ts", () => {
  for (const use of ["Deno.exit(1)", "Deno.exitCode = 1"]) {
    assertEquals(rulesOf("lib/run.ts", `export const a = () => ${use};`), ["one_exit"], use);
    assertEquals(rulesOf("main.ts", `export const a = () => ${use};`), [], use);
  }
  assertEquals(blamed("lib/run.ts", "Deno.exit(1);").messages, [
    "'Deno.exit' stands in main.ts alone: everything else returns a status",
  ]);
});

Deno.test("no_barrel: a module has something of its own", () => {
  for (
    const source of [
      "export * from './b.ts';",
      "export { b } from './b.ts';",
      "import { b } from './b.ts'; export { b };",
      "export type { B } from './b.ts'; export * from './c.ts';",
    ]
  ) assertEquals(rulesOf("lib/host/a.ts", source), ["no_barrel"], source);
  for (const source of ["export * from './b.ts'; export const a = 1;", "", "import './b.ts';"]) {
    assertEquals(rulesOf("lib/host/a.ts", source), [], source);
  }
});
