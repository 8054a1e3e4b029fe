/**
 * nginx and HAProxy with a read-only root file system: the Kubernetes files of their examples, in a container of their own
 * that has what their images have, with a real confd.
 *
 * Touches: temporary folders, processes; mounts and networks, in namespaces of their own.
 * @module
 */
import { Container, containerProblem } from "../image/container.ts";
import { execForm, parseDockerfile } from "../image/dockerfile.ts";
import { buildRootfs } from "../image/rootfs.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { ANY_CONFD, e2e } from "../support/confds.ts";
import { type Folder, until } from "../support/sidecar.ts";
import { binaryOf, type PartName } from "../tools/parts.ts";
import { type Deployment, readDeployment } from "./deployment.ts";
import { Neighbours, neighboursProblem } from "./neighbours.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const TOKEN = "5b2d2ca6-token";
const RUNTIME = "/srv/runtime";
const BUNDLE = "/srv/confd-sidecar.js";
const ENTRY = [RUNTIME, "run", "-A", "--quiet", "--no-config", "--no-lock", "--cached-only", "--no-code-cache", BUNDLE];

/** A service, where its image has it, and what else its image has that its configuration names. */
interface Service {
  name: PartName & ("nginx" | "haproxy");
  program: string;
  /** The program itself: a part may be a script that finds its libraries. */
  binary: () => string;
  files: Record<string, string>;
  /** A change of the key that its own check refuses. */
  bad: string;
}

const SERVICES: Service[] = [{
  name: "nginx",
  program: "/usr/sbin/nginx",
  binary: () => binaryOf("nginx"),
  files: { "/etc/nginx/mime.types": "types { text/html html; }\n" },
  bad: "127.0.0.1:9002; no_such_directive on",
}, {
  name: "haproxy",
  program: "/usr/local/sbin/haproxy",
  binary: () => binaryOf("haproxy").replace(/bin\/haproxy$/, "lib/haproxy/haproxy"),
  files: { "/usr/local/etc/haproxy/errors/503.http": "HTTP/1.0 503 Service Unavailable\r\n\r\nno server\r\n" },
  bad: "no:address:at:all",
}];

for (const service of SERVICES) {
  e2e(
    `examples/${service.name}/kubernetes.yaml: starts, reloads and refuses on a read-only root`,
    async ({ folder }) => {
      const { name } = service;
      const deployment = readDeployment(
        { kind: "kubernetes", file: "kubernetes.yaml" },
        `${ROOT}examples/${name}/kubernetes.yaml`,
      );
      await using neighbours = await Neighbours.start(TOKEN);
      await neighbours.put({ "/web/upstream": "127.0.0.1:9001" });
      await using container = start(folder, { service, deployment, neighbours });
      await container.stderr.next("verified: main program is well on its configuration");
      assertEquals((await neighbours.get("http://127.0.0.1:8080/healthz")).status, 200);
      const upstream = async () => (await neighbours.get("http://127.0.0.1:8080/")).status;
      assert([502, 503].includes(await upstream()), "the upstream is not there");
      await neighbours.put({ "/web/upstream": "127.0.0.1:9002" });
      await container.stderr.next("verified: main program is well on its configuration");
      await neighbours.put({ "/web/upstream": service.bad });
      await container.stderr.next("the new configuration is refused");
      assertEquals((await neighbours.get("http://127.0.0.1:8080/healthz")).status, 200);
      container.signal("SIGTERM");
      await until("it has ended well, or by its stop signal", async () => [0, 143].includes(await container.status()));
    },
    { parts: [ANY_CONFD.part, "deployments", service.name], reason: containerProblem() ?? neighboursProblem() },
  );

  Deno.test(`examples/${service.name}/Dockerfile: starts what its kubernetes.yaml starts, as the same user`, () => {
    const read = (file: string) => Deno.readTextFileSync(`${ROOT}examples/${service.name}/${file}`);
    const stage = parseDockerfile(read("Dockerfile")).at(-1)!;
    const yaml = read("kubernetes.yaml");
    assertEquals(execForm(stage, "ENTRYPOINT"), ["/bin/confd-sidecar"]);
    const words = execForm(stage, "CMD")!;
    assert(yaml.includes(`args: [${words.map((word) => word.includes(" ") ? `"${word}"` : word).join(", ")}]`));
    const user = stage.instructions.findLast((one) => one.name === "USER")!.rest.split(":")[0];
    assert(yaml.includes(`runAsUser: ${user}\n`) && yaml.includes(`runAsGroup: ${user}\n`));
    assertEquals(stage.instructions.find((one) => one.name === "STOPSIGNAL")?.rest, "SIGTERM");
  });
}

interface Played {
  service: Service;
  deployment: Deployment;
  neighbours: Neighbours;
}

function start(folder: Folder, { service, deployment, neighbours }: Played): Container {
  const token = folder.write("secret/token", TOKEN);
  const user = Number(deployment.user.split(":")[0]);
  const [host] = deployment.environment.CONFD_NODE.split(":");
  const rootfs = buildRootfs({
    folder: folder.path,
    ownLibraries: true,
    programs: {
      [RUNTIME]: Deno.execPath(),
      "/bin/confd": ANY_CONFD.path(folder),
      [service.program]: service.binary(),
      [BUNDLE]: bundle(folder.at("confd-sidecar.js")),
    },
    files: {
      ...service.files,
      "/etc/hosts": `127.0.0.1 localhost ${host}\n`,
      ...Object.fromEntries(deployment.mounts.filter(({ readOnly }) => readOnly).map(({ target }) => [target, ""])),
    },
    folders: deployment.mounts.filter(({ readOnly }) => !readOnly).map(({ target }) => target),
  });
  Deno.chownSync(token, user, user);
  const volume = (target: string) => {
    const source = folder.at(`volume${target.replaceAll("/", "-")}`);
    Deno.mkdirSync(source);
    // As a Pod's empty volume with fsGroup: root's, and writable for everybody.
    Deno.chmodSync(source, 0o777);
    return { source, target, writable: true };
  };
  return new Container(rootfs, {
    command: [...ENTRY, ...deployment.arguments],
    // The runtime alone wants to know a cache, even where it may not use it.
    env: { DENO_NO_UPDATE_CHECK: "1", DENO_DIR: "/nonexistent", ...deployment.environment },
    user,
    readOnly: deployment.readOnly,
    volumes: deployment.mounts.map(({ target, readOnly }) => {
      return readOnly ? { source: token, target } : volume(target);
    }),
    networkOf: neighbours.pid,
  });
}

function bundle(output: string): string {
  const args = ["bundle", "--quiet", `${ROOT}main.ts`, "-o", output];
  const { success, stderr } = new Deno.Command(Deno.execPath(), { args, cwd: ROOT, stdout: "null" }).outputSync();
  if (!success) throw new Error(`deno bundle failed:\n${new TextDecoder().decode(stderr)}`);
  return output;
}
