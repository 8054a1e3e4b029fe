/**
 * Reaping: orphans are taken as they die, at no other cost, and nobody's status with them.
 *
 * Touches: files and processes, through the support modules; /proc, reading.
 * @module
 */
import { assert, assertEquals, assertThrows } from "../support/assert.ts";
import { Folder } from "../support/sidecar.ts";
import { statOf } from "../support/usage.ts";
import { Libc } from "../../lib/host/linux/libc.ts";
import { openSystem } from "../../lib/host/linux/system.ts";
import { scenarios, type Stage } from "./scenario.ts";
import { script } from "./services.ts";

/** Shell that leaves that many orphans, each of which dies at once, and then says so. */
function orphans(count: number): string {
  return `i=0; while [ $i -lt ${count} ]; do (: &); i=$((i + 1)); done; echo spawned`;
}

/** The dead that a process has not taken. */
function zombies(parent: number): number {
  return childrenOf(parent).filter(({ state }) => state === "Z").length;
}

/** The children of a process, the dead included. */
function childrenOf(parent: number): { pid: number; state: string }[] {
  return [...Deno.readDirSync("/proc")].filter(({ name }) => /^\d+$/.test(name)).flatMap(({ name }) => {
    const [state, ppid] = statOf(name);
    return Number(ppid) === parent ? [{ pid: Number(name), state }] : [];
  });
}

/** How often all threads of a process gave up the processor of their own will. */
function switches(pid: number): number {
  let sum = 0;
  for (const { name } of Deno.readDirSync(`/proc/${pid}/task`)) {
    const status = Deno.readTextFileSync(`/proc/${pid}/task/${name}/status`);
    sum += Number(/^voluntary_ctxt_switches:\s*(\d+)$/m.exec(status)?.[1] ?? 0);
  }
  return sum;
}

/** Many orphans; all are taken soon, and then the service ends with a status of its own. */
async function takesOrphans({ folder, start }: Stage, count: number): Promise<void> {
  await using run = start({ service: script(folder, `${orphans(count)}; wait_for -e ${folder.at("go")}; exit 7`) });
  await run.stdout.next("spawned");
  const pid = await run.supervisor();
  await run.until("the orphans are taken", () => zombies(pid) === 0);
  folder.write("go", "");
  assertEquals(await run.status(), 7);
}

scenarios("reaping", [
  {
    name: "a hundred orphans are reaped under process 1",
    from: "tini: 100 orphans",
    first: true,
    body: (stage) => takesOrphans(stage, 100),
  },
  {
    name: "ten thousand orphans are reaped under process 1, and the service's status is its own",
    from: "tini: 100 orphans; containerpilot: reaping steals no status",
    first: true,
    body: (stage) => takesOrphans(stage, 10_000),
  },
  {
    name: "an orphan of a double fork is reaped under process 1",
    from: "dumb-init: double-fork zombies",
    first: true,
    async body({ folder, start }) {
      const service = script(
        folder,
        `(setsid sh -c "sleep 0.05 & exit" &); echo ready; wait_for -e ${folder.at("go")}`,
      );
      await using run = start({ service });
      await run.stdout.next("ready");
      const pid = await run.supervisor();
      await run.until(
        "only the service and what is ours is left",
        () => zombies(pid) === 0 && childrenOf(pid).length <= 2,
      );
      folder.write("go", "");
      assertEquals(await run.status(), 0);
    },
  },
  {
    name: "a hundred orphans are reaped by a subreaper that is not process 1 (tini -s)",
    from: "tini: 100 orphans, as a subreaper",
    async body(stage) {
      const { folder, start } = stage;
      const service = script(
        folder,
        `i=0; while [ $i -lt 100 ]; do (sh -c 'wait_for() { :; }; sleep 0.05' &); i=$((i+1)); done
echo spawned; wait_for -e ${folder.at("go")}; exit 7`,
      );
      await using run = start({ service, flags: { tini: ["-s"] } });
      const pid = await run.supervisor();
      await run.until("orphans come to the supervisor", () => childrenOf(pid).length > 5);
      await run.stdout.next("spawned");
      await run.until("they are taken", () => childrenOf(pid).length <= 2);
      folder.write("go", "");
      assertEquals(await run.status(), 7);
    },
  },
  {
    name: "while nobody dies nothing is done for it: no polling",
    from: "tini 138, containerpilot 439",
    first: true,
    async body({ folder, start }) {
      await using run = start({ service: script(folder, `${orphans(50)}; exec sleep 100000`) });
      await run.stdout.next("spawned");
      const pid = await run.supervisor();
      await run.until("the orphans are taken", () => zombies(pid) === 0);
      // Until it has come to rest: a runtime tidies up for a while.
      await run.until("two seconds with hardly a switch", async () => {
        const before = switches(pid);
        await new Promise((resolve) => setTimeout(resolve, 2000));
        return switches(pid) - before <= 10;
      });
    },
  },
]);

// The other way round: a process 1 that does not reap fails the same scenario.
Deno.test({
  name: "process 1, as tini's negative control: orphans of a process 1 that does not reap stay",
  ignore: Deno.uid() !== 0,
  async fn() {
    using folder = new Folder();
    const [shell, path] = script(folder, `${orphans(100)}; wait_for -e ${folder.at("go")}`);
    const waits = folder.write(
      "waits.ts",
      `const child = new Deno.Command("${shell}", { args: ["${path}"] }).spawn(); Deno.exit((await child.status).code);`,
    );
    const words = [
      "--pid",
      "--fork",
      "--mount-proc",
      "--kill-child",
      Deno.execPath(),
      "run",
      "-A",
      "--no-config",
      waits,
    ];
    const unshare = new Deno.Command("unshare", { args: words, stdin: "null", stdout: "piped", stderr: "null" })
      .spawn();
    const reader = unshare.stdout.getReader();
    assertEquals(new TextDecoder().decode((await reader.read()).value), "spawned\n");
    const [first] = childrenOf(unshare.pid);
    assertEquals(zombies(first.pid), 100);
    folder.write("go", "");
    await unshare.status;
    await reader.cancel();
  },
});

Deno.test("openSystem() says what it means when the C library cannot be opened", () => {
  const opened = openSystem({ library: "libc.so.none", onSignal: () => {} });
  assert("warning" in opened);
  assert(
    /cannot be opened.*orphans are not reaped.*limit of open files.*terminal/.test(opened.warning),
    opened.warning,
  );
  assertThrows(() => new Libc("libc.so.none"));
});
