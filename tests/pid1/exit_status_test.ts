/**
 * Exit statuses: the service's own, all of them, and what stands for a death by a signal or for no start at all.
 *
 * Touches: files and processes, through the support modules.
 * @module
 */
import { assertEquals } from "../support/assert.ts";
import { Folder } from "../support/sidecar.ts";
import { CATCHABLE, numberOf, script } from "./services.ts";
import { OURS_ALONE, scenarios, type Stage } from "./scenario.ts";
import { rendered } from "./supervisors.ts";

/** As many at a time as two slow cores have use for. */
const AT_ONCE = 4;

/** Runs many services, each with a script of its own; holds the statuses against what is expected. */
async function holds({ start }: Stage, expected: ReadonlyMap<string, number>): Promise<void> {
  const waiting = [...expected];
  const seen = new Map<string, number>();
  const work = async () => {
    using folder = new Folder();
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      await using run = start({ folder, service: ["dash", "-c", next[0]] });
      seen.set(next[0], await run.status());
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  assertEquals([...seen].filter(([script, status]) => status !== expected.get(script)), []);
}

/** Signals whose default is to end a process. */
const DEADLY = [...CATCHABLE, "SIGKILL"].filter((name) =>
  !["SIGCONT", "SIGTSTP", "SIGTTIN", "SIGTTOU", "SIGURG", "SIGWINCH"].includes(name)
);

scenarios("exit status", [
  {
    name: "all 256 statuses of the service are passed on",
    from: "tini: 256 exit codes",
    body: (stage) => holds(stage, new Map(Array.from({ length: 256 }, (_, code) => [`exit ${code}`, code]))),
  },
  {
    name: "a death by signal n is passed on as 128 + n, for each signal that kills",
    from: "dumb-init: signal deaths",
    body: (stage) =>
      holds(stage, new Map(DEADLY.map((name) => [`ulimit -c 0; kill -${numberOf(name)} $$`, 128 + numberOf(name)]))),
  },
  {
    name: "a death by signal n is passed on as 128 + n under process 1",
    from: "dumb-init: signal deaths",
    first: true,
    body: (stage) =>
      holds(stage, new Map([15, 9, 11, 13].map((number) => [`ulimit -c 0; kill -${number} $$`, 128 + number]))),
  },
  {
    name: "a program that does not exist is 127",
    from: "tini: missing program",
    async body({ folder, start }) {
      for (const program of ["no-such-program-here", folder.at("none")]) {
        await using run = start({ service: [program] });
        assertEquals(await run.status(), 127);
      }
    },
  },
  {
    name: "a program that cannot be executed is 126",
    from: "tini: missing program",
    async body({ folder, start }) {
      await using run = start({ service: [folder.write("plain", "text\n", 0o644)] });
      assertEquals(await run.status(), 126);
    },
  },
  {
    name: "a program that goes away, or is spoilt, between the first look and the start is 127, or 126",
    from: "tini: missing program",
    peers: OURS_ALONE,
    async body({ folder, start }) {
      const program = folder.at("program");
      const cases = {
        [`rm ${program}`]: 127,
        [`chmod 644 ${program}`]: 126,
        [`printf '\\\\1\\\\2' > ${program}`]: 126,
      };
      for (const [spoil, status] of Object.entries(cases)) {
        folder.write("program", "#!/bin/sh\nexit 0\n", 0o755);
        const confd = `${spoil}; render ${rendered(folder)} one; exec sleep 100000`;
        await using run = start({ service: [program], confd });
        assertEquals({ spoil, status: await run.status() }, { spoil, status });
        Deno.removeSync(rendered(folder));
      }
    },
  },
  {
    name: "a clean stop is the service's status, and no error in the log",
    from: "consul-template 782, 1282",
    async body({ folder, start }) {
      await using run = start({
        service: script(folder, "trap 'kill $!; exit 0' TERM; sleep 100000 & echo ready; wait"),
      });
      await run.stdout.next("ready");
      await run.signal("SIGTERM");
      assertEquals(await run.status(), 0);
      assertEquals(run.stderr.all.filter((line) => / (error|warning): /.test(line)), []);
    },
  },
]);
