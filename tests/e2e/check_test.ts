/**
 * A check before new files are put in place: all of them or none, and never a bad one.
 *
 * Touches: files and processes, through the support modules.
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import { fakeConfd, NO_KEYS } from "../support/fake_confd.ts";
import { FileKeys } from "../support/keys.ts";
import { ANY_CONFD, eachConfd } from "../support/confds.ts";
import { CONF, destination, type Rendered, Scene } from "../support/scene.ts";
import { Folder, until } from "../support/sidecar.ts";

/** A check that refuses a file with the word `bad` in it, and shows what it was given. */
function checkScript(folder: Folder): string {
  const script = '#!/bin/sh\necho "looking at $1"\nif grep bad "$1"; then exit 3; fi\n';
  return folder.write("check.sh", script, 0o755);
}

eachConfd("a change that passes the check reaches the service, and one that does not never does", async (given) => {
  const { confd, folder } = given;
  if (confd.panics) return;
  const keys = new FileKeys(folder, { "/key": "one" });
  const scene = new Scene(folder, { confd, keys });
  const check = checkScript(folder);
  await using sidecar = scene.start({ env: { SIDECAR_CHECK: `${check} ${scene.dest}` } });
  await sidecar.stdout.next("start: value=one");
  await keys.put({ "/key": "bad" });
  await sidecar.stderr.next(`check: looking at ${scene.dest}`);
  await sidecar.stderr.next("check: value=bad");
  await sidecar.stderr.next(
    `warning: the new configuration is refused: "${check}" ended with status 3; main program goes on with the last good one`,
  );
  assertEquals(Deno.readTextFileSync(scene.dest), "value=one\n", "the last good one stays");
  await keys.put({ "/key": "two" });
  await sidecar.stdout.next("HUP: value=two");
  assertEquals(sidecar.stdout.all.filter((line) => line.startsWith("HUP")), ["HUP: value=two "]);
});

Deno.test("a first configuration that is refused starts nothing, and the next one is tried", async () => {
  using folder = new Folder();
  const confd = fakeConfd(`
file=$(sed -n 's/^dest = "\\(.*\\)"/\\1/p' "$CONFD_DIR"/conf.d/*.toml)
render "$file" "value=bad"
wait_for -e "$DEST.now"
render "$file" "value=good"
wait_for -e "$DEST.never"`);
  const scene = new Scene(folder, { confd, keys: NO_KEYS });
  const env = {
    SIDECAR_CHECK: `${checkScript(folder)} ${scene.dest}`,
    DEST: scene.dest,
    CONFD_DIR: `${scene.confdDir}/.confd-sidecar/confd`,
  };
  await using sidecar = scene.start({ env });
  await sidecar.stderr.next("main program is not started on it");
  assertEquals(sidecar.stdout.all, []);
  Deno.writeTextFileSync(`${scene.dest}.now`, "");
  await sidecar.stdout.next("start: value=good");
});

const TWO: Rendered[] = [
  { name: "main.conf", template: 'include {{getv "/dir"}}/part.conf {{getv "/key"}}\n' },
  { name: "part.conf", template: 'part={{getv "/key"}}\n' },
];

Deno.test("files that name each other are checked together and put in place together", async () => {
  using folder = new Folder();
  const out = folder.at("out");
  // The check follows the name in the new main file to the new part, by way of a file that is nobody's but theirs.
  const check = folder.write(
    "check.sh",
    `#!/bin/sh\ncd "$(dirname "$1")" && cat beside.txt && read -r _ part key < "$1" && grep -x "part=$key" "$part"\n`,
    0o755,
  );
  folder.write("out/beside.txt", "beside\n");
  const confd = ANY_CONFD;
  const keys = new FileKeys(folder, { "/key": "one", "/dir": out });
  const scene = new Scene(folder, { confd, keys, rendered: TWO });
  const wholly = () => TWO.map((one) => Deno.readTextFileSync(destination(folder, one)).trim().split(/[ =]/).at(-1));
  await using sidecar = scene.start({ env: { SIDECAR_CHECK: `${check} ${scene.dest}` } });
  await sidecar.stdout.next("start: include");
  assert(sidecar.stderr.all.some((line) => line.endsWith("check: beside")), "what lies beside is there");
  await keys.put({ "/key": "two", "/dir": out });
  await sidecar.stdout.next("two");
  assertEquals(wholly(), ["two", "two"]);
});

Deno.test("a crash amid the putting in place is mended by the next start", async () => {
  using folder = new Folder();
  const confd = ANY_CONFD;
  const keys = new FileKeys(folder, { "/key": "one" });
  const scene = new Scene(folder, { confd, keys });
  // What a crash leaves: a set that passed the check, and was not put in place yet.
  folder.write("out/service.conf", "value=old\n");
  folder.write("confd.d/.confd-sidecar/publishing/0", "value=checked\n");
  const member = { dest: scene.dest, mode: 0o640, uid: Deno.uid()!, gid: Deno.gid()! };
  folder.write("confd.d/.confd-sidecar/publishing/files.json", JSON.stringify([member]));
  const env = { SIDECAR_CHECK: `/bin/false ${scene.dest}`, SIDECAR_LOG_LEVEL: "debug" };
  await using sidecar = scene.start({ env });
  await sidecar.stderr.next("is not started on it");
  assertEquals(Deno.readTextFileSync(scene.dest), "value=checked\n");
  assertEquals(Deno.statSync(scene.dest).mode! & 0o777, 0o640);
  assert(!(await exists(folder.at("confd.d/.confd-sidecar/publishing"))), "the set is done with");
});

Deno.test("an empty rendering where there was content makes the set incomplete", async () => {
  using folder = new Folder();
  const confd = ANY_CONFD;
  const keys = new FileKeys(folder, { "/key": "one" });
  const rendered = [{ ...CONF, template: '{{if ne (getv "/key") "none"}}value={{getv "/key"}}{{end}}' }];
  const scene = new Scene(folder, { confd, keys, rendered });
  await using sidecar = scene.start({ env: { SIDECAR_CHECK: `/bin/true ${scene.dest}` } });
  await sidecar.stdout.next("start: value=one");
  await keys.put({ "/key": "none" });
  await sidecar.stderr.next(`not reloading main program: ${scene.dest} is empty now`);
  assertEquals(Deno.readTextFileSync(scene.dest), "value=one");
  await keys.put({ "/key": "two" });
  await sidecar.stdout.next("HUP: value=two");
});

Deno.test("a stop does not wait for a check", async () => {
  using folder = new Folder();
  const confd = ANY_CONFD;
  const scene = new Scene(folder, { confd, keys: new FileKeys(folder, { "/key": "one" }) });
  const check = folder.write("check.sh", `#!/bin/sh\ntouch ${folder.at("checks")}\nsleep 1000\n`, 0o755);
  await using sidecar = scene.start({ env: { SIDECAR_CHECK: `${check} ${scene.dest}` } });
  await until("the check runs", () => exists(folder.at("checks")));
  sidecar.signal("SIGTERM");
  assertEquals(await sidecar.status(), 143);
});

Deno.test("mode and owner of the resource are those of the file in place", async () => {
  using folder = new Folder();
  const confd = ANY_CONFD;
  const scene = new Scene(folder, { confd, keys: new FileKeys(folder, { "/key": "one" }) });
  const env = { SIDECAR_CHECK: `/bin/true ${scene.dest}` };
  const own = `${scene.env.CONFD_CONFDFILE_1}mode = "0600"\n`;
  await using sidecar = scene.start({ env: { ...env, CONFD_CONFDFILE_1: own } });
  await sidecar.stdout.next("start: value=one");
  assertEquals(Deno.statSync(scene.dest).mode! & 0o777, 0o600);
});

Deno.test("a check that is not there is a mistake that starts nothing", async () => {
  using folder = new Folder();
  const scene = new Scene(folder, { confd: fakeConfd("exit 1"), keys: NO_KEYS });
  await using sidecar = scene.start({ env: { SIDECAR_CHECK: `/nonexistent/check ${scene.dest}` } });
  assertEquals(await sidecar.status(), 127);
  await sidecar.stderr.next('SIDECAR_CHECK: "/nonexistent/check" does not exist');
});

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
