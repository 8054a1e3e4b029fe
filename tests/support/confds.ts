/**
 * The confds that every scenario is run with, and the tests registered for each.
 *
 * Touches: temporary folders; /proc, reading; processes that a test left behind, which it ends.
 * @module
 */
import { binaryOf, needs, part, type PartName } from "../tools/parts.ts";
import { bareEnvironment, Folder } from "./sidecar.ts";
import { survivors } from "./survivors.ts";

/** A confd to test with. */
export interface Confd {
  name: string;
  /** The part that it is. */
  part: PartName;
  /** True for the classic 0.16.0, whose `file` backend panics at every change. */
  panics: boolean;
  /** The name of the backend that speaks etcd's v3 interface. */
  etcd: "etcd" | "etcdv3";
  /** Its path; a stand-in is written into the folder. */
  path(folder: Folder): string;
}

/** What a test works with. */
export interface Stage {
  folder: Folder;
}

/** What a test needs. */
export interface Needs {
  /** Parts without which it is left out, by name. */
  parts?: readonly PartName[];
  /** True for one that uses `steadyKeys`. */
  steadyKeys?: boolean;
  /** Why it cannot be run here for another reason. */
  reason?: string;
}

const CLASSIC: Confd = real("confd-classic", { panics: true, etcd: "etcdv3" });
const FORK_0_30: Confd = real("confd-fork-0.30", { panics: false, etcd: "etcd" });
const FORK: Confd = real("confd-fork", { panics: false, etcd: "etcd" });
const STAND_IN: Confd = { ...FORK, name: "confd-fork, a stand-in", part: "confd-fork-0.30", path: writeStandIn };

/** Every confd; the stand-in only where the real fork is not available. */
export const CONFDS: readonly Confd[] = [
  CLASSIC,
  FORK_0_30,
  FORK,
  ...(part(FORK.part) === undefined ? [STAND_IN] : []),
];

/** For tests in which it does not matter which confd it is: one that is available and whose `file` backend is right. */
export const ANY_CONFD: Confd = FORK_0_30;

/** Registers a test for each confd. */
export function eachConfd(name: string, body: (stage: Stage & { confd: Confd }) => Promise<void>, needs: Needs = {}) {
  for (const confd of CONFDS) {
    e2e(`${name} [${confd.name}]`, (stage) => body({ ...stage, confd }), {
      ...needs,
      parts: [confd.part, ...(needs.steadyKeys && confd.panics ? ["etcd" as const] : []), ...needs.parts ?? []],
    });
  }
}

/**
 * Registers a test with a folder of its own. What it needs and is not here leaves it out, and its name says so; a
 * process that outlives it makes it fail. Why a part is not here is for the runner of all tests to say.
 */
export function e2e(name: string, body: (stage: Stage) => Promise<void>, { parts = [], reason }: Needs = {}): void {
  const lacking = parts.find((needed) => part(needed) === undefined);
  const why = lacking === undefined ? reason : `no ${lacking}`;
  const title = why === undefined ? name : `${name} (skipped: ${why})`;
  Deno.test({
    ...(parts.length === 0 ? { name: title } : needs(title, ...parts)),
    ignore: why !== undefined,
    sanitizeOps: true,
    sanitizeResources: true,
    fn: async () => {
      using folder = new Folder();
      let left: string[] = [];
      try {
        await body({ folder });
      } finally {
        left = await endSurvivors(folder.path);
      }
      if (left.length > 0) throw new Error(`still running after the test:\n${left.join("\n")}`);
    },
  });
}

/** What has been killed may take a moment to be gone; what stays is killed here, and told. */
async function endSurvivors(folder: string): Promise<string[]> {
  for (let look = 0; look < 50 && survivors(folder).length > 0; look++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return survivors(folder).map(({ pid, command }) => {
    try {
      Deno.kill(pid, "SIGKILL");
    } catch {
      // It ends just now.
    }
    return `${pid} ${command}`;
  });
}

function real(name: PartName, rest: Pick<Confd, "panics" | "etcd">): Confd {
  return { name, part: name, path: () => binaryOf(name), ...rest };
}

/** A program, since CONFD_PATH takes one and no words for it. */
function writeStandIn(folder: Folder): string {
  const script = new URL("fork_stand_in.ts", import.meta.url).pathname;
  const { DENO_DIR = "" } = bareEnvironment();
  const words = [Deno.execPath(), "run", "-A", "--quiet", "--no-config", script, binaryOf("confd-fork-0.30")];
  const text = `#!/bin/sh\nexport NO_COLOR=1${DENO_DIR && ` DENO_DIR='${DENO_DIR}'`}\nexec ${
    words.map((word) => `'${word}'`).join(" ")
  } "$@"\n`;
  return folder.write("confd", text, 0o755);
}
