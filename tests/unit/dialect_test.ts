import { identify } from "../../lib/confd/dialect.ts";
import { assertEquals } from "../support/assert.ts";

const CLASSIC = { dialect: "classic", early: false } as const;
const FORK = { dialect: "fork", early: false } as const;

/** What confd 0.16.0 prints on standard error; the fork's 0.30.0 differs in one line (see below). */
const CLASSIC_HELP = `Usage of /usr/local/bin/confd:
  -app-id string
    \tVault app-id to use with the app-id backend (only used with -backend=vault and auth-type=app-id)
  -auth-token string
    \tAuth bearer token to use
  -backend string
    \tbackend to use (default "etcd")
  -confdir string
    \tconfd conf directory (default "/etc/confd")
  -config-file string
    \tthe confd config file (default "/etc/confd/confd.toml")
  -interval int
    \tbackend polling interval (default 600)
  -watch
    \tenable watch support
`;
/** What the fork's 0.41.1 prints on standard output. */
const FORK_HELP = `Usage: confd <command> [flags]

Manage local config files using templates and data from backends

Flags:
  -h, --help                      Show context-sensitive help.
      --confdir="/etc/confd"      confd conf directory ($CONFD_CONFDIR)
      --config-file="/etc/confd/confd.toml"
                                  confd config file ($CONFD_CONFIG_FILE)
      --interval=600              backend polling interval ($CONFD_INTERVAL)
`;

Deno.test("identify() knows the classic confd by its standard error", () => {
  assertEquals(identify("", CLASSIC_HELP), CLASSIC);
  assertEquals(identify("", CLASSIC_HELP.replace(' (default "etcd")', "")), CLASSIC);
  assertEquals(identify("", "flag provided but not defined: -x\n" + CLASSIC_HELP), CLASSIC);
});

Deno.test("identify() knows the fork by its standard output, whatever its file is called", () => {
  assertEquals(identify(FORK_HELP, ""), FORK);
  assertEquals(identify(FORK_HELP.replace("Usage: confd", "Usage: confd-0.41"), "some warning\n"), FORK);
});

Deno.test("identify() knows nothing of other programs", () => {
  const others: [string, string][] = [
    ["", ""],
    ["Usage: cat [OPTION]... [FILE]...\n", ""],
    ["", "Usage of /usr/bin/other:\n  -v\n    \tverbose\n"],
    ["  -confdir string\n", ""],
    ["", "  -confdir string\n"],
    ["see: Usage: confd <command> [flags]\n", ""],
  ];
  for (const [stdout, stderr] of others) assertEquals(identify(stdout, stderr), undefined, stdout + stderr);
});

Deno.test("identify() wants each text where it belongs", () => {
  assertEquals(identify(CLASSIC_HELP, ""), undefined);
  assertEquals(identify("", FORK_HELP), undefined);
});

Deno.test("identify() knows the early versions of the fork by a flag that the classic confd does not have", () => {
  const help = CLASSIC_HELP.replace("  -confdir string", "  -client-insecure\n    \tAllow\n  -confdir string");
  assertEquals(identify("", help), { dialect: "classic", early: true });
  assertEquals(identify("", CLASSIC_HELP.replace("backend to use", "not -client-insecure")), CLASSIC);
});
