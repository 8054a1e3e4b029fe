/**
 * The main job in the image's own surroundings: PID 1, no shell, as root and as an ordinary user with nothing to write to
 * but two volumes.
 *
 * The sidecar is the compiled executable that SIDECAR_UNDER_TEST names, or else its bundle on the runtime that runs the
 * tests.
 *
 * Touches: temporary folders, processes; mounts, in namespaces of their own.
 * @module
 */
import { fences, readText } from "../docs/pages.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { needs, part } from "../tools/parts.ts";
import { Container, type ContainerOptions, containerProblem } from "./container.ts";
import { copiesOf, type Copy, execForm, parseDockerfile, userOf } from "./dockerfile.ts";
import { buildRootfs, executablesIn, NONROOT, type Rootfs } from "./rootfs.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const FINAL = parseDockerfile(Deno.readTextFileSync(`${ROOT}Dockerfile`)).at(-1)!;
const ENTRYPOINT = execForm(FINAL, "ENTRYPOINT")!;

const CONFD = part("confd-fork") === undefined ? "confd-fork-0.30" : "confd-fork";
const UNDER_TEST = Deno.env.get("SIDECAR_UNDER_TEST") ?? "bundle";
const COMPILED = ["run", "bundle"].includes(UNDER_TEST) ? undefined : UNDER_TEST;

/** The runtime as a program of the service's, which is how a shell-less image has one. */
const RUNTIME = "/srv/runtime";
/** Nothing is fetched, and nothing is looked for. */
const RUN = [RUNTIME, "run", "--allow-all", "--quiet", "--no-config", "--no-lock", "--cached-only"];
const SERVICE = [...RUN, "/srv/service.js", "/etc/app/app.conf"];

const ENV = {
  DENO_NO_UPDATE_CHECK: "1",
  CONFD_BACKEND: "file",
  SIDECAR_CONFD_ARGS: "--file=/data/keys.yaml",
  SIDECAR_SETTLE: "100ms",
  CONFD_CONFDFILE: `app.toml
[template]
src = "app.conf.tmpl"
dest = "/etc/app/app.conf"
keys = ["/app"]
`,
  CONFD_TEMPLATE: `app.conf.tmpl
greeting = {{ getv "/app/greeting" }}
`,
};

/** A temporary folder with the root file system and what is mounted into it. */
class Stage implements Disposable {
  readonly folder = Deno.makeTempDirSync({ prefix: "image-test-" });
  readonly rootfs: Rootfs;

  /** `copies`: folders that an image on top of this one has, with their owners. */
  constructor(copies: readonly Copy[] = []) {
    for (const name of ["data", "app", "confd"]) Deno.mkdirSync(`${this.folder}/${name}`);
    const sources = sourcesByStage(this.folder);
    const programs = Object.fromEntries(copiesOf(FINAL).map(({ from, destination }) => [destination, sources[from!]]));
    this.rootfs = buildRootfs({
      folder: this.folder,
      programs: { ...programs, [RUNTIME]: Deno.execPath() },
      files: { "/srv/service.js": Deno.readTextFileSync(new URL("service.js", import.meta.url)) },
      folders: ["/data", "/etc/app", "/etc/confd", ...copies.map(({ destination }) => destination)],
    });
    for (const { destination, chown } of copies) {
      const [user, group] = chown!.split(":").map(Number);
      Deno.chownSync(this.rootfs.path + destination, user, group);
    }
    this.greet("one");
  }

  /** Puts a word where confd looks. */
  greet(word: string): void {
    const path = `${this.folder}/data/keys.yaml`;
    Deno.writeTextFileSync(`${path}.new`, `app:\n  greeting: ${word}\n`);
    Deno.renameSync(`${path}.new`, path);
  }

  /** A folder of ours as a volume; `owner` may write to it. */
  volume(name: string, { target, owner }: { target: string; owner?: number }) {
    const source = `${this.folder}/${name}`;
    if (owner !== undefined) Deno.chownSync(source, owner, owner);
    return { source, target, writable: owner !== undefined };
  }

  /** `folder`: where the service's file goes. */
  start(
    { folder = "/etc/app", ...options }: Omit<ContainerOptions, "command" | "env"> & { folder?: string },
  ): Container {
    // In place of the compiled executable its bundle, which needs somebody to run it.
    const entry = COMPILED === undefined ? [...RUN, "--no-code-cache", "--ext=js", ...ENTRYPOINT] : ENTRYPOINT;
    const there = (text: string) => text.replace("/etc/app", folder);
    const env = Object.fromEntries(Object.entries(ENV).map(([name, value]) => [name, there(value)]));
    return new Container(this.rootfs, { ...options, command: [...entry, ...SERVICE.map(there)], env });
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.folder, { recursive: true });
  }
}

/** What stands for the results of the Dockerfile's other stages. */
function sourcesByStage(folder: string): Record<string, string> {
  return { confd: part(CONFD)!, sidecar: COMPILED ?? bundle(`${folder}/confd-sidecar.js`) };
}

function bundle(output: string): string {
  const args = ["bundle", "--quiet", `${ROOT}main.ts`, "-o", output];
  const { success, stderr } = new Deno.Command(Deno.execPath(), { args, cwd: ROOT, stdout: "null" }).outputSync();
  if (!success) throw new Error(`deno bundle failed:\n${new TextDecoder().decode(stderr)}`);
  return output;
}

function test(name: string, body: (stage: Stage) => Promise<void>, copies: readonly Copy[] = []): void {
  const problem = containerProblem();
  const { name: named, ignore } = needs(`image: ${name}`, CONFD);
  Deno.test({
    name: problem === undefined ? named : `${named} (skipped: ${problem})`,
    ignore: ignore || problem !== undefined,
    sanitizeOps: true,
    sanitizeResources: true,
    fn: async () => {
      using stage = new Stage(copies);
      await body(stage);
    },
  });
}

/** Start, change, reload, stop. */
async function mainJob(stage: Stage, container: Container): Promise<void> {
  const { stdout, stderr } = container;
  await stdout.next("ready: greeting = one");
  stage.greet("two");
  await stdout.next("HUP: greeting = two");
  container.signal("SIGTERM");
  await stdout.next("TERM");
  assertEquals(await container.status(), 7);
  await stderr.next(/supervisor\[1\]: starting main program now$/);
  await stderr.next(/supervisor\[1\]: reloading main program now$/);
}

test("no program is in it but the sidecar, confd and the service", ({ rootfs }) => {
  const programs = executablesIn(rootfs).filter((path) => !/\/(ld-linux[^/]*|lib[^/]*\.so[^/]*)$/.test(path));
  assertEquals(programs, ["/bin/confd", "/bin/confd-sidecar", RUNTIME]);
  return Promise.resolve();
});

test("as root, the main job works", async (stage) => {
  const volumes = [
    stage.volume("data", { target: "/data" }),
    stage.volume("app", { target: "/etc/app", owner: 0 }),
  ];
  await using container = stage.start({ volumes });
  await mainJob(stage, container);
});

test("as an ordinary user with a read-only root, the main job works on two volumes", async (stage) => {
  const volumes = [
    stage.volume("data", { target: "/data" }),
    stage.volume("app", { target: "/etc/app", owner: NONROOT }),
    stage.volume("confd", { target: "/etc/confd", owner: NONROOT }),
  ];
  await using container = stage.start({ volumes, user: NONROOT, readOnly: true });
  await mainJob(stage, container);
  assertEquals([...Deno.readDirSync(`${stage.folder}/app`)].map(({ name }) => name), ["app.conf"]);
  assertEquals(Deno.statSync(`${stage.folder}/app/app.conf`).uid, NONROOT);
});

test("with a read-only root and no volume for confd's folder, it says so, ends and starts nothing", async (stage) => {
  const volumes = [
    stage.volume("data", { target: "/data" }),
    stage.volume("app", { target: "/etc/app", owner: NONROOT }),
  ];
  await using container = stage.start({ volumes, user: NONROOT, readOnly: true });
  assertEquals(await container.status(), 73);
  const { stdout, stderr } = container;
  const said = stderr.all.filter((line) => !line.includes("main program and arguments to be run"));
  assertEquals(said.length, 1, stderr.all.join("\n"));
  assertMatch(said[0], /error: .*\/etc\/confd\/conf\.d cannot be made: Read-only file system/);
  assertEquals(stdout.all, []);
  assert([...Deno.readDirSync(`${stage.folder}/app`)].length === 0, "something was rendered");
});

/** The service's image as docs/images.md has it: its user, and the folders that belong to it. */
const [DERIVED] = fences(readText("docs/images.md"), "dockerfile").map((text) => parseDockerfile(text).at(-1)!);
const USER = Number(userOf(DERIVED)!.split(":")[0]);
const OWNED = copiesOf(DERIVED).filter(({ chown }) => chown !== undefined);
const SERVICE_FOLDER = OWNED.at(-1)!.destination.replace(/\/$/, "");

test("docs/images.md: its own user has all it needs in the folders that are copied for it", async (stage) => {
  assertEquals([DERIVED.base, USER], ["confd-sidecar", NONROOT]);
  assertEquals(OWNED.map(({ chown }) => chown), [userOf(DERIVED), userOf(DERIVED)]);
  const volumes = [stage.volume("data", { target: "/data" })];
  await using container = stage.start({ volumes, user: USER, folder: SERVICE_FOLDER });
  await mainJob(stage, container);
  const files = [`${SERVICE_FOLDER}/app.conf`, "/etc/confd/conf.d/app.toml"];
  assertEquals(files.map((path) => Deno.statSync(stage.rootfs.path + path).uid), [USER, USER]);
}, OWNED);

test("docs/images.md: root, too, is refused a folder of another user's for confd, with 78", async (stage) => {
  const volumes = [stage.volume("data", { target: "/data" })];
  await using container = stage.start({ volumes, folder: SERVICE_FOLDER });
  assertEquals(await container.status(), 78);
  assertMatch(container.stderr.all.at(-1)!, /error: CONFD_CONFDIR: \/etc\/confd belongs to user 65532/);
}, OWNED);

test("docs/images.md: a user without folders of its own is told which, with 73, and nothing is started", async (stage) => {
  const volumes = [stage.volume("data", { target: "/data" })];
  await using container = stage.start({ volumes, user: USER });
  assertEquals(await container.status(), 73);
  const said = container.stderr.all.join("\n");
  assertMatch(said, /error: .*nothing can be written in \/etc\/app: user 65532 has no permission to/);
  assertEquals(container.stdout.all, []);
});
