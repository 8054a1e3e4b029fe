/**
 * The terminal: keys reach the service, once, and whoever started the sidecar gets the terminal back.
 *
 * Touches: files, processes and terminals, through the support modules.
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import { find } from "../support/survivors.ts";
import { statOf } from "../support/usage.ts";
import { scenarios, type Stage } from "./scenario.ts";
import { catcher, script } from "./services.ts";

const CTRL_C = "\x03";
const CTRL_D = "\x04";
const CTRL_Z = "\x1a";
const CTRL_BACKSLASH = "\x1c";

/** A service that repeats what is typed, and ends with 3 at the end of input. */
const REPEATS = 'echo ready; while read line; do echo "read $line"; done; exit 3';
const SHELL = ["sh", "-i"];
/** What the shell is asked, so that neither the echo of the question nor anything else looks like the answer. */
const ALIVE = ["echo alive$((40 + 2))\n", "alive42"] as const;

scenarios("terminal", [
  ...[false, true].flatMap((first) => {
    const where = first ? " under process 1" : "";
    return [{
      name: `Ctrl-C ends a service that does not catch it, and gives 130${where}`,
      from: "tini: Ctrl-C on a terminal",
      first,
      body: async ({ folder, start }: Stage) => {
        await using run = start({ service: script(folder, "echo ready; exec sleep 100000"), terminal: true });
        await run.stdout.next(/^ready/);
        await run.type(CTRL_C);
        assertEquals(await run.status(), 130);
      },
    }, {
      name: `Ctrl-C and Ctrl-Backslash reach a service that catches them, once each${where}`,
      from: "dumb-init: job control on a pty",
      first,
      body: async ({ folder, start }: Stage) => {
        await using run = start({ service: catcher(folder, { end: ["SIGUSR1"] }), terminal: true });
        await run.stdout.next(/^ready/);
        await run.type(CTRL_C);
        await run.stdout.next("got SIGINT");
        await run.type(CTRL_BACKSLASH);
        await run.stdout.next("got SIGQUIT");
        await run.signal("SIGUSR1");
        assertEquals(await run.status(), 0);
        const got = run.stdout.all.flatMap((line) => /got SIG\w+/.exec(line) ?? []);
        assertEquals(got, ["got SIGINT", "got SIGQUIT", "got SIGUSR1"]);
      },
    }, {
      name: `an interactive shell has job control${where}`,
      from: "dumb-init: job control on a pty",
      first,
      body: async ({ folder, start }: Stage) => {
        await using run = start({ service: SHELL, terminal: true });
        await run.type(ALIVE[0]);
        await run.stdout.next(ALIVE[1]);
        await run.type("sleep 77777\n");
        await run.until("the job runs", () => find(folder.path, /^sleep 77777/).length === 1);
        await run.type(CTRL_Z);
        await run.stdout.next(/Stopped/);
        await run.type("fg\n");
        await run.stdout.next(/sleep 77777\s*$/);
        // The shell says what it brings in front, and then lets it go on.
        await run.until("the job goes on", () => statOf(find(folder.path, /^sleep 77777/)[0])[0] === "S");
        await run.type(CTRL_C);
        await run.type(ALIVE[0]);
        await run.stdout.next(ALIVE[1]);
        await run.type("exit 5\n");
        assertEquals(await run.status(), 5);
        assert(!run.stdout.all.some((line) => /job control turned off|can't access tty/.test(line)));
      },
    }];
  }),
  {
    name: "Ctrl-Z gives the terminal back to the shell that started the supervisor, and fg goes on",
    from: "dumb-init: suspend and resume",
    async body({ folder, start }) {
      await using run = start({ service: script(folder, REPEATS), terminal: true, shell: SHELL });
      await run.type(`${run.command}\n`);
      await run.stdout.next(/^ready/);
      for (const word of ["one", "two"]) {
        await run.type(CTRL_Z);
        await run.stdout.next(/Stopped/);
        await run.type(ALIVE[0]);
        await run.stdout.next(ALIVE[1]);
        await run.type("fg\n");
        await run.type(`${word}\n`);
        await run.stdout.next(`read ${word}`);
      }
      await run.type(CTRL_D);
      await run.type("echo status$?\n");
      await run.stdout.next("status3");
      await run.type("exit 0\n");
      assertEquals(await run.status(), 0);
    },
  },
  {
    name: "Ctrl-Z and bg let the service go on behind the shell, and fg brings it back",
    from: "dumb-init: suspend and resume",
    async body({ folder, start }) {
      // No loop that starts programs: Ctrl-Z between vfork(2) and exec stops the child alone, and its shell waits for it.
      new Deno.Command("mkfifo", { args: [folder.at("go")] }).outputSync();
      const ticks = `echo ready; read word < ${folder.at("go")}; echo "$word"; ${REPEATS}`;
      await using run = start({ service: script(folder, ticks), terminal: true, shell: SHELL });
      await run.type(`${run.command}\n`);
      await run.stdout.next(/^ready/);
      await run.type(CTRL_Z);
      await run.stdout.next(/Stopped/);
      await run.type("bg\n");
      await Deno.writeTextFile(folder.at("go"), "went on\n");
      await run.stdout.next("went on");
      await run.type(ALIVE[0]);
      await run.stdout.next(ALIVE[1]);
      await run.type("fg\n");
      // The shell says what it brings in front; what is typed before that, it could read itself.
      await run.stdout.next('service.sh"');
      await run.type("hello\n");
      await run.stdout.next("read hello");
    },
  },
  {
    name:
      "a service that was started behind a shell takes no terminal from it, and can read when fg brings it in front",
    from: "dumb-init: job control on a pty",
    async body({ folder, start }) {
      await using run = start({ service: script(folder, REPEATS), terminal: true, shell: SHELL });
      await run.type(`${run.command} &\n`);
      await run.stdout.next(/^ready/);
      // The shell may wait for its first line since before the terminal was taken from it; it has to ask for the second.
      for (let i = 0; i < 2; i++) {
        await run.type(ALIVE[0]);
        await run.stdout.next(ALIVE[1]);
      }
      await run.type("fg\n");
      // The shell says what it brings in front; what is typed before that, it could read itself.
      await run.stdout.next('service.sh"');
      await run.type("hello\n");
      await run.stdout.next("read hello");
    },
  },
  ...[false, true].map((first) => ({
    name: `Ctrl-Z with no shell to come back to stops nothing${first ? ", under process 1" : ""}`,
    from: "dumb-init: suspend and resume",
    first,
    body: async ({ folder, start }: Stage) => {
      await using run = start({ service: script(folder, REPEATS), terminal: true });
      await run.stdout.next(/^ready/);
      await run.type(CTRL_Z);
      await run.type("hello\n");
      await run.stdout.next("read hello");
    },
  })),
  {
    name: "a script that started the supervisor can read from the terminal when the service has ended",
    from: "tini: the terminal is handed to the child",
    async body({ folder, start }) {
      const before = `"$@"; echo "status $?"; read line; echo "script read $line"`;
      await using run = start({ service: script(folder, REPEATS), terminal: true, before });
      await run.stdout.next(/^ready/);
      await run.type(CTRL_D);
      await run.stdout.next("status 3");
      await run.type("hello\n");
      await run.stdout.next("script read hello");
    },
  },
  {
    name: "a service that is started again is in front of the terminal again",
    from: "s6-overlay: restarts",
    peers: { tini: "n.a.", "dumb-init": "n.a." },
    first: true,
    async body({ folder, start }) {
      await using run = start({
        service: script(folder, REPEATS),
        terminal: true,
        env: { SIDECAR_RESTART: "on-failure" },
      });
      await run.stdout.next(/^ready/);
      await run.type(CTRL_D);
      await run.stdout.next(/^ready/);
      await run.type("hello\n");
      await run.stdout.next("read hello");
    },
  },
]);
