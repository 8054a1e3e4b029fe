/**
 * Mistakes of the user's: each is told clearly and with the right status, nothing is started, and nothing is written.
 *
 * Touches: files and processes, through the support modules.
 * @module
 */
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { ANY_CONFD, CONFDS, e2e, eachConfd } from "../support/confds.ts";
import { fakeConfd, NO_KEYS } from "../support/fake_confd.ts";
import { steadyKeys } from "../support/etcd.ts";
import { FileKeys } from "../support/keys.ts";
import { CONF, Scene, type SceneStart } from "../support/scene.ts";
import { service } from "../support/service.ts";
import { type Folder, Sidecar } from "../support/sidecar.ts";
import { whyNoMounts } from "../support/mounts.ts";

/** What is expected of a sidecar that must refuse. */
interface Refusal {
  status: number;
  /** A part of each message that it logs as an error; there must be no other. */
  says: readonly string[];
}

const TEMPLATE_2 = { CONFD_TEMPLATE_2: "b.tmpl\nb\n" };

/** A second template resource, with one line that is not as it should be. */
function resource2(lines: Record<string, string>): Record<string, string> {
  const all: Record<string, string> = { src: '"b.tmpl"', dest: '"/tmp/never-written"', keys: '["/"]', ...lines };
  const text = Object.entries(all).filter(([, value]) => value).map(([key, value]) => `${key} = ${value}\n`).join("");
  return { ...TEMPLATE_2, CONFD_CONFDFILE_2: `b.toml\n[template]\n${text}` };
}

/** Mistakes that show in the variables alone: all of them end with 78. */
const VARIABLES: Record<string, [Record<string, string>, ...string[]]> = {
  "a template's name with a slash": [
    { CONFD_TEMPLATE_2: "a/b\nx" },
    `CONFD_TEMPLATE_2: its first line, of 3 characters, is not one plain file name (no slash, no '..')`,
  ],
  "a template's name that leads out of the folder": [
    { CONFD_TEMPLATE_2: "../b\nx" },
    `CONFD_TEMPLATE_2: its first line, of 4 characters, is not one plain file name`,
  ],
  "a template named '..'": [
    { CONFD_TEMPLATE_2: "..\nx" },
    `CONFD_TEMPLATE_2: its first line, of 2 characters, is not one plain`,
  ],
  "a template's name with a control character": [
    { CONFD_TEMPLATE_2: "a\x1b[2Jb\nx" },
    `CONFD_TEMPLATE_2: its first line, of 6 characters, has a control character in it`,
  ],
  "a name with Windows' line end": [
    { CONFD_TEMPLATE_2: "b.tmpl\r\nx" },
    `CONFD_TEMPLATE_2: its first line, of 7 characters, ends with a carriage return`,
  ],
  "a template without a name": [
    { CONFD_TEMPLATE_2: "\nx" },
    `CONFD_TEMPLATE_2: its first line, of 0 characters, is no file name`,
  ],
  "a name that no file can have": [{ CONFD_TEMPLATE_2: `${"b".repeat(300)}\nx` }, "is longer than 235 bytes"],
  "a template resource's name with a slash": [
    { CONFD_CONFDFILE_2: "../b.toml\nx" },
    `CONFD_CONFDFILE_2: its first line, of 9 characters, is not one plain file name`,
    "CONFD_CONFDFILE_2: not TOML: ",
  ],
  "a template resource's name that confd would not read": [
    { CONFD_CONFDFILE_2: "b.conf\n[template]" },
    `CONFD_CONFDFILE_2: its first line, of 6 characters, is not a name that confd reads: wanted is one that ends in 'toml'`,
    "CONFD_CONFDFILE_2: 'src' is missing",
    "CONFD_CONFDFILE_2: 'dest' is missing",
  ],
  "a template's name that is spoiled, and what else is wrong, but nothing that follows from it": [
    { ...resource2({ mode: '"600"' }), CONFD_TEMPLATE_1: "service.conf.tmpl\r\nx" },
    "CONFD_TEMPLATE_1: its first line, of 18 characters, ends with a carriage return",
    `CONFD_CONFDFILE_2 (b.toml): 'mode' is "600"`,
  ],
  "a resource whose line ends YAML has folded": [
    { CONFD_CONFDFILE_2: 'b.toml [template] src = "b.tmpl"' },
    "CONFD_CONFDFILE_2: its first line, of 32 characters, has blanks in it and all that follows",
  ],
  "a string that is not closed": [
    resource2({ src: '"b.tmpl' }),
    "CONFD_CONFDFILE_2 (b.toml): not TOML: a string is not closed (line 2, column 14)",
  ],
  "a uid with an exponent": [
    resource2({ uid: "1e3" }),
    "'uid' is 1000; wanted is an integer, written with digits alone",
  ],
  "a file's mode under another name": [resource2({ filemode: '"0644"' }), `'filemode' is "0644"; wanted is an integer`],
  "a setting with Windows' line end": [
    { SIDECAR_SETTLE: "1s\r" },
    "SIDECAR_SETTLE: its value ends with a carriage return",
  ],
  "an address without its port": [
    { SIDECAR_VERIFY: "tcp:localhost" },
    "SIDECAR_VERIFY: the value, of 13 characters, is not 'exec:' and the words",
  ],
  "one bad rule for signals": [
    { SIDECAR_SIGNALS: "SIGUSR1=none,SIGHPU=none" },
    'the bad one is "SIGHPU=none": "SIGHPU" is no signal',
  ],
  "two variables that name one template": [
    { CONFD_TEMPLATE_2: "service.conf.tmpl\nx" },
    "CONFD_TEMPLATE_2: names the file service.conf.tmpl, and so does CONFD_TEMPLATE_1",
  ],
  "two variables that name one template resource": [
    { CONFD_CONFDFILE: "service.conf.toml\nx" },
    "CONFD_CONFDFILE_1: names the file service.conf.toml, and so does CONFD_CONFDFILE",
    "CONFD_CONFDFILE (service.conf.toml): not TOML: ",
  ],
  "broken TOML": [{ CONFD_CONFDFILE_2: "b.toml\n[template\n" }, "CONFD_CONFDFILE_2 (b.toml): not TOML: "],
  "TOML without a [template] table": [
    { CONFD_CONFDFILE_2: "b.toml\nsrc = 'b'\n" },
    "CONFD_CONFDFILE_2 (b.toml): there is no [template] table",
  ],
  "a resource without src": [resource2({ src: "" }), "CONFD_CONFDFILE_2 (b.toml): 'src' is missing from [template]"],
  "a resource without dest": [resource2({ dest: "" }), "CONFD_CONFDFILE_2 (b.toml): 'dest' is missing"],
  "a src that is nowhere": [
    resource2({ src: '"c.tmpl"' }),
    `CONFD_CONFDFILE_2 (b.toml): 'src' is "c.tmpl", which neither a CONFD_TEMPLATE variable names nor templates/ holds`,
  ],
  "a dest that is not absolute": [
    resource2({ dest: '"b.conf"' }),
    `'dest' is "b.conf"; wanted is the absolute path of a file`,
  ],
  "a mode without a leading zero": [
    resource2({ mode: '"600"' }),
    `'mode' is "600"; wanted is an octal number in a string that starts with 0, such as "0644"`,
  ],
  "a mode that is a number": [resource2({ mode: "0o600" }), "'mode' is 384; wanted is an octal number in a string"],
  "keys that are no list": [resource2({ keys: '"/"' }), `'keys' is "/"; wanted is a list of strings`],
  "a duration in words": [{ SIDECAR_SETTLE: "soon" }, 'SIDECAR_SETTLE: "soon" is not a duration such as 500ms'],
  "a negative duration": [{ SIDECAR_SETTLE: "-1s" }, 'SIDECAR_SETTLE: "-1s" is not a duration'],
  "a duration in days": [{ SIDECAR_START_TIMEOUT: "1d" }, 'SIDECAR_START_TIMEOUT: "1d" is not a duration'],
  "a polling interval of 0": [
    { SIDECAR_CONFD_INTERVAL: "0" },
    'SIDECAR_CONFD_INTERVAL: "0" is not a duration in whole seconds, at least 1s',
  ],
  "a settle limit below the settle time": [
    { SIDECAR_SETTLE: "5s", SIDECAR_SETTLE_MAX: "2s" },
    "SIDECAR_SETTLE_MAX: 2s is shorter than SIDECAR_SETTLE, which is 5s",
  ],
  "a word that is none of the choices": [
    { SIDECAR_CONFD_EXIT: "ignore" },
    `SIDECAR_CONFD_EXIT: "ignore" is not 'restart' or 'stop'`,
  ],
  "a misspelt setting": [{ SIDECAR_SETLE: "1s" }, "SIDECAR_SETLE: there is no such setting; did you mean"],
  "a folder that is not absolute": [
    { CONFD_CONFDIR: "etc/confd" },
    'CONFD_CONFDIR: "etc/confd" is not an absolute path',
  ],
  "a misspelt backend": [{ CONFD_BACKEND: "consull" }, 'CONFD_BACKEND: "consull" is not a backend of confd'],
  "the backend 'file' without a file": [
    { CONFD_BACKEND: "file" },
    'CONFD_BACKEND: "file" needs the file or folder to read keys from: set SIDECAR_CONFD_ARGS',
  ],
  "line ends that were lost, with a secret behind": [
    { CONFD_TEMPLATE_2: "x.tmpl\\npassword = hunter2\\n/" },
    "CONFD_TEMPLATE_2: its first line, of 29 characters, has a backslash and an 'n' in it",
  ],
  "a command for a shell": [
    { SIDECAR_VERIFY: "exec:true && false" },
    "SIDECAR_VERIFY: it is written as for a shell, but none runs it",
  ],
  "a check that names no destination": [
    { SIDECAR_CHECK: "true" },
    "SIDECAR_CHECK: none of its words names a destination or the folder of one",
  ],
  "a reload that would kill": [
    { SIDECAR_RELOAD: "SIGKILL" },
    "SIDECAR_RELOAD: the value, of 7 characters, is not a signal's name (but not SIGKILL or SIGSTOP)",
  ],
  "an address with a password, that is none": [
    { SIDECAR_RELOAD: "http://admin:s3c ret@ho st/x" },
    "SIDECAR_RELOAD: the value, of 28 characters, is not",
  ],
  "an empty node": [
    { CONFD_NODE: "a:1,,b:1" },
    "CONFD_NODE: the value, of 8 characters, is not a list separated by commas",
  ],
  "words for confd that undo what the sidecar is for": [
    { SIDECAR_CONFD_ARGS: "--noop -onetime" },
    "SIDECAR_CONFD_ARGS: '-noop' is not for this setting",
    "SIDECAR_CONFD_ARGS: '-onetime' is not for this setting",
  ],
  "many mistakes at once": [
    { ...resource2({ src: "", mode: '"600"' }), SIDECAR_SETTLE: "soon", SIDECAR_SETLE: "1s", CONFD_BACKEND: "x" },
    'SIDECAR_SETTLE: "soon" is not a duration',
    "SIDECAR_SETLE: there is no such setting",
    "'src' is missing",
    `'mode' is "600"`,
    'CONFD_BACKEND: "x" is not a backend',
  ],
};

for (const [what, [env, ...says]] of Object.entries(VARIABLES)) {
  e2e(`refused with 78: ${what}`, async ({ folder }) => {
    await refuses(folder, { status: 78, says }, { env });
  });
}

/** Starts the usual scene with something wrong, and sees that it is told and that nothing else happens. */
async function refuses(folder: Folder, { status, says }: Refusal, start: SceneStart, scene = usual(folder)) {
  service(folder);
  const before = listing(folder.path);
  await using sidecar = scene.start(start);
  assertEquals(await sidecar.status(), status, sidecar.stderr.all.join("\n"));
  assertEquals(listing(folder.path), before);
  assertEquals(sidecar.stdout.all, []);
  const told = errors(sidecar);
  for (const part of says) {
    assert(told.some((msg) => msg.includes(part)), `not told: ${part}\ntold: ${told.join("\n")}`);
  }
  assertEquals(told.length, says.length, told.join("\n"));
}

function usual(folder: Folder): Scene {
  return new Scene(folder, { confd: fakeConfd(`: > ${folder.at("started")}`), keys: NO_KEYS });
}

/** The messages that were logged as errors. */
function errors(sidecar: Sidecar): string[] {
  return sidecar.stderr.all.flatMap((line) => / supervisor\[\d+\]: error: (.*)$/.exec(line)?.[1] ?? []);
}

/** Every path below a folder, with its content. */
function listing(folder: string): string[] {
  return [...Deno.readDirSync(folder)].sort((a, b) => a.name < b.name ? -1 : 1).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) return [`${path}/`, ...listing(path)];
    return [entry.isSymlink ? `${path} -> ${Deno.readLinkSync(path)}` : `${path}: ${Deno.readTextFileSync(path)}`];
  });
}

e2e("refused with 78: a value that may hold a secret is not shown", async ({ folder }) => {
  const says = ["SIDECAR_CONFD_ARGS: the value, of 18 characters, is not a list of words: a quote is not closed"];
  await refuses(folder, { status: 78, says }, { env: { SIDECAR_CONFD_ARGS: "--password='secret" } });
});

e2e("refused with 78: no template resource at all", async ({ folder }) => {
  const scene = new Scene(folder, { confd: fakeConfd(""), keys: NO_KEYS, rendered: [] });
  const says = ["there is no template resource: set CONFD_CONFDFILE_1"];
  await refuses(folder, { status: 78, says }, {}, scene);
});

/** Mistakes that show once it is known which confd was found: the classic one, and the fork that is spoken to in its way. */
const FOUND: Record<string, [Record<string, string>, string]> = {
  "a node that its backend does not take": [
    { CONFD_BACKEND: "redis", CONFD_NODE: "http://:s3cret@localhost:1" },
    'CONFD_NODE: node 1, of 26 characters, is not HOST:PORT, HOST:PORT/DATABASE or the path of a socket, as "redis" wants it',
  ],
  "a check_cmd that confd cannot fill in": [
    resource2({ check_cmd: "'test -s {{ .dest }}'" }),
    "CONFD_CONFDFILE_2 (b.toml): 'check_cmd' would always fail: confd knows no {{ .dest }} there, only {{.src}}",
  ],
};

for (const [what, [env, says]] of Object.entries(FOUND)) {
  e2e(`refused with 78: ${what}`, async ({ folder }) => {
    const scene = new Scene(folder, { confd: ANY_CONFD, keys: new FileKeys(folder, {}) });
    await refuses(folder, { status: 78, says: [says] }, { env }, scene);
  }, { parts: [ANY_CONFD.part] });
}

eachConfd(
  "an owner that there is not is refused, or a warning where confd knows no owners",
  async ({ confd, folder }) => {
    const keys = new FileKeys(folder, { "/key": "one" });
    const env = resource2({ owner: '"nosuch"', dest: JSON.stringify(folder.at("out/b")) });
    await using sidecar = new Scene(folder, { confd, keys }).start({ env });
    if (confd.name === "confd-classic") {
      await sidecar.stderr.next(
        "warning: CONFD_CONFDFILE_2 (b.toml): the confd found, the classic one, does not know 'owner'",
      );
      await sidecar.stdout.next("start: value=one");
    } else {
      await sidecar.stderr.next(`'owner' is "nosuch", and /etc/passwd has no user of that name`);
      assertEquals(await sidecar.status(), 78);
    }
  },
);

e2e("refused with 78: a destination that is a folder", async ({ folder }) => {
  const dest = folder.at("out/service.conf");
  Deno.mkdirSync(dest, { recursive: true });
  await refuses(folder, { status: 78, says: [`'dest' ${dest} is a folder; wanted is the path of a file`] }, {});
});

e2e("refused with 78: a confd that is no confd", async ({ folder }) => {
  const says = ["CONFD_PATH: '/bin/true --help' does not answer as a confd does: is it one?"];
  await refuses(folder, { status: 78, says }, { env: { CONFD_PATH: "/bin/true" } });
});

for (const confd of CONFDS.filter(({ name }) => name !== "confd-classic" && name !== "confd-fork-0.30")) {
  e2e(`refused with 78: a backend that the confd found does not have [${confd.name}]`, async ({ folder }) => {
    const says = ['CONFD_BACKEND: "rancher" is not a backend of the confd found, the maintained fork'];
    const scene = new Scene(folder, { confd, keys: { env: { CONFD_BACKEND: "rancher" } } });
    await refuses(folder, { status: 78, says }, {}, scene);
  }, { parts: [confd.part] });
}

/** Programs that cannot be run: the words for them, the status, and what is said; `*` is the test's folder. */
const PROGRAMS: Record<string, [string, number, string]> = {
  "that does not exist": ["*/nothing", 127, '"*/nothing" does not exist'],
  "that is in no folder of PATH": [
    "no-such-program-anywhere",
    127,
    '"no-such-program-anywhere" is in no folder of PATH (',
  ],
  "that is not executable": ["*/plain", 126, '"*/plain" is not executable'],
  "that is a folder": ["*/folder", 126, '"*/folder" is a folder and no program'],
};

for (const [what, [word, status, message]] of Object.entries(PROGRAMS)) {
  const prepare = (folder: Folder) => {
    folder.write("plain", "#!/bin/sh\n", 0o644);
    Deno.mkdirSync(folder.at("folder"));
    return (text: string) => text.replace("*", folder.path);
  };
  e2e(`refused with ${status}: a program ${what}`, async ({ folder }) => {
    const fill = prepare(folder);
    const says = [`the program to run: ${fill(message)}`];
    await refuses(folder, { status, says }, { args: [fill(word)] });
  });
  e2e(`refused with ${status}: a confd ${what}`, async ({ folder }) => {
    const fill = prepare(folder);
    await refuses(folder, { status, says: [`CONFD_PATH: ${fill(message)}`] }, { env: { CONFD_PATH: fill(word) } });
  });
}

e2e("refused with 78: a wrong setting comes before a program that does not exist, and both are told", async (stage) => {
  const { folder } = stage;
  const says = ["SIDECAR_SETTLE", "the program to run"];
  await refuses(folder, { status: 78, says }, { env: { SIDECAR_SETTLE: "x" }, args: ["/nowhere/program"] });
});

// What cannot be written.

e2e("refused with 73: a destination below a file, and what was made is taken away again", async ({ folder }) => {
  folder.write("file", "");
  const rendered = [CONF, { name: "b.conf", template: "b", dest: folder.at("file/below/b.conf") }];
  const scene = new Scene(folder, { confd: fakeConfd(""), keys: NO_KEYS, rendered });
  const says = [`the folder ${folder.at("file/below")} cannot be made`];
  await refuses(folder, { status: 73, says }, {}, scene);
});

e2e("refused with 73: a folder that cannot be written to", async ({ folder }) => {
  const dir = folder.at("confd.d");
  Deno.mkdirSync(dir);
  const script = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && shift && exec "$@"';
  const says = [`CONFD_CONFDIR: the folder ${dir}/conf.d cannot be made: Read-only file system`];
  await refuses(folder, { status: 73, says }, { prefix: ["unshare", "-m", "sh", "-c", script, "sh", dir] });
}, { reason: whyNoMounts() });

e2e("refused with 73: a destination's folder that cannot be written to, before anything is written", async (stage) => {
  const { folder } = stage;
  const out = folder.at("out");
  Deno.mkdirSync(out);
  const script = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && shift && exec "$@"';
  const says = [`'dest' ${out}/app.conf: nothing can be written in ${out}: its file system is read-only`];
  const scene = new Scene(folder, {
    confd: fakeConfd(""),
    keys: NO_KEYS,
    rendered: [{ name: "app.conf", template: "a" }],
  });
  await refuses(folder, { status: 73, says }, { prefix: ["unshare", "-m", "sh", "-c", script, "sh", out] }, scene);
}, { reason: whyNoMounts() });

e2e("refused with 78: a destination among confd's own files", async ({ folder }) => {
  const dest = folder.at("confd.d/conf.d/made.toml");
  const scene = new Scene(folder, {
    confd: fakeConfd(""),
    keys: NO_KEYS,
    rendered: [{ name: "a.conf", template: "a", dest }],
  });
  const says = [`'dest' ${dest} lies in confd's own folder ${folder.at("confd.d/conf.d")}; wanted is another one`];
  await refuses(folder, { status: 78, says }, {}, scene);
});

e2e("refused with 78: a configuration folder below a file", async ({ folder }) => {
  const dir = `${folder.write("file", "")}/confd`;
  await refuses(folder, { status: 78, says: [`CONFD_CONFDIR: ${dir}/conf.d/ cannot be read`] }, {
    env: { CONFD_CONFDIR: dir },
  });
});

/** Symbolic links that somebody planted: from where in confd's folder they lead away. */
const LINKS = ["/conf.d/service.conf.toml", "/templates/service.conf.tmpl", "/conf.d", "/templates", ""];

for (const link of LINKS) {
  e2e(`refused with 73: a symbolic link in the place of CONFD_CONFDIR${link}`, async ({ folder }) => {
    const path = folder.at("confd.d") + link;
    const target = folder.at("target");
    if (/\.t[a-z]+$/.test(link)) folder.write("target", "");
    else Deno.mkdirSync(target);
    Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    Deno.symlinkSync(target, path);
    // An empty resource would be a mistake of its own if the link were followed.
    await refuses(folder, { status: 73, says: [`${path} is a symbolic link (to ${target})`] }, {});
  });
}

// The command line.

for (
  const [args, problem] of [
    [[], "no program to run was given"],
    [["--"], "no program to run was given"],
    [["--hepl", "program"], '"--hepl" is not an option of confd-sidecar; did you mean'],
    [[""], "the program to run is an empty word"],
  ] as const
) {
  e2e(`refused with 64: ${JSON.stringify(args)}`, async () => {
    await using sidecar = new Sidecar({ args });
    assertEquals(await sidecar.status(), 64);
    assert(sidecar.stderr.all[0].startsWith(`confd-sidecar: ${problem}`), sidecar.stderr.all[0]);
    assertMatch(sidecar.stderr.all.join("\n"), /^usage: confd-sidecar \[option\]/m);
    assertEquals(sidecar.stdout.all, []);
  });
}

for (const option of ["--help", "--version"]) {
  e2e(`${option} prints to standard output and ends with 0, whatever the settings are`, async () => {
    await using sidecar = new Sidecar({ args: [option], env: { SIDECAR_SETTLE: "soon" } });
    assertEquals(await sidecar.status(), 0);
    assertMatch(sidecar.stdout.all.join("\n"), /confd-sidecar/);
    assertEquals(sidecar.stderr.all, []);
  });
}

// What would undo the sidecar's work, and does not get that far.

eachConfd("a confd.toml that asks for noop is given to confd without that, and a warning says so", async (stage) => {
  const { confd, folder } = stage;
  await using keys = await steadyKeys(folder, confd, { "/key": "one" });
  const toml = folder.write("confd.toml", "noop = true\ninterval = 3\n");
  await using sidecar = new Scene(folder, { confd, keys }).start({ confdArgs: `--config-file=${toml}` });
  await sidecar.stderr.next(`warning: ${toml} sets 'noop', 'interval', which the sidecar decides`);
  await sidecar.stdout.next("start: value=one");
  await keys.put({ "/key": "two" });
  await sidecar.stdout.next("HUP: value=two");
  assertEquals(Deno.readTextFileSync(toml), "noop = true\ninterval = 3\n");
}, { steadyKeys: true });

eachConfd("confd's own variables cannot make it write nothing or end early", async ({ confd, folder }) => {
  const keys = new FileKeys(folder, { "/key": "one" });
  const env = { CONFD_NOOP: "1", CONFD_ONETIME: "1", CONFD_WATCH: "", CONFD_INTERVAL: "x", CONFD_CONFDIR: "" };
  const scene = new Scene(folder, { confd, keys });
  await using sidecar = scene.start({ env: { ...env, CONFD_CONFDIR: scene.confdDir } });
  await sidecar.stderr.next("warning: CONFD_INTERVAL is not handed to confd");
  await sidecar.stderr.next("warning: CONFD_NOOP is not handed to confd");
  await sidecar.stdout.next("start: value=one");
  await keys.put({ "/key": "two" });
  await sidecar.stdout.next("HUP: value=two");
});
