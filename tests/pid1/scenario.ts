/**
 * Scenarios of process 1: each is a test of the sidecar and, where a peer can be asked the same, one of the peer, which
 * must do as docs/process-1.md says that it does.
 *
 * Touches: processes and temporary folders, through what it uses.
 * @module
 */
import { assertEquals } from "../support/assert.ts";
import { DEADLINE_MS, Folder, IS_COMPILED } from "../support/sidecar.ts";
import { containerProblem } from "../image/container.ts";
import { needs } from "../tools/parts.ts";
import { Run, type RunOptions } from "./run.ts";
import { type Peer, PEERS, type SupervisorName } from "./supervisors.ts";
import { UPDATING } from "../support/doc_table.ts";
import { type Row, storedRows, storeRows, type Verdict } from "./table.ts";

/** What a scenario works with. */
export interface Stage {
  folder: Folder;
  supervisor: SupervisorName;
  /** Starts a service; several at a time need folders of their own. */
  start(options: Omit<RunOptions, "supervisor" | "folder" | "deadlineMs"> & { folder?: Folder }): Run;
}

/** A scenario. */
export interface Scenario {
  /** What holds, as a row of the table. */
  name: string;
  /** Whose scenario it is: the peer, and where that is known the issue, that it was learnt from. */
  from: string;
  /** Peers that cannot be asked. */
  peers?: Partial<Record<Peer, "no" | "n.a.">>;
  /** True for one that needs process 1 of a namespace. */
  first?: boolean;
  /** True for what the sidecar does not do, on purpose; docs/process-1.md says why. */
  gap?: boolean;
  body: (stage: Stage) => Promise<void>;
}

/** What a scenario that only confd's users have is to peers. */
export const OURS_ALONE = { tini: "n.a.", "dumb-init": "n.a." } as const;
/** What they have no means to do. */
export const PEERS_CANNOT = { tini: "no", "dumb-init": "no" } as const;

/** How long a peer is given for what it is known not to do, in milliseconds. */
const PEER_FAILS_MS = UPDATING ? 3000 : 1000;
const NO_NAMESPACE = containerProblem();

/** Registers the scenarios of one section, and the test that holds them against the table. */
export function scenarios(section: string, list: readonly Scenario[]): void {
  const stored = storedRows(section);
  const seen = new Map<string, Row>();
  for (const scenario of list) {
    const { name, peers = {}, gap = false } = scenario;
    const row: Row = {};
    seen.set(name, row);
    register(scenario, "sidecar", async () => {
      const problem = await attempt(scenario, "sidecar", DEADLINE_MS);
      row.sidecar = problem === undefined ? "yes" : "no";
      if (problem !== undefined && !gap) throw problem;
      if (problem === undefined && gap) throw new Error("it does, and was said not to");
    });
    for (const peer of PEERS) {
      const known = peers[peer];
      if (known !== undefined) {
        row[peer] = known;
        continue;
      }
      register(scenario, peer, async () => {
        const expected: Verdict | undefined = UPDATING ? undefined : stored.get(name)?.[peer];
        const problem = await attempt(scenario, peer, expected === "yes" ? DEADLINE_MS : PEER_FAILS_MS);
        const verdict = problem === undefined ? "yes" : "no";
        if (UPDATING) row[peer] = verdict;
        else if (expected === undefined) throw new Error(`docs/process-1.md does not say how ${peer} does`);
        // Some of these are races that a peer wins or loses by luck: that is to be seen, and no fault of ours.
        else if (verdict !== expected) console.log(`    note: ${peer} came out as '${verdict}' this time`);
      });
    }
  }
  Deno.test(`docs/process-1.md says what was seen: ${section}`, () => {
    if (UPDATING) return storeRows(section, seen);
    // A compiled executable differs, as the page says below the tables.
    if (IS_COMPILED) return;
    for (const [name, row] of seen) {
      assertEquals({ name, ...stored.get(name), ...row }, { name, ...stored.get(name) });
    }
    assertEquals([...stored.keys()], [...seen.keys()]);
  });
}

function register({ name, from, first }: Scenario, supervisor: SupervisorName, fn: () => Promise<void>): void {
  const reason = first ? NO_NAMESPACE : undefined;
  const title = `process 1: ${name} (as ${from}) [${supervisor}]${reason === undefined ? "" : ` (skipped: ${reason})`}`;
  const named = supervisor === "sidecar" ? { name: title, ignore: false } : needs(title, supervisor);
  Deno.test({
    ...named,
    ignore: named.ignore || reason !== undefined,
    sanitizeOps: true,
    sanitizeResources: true,
    fn,
  });
}

/** Plays a scenario; returns what went wrong. */
async function attempt(scenario: Scenario, supervisor: SupervisorName, deadlineMs: number): Promise<unknown> {
  using folder = new Folder();
  const start: Stage["start"] = (options) =>
    new Run({ first: scenario.first, folder, ...options, supervisor, deadlineMs });
  try {
    await scenario.body({ folder, supervisor, start });
  } catch (problem) {
    return problem;
  }
}
