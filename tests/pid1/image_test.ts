/**
 * Process 1 in the image's own surroundings, where there is no shell and no other program: orphans are reaped, and asked
 * to end before they are killed.
 *
 * Touches: temporary folders, processes; mounts, in namespaces of their own.
 * @module
 */
import { assertEquals } from "../support/assert.ts";
import { Container, containerProblem } from "../image/container.ts";
import { buildRootfs, NONROOT } from "../image/rootfs.ts";
import { Folder, until } from "../support/sidecar.ts";
import { needs, part } from "../tools/parts.ts";

const CONFD = "confd-fork-0.30";
const ROOT = new URL("../../", import.meta.url).pathname;
const UNDER_TEST = Deno.env.get("SIDECAR_UNDER_TEST") ?? "bundle";
const COMPILED = ["run", "bundle"].includes(UNDER_TEST) ? undefined : UNDER_TEST;
const RUN = ["/srv/runtime", "run", "--allow-all", "--quiet", "--no-config", "--no-lock", "--cached-only"];

const ENV = {
  DENO_NO_UPDATE_CHECK: "1",
  CONFD_PATH: "/bin/confd",
  CONFD_BACKEND: "file",
  SIDECAR_CONFD_ARGS: "--file=/data/keys.yaml",
  SIDECAR_SETTLE: "0",
  CONFD_CONFDFILE: 'app.toml\n[template]\nsrc = "app.tmpl"\ndest = "/etc/app/app.conf"\nkeys = ["/app"]\n',
  CONFD_TEMPLATE: 'app.tmpl\n{{ getv "/app/greeting" }}\n',
};

async function bundle(path: string): Promise<string> {
  const args = ["bundle", "--quiet", `${ROOT}main.ts`, "-o", path];
  const { success, stderr } = await new Deno.Command(Deno.execPath(), { args, cwd: ROOT }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return path;
}

async function start(folder: Folder, user: number): Promise<Container> {
  const rootfs = buildRootfs({
    folder: folder.path,
    programs: {
      "/bin/confd": part(CONFD)!,
      "/bin/confd-sidecar": COMPILED ?? await bundle(folder.at("sidecar.js")),
      "/srv/runtime": Deno.execPath(),
    },
    files: { "/srv/family.js": Deno.readTextFileSync(new URL("family.js", import.meta.url)) },
    folders: ["/data", "/etc/app", "/etc/confd"],
  });
  const volumes = ["data", "app", "confd"].map((name) => {
    const source = folder.at(name);
    Deno.mkdirSync(source);
    Deno.chownSync(source, user, user);
    return { source, target: name === "data" ? "/data" : `/etc/${name}`, writable: true };
  });
  folder.write("data/keys.yaml", "app:\n  greeting: one\n");
  const entry = COMPILED === undefined ? [...RUN, "--no-code-cache", "--ext=js"] : [];
  const command = [...entry, "/bin/confd-sidecar", ...RUN, "/srv/family.js", "service"];
  return new Container(rootfs, { command, env: ENV, user, volumes, readOnly: user !== 0 });
}

for (const user of [0, NONROOT]) {
  const problem = containerProblem();
  const who = user === 0 ? "root" : "an ordinary user with a read-only root";
  const name = `process 1 in an image without a shell: orphans are reaped, and asked before they are killed, as ${who}`;
  const { name: named, ignore } = needs(problem === undefined ? name : `${name} (skipped: ${problem})`, CONFD);
  Deno.test({
    name: named,
    ignore: ignore || problem !== undefined,
    sanitizeOps: true,
    sanitizeResources: true,
    async fn() {
      using folder = new Folder();
      await using container = await start(folder, user);
      const { stdout } = container;
      await until("all of them are up", () => ["orphan up", "ready"].every((line) => stdout.all.includes(line)));
      container.signal("SIGTERM");
      assertEquals(await container.status(), 7);
      assertEquals([...stdout.all].sort(), ["no zombies", "orphan asked", "orphan up", "ready"]);
    },
  });
}
