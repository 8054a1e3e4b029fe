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
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { needs, part } from "../tools/parts.ts";
import { Container, type ContainerOptions, containerProblem } from "./container.ts";
import { copiesOf, execForm, parseDockerfile } from "./dockerfile.ts";
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

  constructor() {
    for (const name of ["data", "app", "confd"]) Deno.mkdirSync(`${this.folder}/${name}`);
    const sources = sourcesByStage(this.folder);
    const programs = Object.fromEntries(copiesOf(FINAL).map(({ from, destination }) => [destination, sources[from!]]));
    this.rootfs = buildRootfs({
      folder: this.folder,
      programs: { ...programs, [RUNTIME]: Deno.execPath() },
      files: { "/srv/service.js": Deno.readTextFileSync(new URL("service.js", import.meta.url)) },
      folders: ["/data", "/etc/app", "/etc/confd"],
    });
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

  start(options: Omit<ContainerOptions, "command" | "env">): Container {
    // In place of the compiled executable its bundle, which needs somebody to run it.
    const entry = COMPILED === undefined ? [...RUN, "--no-code-cache", "--ext=js", ...ENTRYPOINT] : ENTRYPOINT;
    return new Container(this.rootfs, { ...options, command: [...entry, ...SERVICE], env: ENV });
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

function test(name: string, body: (stage: Stage) => Promise<void>): void {
  const problem = containerProblem();
  const { name: named, ignore } = needs(`image: ${name}`, CONFD);
  Deno.test({
    name: problem === undefined ? named : `${named} (skipped: ${problem})`,
    ignore: ignore || problem !== undefined,
    sanitizeOps: true,
    sanitizeResources: true,
    fn: async () => {
      using stage = new Stage();
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
