/**
 * `--check-config` and `--print-config`: what they say, and that they leave everything as it is; and `--once`, which
 * renders, checks, puts in place, and ends, and `--dry-run`, which shows the difference instead.
 *
 * Touches: files and processes, through the support modules.
 * @module
 */
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { ANY_CONFD, e2e, eachConfd } from "../support/confds.ts";
import { fakeConfd, NO_KEYS } from "../support/fake_confd.ts";
import { FileKeys } from "../support/keys.ts";
import { CONF, Scene } from "../support/scene.ts";
import { type Folder, Sidecar } from "../support/sidecar.ts";
import { survivors } from "../support/survivors.ts";

interface Said {
  status: number;
  out: readonly string[];
  errors: readonly string[];
}

/** Runs a mode in the usual scene; nothing may come of it but words. */
async function ask(folder: Folder, args: readonly string[], env: Record<string, string> = {}): Promise<Said> {
  const scene = new Scene(folder, { confd: fakeConfd(`touch ${folder.at("started")}`), keys: NO_KEYS });
  const before = namesIn(folder.path);
  await using sidecar = new Sidecar({ args, env: { ...scene.env, ...env } });
  const status = await sidecar.status();
  assertEquals(namesIn(folder.path), before, "nothing was written");
  return { status, out: sidecar.stdout.all, errors: sidecar.stderr.all };
}

function namesIn(path: string): string[] {
  return [...Deno.readDirSync(path)].map(({ name }) => name).sort();
}

e2e("--check-config does step one of a run, and says what would be done", async ({ folder }) => {
  for (const words of [[], ["sleep", "100"], ["--", "sleep"]]) {
    const { status, out, errors } = await ask(folder, ["--check-config", ...words]);
    assertEquals({ status, errors }, { status: 0, errors: [] });
    assertEquals(out[0], "the configuration is good; nothing was started or written");
    assertMatch(out[1], /^confd: .*fake-confd, the classic one; the backend etcd is watched$/);
    assertEquals(
      out[2],
      `CONFD_CONFDFILE_1 (${CONF.name}.toml): templates/${CONF.name}.tmpl is rendered to ${
        folder.at("out/service.conf")
      }`,
    );
  }
});

e2e("--check-config says all that is wrong at once, with the status of a run", async ({ folder }) => {
  const wrong = { SIDECAR_SETTLE: "soon", CONFD_CONFDFILE_2: "x.toml\n[template]\n" };
  const { status, out, errors } = await ask(folder, ["--check-config", "no-such-program"], wrong);
  assertEquals({ status, out }, { status: 78, out: [] });
  for (const word of ["SIDECAR_SETTLE", "'src' is missing", "'dest' is missing", '"no-such-program"']) {
    assert(errors.some((line) => line.startsWith("error: ") && line.includes(word)), `${word} in ${errors}`);
  }
  const missing = await ask(folder, ["--check-config", "no-such-program"]);
  assertEquals(missing.status, 127);
});

e2e("--print-config has every setting in force, and no secret", async ({ folder }) => {
  const env = { SIDECAR_CHECK: `true ${folder.at("out")} hunter2`, CONFD_TEMPLATE_2: "y.tmpl\nhunter2" };
  const { status, out, errors } = await ask(folder, ["--print-config"], env);
  assertEquals({ status, errors }, { status: 0, errors: [] });
  const has = (pattern: RegExp) => assert(out.some((line) => pattern.test(line)), `${pattern} in\n${out.join("\n")}`);
  has(/^SIDECAR_SETTLE +200ms +environment$/);
  has(/^SIDECAR_SETTLE_MAX +10s +default$/);
  has(/^SIDECAR_CHECK +true \.\.\. \(2 more words\) +environment$/);
  has(/^CONFD_TEMPLATE_2 +templates\/y\.tmpl, 7 bytes$/);
  assert(!out.join("\n").includes("hunter2"));
  assertEquals((await ask(folder, ["--print-config"], { SIDECAR_SETTLE: "soon" })).status, 78);
});

eachConfd("--once renders the files, puts them in place, and ends with nothing left running", async (stage) => {
  const { confd, folder } = stage;
  const scene = new Scene(folder, { confd, keys: new FileKeys(folder, { "/key": "one" }) });
  for (const check of ["", `grep -q one ${scene.dest}`]) {
    await using sidecar = new Sidecar({ args: ["--once"], env: { ...scene.env, SIDECAR_CHECK: check } });
    assertEquals(await sidecar.status(), 0);
    assertEquals(Deno.readTextFileSync(scene.dest), "value=one\n");
    await sidecar.stderr.next("every config file is rendered and in place");
    assert(!sidecar.stderr.all.some((line) => line.includes("main program")), sidecar.stderr.all.join("\n"));
    assertEquals(survivors(folder.path), []);
    Deno.removeSync(scene.dest);
  }
}, { steadyKeys: true });

e2e("--once ends with 78 where the check refuses, and puts nothing in place", async ({ folder }) => {
  const scene = new Scene(folder, { confd: ANY_CONFD, keys: new FileKeys(folder, { "/key": "bad" }) });
  const env = { ...scene.env, SIDECAR_CHECK: `grep -q one ${scene.dest}` };
  await using sidecar = new Sidecar({ args: ["--once"], env });
  await sidecar.stderr.next("the new configuration is refused");
  assertEquals(await sidecar.status(), 78);
  assertEquals(namesIn(folder.at("out")), []);
  assertEquals(survivors(folder.path), []);
}, { parts: [ANY_CONFD.part] });

e2e("--once ends with 69 where nothing is rendered in time", async ({ folder }) => {
  const scene = new Scene(folder, { confd: fakeConfd("exec sleep 100000"), keys: NO_KEYS });
  await using sidecar = new Sidecar({ args: ["--once"], env: { ...scene.env, SIDECAR_START_TIMEOUT: "300ms" } });
  await sidecar.stderr.next(/giving up after SIDECAR_START_TIMEOUT, 300ms: waiting for confd to render /);
  assertEquals(await sidecar.status(), 69);
});

e2e("--once runs no program: a word after it is refused with 64", async () => {
  await using sidecar = new Sidecar({ args: ["--once", "sleep"] });
  assertEquals(await sidecar.status(), 64);
  assertMatch(sidecar.stderr.all[0], /--once renders files and runs no program/);
});

e2e("--dry-run shows the masked difference to what is in place, and changes nothing", async ({ folder }) => {
  const scene = new Scene(folder, { confd: ANY_CONFD, keys: new FileKeys(folder, { "/key": "hunter2" }) });
  folder.write("out/service.conf", "value=hunter1\n");
  folder.write(
    "confd.d/conf.d/image.toml",
    `[template]\nsrc = "image.tmpl"\ndest = "${folder.at("new/image.conf")}"\nkeys = ["/key"]\n`,
  );
  folder.write("confd.d/templates/image.tmpl", 'more {{getv "/key"}}\n');
  folder.write("tmp/kept", "");
  const before = [namesIn(folder.path), namesIn(folder.at("confd.d/conf.d")), namesIn(folder.at("confd.d/templates"))];
  const env = { ...scene.env, SIDECAR_CHECK: `grep -q hunter2 ${scene.dest}`, TMPDIR: folder.at("tmp") };
  await using sidecar = new Sidecar({ args: ["--dry-run"], env });
  assertEquals(await sidecar.status(), 0);
  const shown = sidecar.stdout.all;
  for (
    const line of [
      `what changed in ${scene.dest}:`,
      "-value=***",
      "+value=***",
      `what changed in ${folder.at("new/image.conf")}:`,
    ]
  ) {
    assert(shown.includes(line), `${line} in\n${shown.join("\n")}`);
  }
  assert(!shown.join("\n").includes("hunter"));
  await sidecar.stderr.next("every config file is rendered; none was put in place");
  assertEquals(Deno.readTextFileSync(scene.dest), "value=hunter1\n");
  const after = [namesIn(folder.path), namesIn(folder.at("confd.d/conf.d")), namesIn(folder.at("confd.d/templates"))];
  assertEquals([after, namesIn(folder.at("tmp"))], [before, ["kept"]]);
}, { parts: [ANY_CONFD.part] });

e2e("--dry-run ends with 78 where the check refuses, and where the configuration is wrong", async ({ folder }) => {
  const scene = new Scene(folder, { confd: ANY_CONFD, keys: new FileKeys(folder, { "/key": "bad" }) });
  for (const [name, value] of [["SIDECAR_CHECK", `grep -q one ${scene.dest}`], ["SIDECAR_SETTLE", "soon"]]) {
    await using sidecar = new Sidecar({ args: ["--dry-run"], env: { ...scene.env, [name]: value } });
    assertEquals(await sidecar.status(), 78);
    assertEquals(sidecar.stdout.all, []);
  }
}, { parts: [ANY_CONFD.part] });
