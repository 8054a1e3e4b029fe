import { judgeResources, type Surroundings } from "../../lib/confd/judgement.ts";
import { parseResource } from "../../lib/confd/resource.ts";
import { assertEquals } from "../support/assert.ts";

const CLASSIC = { dialect: "classic", early: false } as const;
const EARLY = { dialect: "classic", early: true } as const;
const FORK = { dialect: "fork", early: false } as const;

/** For a user 7 of the group 7. */
const ACCOUNTS = {
  users: new Map([["root", 0], ["us", 7]]),
  groups: new Map([["root", 0], ["us", 7]]),
  mayGiveTo: (uid = 7, gid = 7) => uid === 7 && gid === 7,
};

function judge(lines: string, { found = FORK, staged = false, isLink = false }: Partial<Surroundings> = {}) {
  const text = `[template]\nsrc = "a"\ndest = "/a"\nkeys = ["/"]\n${lines}\n`;
  const { resource } = parseResource({ label: "x", file: "x.toml", text });
  return judgeResources([resource!], { found, accounts: ACCOUNTS, staged, isLink });
}

const NOTHING = { problems: [], warnings: [] };

Deno.test("judgeResources() has nothing to say of what every confd renders", () => {
  for (const found of [CLASSIC, EARLY, FORK]) {
    for (const lines of ["", "uid = 7\ngid = 7", "uid = -1", 'check_cmd = "test -s {{ .src }} -a {{.src}}"']) {
      assertEquals(judge(lines, { found }), NOTHING, lines);
    }
  }
});

Deno.test("judgeResources() knows what this process may not give away", () => {
  const cannot = "x: the file is to belong to user 0, and this process may not give it away";
  for (const lines of ["uid = 0", 'owner = "root"']) {
    assertEquals(judge(lines), { problems: [`${cannot}: confd would never render it`], warnings: [] });
    assertEquals(judge(lines, { found: EARLY }), {
      problems: [],
      warnings: [`${cannot}: it will belong to the user that the sidecar runs as`],
    });
  }
  assertEquals(judge("uid = 0\ngid = 5").problems, [
    "x: the file is to belong to user 0 and group 5, and this process may not give it away: confd would never render it",
  ]);
  assertEquals(judge('owner = "us"\ngroup = "us"'), NOTHING);
  assertEquals(judge('uid = 7\nowner = "nobody-knows"'), NOTHING, "an owner beside a uid is not looked at");
});

Deno.test("judgeResources() knows users and groups that there are not", () => {
  assertEquals(judge('owner = "nosuch"').problems, [
    `x: 'owner' is "nosuch", and /etc/passwd has no user of that name: confd would never render the file`,
  ]);
  assertEquals(judge('group = "0"', { found: EARLY }).problems, [
    `x: 'group' is "0", and /etc/group has no group of that name: confd would never render the file`,
  ]);
});

Deno.test("judgeResources() warns of keys that the confd found does not know, and does not judge them", () => {
  assertEquals(judge('owner = "nosuch"', { found: CLASSIC }), {
    problems: [],
    warnings: ["x: the confd found, the classic one, does not know 'owner', and ignores it"],
  });
  assertEquals(judge('debounce = "soon"', { found: EARLY }), {
    problems: [],
    warnings: [
      "x: the confd found, an early version of the maintained fork (0.17 to 0.33), does not know 'debounce', and ignores it",
    ],
  });
});

Deno.test("judgeResources() judges the values of keys that only some confds know", () => {
  const wrong = [
    'debounce = "soon"',
    'min_reload_interval = "30"',
    "owner = 1",
    'output_format = "ini"',
    'check_cmd_timeout = "1d"',
  ];
  for (const lines of wrong) assertEquals(judge(lines).problems.length, 1, lines);
  for (const lines of ['debounce = "1.5h30m"', 'debounce = "0"', 'output_format = "yml"', 'debounce = ""']) {
    assertEquals(judge(lines), NOTHING, lines);
  }
});

Deno.test("judgeResources() refuses a check_cmd that confd cannot fill in", () => {
  const fault = (command: string) => judge(`check_cmd = '''${command}'''`);
  const always = "x: 'check_cmd' would always fail: ";
  assertEquals(fault("test -s {{ .dest }}").problems, [`${always}confd knows no {{ .dest }} there, only {{.src}}`]);
  assertEquals(fault("test {{.Src}}").problems.length, 1);
  assertEquals(fault("test {{src}}").problems, [`${always}{{src}} is nothing that confd knows: it knows {{.src}}`]);
  assertEquals(fault("test {{.src }").problems, [`${always}a '{{' in it is not closed`]);
  assertEquals(fault("test '{{.dest}}' x"), {
    problems: [],
    warnings: ["x: 'check_cmd': confd knows no {{.dest}} there, only {{.src}}"],
  });
  for (
    const right of [
      'x {{printf "%s.dest" .src}}',
      "{{- .src -}}",
      "x {{/* .dest }} */}}",
      'a{{"}}"}}{{.src}}',
      "${dest}",
    ]
  ) {
    assertEquals(fault(right), NOTHING, right);
  }
});

Deno.test("judgeResources() judges a reload_cmd as the confd found reads it, where it is run", () => {
  const command = 'reload_cmd = "x {{.dest}}"';
  assertEquals(judge(command), NOTHING);
  assertEquals(judge(command, { found: CLASSIC }).warnings, [
    "x: 'reload_cmd' has '{{' in it: the confd found fills in nothing there",
  ]);
  assertEquals(judge('reload_cmd = "{{ src }}"').problems.length, 1);
  assertEquals(judge('reload_cmd = "{{.x}}"').warnings.length, 1);
  for (const found of [CLASSIC, FORK]) {
    assertEquals(judge('reload_cmd = "{{ src }}"', { found, staged: true }), NOTHING);
  }
});

Deno.test("judgeResources() refuses a conf.d that the classic confd would not look into", () => {
  assertEquals(judge("", { found: CLASSIC, isLink: true }).problems.length, 1);
  assertEquals(judge("", { found: CLASSIC, isLink: true, staged: true }), NOTHING);
  for (const found of [EARLY, FORK]) assertEquals(judge("", { found, isLink: true }), NOTHING);
});
