/**
 * What the service gets: what the sidecar itself was given, and nothing else.
 *
 * Touches: files and processes, through the support modules.
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import { IS_COMPILED } from "../support/sidecar.ts";
import { OURS_ALONE, scenarios, type Stage } from "./scenario.ts";
import { script } from "./services.ts";

/** Bits of signals 1 to 31. */
const ORDINARY = (1n << 31n) - 1n;
const bit = (signal: number) => 1n << BigInt(signal - 1);

/** A mask of /proc/PID/status. */
function mask(status: string, name: string): bigint {
  return BigInt("0x" + new RegExp(`^${name}:\\s*([0-9a-f]+)$`, "m").exec(status)![1]) & ORDINARY;
}

/** Shell that writes what is seen before the supervisor, and then becomes the supervisor. */
function after(setUp: string, look: string): string {
  return `${setUp}\n${look}\nexec "$@"`;
}

/** Reads what a service wrote, whole. */
async function bytesOf({ folder, start }: Stage, file: string, before: string): Promise<Uint8Array[]> {
  await using run = start({ service: ["cp", file, folder.at("inside")], before });
  assertEquals(await run.status(), 0);
  return [Deno.readFileSync(folder.at("outside")), Deno.readFileSync(folder.at("inside"))];
}

async function signalMasks({ folder, start }: Stage, setUp: string): Promise<[string, string]> {
  const before = after(setUp, `cat /proc/self/status > ${folder.at("outside")}`);
  await using run = start({ service: ["cp", "/proc/self/status", folder.at("inside")], before });
  assertEquals(await run.status(), 0);
  return [Deno.readTextFileSync(folder.at("outside")), Deno.readTextFileSync(folder.at("inside"))];
}

scenarios("inheritance", [
  {
    name: "the service reads the supervisor's standard input, and sees its end",
    from: "tini: the child has the terminal or pipe of its parent",
    async body({ folder, start }) {
      await using run = start({ service: script(folder, 'read line; echo "got $line"; cat; echo end') });
      await run.type("a line\n");
      await run.stdout.next("got a line");
      await run.type("another\n");
      await run.stdout.next("another");
      await run.closeInput();
      await run.stdout.next("end");
      assertEquals(await run.status(), 0);
    },
  },
  {
    name: "the working folder is kept",
    from: "dumb-init: cwd is kept",
    async body({ folder, start }) {
      Deno.mkdirSync(folder.at("a b"));
      await using run = start({ service: ["pwd"], cwd: folder.at("a b") });
      await run.stdout.next(folder.at("a b"));
    },
  },
  {
    name: "the environment is passed on byte for byte, what is not UTF-8 included",
    from: "tini: the child is exec'd with what its parent got",
    async body(stage) {
      const odd = `ODD="$(printf 'a\\377\\376b')"; LINES_="$(printf 'x\\ny=z')"; EMPTY=; export ODD LINES_ EMPTY`;
      const look = `cat /proc/self/environ > ${stage.folder.at("outside")}`;
      const [outside, inside] = await bytesOf(stage, "/proc/self/environ", after(odd, look));
      assertEquals(inside, outside);
      assert(inside.includes(0xff));
    },
  },
  {
    name: "SIDECAR_ENV_HIDE keeps variables from the service, and no others",
    from: "consul-template 700: tokens",
    peers: OURS_ALONE,
    async body({ start }) {
      const env = {
        SIDECAR_ENV_HIDE: "VAULT_TOKEN,AWS_*",
        VAULT_TOKEN: "1",
        VAULT_TOKENS: "2",
        AWS_KEY: "3",
        MY_AWS_: "4",
      };
      await using run = start({ service: ["env"], env });
      assertEquals(await run.status(), 0);
      const names = run.stdout.all.map((line) => line.split("=")[0]).filter((name) => /VAULT|AWS/.test(name));
      assertEquals(names.sort(), ["MY_AWS_", "VAULT_TOKENS"]);
    },
  },
  {
    name: "argv is as given, its first word included",
    from: "tini: the child is exec'd as written",
    async body({ folder, start }) {
      const words = ["cp", "/proc/self/cmdline", folder.at("inside")];
      await using run = start({ service: words });
      assertEquals(await run.status(), 0);
      assertEquals(Deno.readTextFileSync(folder.at("inside")), words.map((word) => `${word}\0`).join(""));
    },
  },
  {
    name: "an argument that is not UTF-8 is never changed (the sidecar refuses it)",
    from: "tini: the child is exec'd as written",
    async body({ supervisor, start }) {
      const before = `last="$(printf 'a\\377b')"; exec "$@" "$last"`;
      await using run = start({ service: ["printf", "%s"], before });
      const status = await run.status();
      // The base runtime of a compiled executable panics before any code of ours runs.
      if (supervisor === "sidecar" && IS_COMPILED) assert([134, 139].includes(status), `it panics: ${status}`);
      else if (supervisor === "sidecar") {
        await run.stderr.next("confd-sidecar: argument 3 is not valid UTF-8");
        assertEquals({ status, printed: run.stdout.all }, { status: 64, printed: [] });
      } else {
        // What is read here has lost the byte, too.
        assertEquals({ status, printed: run.stdout.all }, { status: 0, printed: ["a\ufffdb"] });
      }
    },
  },
  {
    name: "signals that were ignored are ignored, and no others",
    from: "tini: SigIgn reaches the child unchanged",
    async body(stage) {
      for (const setUp of ["", "trap '' HUP INT QUIT USR1 TERM CHLD TTOU WINCH"]) {
        const [outside, inside] = await signalMasks(stage, setUp);
        assertEquals(mask(inside, "SigIgn") & ~bit(13), mask(outside, "SigIgn") & ~bit(13));
        assertEquals(mask(inside, "SigCgt"), 0n);
      }
    },
  },
  {
    name: "SIGPIPE that was ignored is ignored",
    from: "tini: SigIgn reaches the child unchanged",
    gap: true,
    async body(stage) {
      const [outside, inside] = await signalMasks(stage, "trap '' PIPE");
      assertEquals(mask(outside, "SigIgn") & bit(13), bit(13));
      assertEquals(mask(inside, "SigIgn") & bit(13), bit(13));
    },
  },
  {
    name: "SIGPIPE that was not ignored is not",
    from: "tini: SigIgn reaches the child unchanged",
    async body(stage) {
      const [, inside] = await signalMasks(stage, "trap - PIPE");
      assertEquals(mask(inside, "SigIgn") & bit(13), 0n);
    },
  },
  {
    name: "signals that were blocked are blocked, and no others",
    from: "tini: SigBlk reaches the child unchanged",
    async body({ folder, start }) {
      for (const blocked of [[], ["USR2", "TERM", "HUP"]]) {
        const env = blocked.length > 0 ? `env --block-signal=${blocked.join(",")}` : "";
        await using run = start({ service: ["cp", "/proc/self/status", folder.at("inside")], before: `${env} "$@"` });
        assertEquals(await run.status(), 0);
        const expected = blocked.length > 0 ? bit(12) | bit(15) | bit(1) : 0n;
        assertEquals(mask(Deno.readTextFileSync(folder.at("inside")), "SigBlk"), expected);
      }
    },
  },
  {
    name: "the soft limit of open files is what the supervisor's parent has",
    from: "s6-overlay, tini: limits are inherited",
    async body({ folder, start }) {
      const before = 'ulimit -Sn 1000; "$@"; exit $?';
      await using run = start({ service: script(folder, "ulimit -Sn; ulimit -Hn"), before });
      assertEquals(await run.status(), 0);
      assertEquals(run.stdout.all[0], "1000");
    },
  },
  {
    name: "where the parent cannot be seen the soft limit of open files is what it was",
    from: "s6-overlay, tini: limits are inherited",
    first: true,
    gap: !IS_COMPILED,
    async body({ folder, start }) {
      await using run = start({
        service: script(folder, "ulimit -Sn"),
        before: 'ulimit -Sn 1000; exec "$@"',
        env: { SIDECAR_LOG_LEVEL: "debug" },
      });
      assertEquals(await run.status(), 0);
      assertEquals(run.stdout.all, ["1000"]);
    },
  },
  {
    name: "where the parent cannot be seen the log says what that means for the limit of open files",
    from: "interface: say so where not",
    peers: OURS_ALONE,
    first: true,
    async body({ folder, start }) {
      await using run = start({ service: script(folder, ":"), env: { SIDECAR_LOG_LEVEL: "debug" } });
      const said = "main program gets the sidecar's own limit of open files";
      if (!IS_COMPILED) return void await run.stderr.next(said);
      await run.status();
      assert(!run.stderr.all.some((line) => line.includes(said)), "a compiled executable leaves the limit alone");
    },
  },
  {
    name: "no file descriptors reach the service but those that the supervisor was given",
    from: "tini: the child is exec'd with what its parent got",
    async body({ folder, start }) {
      const before = after(
        `exec 7<${folder.write("seven", "")} 8>/dev/null`,
        `ls /proc/self/fd > ${folder.at("outside")}`,
      );
      await using run = start({ service: ["ls", "/proc/self/fd"], before });
      assertEquals(await run.status(), 0);
      const outside = Deno.readTextFileSync(folder.at("outside")).trim().split("\n");
      assertEquals(run.stdout.all, outside);
      assert(["0", "1", "2", "7", "8"].every((fd) => outside.includes(fd)), outside.join());
    },
  },
]);
