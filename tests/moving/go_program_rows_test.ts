/**
 * docs/from-the-go-program.md: each row of its table, as far as it speaks of the sidecar. The Go program itself is not
 * available here.
 *
 * Touches: files, processes, through the support modules.
 * @module
 */
import { readText, tableBelow } from "../docs/pages.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { ANY_CONFD, type Confd, CONFDS, e2e } from "../support/confds.ts";
import { fakeConfd, NO_KEYS } from "../support/fake_confd.ts";
import { Scene } from "../support/scene.ts";
import { type Folder, Sidecar, type StartOptions } from "../support/sidecar.ts";
import { part } from "../tools/parts.ts";

const ROWS = tableBelow(readText("docs/from-the-go-program.md"), "From the Go program of 2017");
const CONFD_WORKS = "exec sleep 1234.5";

/** By what a row has of the sidecar; null: for the tests of the image. */
const TRIALS: Record<string, ((folder: Folder) => Promise<void>) | null> = {
  "waits for every destination": waits,
  "polls the backends that cannot be watched": polls,
  "asks confd which one it is": asks,
  "reloads when content differs from what is loaded": comparesContent,
  "splits it at commas": splitsNodes,
  "confd is started again": startsAgain,
  "128 + n": tellsSignal,
  "127 before anything is started": missesProgram,
  "says all that is wrong at once, status 78": saysAll,
  "`SIDECAR_STOP_TIMEOUT`, then SIGKILL": kills,
  "needs the GNU C library": null,
};

Deno.test("docs/from-the-go-program.md: each row is tried", () => {
  assertEquals(ROWS.map(([, here]) => here), Object.keys(TRIALS));
});

for (const [here, trial] of Object.entries(TRIALS)) {
  if (trial === null) continue;
  e2e(`docs/from-the-go-program.md: ${here}`, ({ folder }) => trial(folder), { parts: [ANY_CONFD.part] });
}

/** A sidecar with a confd of the test's own, which renders its file first if it is to. */
function start(folder: Folder, script: string, options: Partial<StartOptions> = {}): Sidecar {
  const { env } = new Scene(folder, { confd: fakeConfd(script), keys: NO_KEYS });
  return new Sidecar({ args: ["sleep", "1234.5"], ...options, env: { ...env, ...options.env } });
}

function renders(folder: Folder): string {
  return `render '${folder.at("out/service.conf")}' one\n${CONFD_WORKS}`;
}

/** What `--check-config` says of a confd, for a backend that cannot be watched. */
async function checked(folder: Folder, confd: Confd): Promise<string> {
  const { env } = new Scene(folder, { confd, keys: { env: { CONFD_BACKEND: "env" } } });
  await using sidecar = new Sidecar({ args: ["--check-config"], env });
  assertEquals(await sidecar.status(), 0);
  return sidecar.stdout.all.join("\n");
}

async function waits(folder: Folder): Promise<void> {
  const dest = folder.at("out/service.conf");
  await using sidecar = start(folder, `wait_for -e '${folder.at("go")}'; render '${dest}' one; ${CONFD_WORKS}`);
  await sidecar.stderr.next(`main program waits for confd to render ${dest}`);
  folder.write("go", "");
  await sidecar.stderr.next("starting main program now");
}

async function polls(folder: Folder): Promise<void> {
  assertMatch(await checked(folder, ANY_CONFD), /the backend env is polled/);
}

async function asks(folder: Folder): Promise<void> {
  const said: Record<string, RegExp> = {
    "confd-classic": /the classic one/,
    "confd-fork-0.30": /an early version of the maintained fork/,
  };
  for (const confd of CONFDS) {
    if (confd.name in said && part(confd.part) !== undefined) {
      assertMatch(await checked(folder, confd), said[confd.name]);
    }
  }
}

/** A line that says 'has been updated', and a file that is as it was; then, after the settle window, the reverse. */
async function comparesContent(folder: Folder): Promise<void> {
  const dest = folder.at("out/service.conf");
  const script = `render '${dest}' one
wait_for -e '${folder.at("say")}'
echo "2026-11-22T15:15:29Z HOST confd[1]: INFO Target config ${dest} has been updated" >&2
sleep 0.6
render '${dest}' two
${CONFD_WORKS}`;
  await using sidecar = start(folder, script, {
    args: ["sh", "-c", "trap 'echo HUP' HUP; while :; do sleep 0.1; done"],
  });
  await sidecar.stderr.next("starting main program now");
  folder.write("say", "");
  await sidecar.stderr.next("reloading main program now");
  await sidecar.stdout.next("HUP");
  assertEquals(sidecar.stderr.all.filter((line) => line.endsWith("reloading main program now")).length, 1);
}

async function splitsNodes(folder: Folder): Promise<void> {
  const starts = folder.at("starts");
  await using sidecar = start(folder, `echo "$*" > '${starts}'\n${renders(folder)}`, {
    env: { CONFD_NODE: "http://a:1,http://b:2" },
  });
  await sidecar.stderr.next("starting main program now");
  assertMatch(Deno.readTextFileSync(starts), /-node=http:\/\/a:1 -node=http:\/\/b:2/);
}

async function startsAgain(folder: Folder): Promise<void> {
  await using sidecar = start(folder, "exit 1");
  await sidecar.stderr.next("confd ended with status 1");
  await sidecar.stderr.next("starting confd again");
}

async function tellsSignal(folder: Folder): Promise<void> {
  await using sidecar = start(folder, renders(folder), { args: ["sh", "-c", "kill -KILL $$"] });
  assertEquals(await sidecar.status(), 128 + 9);
}

async function missesProgram(folder: Folder): Promise<void> {
  await using sidecar = start(folder, `: > '${folder.at("started")}'`, { args: ["/no/such/program"] });
  assertEquals(await sidecar.status(), 127);
  assert(![...Deno.readDirSync(folder.path)].some(({ name }) => name === "started"), "confd was started");
}

async function saysAll(folder: Folder): Promise<void> {
  const env = { CONFD_TEMPLATE_2: "../x\n", CONFD_TEMPLATE_3: "a/b\n" };
  await using sidecar = start(folder, CONFD_WORKS, { env });
  assertEquals(await sidecar.status(), 78);
  assertEquals(sidecar.stderr.all.filter((line) => /error: CONFD_TEMPLATE_[23]: /.test(line)).length, 2);
}

async function kills(folder: Folder): Promise<void> {
  const args = ["sh", "-c", "trap '' TERM; echo ready; exec sleep 1234.5"];
  await using sidecar = start(folder, renders(folder), { args, env: { SIDECAR_STOP_TIMEOUT: "200ms" } });
  await sidecar.stdout.next("ready");
  sidecar.signal("SIGTERM");
  assertEquals(await sidecar.status(), 128 + 9);
}
