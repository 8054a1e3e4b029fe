/**
 * The programs that a scenario is run under: the sidecar, and its peers for comparison.
 *
 * Touches: files, in the folder that it is given.
 * @module
 */
import { fakeConfd, NO_KEYS } from "../support/fake_confd.ts";
import { Scene } from "../support/scene.ts";
import { bareEnvironment, commandUnderTest, type Folder } from "../support/sidecar.ts";
import { binaryOf } from "../tools/parts.ts";

/** The peers, which are parts of the tests' tools. */
export const PEERS = ["tini", "dumb-init"] as const;

/** A peer. */
export type Peer = typeof PEERS[number];

/** Whom a scenario is run under. */
export type SupervisorName = "sidecar" | Peer;

/** What is told to a supervisor beside the service's words. */
export interface Told {
  /** The sidecar's settings. */
  env?: Record<string, string>;
  /** The options of peers. */
  flags?: Partial<Record<Peer, readonly string[]>>;
  /** What confd does, as shell. @default it renders its one file at once */
  confd?: string;
}

/** The words that start a supervisor, up to the service's own. */
export function supervisorWords(name: SupervisorName, { flags = {} }: Told): string[] {
  return name === "sidecar" ? commandUnderTest() : [binaryOf(name), ...flags[name] ?? [], "--"];
}

/** The environment, the same for everybody. */
export function supervisorEnvironment(folder: Folder, { confd, env }: Told): Record<string, string> {
  const script = confd ?? `render ${rendered(folder)} one; exec sleep 100000`;
  const scene = new Scene(folder, { confd: fakeConfd(script), keys: NO_KEYS });
  return { ...bareEnvironment(), ...scene.env, SIDECAR_SETTLE: "0", ...env };
}

/** The file that confd renders. */
export function rendered(folder: Folder): string {
  return folder.at("out/service.conf");
}
