/**
 * What an operator would be sorry about in a deployment.
 *
 * Pure.
 * @module
 */
import { readFileVariables } from "../../lib/confd/file_variables.ts";
import { readResources } from "../../lib/confd/resources.ts";
import { readSettings } from "../../lib/settings/settings.ts";
import type { Deployment, DeploymentMount } from "./deployment.ts";

/** All worries about one; none is best. */
export function worries(deployment: Deployment): string[] {
  return [
    ...settingsWorries(deployment),
    ...stopWorries(deployment),
    ...privilegeWorries(deployment),
    ...folderWorries(deployment),
    ...secretWorries(deployment),
    ...healthWorries(deployment),
  ];
}

/** The folders that are written to while it runs. */
export function writtenFolders({ environment, arguments: words }: Deployment): string[] {
  const { settings } = readSettings(environment);
  const data = words.flatMap((word) => /^--storage\.tsdb\.path=(.*)$/.exec(word)?.[1] ?? []);
  return [settings.confdDir, settings.state, ...destinations(environment).map(parentOf), ...data];
}

/** The mount that a path lies in. */
export function mountOf(path: string, mounts: readonly DeploymentMount[]): DeploymentMount | undefined {
  return mounts.filter(({ target }) => path === target || path.startsWith(`${target}/`))
    .sort((a, b) => b.target.length - a.target.length)[0];
}

function destinations(environment: Record<string, string>): string[] {
  return resources(environment).resources.map(({ dest }) => dest);
}

function resources(environment: Record<string, string>) {
  const nothing = { resources: new Map<string, string>(), template: () => undefined, hasShell: false };
  return readResources(readFileVariables(environment).files, nothing);
}

function settingsWorries({ environment, entrypoint, arguments: words }: Deployment): string[] {
  const problems = [...readSettings(environment).problems, ...readFileVariables(environment).problems];
  problems.push(...resources(environment).problems);
  if (entrypoint !== null) problems.push("the entry point is not the image's");
  if (words[0] === undefined || words[0].startsWith("-")) problems.push("the first argument is no program");
  if (destinations(environment).length === 0) problems.push("nothing is rendered");
  return problems;
}

function stopWorries({ environment, stopSeconds, stopSignal }: Deployment): string[] {
  const { stopTimeoutMs } = readSettings(environment).settings;
  const found: string[] = [];
  if (!(stopTimeoutMs > 0 && stopSeconds * 1000 > stopTimeoutMs)) found.push("it is killed before its time is up");
  if (!["", "SIGTERM"].includes(stopSignal)) found.push(`it is stopped with ${stopSignal}`);
  return found;
}

function privilegeWorries(deployment: Deployment): string[] {
  const { readOnly, user, privileged, capDrop, capAdd, init, platform } = deployment;
  const found: string[] = [];
  if (!readOnly) found.push("its root is writable");
  if (!/^[1-9]\d*:[1-9]\d*$/.test(user)) found.push("it runs as root, or as nobody knows who");
  if (privileged) found.push("it is privileged");
  if (!capDrop?.some((name) => name.toUpperCase() === "ALL") || capAdd !== null) found.push("it has capabilities");
  if (init) found.push("it has another process 1, without need");
  for (const [name, wanted] of Object.entries(KUBERNETES)) {
    if (platform !== null && "runAsNonRoot" in platform && platform[name] !== wanted) {
      found.push(`${name} is ${platform[name]}`);
    }
  }
  return found;
}

/** What a pod should have besides. */
const KUBERNETES = {
  runAsNonRoot: true,
  seccomp: "RuntimeDefault",
  serviceLinks: false,
  serviceAccountToken: false,
  shareProcessNamespace: false,
};

function folderWorries(deployment: Deployment): string[] {
  const { mounts, environment } = deployment;
  const found = writtenFolders(deployment).flatMap((folder) => {
    const mount = mountOf(folder, mounts);
    return mount === undefined || mount.readOnly ? [`${folder} cannot be written to`] : [];
  });
  const { state } = readSettings(environment).settings;
  if (mountOf(state, mounts)?.source === "") found.push(`${state} is gone with the container`);
  return found;
}

function secretWorries({ environment, mounts }: Deployment): string[] {
  const found = Object.keys(environment).filter((name) => /(TOKEN|PASSWORD|SECRET|KEY)$/.test(name))
    .map((name) => `${name} is in the environment`);
  const file = environment.CONSUL_HTTP_TOKEN_FILE;
  if (file === undefined || mountOf(file, mounts)?.readOnly !== true) found.push("the token is not mounted");
  return found;
}

function healthWorries({ health, platform }: Deployment): string[] {
  // 'docker run' can only ask through a shell, and the image has none.
  if (health === null) return platform?.restart === "unless-stopped" ? [] : ["nobody asks whether it is well"];
  return health.command !== null || (health.path === "/-/ready" && health.port === 9090) ? [] : ["it is asked amiss"];
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}
