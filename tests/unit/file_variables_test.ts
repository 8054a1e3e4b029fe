import { isResourceName, readFileVariables } from "../../lib/confd/file_variables.ts";
import { assert, assertEquals } from "../support/assert.ts";

Deno.test("readFileVariables() takes the first line as the name and the rest as the content, unchanged", () => {
  const { files, problems } = readFileVariables({
    CONFD_CONFDFILE_1: "a.toml\n[template]\n\nx = 1",
    CONFD_TEMPLATE_1: "a.tmpl\n\n  {{ getv }}\r\n\n",
    CONFD_TEMPLATE: "b.tmpl",
    CONFD_TEMPLATE_2: "c.tmpl\n",
    CONFD_TEMPLATE_CACHE: "true",
    OTHER: "x\ny",
  });
  assertEquals(problems, []);
  assertEquals(files, [
    { variable: "CONFD_CONFDFILE_1", folder: "conf.d", name: "a.toml", content: "[template]\n\nx = 1" },
    { variable: "CONFD_TEMPLATE", folder: "templates", name: "b.tmpl", content: "" },
    { variable: "CONFD_TEMPLATE_1", folder: "templates", name: "a.tmpl", content: "\n  {{ getv }}\r\n\n" },
    { variable: "CONFD_TEMPLATE_2", folder: "templates", name: "c.tmpl", content: "" },
  ]);
});

Deno.test("readFileVariables() never takes CONFD_TEMPLATE_CACHE for a template", () => {
  assertEquals(readFileVariables({ CONFD_TEMPLATE_CACHE: "cache.tmpl\nbody" }).files, []);
});

Deno.test("readFileVariables() wants one plain file name", () => {
  const cases: [string, string][] = [
    ["", "is no file name: the first line names the file, the rest is its content"],
    ["  ", "is no file name: the first line names the file, the rest is its content"],
    [".", "is not one plain file name (no slash, no '..'): the first line names the file, the rest is its content"],
    ["..", "is not one plain file name (no slash, no '..'): the first line names the file, the rest is its content"],
    [
      "../x.tmpl",
      "is not one plain file name (no slash, no '..'): the first line names the file, the rest is its content",
    ],
    [
      "/etc/passwd",
      "is not one plain file name (no slash, no '..'): the first line names the file, the rest is its content",
    ],
    [
      "sub/x.tmpl",
      "is not one plain file name (no slash, no '..'): the first line names the file, the rest is its content",
    ],
    ["x.tmpl\r", "ends with a carriage return: the variable has Windows line ends; wanted are plain ones"],
    ["  x.tmpl", "has blanks around the name: is the variable's content indented?"],
    ["\ufeffx.tmpl", "begins with a byte order mark; wanted is the file's name alone"],
    ["'x.tmpl", "begins with a quote: quotes around a value in an environment file are part of it"],
    [
      "x.tmpl\\npassword = hunter2",
      "has a backslash and an 'n' in it: where they stand for a line end, the variable has lost its line ends on the way",
    ],
    ["x\t.tmpl", "has a control character in it; wanted is one plain file name"],
    ["x\x7f", "has a control character in it; wanted is one plain file name"],
    ["x".repeat(236), "is longer than 235 bytes: the first line names the file, the rest is its content"],
    ["\u00e9".repeat(118), "is longer than 235 bytes: the first line names the file, the rest is its content"],
  ];
  for (const [name, problem] of cases) {
    const { files, problems } = readFileVariables({ CONFD_TEMPLATE_1: `${name}\nbody` });
    assertEquals([files, problems], [[], [
      `CONFD_TEMPLATE_1: its first line, of ${name.length} characters, ${problem}`,
    ]]);
  }
});

Deno.test("readFileVariables() tells where lines were put together, as YAML does that folds them", () => {
  const folded =
    "has blanks in it and all that follows: the variable has lost its line ends on the way (in YAML, '>' " +
    "folds lines and '|' keeps them)";
  for (
    const [variable, text] of [
      ["CONFD_TEMPLATE_1", "x.tmpl value={{getv}} more"],
      ["CONFD_TEMPLATE_1", "x.tmpl value={{getv}}\nmore after an empty line\n"],
      ["CONFD_TEMPLATE_1", "x.tmpl plain words"],
      ["CONFD_CONFDFILE_1", 'x.toml [template] src = "x.tmpl" dest = "/x.toml"'],
    ]
  ) {
    const { problems, refused } = readFileVariables({ [variable]: text });
    assertEquals(problems, [`${variable}: its first line, of ${text.split("\n")[0].length} characters, ${folded}`]);
    assertEquals(refused[0].name, variable === "CONFD_TEMPLATE_1" ? "x.tmpl" : "x.toml");
  }
});

Deno.test("readFileVariables() knows under which names the refused ones were meant", () => {
  const env = {
    CONFD_TEMPLATE_1: "x.tmpl\r\nb",
    CONFD_TEMPLATE_2: "\ufeffy.tmpl\nb",
    CONFD_TEMPLATE_3: `"z.tmpl\\nb"`,
  };
  assertEquals(readFileVariables(env).refused.map(({ name }) => name), ["x.tmpl", "y.tmpl", "z.tmpl"]);
});

Deno.test("readFileVariables() takes every other name", () => {
  for (const name of ["x", "...", ".hidden", "a b.tmpl", "-x", "\u00e9.tmpl", "x".repeat(235), "..x"]) {
    assertEquals(readFileVariables({ CONFD_TEMPLATE_1: `${name}\n` }).files.map((file) => file.name), [name]);
  }
});

Deno.test("readFileVariables() wants names in conf.d that confd reads", () => {
  assertEquals(readFileVariables({ CONFD_CONFDFILE: "service.conf\nx" }).problems, [
    "CONFD_CONFDFILE: its first line, of 12 characters, is not a name that confd reads: wanted is one that ends in " +
    "'toml', such as service.toml",
  ]);
  assertEquals(readFileVariables({ CONFD_CONFDFILE: "servicetoml\nx" }).problems, []);
  assertEquals(readFileVariables({ CONFD_TEMPLATE: "service.conf\nx" }).problems, []);
});

Deno.test("readFileVariables() refuses two variables that name one file", () => {
  const { files, problems } = readFileVariables({
    CONFD_TEMPLATE_1: "a.toml\n1",
    CONFD_TEMPLATE_2: "a.toml\n1",
    CONFD_CONFDFILE_1: "a.toml\n1",
  });
  assertEquals(problems, ["CONFD_TEMPLATE_2: names the file a.toml, and so does CONFD_TEMPLATE_1"]);
  assertEquals(files.map((file) => file.variable), ["CONFD_CONFDFILE_1", "CONFD_TEMPLATE_1"]);
});

Deno.test("readFileVariables() reports all problems at once, and never a body", () => {
  const { problems } = readFileVariables({
    CONFD_TEMPLATE_1: "../a\nhunter2",
    CONFD_TEMPLATE_2: "\nhunter2",
    CONFD_CONFDFILE_1: "a.json\nhunter2",
  });
  assertEquals(problems.map((problem) => problem.split(":")[0]), [
    "CONFD_CONFDFILE_1",
    "CONFD_TEMPLATE_1",
    "CONFD_TEMPLATE_2",
  ]);
  assert(!problems.join().includes("hunter2"));
});

Deno.test("isResourceName() is the pattern *toml", () => {
  for (const name of ["a.toml", "toml", ".toml", "atoml"]) assert(isResourceName(name), name);
  for (const name of ["a.TOML", "a.toml.bak", "a.tml", ""]) assert(!isResourceName(name), name);
});

Deno.test("readFileVariables() has an empty variable as one that is not set", () => {
  assertEquals(readFileVariables({ CONFD_TEMPLATE_2: "", CONFD_CONFDFILE: "" }), {
    files: [],
    refused: [],
    problems: [],
  });
});
