/**
 * The image of examples/prometheus/Dockerfile as a root file system, and a deployment's container on it: its words,
 * environment, user, mounts and network as the platform's parser gave them, unchanged.
 *
 * Touches: temporary folders, processes; mounts, in namespaces of their own.
 * @module
 */
import { Container } from "../image/container.ts";
import { execForm, parseDockerfile } from "../image/dockerfile.ts";
import { buildRootfs, type Mount, type Rootfs } from "../image/rootfs.ts";
import type { Folder } from "../support/sidecar.ts";
import { binaryOf } from "../tools/parts.ts";
import type { Deployment, DeploymentMount } from "./deployment.ts";
import type { Neighbours } from "./neighbours.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const IMAGE = parseDockerfile(Deno.readTextFileSync(`${ROOT}examples/prometheus/Dockerfile`)).at(-1)!;
const [ENTRYPOINT] = execForm(IMAGE, "ENTRYPOINT")!;

const UNDER_TEST = Deno.env.get("SIDECAR_UNDER_TEST") ?? "bundle";
const COMPILED = ["run", "bundle"].includes(UNDER_TEST) ? undefined : UNDER_TEST;
const RUNTIME = "/srv/runtime";
/** In place of the compiled executable its bundle, which needs somebody to run it. */
const BUNDLED = [RUNTIME, "run", "--allow-all", "--quiet", "--no-config", "--no-lock", "--cached-only"];

/** What a deployment is put on stage with. */
export interface StageOptions {
  folder: Folder;
  deployment: Deployment;
  /** The path of a confd. */
  confd: string;
  token: string;
}

/** The root file system, and what a deployment mounts into it. */
export class Stage {
  readonly #rootfs: Rootfs;
  readonly #options: StageOptions;
  readonly #volumes = new Map<string, string>();
  #count = 0;

  constructor(options: StageOptions) {
    const { folder, deployment, confd } = options;
    this.#options = options;
    const files = deployment.mounts.flatMap(({ target }) => isFile(target) ? [[target, ""]] : []);
    this.#rootfs = buildRootfs({
      folder: folder.path,
      programs: {
        [RUNTIME]: Deno.execPath(),
        "/bin/confd": confd,
        "/bin/prometheus": binaryOf("prometheus"),
        "/bin/promtool": binaryOf("promtool"),
        [ENTRYPOINT]: COMPILED ?? bundle(folder.at("confd-sidecar.js")),
      },
      files: { ...Object.fromEntries(files), "/etc/hosts": hosts(deployment) },
      folders: [
        ...Object.keys(OWNED),
        ...deployment.mounts.map(({ target }) => target).filter((path) => !isFile(path)),
      ],
    });
    for (const [path, owner] of Object.entries(OWNED)) Deno.chownSync(this.#rootfs.path + path, owner, owner);
  }

  /** A new container. Volumes with a name are those of the containers before it. */
  start(neighbours: Neighbours): Container {
    const { deployment } = this.#options;
    const entry = COMPILED === undefined ? [...BUNDLED, "--no-code-cache", "--ext=js", ENTRYPOINT] : [ENTRYPOINT];
    return new Container(this.#rootfs, {
      command: [...entry, ...deployment.arguments],
      env: { DENO_NO_UPDATE_CHECK: "1", ...deployment.environment },
      user: Number(deployment.user.split(":")[0]),
      readOnly: deployment.readOnly,
      volumes: deployment.mounts.map((mount) => this.#mount(mount)),
      networkOf: neighbours.pid,
    });
  }

  #mount(mount: DeploymentMount): Mount {
    const { target, readOnly } = mount;
    if (isFile(target)) return { source: this.#secret(mount), target };
    // A folder of the host with the token in it.
    if (mount.readOnly) {
      return { source: parentOf(this.#secret({ ...mount, target: `${target}/consul_token` })), target };
    }
    const known = this.#volumes.get(mount.source);
    const source = known ?? this.#folder(mount);
    if (mount.source !== "") this.#volumes.set(mount.source, source);
    return { source, target, writable: !readOnly };
  }

  /** A new folder for a mount, with the owner and mode that the platform gives it. */
  #folder({ kind, target, mode, uid, gid }: DeploymentMount): string {
    const source = this.#options.folder.at(`mount-${this.#count++}`);
    // A volume that says nothing is the image's folder; one of the host is prepared by hand, as the README says; a tmpfs
    // that says nothing is root's.
    const owner = kind === "volume"
      ? OWNED[target] ?? 0
      : kind === "bind"
      ? Number(this.#options.deployment.user.split(":")[0])
      : 0;
    Deno.mkdirSync(source);
    Deno.chownSync(source, uid === "" ? owner : Number(uid), gid === "" ? owner : Number(gid));
    Deno.chmodSync(source, mode === "" ? 0o755 : parseInt(mode, 8));
    return source;
  }

  #secret({ target, mode, uid, gid }: DeploymentMount): string {
    const name = target.slice(target.lastIndexOf("/") + 1);
    const path = this.#options.folder.write(`secret-${this.#count++}/${name}`, this.#options.token);
    const [user] = this.#options.deployment.user.split(":");
    Deno.chownSync(path, Number(uid || user), Number(gid || user));
    Deno.chmodSync(path, mode === "" ? 0o400 : parseInt(mode, 8));
    return path;
  }
}

/** Folders of the image that the service's user owns. */
const OWNED: Record<string, number> = Object.fromEntries(
  IMAGE.instructions.filter(({ name, flags }) => name === "COPY" && flags.chown !== undefined)
    .map(({ flags, rest }) => [rest.split(/\s+/).at(-1)!, Number(flags.chown.split(":")[0])]),
);

/** A secret, or a file of the host: all that is mounted below this folder but the folder itself. */
function isFile(target: string): boolean {
  return /\/token$|\/consul_token$/.test(target);
}

/** Every name that the deployment's nodes have is a neighbour. */
function hosts({ environment }: Deployment): string {
  const names = environment.CONFD_NODE.split(",").map((node) => node.split(":")[0]);
  return `127.0.0.1 localhost ${names.join(" ")}\n`;
}

function bundle(output: string): string {
  const args = ["bundle", "--quiet", `${ROOT}main.ts`, "-o", output];
  const { success, stderr } = new Deno.Command(Deno.execPath(), { args, cwd: ROOT, stdout: "null" }).outputSync();
  if (!success) throw new Error(`deno bundle failed:\n${new TextDecoder().decode(stderr)}`);
  return output;
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}
