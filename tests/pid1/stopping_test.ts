/**
 * Stopping: the sequence, and that nothing outlives it.
 *
 * Touches: files and processes, through the support modules.
 * @module
 */
import { send } from "../../lib/host/processes/processes.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { type Folder, until } from "../support/sidecar.ts";
import { standStill } from "../support/standstill.ts";
import { find, survivors } from "../support/survivors.ts";
import { OURS_ALONE, PEERS_CANNOT, scenarios, type Stage } from "./scenario.ts";
import { catcher, script } from "./services.ts";

/** Nothing is left, and that at once: who sees the end may rely on it. */
function assertNothingLeft(folder: Folder): void {
  assertEquals(survivors(folder.path), []);
}

/** A process that takes no notice of what can be ignored. */
const STUBBORN = "trap '' TERM INT HUP QUIT; exec sleep 100000";

scenarios("stopping", [
  {
    name: "a service that ignores its stop signal is killed after the time it has, with its whole group",
    from: "consul-template 1666, envconsul 177",
    peers: PEERS_CANNOT,
    async body({ folder, start }) {
      const service = script(
        folder,
        `trap 'echo got INT' INT; trap '' TERM; (${STUBBORN}) & echo ready
while :; do wait; done`,
      );
      const env = { SIDECAR_STOP_SIGNAL: "SIGINT", SIDECAR_STOP_TIMEOUT: "300ms" };
      await using run = start({ service, env });
      await run.stdout.next("ready");
      await run.signal("SIGTERM");
      await run.stdout.next("got INT");
      await run.stderr.next("main program has not stopped in 300ms: killing it");
      assertEquals(await run.status(), 137);
      assertNothingLeft(folder);
    },
  },
  {
    name:
      "what left the service's session, by a double fork too, does not outlive the supervisor that is killed to stop",
    from: "dumb-init 212, dockerize 12",
    peers: PEERS_CANNOT,
    async body({ folder, start }) {
      const service = script(
        folder,
        `(${STUBBORN}) & (setsid sh -c "${STUBBORN}" &) ; setsid sh -c "${STUBBORN}" &
trap '' TERM; echo ready; while :; do wait; done`,
      );
      await using run = start({ service, env: { SIDECAR_STOP_TIMEOUT: "200ms" } });
      await run.stdout.next("ready");
      await run.until("all of them run", () => find(folder.path, /^sleep 100000/).length === 4);
      await run.signal("SIGTERM");
      assertEquals(await run.status(), 137);
      assertNothingLeft(folder);
    },
  },
  {
    name: "what the service leaves behind when it ends does not outlive the supervisor, sessions of their own included",
    from: "dumb-init: what the child left behind gets TERM",
    async body({ folder, start }) {
      const service = script(
        folder,
        `(${STUBBORN}) & setsid sh -c "${STUBBORN}" & sleep 100000 &
wait_for -e ${folder.at("go")}; exit 3`,
      );
      await using run = start({ service });
      await run.until("all of them run", () => find(folder.path, /^sleep 100000/).length >= 3);
      folder.write("go", "");
      assertEquals(await run.status(), 3);
      assertNothingLeft(folder);
    },
  },
  ...[false, true].map((first) => ({
    name: `what the service leaves behind in its group gets SIGTERM, with time to act on it${
      first ? ", under process 1" : ""
    }`,
    from: "dumb-init: what the child left behind gets TERM",
    first,
    body: (stage: Stage) => leftBehindIsAsked(stage, ""),
  })),
  {
    name: "what the service leaves behind in a session of its own gets SIGTERM, under process 1",
    from: "dumb-init 191",
    first: true,
    body: (stage) => leftBehindIsAsked(stage, "setsid"),
  },
  {
    name: "a pipeline ends as a whole",
    from: "dumb-init: a pipeline is killed as a group",
    async body({ folder, start }) {
      await using run = start({ service: script(folder, "echo ready; sleep 100000 | sleep 100000 | sleep 100000") });
      await run.until("it runs", () => find(folder.path, /^sleep 100000/).length >= 3);
      await run.signal("SIGTERM");
      assert([143, 0].includes(await run.status()));
      await run.until("nothing is left", () => survivors(folder.path).length === 0);
    },
  },
  {
    name: "a shell that waits for its program is not kept by it: the stop signal goes to the whole group (tini -g)",
    from: "dumb-init: a pipeline is killed as a group",
    gap: true,
    async body({ folder, start }) {
      const service = script(folder, "trap 'exit 5' TERM; echo ready; sleep 100000; exit 6");
      await using run = start({ service, flags: { tini: ["-g"] }, env: { SIDECAR_STOP_TIMEOUT: "300ms" } });
      await run.until("it runs", () => find(folder.path, /^sleep 100000/).length >= 1);
      await run.stdout.next("ready");
      await run.signal("SIGTERM");
      assertEquals(await run.status(), 5);
    },
  },
  ...(["SIGTERM", "SIGINT"] as const).map((signal) => ({
    name: `a second ${signal} kills at once`,
    from: "consul-template: stop does not wait",
    peers: PEERS_CANNOT,
    body: async ({ folder, start }: Stage) => {
      await using run = start({ service: catcher(folder, { end: [] }), env: { SIDECAR_STOP_TIMEOUT: "0" } });
      await run.stdout.next("ready");
      await run.signal(signal);
      await run.stdout.next(signal);
      const supervisor = await run.supervisor();
      let over = false;
      const status = run.status().finally(() => over = true);
      // Two that come at once are one.
      await until(`another ${signal}`, () => {
        if (!over) send(supervisor, signal);
        return over;
      });
      assertEquals(await status, 137);
      assertNothingLeft(folder);
    },
  })),
  {
    name: "a service that is stopped (SIGSTOP) is killed all the same",
    from: "dumb-init: suspend and resume",
    peers: PEERS_CANNOT,
    async body({ folder, start }) {
      await using run = start({ service: catcher(folder), env: { SIDECAR_STOP_TIMEOUT: "300ms" } });
      await run.stdout.next("ready");
      await Promise.all(find(folder.path, /^dash .*service\.sh/).map(standStill));
      await run.signal("SIGTERM");
      assertEquals(await run.status(), 137);
      assertNothingLeft(folder);
    },
  },
  {
    name: "confd that is stopped (SIGSTOP) is killed all the same, once the service has ended",
    from: "confd 628: the renderer hangs",
    peers: OURS_ALONE,
    first: true,
    async body({ folder, start }) {
      await using run = start({ service: catcher(folder) });
      await run.stdout.next("ready");
      const sidecar = await run.supervisor();
      const children = Deno.readTextFileSync(`/proc/${sidecar}/task/${sidecar}/children`).trim().split(" ").map(Number);
      const confd = find(folder.path, /^sleep 100000$/).filter((pid) => children.includes(pid));
      assertEquals(confd.length, 1);
      await standStill(confd[0]);
      await run.signal("SIGTERM");
      assertEquals(await run.status(), 0);
      assertNothingLeft(folder);
    },
  },
  {
    name: "a stop does not wait for what the service leaves behind in its streams",
    from: "dockerize 12: a hang of 10 s",
    async body({ folder, start }) {
      const service = script(
        folder,
        `trap 'exit 5' TERM; setsid sh -c "${STUBBORN}" & echo ready; while :; do wait; done`,
      );
      await using run = start({ service });
      await run.stdout.next("ready");
      const asked = performance.now();
      await run.signal("SIGTERM");
      assertEquals(await run.status(), 5);
      assert(performance.now() - asked < 5000, "it took too long");
    },
  },
  ...["settling", "waiting"].map((phase) => ({
    name: `SIGTERM while a start is ${phase} is not delayed`,
    from: "consul-template: stop does not wait for splay",
    peers: OURS_ALONE,
    first: true,
    body: async ({ folder, start }: Stage) => {
      const settling = phase === "settling";
      const confd = settling ? undefined : "trap '' TERM; sleep 100000";
      await using run = start({
        service: catcher(folder),
        confd,
        env: { SIDECAR_SETTLE: "1h", SIDECAR_SETTLE_MAX: "1h" },
      });
      await run.stderr.next(settling ? "to start main program" : "main program waits for confd");
      if (settling) await run.stderr.next(/has updated a config file|every config file/);
      await run.signal("SIGTERM");
      assertEquals(await run.status(), 143);
      assertEquals(run.stdout.all, []);
      assertNothingLeft(folder);
    },
  })),
]);

/** The service ends; what it started in the background tells that it was asked to, and takes a moment for it. */
async function leftBehindIsAsked(
  { folder, start }: Stage,
  before: string,
): Promise<void> {
  const told = folder.at("told");
  folder.write(
    "behind.sh",
    `trap 'sleep 0.05; echo asked > ${told}; exit' TERM; : > ${folder.at("up")}
while :; do sleep 0.01; done`,
  );
  const service = script(folder, `${before} dash ${folder.at("behind.sh")} & wait_for -e ${folder.at("up")}; exit 3`);
  await using run = start({ service });
  assertEquals(await run.status(), 3);
  await run.until("it was asked", () => Deno.readTextFileSync(told) === "asked\n");
}
