/**
 * A deployment of examples/deploy/, as its platform's own parser reads it.
 *
 * Touches: processes (the part `deployments`); the file system, reading.
 * @module
 */
import { binaryOf } from "../tools/parts.ts";

/** The container that a platform would start; see tests/tools/deployments/container.go. */
export interface Deployment {
  image: string;
  entrypoint: string[] | null;
  arguments: string[];
  environment: Record<string, string>;
  /** USER:GROUP, as numbers. */
  user: string;
  readOnly: boolean;
  /** Between the request to stop and the kill. */
  stopSeconds: number;
  /** Empty: the platform's own. */
  stopSignal: string;
  capDrop: string[] | null;
  capAdd: string[] | null;
  noNewPrivileges: boolean;
  privileged: boolean;
  init: boolean;
  mounts: DeploymentMount[];
  health: { command: string[] | null; path: string; port: number } | null;
  /** What only this platform knows. */
  platform: Record<string, unknown> | null;
}

/** Something that is mounted into it. */
export interface DeploymentMount {
  kind: "tmpfs" | "volume" | "bind" | "secret";
  /** Empty: no other container will ever see it. */
  source: string;
  target: string;
  readOnly: boolean;
  /** Octal; this and the owner are empty where nothing is said. */
  mode: string;
  uid: string;
  gid: string;
}

/** One of the examples. */
export interface Example {
  /** What the parser calls its platform. */
  kind: string;
  /** Its name in examples/deploy/. */
  file: string;
}

/** All of them. */
export const EXAMPLES: readonly Example[] = [
  { kind: "run", file: "docker-run.sh" },
  { kind: "compose", file: "compose.yaml" },
  { kind: "swarm", file: "swarm.yaml" },
  { kind: "kubernetes", file: "kubernetes.yaml" },
  { kind: "nomad", file: "nomad.hcl" },
  { kind: "marathon", file: "marathon.json" },
];

/** Where an example stands. */
export function pathOf({ file }: Example): string {
  return new URL(`../../examples/deploy/${file}`, import.meta.url).pathname;
}

/** Reads an example, or a file that is to be read in the same way; throws what the parser says. */
export function readDeployment(example: Example, path = pathOf(example)): Deployment {
  const { success, stdout, stderr } = new Deno.Command(binaryOf("deployments"), {
    args: [example.kind, path],
    stdin: "null",
  }).outputSync();
  const decoder = new TextDecoder();
  if (!success) throw new Error(`${example.file} is refused: ${decoder.decode(stderr).trim()}`);
  return JSON.parse(decoder.decode(stdout));
}
