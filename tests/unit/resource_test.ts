import { parseResource } from "../../lib/confd/resource.ts";
import { hasControl } from "../../lib/confd/template_keys.ts";
import { assert, assertEquals } from "../support/assert.ts";

const GOOD = { src: '"a.tmpl"', dest: '"/srv/a.conf"', keys: '["/a"]' };

/** A resource's text: the good one with some values changed, added or (undefined) taken away. */
function resource(changes: Record<string, string | undefined> = {}): string {
  const lines = Object.entries({ ...GOOD, ...changes }).filter(([, value]) => value !== undefined);
  return "[template]\n" + lines.map(([key, value]) => `${key} = ${value}\n`).join("");
}

function problemsOf(changes: Record<string, string | undefined>): string[] {
  const { resource: parsed, problems } = read("x.toml", resource(changes));
  assertEquals(parsed === undefined, problems.length > 0);
  return problems;
}

/** Reads a resource in a file of that label. */
function read(label: string, text: string) {
  return parseResource({ label, file: "x.toml", text });
}

Deno.test("parseResource() reads a resource that has all that is needed", () => {
  assertEquals(read("x.toml", resource()), {
    resource: {
      label: "x.toml",
      file: "x.toml",
      text: resource(),
      values: new Map<string, unknown>([["src", "a.tmpl"], ["dest", "/srv/a.conf"], ["keys", ["/a"]]]),
      src: "a.tmpl",
      dest: "/srv/a.conf",
      spelled: "/srv/a.conf",
      hasMode: false,
      hasKeys: true,
      checkCmd: undefined,
      reloadCmd: undefined,
      sidecar: { env: false, required: true },
      debounce: undefined,
    },
    problems: [],
    warnings: [],
  });
});

Deno.test("parseResource() accepts all keys of both confds", () => {
  const text = resource({
    mode: '"0644"',
    uid: "0",
    gid: "1000",
    owner: '"root"',
    group: '"root"',
    prefix: '"/p"',
    check_cmd: '"check {{.src}}"',
    reload_cmd: '"reload"',
    output_format: '"json"',
    min_reload_interval: '"30s"',
    debounce: '"2s"',
    check_cmd_timeout: '"5s"',
    reload_cmd_timeout: '"5s"',
  }) + '[backend]\nbackend = "env"\n';
  const { resource: parsed, problems, warnings } = read("x.toml", text);
  assertEquals([problems, warnings], [[], []]);
  assertEquals([parsed?.checkCmd, parsed?.reloadCmd], ["check {{.src}}", "reload"]);
});

Deno.test("parseResource() takes commands that are empty as none", () => {
  const { resource: parsed } = read("x.toml", resource({ check_cmd: '""', reload_cmd: '""' }));
  assertEquals([parsed?.checkCmd, parsed?.reloadCmd], [undefined, undefined]);
});

Deno.test("parseResource() does not tell the letters' case of keys apart, as confd does not", () => {
  const text = '[Template]\nSrc = "a.tmpl"\nDEST = "/d"\nKeys = ["/"]\nReload_Cmd = "r"\nMode = "644"\n';
  const { problems, warnings } = read("x.toml", text);
  assertEquals(warnings, []);
  assertEquals(problems.map((problem) => problem.slice(0, 17)), ["x.toml: 'Mode' is"]);
  const { resource: parsed } = read("x.toml", text.replace('"644"', '"0644"'));
  assertEquals([parsed?.src, parsed?.dest, parsed?.reloadCmd], ["a.tmpl", "/d", "r"]);
});

Deno.test("parseResource() names the place where it is not TOML", () => {
  const { resource: parsed, problems } = read("CONFD_CONFDFILE_1 (a.toml)", "[template]\nsrc = a.tmpl\n");
  assertEquals(parsed, undefined);
  assertEquals(problems.length, 1);
  assert(/^CONFD_CONFDFILE_1 \(a\.toml\): not TOML: .+ \(line 2, column \d+\)$/.test(problems[0]), problems[0]);
});

Deno.test("parseResource() says that a string is not closed", () => {
  const cases: [string, string][] = [
    ['src = "a.tmpl\ndest = "/a"', "a string is not closed (line 2, column 14)"],
    ["src = 'a.tmpl\r\ndest = '/a'", "a string is not closed (line 2, column 14)"],
    ['src = "a.tmpl', "a string is not closed (line 2, column 7)"],
    ['src = "a\u0001"', "control characters are not allowed in strings (line 2, column 9)"],
  ];
  for (const [text, cause] of cases) {
    assertEquals(read("x", `[template]\n${text}`).problems, [`x: not TOML: ${cause}`]);
  }
});

Deno.test("parseResource() refuses a filemode that is no integer, as confd does, and else says that it is ignored", () => {
  assertEquals(problemsOf({ filemode: '"0644"' }).length, 1);
  const { warnings } = read("x.toml", resource({ filemode: "0o644" }));
  assertEquals(warnings, [`x.toml: confd ignores 'filemode'`]);
});

Deno.test("parseResource() warns of what looks as if confd would fill it in in dest", () => {
  for (const part of ["{{", "${NAME}", "$NAME"]) {
    const { resource: parsed, warnings } = read("x.toml", resource({ dest: `"/etc/${part}"` }));
    assert(parsed !== undefined);
    assertEquals(warnings, [
      `x.toml: 'dest' has '${part}' in it, which confd takes as it stands: it fills in nothing there`,
    ]);
  }
  assertEquals(read("x.toml", resource({ dest: '"/etc/a$.{x}"' })).warnings, []);
});

Deno.test("parseResource() wants a [template] table", () => {
  for (const text of ["", 'src = "a"\n', 'template = "x"\n', "[[template]]\nsrc = 'a'\n", "[templates]\n"]) {
    assertEquals(read("x.toml", text).problems, ["x.toml: there is no [template] table"], text);
  }
});

Deno.test("parseResource() reports all that is missing at once", () => {
  assertEquals(read("x.toml", "[template]\n").problems, [
    "x.toml: 'src' is missing from [template]",
    "x.toml: 'dest' is missing from [template]",
  ]);
});

Deno.test("parseResource() reports all that is wrong at once", () => {
  assertEquals(problemsOf({ src: '""', dest: '"a.conf"', keys: '"/a"', uid: '"root"', mode: '"600"' }), [
    `x.toml: 'src' is ""; wanted is a string with something in it`,
    `x.toml: 'dest' is "a.conf"; wanted is the absolute path of a file`,
    `x.toml: 'keys' is "/a"; wanted is a list of strings`,
    `x.toml: 'uid' is "root"; wanted is an integer, written with digits alone`,
    `x.toml: 'mode' is "600"; wanted is an octal number in a string that starts with 0, such as "0644"`,
  ]);
});

Deno.test("parseResource() refuses a mode that confd would read as a decimal number", () => {
  for (const mode of ['"600"', '"644"', "600", "0o644", '"0888"', '"06"', '"rw"', '"00644 "', '"0x1ff"']) {
    assertEquals(problemsOf({ mode }).length, 1, mode);
  }
  for (const mode of ['"0600"', '"0644"', '"04755"', '"0o644"', '""']) assertEquals(problemsOf({ mode }), [], mode);
});

Deno.test("parseResource() wants the absolute path of a file as dest", () => {
  for (const dest of ['""', '"a"', '"./a"', '"/"', '"/srv/"', '"/srv/a\\nb"', '"/srv/a\\u0000"', "1", "[]", "true"]) {
    assertEquals(problemsOf({ dest }).length, 1, dest);
  }
  for (const dest of ['"/a"', '"/srv/a b"', '"/srv/.a"', '"/\\u00e9"']) assertEquals(problemsOf({ dest }), [], dest);
});

Deno.test("parseResource() keeps how dest is spelled beside the path that it means", () => {
  const cases: [string, string][] = [
    ["/srv//a", "/srv/a"],
    ["//srv/./a", "/srv/a"],
    ["/srv/x/../a", "/srv/a"],
    ["/../a", "/a"],
    ["/srv/..a/...", "/srv/..a/..."],
  ];
  for (const [spelled, dest] of cases) {
    const parsed = read("x.toml", resource({ dest: `"${spelled}"` })).resource;
    assertEquals([parsed?.dest, parsed?.spelled], [dest, spelled]);
  }
});

Deno.test("parseResource() wants lists of strings as keys", () => {
  for (const keys of ['"/"', "[1]", '["/", 1]', "{}", "1"]) assertEquals(problemsOf({ keys }).length, 1, keys);
  assertEquals(problemsOf({ keys: '["/a", "/b"]' }), []);
});

Deno.test("parseResource() wants integers as uid and gid", () => {
  for (const id of ['"0"', "1.5", "true", "1e3", "1.0"]) {
    assertEquals(problemsOf({ uid: id }).length, 1, id);
    assertEquals(problemsOf({ gid: id }).length, 1, id);
  }
});

Deno.test("parseResource() warns of keys that confd ignores, with the one that was meant", () => {
  const { resource: parsed, warnings } = read("x.toml", resource({ reload_comd: '"r"', zebra: "1" }));
  assert(parsed !== undefined);
  assertEquals(warnings, [
    `x.toml: confd ignores 'reload_comd'; did you mean "reload_cmd"?`,
    "x.toml: confd ignores 'zebra'",
  ]);
});

Deno.test("parseResource() is not fooled by names that every object has", () => {
  for (const name of ["constructor", "__proto__", "toString", "hasOwnProperty"]) {
    const { problems, warnings } = read("x.toml", resource({ [`"${name}"`]: '"x"' }));
    assertEquals([problems, warnings], [[], [`x.toml: confd ignores '${name}'`]]);
  }
});

Deno.test("parseResource() shortens long values in messages", () => {
  const [problem] = problemsOf({ dest: `"${"x".repeat(500)}"` });
  assert(problem.length < 200 && problem.includes("xxx...;"), problem);
});

Deno.test("hasControl() finds control characters and nothing else", () => {
  for (const text of ["\0", "a\nb", "\x1f", "\x7f", "\t"]) assert(hasControl(text), JSON.stringify(text));
  for (const text of ["", " ", "a b", "\u00e9", "\u{1f600}"]) assert(!hasControl(text), text);
});

Deno.test("parseResource() warns where no key is named, as confd renders such a resource all the same", () => {
  for (const keys of ["", "keys = []\n"]) {
    const { resource, problems, warnings } = read("x.toml", `[template]\nsrc = "a"\ndest = "/a"\n${keys}`);
    assertEquals([resource?.hasKeys, problems], [false, []]);
    assertEquals(warnings, [
      "x.toml: 'keys' names none: confd renders the file, but hears of no change, so it polls its backend",
    ]);
  }
});

Deno.test("parseResource() reads what a change of the file means", () => {
  const sidecar = (text: string) => read("x.toml", `${resource()}[sidecar]\n${text}`).resource?.sidecar;
  assertEquals(sidecar(""), { reload: undefined, env: false, required: true });
  assertEquals(sidecar('reload = "restart"'), { reload: { by: "restart" }, env: false, required: true });
  const usr1 = { by: "signal" as const, signal: "SIGUSR1", explicit: true };
  assertEquals(sidecar('reload = "SIGUSR1"\nrequired = false'), { reload: usr1, env: false, required: false });
  const exec = { by: "exec" as const, words: ["haproxy-set-map", "a b"] };
  assertEquals(sidecar(`reload = "exec:haproxy-set-map 'a b'"`)?.reload, exec);
  assertEquals(sidecar("env = true"), { reload: { by: "restart" }, env: true, required: true });
  assertEquals(sidecar('env = true\nreload = "none"')?.reload, { by: "none" });
});

Deno.test("parseResource() tells all that is wrong in [sidecar], and shows no words of a command", () => {
  const { problems } = read(
    "x.toml",
    `${resource()}[sidecar]\nreload = "exec:x 's3cret"\nenv = "yes"\nrequired = 1\nrelaod = "restart"\n`,
  );
  assertEquals(problems.map((problem) => problem.replace(/, is not .*/, "")), [
    "x.toml: there is no 'relaod' in [sidecar]; did you mean \"reload\"?; there are reload, env, required",
    "x.toml: 'env' in [sidecar] is \"yes\"; wanted is true or false",
    "x.toml: 'required' in [sidecar] is 1; wanted is true or false",
    "x.toml: 'reload' in [sidecar], of 14 characters",
  ]);
  assertEquals(
    read("x.toml", `${resource()}[sidecar]\nreload = 5\n`).problems[0].slice(0, 43),
    "x.toml: 'reload' in [sidecar], 5, is not a ",
  );
  assertEquals(read("x.toml", `sidecar = 1\n${resource()}`).problems, [
    "x.toml: 'sidecar' is no table; wanted is [sidecar] on a line of its own",
  ]);
});
