/**
 * Restarts: the service starts again with backoff, gives up in the end, and a stop never waits for one.
 *
 * Touches: files and processes, through the support modules.
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import { survivors } from "../support/survivors.ts";
import { OURS_ALONE, scenarios, type Stage } from "./scenario.ts";
import { catcher, script } from "./services.ts";
import { rendered } from "./supervisors.ts";

const SUPERVISORS = { peers: OURS_ALONE, first: true } as const;

scenarios("restarts", [
  {
    ...SUPERVISORS,
    name: "a service that keeps failing is started again after 1 and 2 seconds, and then its last status ends the run",
    from: "containerpilot, s6-overlay: restarts",
    async body({ folder, start }) {
      const count = folder.at("count");
      const service = script(folder, `echo x >> ${count}; n=$(wc -l < ${count}); echo "life $n"; exit $((10 + n))`);
      const begun = performance.now();
      await using run = start({ service, env: { SIDECAR_RESTART: "on-failure", SIDECAR_RESTART_MAX: "2" } });
      await run.stdout.next("life 1");
      await run.stderr.next("main program will be started again in one second");
      await run.stdout.next("life 2");
      await run.stderr.next("main program will be started again in 2 seconds");
      assertEquals(await run.status(), 13);
      assert(performance.now() - begun >= 3000, "it did not wait as it said");
      assertEquals(run.stdout.all, ["life 1", "life 2", "life 3"]);
    },
  },
  {
    ...SUPERVISORS,
    name: "on-failure leaves a service alone that ends with 0, and always starts it again",
    from: "containerpilot, s6-overlay: restarts",
    async body({ folder, start }) {
      const count = folder.at("count");
      const service = script(folder, `echo x >> ${count}; echo "life $(wc -l < ${count})"; exit 0`);
      const lives = { "on-failure": ["life 1"], "always": ["life 1", "life 2"] };
      for (const [restart, expected] of Object.entries(lives)) {
        folder.write("count", "");
        await using run = start({ service, env: { SIDECAR_RESTART: restart, SIDECAR_RESTART_MAX: "1" } });
        assertEquals(await run.status(), 0);
        assertEquals(run.stdout.all, expected);
      }
    },
  },
  ...(["SIGTERM", "SIGINT"] as const).map((signal) => ({
    ...SUPERVISORS,
    name: `${signal} while a restart is backing off ends at once, with the service's last status`,
    from: "consul-template: stop does not wait for a dead child",
    body: async ({ folder, start }: Stage) => {
      await using run = start({ service: script(folder, "echo life; exit 9"), env: { SIDECAR_RESTART: "always" } });
      await run.stderr.next("main program will be started again in 2 seconds");
      await run.signal(signal);
      assertEquals(await run.status(), 9);
      assertEquals(run.stdout.all, ["life", "life"]);
    },
  })),
  {
    ...SUPERVISORS,
    name: "what a service leaves behind is gone before it is started again",
    from: "consul-template 1557: the old child holds the port",
    async body({ folder, start }) {
      const service = script(
        folder,
        `for file in /proc/[0-9]*/cmdline; do tr '\\0' ' ' < $file | grep "^sleep 100000"; done 2>/dev/null
[ -e ${folder.at("once")} ] && exit 4
: > ${folder.at("once")}; (trap '' TERM; exec sleep 100000) & setsid sleep 100000 & wait_for -e ${folder.at("once")}
exit 3`,
      );
      const confd = `render ${rendered(folder)} one; while :; do sleep 99999; done`;
      await using run = start({ service, confd, env: { SIDECAR_RESTART: "on-failure", SIDECAR_RESTART_MAX: "1" } });
      assertEquals(await run.status(), 4);
      assertEquals(run.stdout.all, []);
      assertEquals(survivors(folder.path), []);
    },
  },
  {
    ...SUPERVISORS,
    name: "a program that cannot be started again ends the run with 127",
    from: "tini: missing program",
    async body({ folder, start }) {
      const program = folder.write("program", `#!/bin/sh\nrm $0\nexit 3\n`, 0o755);
      await using run = start({ service: [program], env: { SIDECAR_RESTART: "always" } });
      assertEquals(await run.status(), 127);
    },
  },
  {
    ...SUPERVISORS,
    name: "signals reach the service of the second life as they did that of the first",
    from: "containerpilot, s6-overlay: restarts",
    async body({ folder, start }) {
      await using run = start({ service: catcher(folder), env: { SIDECAR_RESTART: "on-failure" } });
      await run.stdout.next("ready");
      await run.signal("SIGUSR1");
      await run.stdout.next("got SIGUSR1");
      for (const { pid, command } of survivors(folder.path)) {
        if (/^dash .*service\.sh/.test(command)) Deno.kill(pid, "SIGKILL");
      }
      await run.stdout.next("ready");
      await run.signal("SIGHUP");
      await run.stdout.next("got SIGHUP");
      await run.signal("SIGTERM");
      assertEquals(await run.status(), 0);
    },
  },
]);
