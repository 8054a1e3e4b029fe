/**
 * A stand-in for the maintained fork of confd, used only where the real one is not available.
 *
 * It answers as the fork 0.41 does: the help on standard output, status 80 for the old style and for empty variables of
 * its own, a sub-command for the backend, its log on standard output, and `in sync` where nothing would change. The work
 * itself is done by the fork 0.30, which takes Go flags. So it proves how the sidecar speaks the new dialect, and
 * nothing about what the real fork does.
 *
 *     fork_stand_in.ts PATH_OF_CONFD_0.30 [WORD...]
 *
 * Touches: processes, its standard streams.
 * @module
 */
const HELP = `Usage: confd <command> [flags]

Manage local config files using templates and data from backends

Flags:
  -h, --help                      Show context-sensitive help.
      --confdir="/etc/confd"      confd conf directory ($CONFD_CONFDIR)

Commands:
  consul [flags]
    Use Consul backend
`;
const BACKENDS = ["consul", "etcd", "vault", "redis", "zookeeper", "dynamodb", "ssm", "acm", "secretsmanager", "imds"]
  .concat("env", "file");
/** Flags of the fork that its 0.30 does not know, and that change nothing that is tested. */
const NEW_FLAGS = /^--(log-format|metrics-addr)=/;
/** Variables of the fork that turn a flag on. */
const SWITCHES: Record<string, string> = { CONFD_NOOP: "-noop", CONFD_ONETIME: "-onetime", CONFD_WATCH: "-watch" };

async function main([confd, ...words]: readonly string[]): Promise<number> {
  if (words[0] === "--help") {
    console.log(HELP);
    return 0;
  }
  const problem = problemOf(words);
  if (problem !== undefined) {
    console.error(`confd: error: ${problem}`);
    return 80;
  }
  const [backend, ...flags] = words;
  const switches = Object.keys(SWITCHES).filter((name) => Deno.env.get(name)).map((name) => SWITCHES[name]);
  const args = [`-backend=${backend}`, ...flags.filter((word) => !NEW_FLAGS.test(word)), ...switches];
  const child = new Deno.Command(confd, { args, stderr: "piped", stdout: "inherit", stdin: "null" }).spawn();
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    Deno.addSignalListener(signal, () => child.kill(signal));
  }
  await relay(child.stderr);
  return (await child.status).code;
}

function problemOf(words: readonly string[]): string | undefined {
  const empty = Object.keys(SWITCHES).find((name) => Deno.env.get(name) === "");
  if (empty !== undefined) return `${empty}: bool value must be true, 1, yes, false, 0 or no but got ""`;
  if (/^-[^-h]/.test(words[0] ?? "")) return `unknown flag ${words[0].slice(0, 2)}, did you mean "-h"?`;
  return BACKENDS.includes(words[0]) ? undefined : `unexpected argument ${words[0]}`;
}

/** Passes the log on, to standard output, and says `in sync` where 0.30 only says that it will modify nothing. */
async function relay(log: ReadableStream<Uint8Array>): Promise<void> {
  const differing = new Set<string>();
  let rest = "";
  for await (const text of log.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) {
      const [, differs] = / (\/\S+) has (?:md5sum|mode|UID|GID) /.exec(line) ?? [];
      if (differs) differing.add(differs);
      const [, dest] = /Noop mode enabled\. (\S+) will not be modified$/.exec(line) ?? [];
      const inSync = dest && !differing.has(dest);
      console.log(inSync ? line.replace(/WARNING.*|INFO.*/, `DEBUG Target config ${dest} in sync`) : line);
    }
  }
}

Deno.exit(await main(Deno.args));
