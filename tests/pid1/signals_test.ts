/**
 * Signals: what is forwarded, what is rewritten, and what becomes of those that come too early.
 *
 * Touches: files and processes, through the support modules.
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import { service } from "../support/service.ts";
import { OURS_ALONE, scenarios, type Stage } from "./scenario.ts";
import { CATCHABLE, catcher, NOT_FORWARDED, script } from "./services.ts";
import { rendered } from "./supervisors.ts";

const JOB_CONTROL = ["SIGTSTP", "SIGTTIN", "SIGTTOU"];
const STOPPING = ["SIGTERM", "SIGINT"];

scenarios("signals", [
  {
    name:
      "signals from 1 to 31 that can be caught are forwarded, once each and in order, those of the next two rows aside",
    from: "dumb-init: every ordinary signal is forwarded",
    first: true,
    async body({ folder, start }) {
      await using run = start({ service: catcher(folder) });
      await run.stdout.next("ready");
      const sent = CATCHABLE.filter((name) => ![...NOT_FORWARDED, ...STOPPING, ...JOB_CONTROL].includes(name));
      for (const name of [...sent, "SIGTERM"]) {
        await run.signal(name);
        await run.stdout.next(name);
      }
      assertEquals(await run.status(), 0);
      assertEquals(run.stdout.all, ["ready", ...[...sent, "SIGTERM"].map((name) => `got ${name}`)]);
    },
  },
  {
    name: "SIGTSTP, SIGTTIN and SIGTTOU are forwarded as they are",
    from: "dumb-init: every ordinary signal is forwarded",
    first: true,
    async body({ folder, start }) {
      await using run = start({ service: catcher(folder) });
      await run.stdout.next("ready");
      for (const name of JOB_CONTROL) {
        await run.signal(name);
        await run.stdout.next(name);
      }
    },
  },
  {
    name: "faults (SIGSEGV, SIGILL, SIGFPE, SIGBUS) and SIGPIPE that somebody sends are forwarded",
    from: "dumb-init: every ordinary signal is forwarded",
    first: true,
    gap: true,
    async body({ folder, start }) {
      await using run = start({ service: catcher(folder) });
      await run.stdout.next("ready");
      // A signal of a process 1 that is not caught comes to nothing: nobody is waited for in vain.
      for (const name of NOT_FORWARDED) await run.signal(name);
      await run.signal("SIGTERM");
      await run.stdout.next("got SIGTERM");
      for (const name of NOT_FORWARDED) assert(run.stdout.all.includes(`got ${name}`), `${name} did not arrive`);
    },
  },
  {
    name: "real-time signals (34 to 64) are forwarded, once each",
    from: "tini and dumb-init: every signal is forwarded",
    first: true,
    async body({ start }) {
      const numbers = [34, 35, 50, 63, 64];
      const traps = numbers.map((number) => `trap 'echo got ${number}' ${number}`).join("; ");
      await using run = start({
        service: ["sh", "-c", `${traps}; trap 'exit 0' TERM; echo ready; while :; do sleep 0.1; done`],
      });
      await run.stdout.next("ready");
      for (const number of numbers) {
        await run.signal(`${number}`);
        await run.stdout.next(`got ${number}`);
      }
      await run.signal("SIGTERM");
      assertEquals(await run.status(), 0);
      assertEquals(run.stdout.all.length, 1 + numbers.length);
    },
  },
  ...[false, true].map((first) => ({
    name: `SIGILL, SIGFPE, 32 and 33 that somebody sends end nothing and leave nothing behind${
      first ? ", under process 1" : ""
    }`,
    from: "tini and dumb-init: every signal is forwarded",
    first,
    // They forward them, and a service that has no handler ends.
    peers: { tini: "n.a.", "dumb-init": "n.a." } as const,
    async body({ folder, start }: Stage) {
      await using run = start({ service: catcher(folder) });
      await run.stdout.next("ready");
      for (const name of ["SIGILL", "SIGFPE", "32", "33"]) await run.signal(name);
      await run.signal("SIGUSR1");
      await run.stdout.next("SIGUSR1");
      await run.signal("SIGTERM");
      assertEquals(await run.status(), 0);
    },
  })),
  {
    name: "SIGINT is forwarded as SIGINT",
    from: "dumb-init: every ordinary signal is forwarded",
    async body({ folder, start }) {
      await using run = start({ service: catcher(folder, { end: ["SIGINT"] }) });
      await run.stdout.next("ready");
      await run.signal("SIGINT");
      assertEquals(await run.status(), 0);
      assertEquals(run.stdout.all, ["ready", "got SIGINT"]);
    },
  },
  {
    name: "a thousand signals at once lose no SIGTERM",
    from: "consul-template 1548",
    first: true,
    async body({ folder, start }) {
      // No shell: they lose signals that come close upon each other.
      await using run = start({ service: service(folder) });
      await run.stdout.next("start");
      const pid = await run.supervisor();
      const others = ["SIGUSR1", "SIGUSR2", "SIGWINCH", "SIGHUP", "SIGURG"] as const;
      for (let i = 0; i < 1000; i++) {
        try {
          Deno.kill(pid, i === 500 ? "SIGTERM" : others[i % others.length]);
        } catch (error) {
          // It may be so quick that the last ones find nobody.
          if (i <= 500) throw error;
        }
      }
      await run.stdout.next(/^TERM/);
      assertEquals(await run.status(), 0);
    },
  },
  {
    name: "SIGHUP to the supervisor reaches the service each time, and neither of them ends",
    from: "consul-template 1486, 945",
    async body({ folder, start }) {
      await using run = start({ service: catcher(folder) });
      await run.stdout.next("ready");
      for (let i = 0; i < 3; i++) {
        await run.signal("SIGHUP");
        await run.stdout.next("got SIGHUP");
      }
      await run.signal("SIGTERM");
      assertEquals(await run.status(), 0);
      assertEquals(run.stdout.all, ["ready", "got SIGHUP", "got SIGHUP", "got SIGHUP", "got SIGTERM"]);
    },
  },
  {
    name: "signals are rewritten and dropped as told",
    from: "dumb-init: rewriting and dropping",
    peers: { tini: "no" },
    async body({ folder, start }) {
      await using run = start({
        service: catcher(folder, { end: ["SIGQUIT"] }),
        env: { SIDECAR_SIGNALS: "SIGTERM=SIGQUIT,USR1=none,SIGHUP=SIGUSR2" },
        flags: { "dumb-init": ["--rewrite", "15:3", "--rewrite", "10:0", "--rewrite", "1:12"] },
      });
      await run.stdout.next("ready");
      await run.signal("SIGUSR1");
      await run.signal("SIGHUP");
      await run.stdout.next("got SIGUSR2");
      await run.signal("SIGTERM");
      assertEquals(await run.status(), 0);
      assertEquals(run.stdout.all, ["ready", "got SIGUSR2", "got SIGQUIT"]);
    },
  },
  {
    name: "bad rules are refused at the start, and nothing is started",
    from: "dumb-init: bad rewrite rules are refused",
    peers: { tini: "no" },
    async body({ folder, start }) {
      const rules = { "TERM": "15", "SIGNOPE=SIGTERM": "x:15", "SIGTERM=": "15:", "SIGTERM=SIGNOPE": "15:99" };
      for (const [ours, theirs] of Object.entries(rules)) {
        await using run = start({
          service: script(folder, "echo started"),
          env: { SIDECAR_SIGNALS: ours },
          flags: { "dumb-init": ["--rewrite", theirs] },
        });
        assert([78, 1].includes(await run.status()), `${ours}: not refused`);
        assertEquals(run.stdout.all, []);
      }
    },
  },
  {
    name: "SIGTERM and SIGINT before the service runs end it at once without ever starting the service",
    from: "consul-template: a signal with no process",
    peers: OURS_ALONE,
    first: true,
    async body({ folder, start }) {
      for (const [signal, status] of [["SIGTERM", 143], ["SIGINT", 130]] as const) {
        await using run = start({ service: script(folder, "echo started"), confd: "exec sleep 100000" });
        await run.stderr.next("main program waits for confd");
        await run.signal(signal);
        assertEquals(await run.status(), status);
        assertEquals(run.stdout.all, []);
      }
    },
  },
  {
    name: "SIGHUP before the service runs is not fatal",
    from: "consul-template: a signal with no process",
    peers: OURS_ALONE,
    first: true,
    async body({ folder, start }) {
      const confd = `wait_for -e ${folder.at("go")}; render ${rendered(folder)} one; exec sleep 100000`;
      const env = { SIDECAR_LOG_LEVEL: "debug" };
      await using run = start({ service: catcher(folder), confd, env });
      await run.stderr.next("main program waits for confd");
      await run.signal("SIGHUP");
      await run.stderr.next("SIGHUP is dropped: main program is not running");
      folder.write("go", "");
      await run.stdout.next("ready");
      await run.signal("SIGTERM");
      assertEquals(await run.status(), 0);
      assertEquals(run.stdout.all, ["ready", "got SIGTERM"]);
    },
  },
  {
    name: "SIGHUP that comes before the service has its handler does not kill it",
    from: "vault 27100, dumb-init 136",
    async body({ folder, start }) {
      const late = `echo early; wait_for -e ${folder.at("go")}; trap 'echo got SIGHUP' HUP; echo late
wait_for -e ${folder.at("end")}; exit 4`;
      await using run = start({ service: script(folder, late), env: { SIDECAR_LOG_LEVEL: "debug" } });
      await run.stdout.next("early");
      await run.signal("SIGHUP");
      // Two more that go through show that the first has been dealt with.
      for (const name of ["SIGWINCH", "SIGURG"]) await run.signal(name);
      folder.write("go", "");
      await run.stdout.next("got SIGHUP");
      folder.write("end", "");
      assertEquals(await run.status(), 4);
    },
  },
  {
    name: "a reload waits for the service's handler, and is done once it is there",
    from: "vault 27100, prometheus-operator 436",
    peers: OURS_ALONE,
    async body({ folder, start }) {
      const late = `echo early; wait_for -e ${folder.at("go")}; trap 'echo got SIGHUP' HUP; echo late
wait_for -e ${folder.at("end")}; exit 4`;
      const confd = `render ${rendered(folder)} one; wait_for -e ${folder.at("change")}
render ${rendered(folder)} two; exec sleep 100000`;
      await using run = start({ service: script(folder, late), confd });
      await run.stdout.next("early");
      folder.write("change", "");
      await run.stderr.next("main program was not reloaded: it has no handler for SIGHUP yet");
      folder.write("go", "");
      await run.stdout.next("got SIGHUP");
      folder.write("end", "");
      assertEquals(await run.status(), 4);
      assertEquals(run.stdout.all, ["early", "late", "got SIGHUP"]);
    },
  },
  {
    name: "SIGTERM and SIGHUP arrive although the supervisor was started with them blocked",
    from: "tini and dumb-init: they wait for signals that they block",
    async body({ folder, start }) {
      const before = 'env --block-signal=TERM,HUP "$@"';
      await using run = start({ service: script(folder, "echo ready; exec sleep 100000"), before });
      await run.stdout.next("ready");
      const pid = await run.supervisor();
      await run.signal("SIGTERM");
      // The service has them blocked as well, so that it cannot tell. Signal 15 is bit 14.
      const waiting = () => {
        try {
          return /^ShdPnd:.*[4567cdef]...$/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
        } catch {
          // It was taken, and that was the end.
          return false;
        }
      };
      await run.until("the supervisor takes the signal", () => !waiting());
    },
  },
]);
