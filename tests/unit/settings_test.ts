import { readSettings } from "../../lib/settings/settings.ts";
import { SETTINGS, type Settings } from "../../lib/settings/table.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";

/** The settings have these values; others that there are have tests of their own. */
function assertHas(settings: Settings, expected: Partial<Settings>): void {
  for (const [key, value] of Object.entries(expected)) assertEquals(settings[key as keyof Settings], value, key);
}

function problemsOf(env: Record<string, string>): string[] {
  return readSettings(env).problems;
}

Deno.test("readSettings() gives the defaults where nothing is set", () => {
  const { settings, problems } = readSettings({});
  assertEquals(problems, []);
  assertHas(settings, {
    confdPath: "confd",
    confdDir: "/etc/confd",
    backend: "consul",
    nodes: [],
    confdArgs: [],
    confdIntervalMs: 60_000,
    confdExit: "restart",
    settleMs: 1000,
    settleMaxMs: 10_000,
    startTimeoutMs: 0,
    state: "/etc/confd/.confd-sidecar",
    empty: "hold",
    logLevel: "info",
    logFormat: "text",
  });
});

Deno.test("readSettings() reads every setting", () => {
  const { settings, problems } = readSettings({
    CONFD_PATH: "/opt/confd",
    CONFD_CONFDIR: "/srv/confd",
    CONFD_BACKEND: "etcdv3",
    CONFD_NODE: "http://a:2379,http://b:2379",
    SIDECAR_CONFD_ARGS: "-client-key '/a b/key'",
    SIDECAR_CONFD_INTERVAL: "2m",
    SIDECAR_CONFD_EXIT: "stop",
    SIDECAR_SETTLE: "0",
    SIDECAR_SETTLE_MAX: "1m",
    SIDECAR_START_TIMEOUT: "1h30m",
    SIDECAR_STATE: "/run/state",
    SIDECAR_EMPTY: "allow",
    SIDECAR_LOG_LEVEL: "debug",
    SIDECAR_LOG_FORMAT: "json",
    PATH: "/bin",
  });
  assertEquals(problems, []);
  assertHas(settings, {
    confdPath: "/opt/confd",
    confdDir: "/srv/confd",
    backend: "etcdv3",
    nodes: ["http://a:2379", "http://b:2379"],
    confdArgs: ["-client-key", "/a b/key"],
    confdIntervalMs: 120_000,
    confdExit: "stop",
    settleMs: 0,
    settleMaxMs: 60_000,
    startTimeoutMs: 5_400_000,
    state: "/run/state",
    empty: "allow",
    logLevel: "debug",
    logFormat: "json",
  });
});

Deno.test("readSettings() reads what becomes of the service and its signals", () => {
  assertHas(readSettings({}).settings, {
    stopSignal: "",
    stopTimeoutMs: 30_000,
    signals: new Map(),
    restart: "never",
    restartMax: 5,
    envHide: [],
    start: "rendered",
    diff: "none",
  });
  const { settings, problems } = readSettings({
    SIDECAR_STOP_SIGNAL: "quit",
    SIDECAR_STOP_TIMEOUT: "0",
    SIDECAR_SIGNALS: "SIGTERM=SIGQUIT,usr1=none",
    SIDECAR_RESTART: "on-failure",
    SIDECAR_RESTART_MAX: "0",
    SIDECAR_ENV_HIDE: "CONSUL_*, VAULT_TOKEN",
    SIDECAR_START: "last-good",
    SIDECAR_DIFF: "masked",
  });
  assertEquals(problems, []);
  assertHas(settings, {
    stopSignal: "SIGQUIT",
    stopTimeoutMs: 0,
    signals: new Map([["SIGTERM", "SIGQUIT"], ["SIGUSR1", null]]),
    restart: "on-failure",
    restartMax: 0,
    envHide: ["CONSUL_*", "VAULT_TOKEN"],
    start: "last-good",
    diff: "masked",
  });
});

Deno.test("readSettings() wants a whole number of restarts", () => {
  for (const text of ["-1", "1.5", "five", "1e3", "9999999999"]) {
    assertEquals(problemsOf({ SIDECAR_RESTART_MAX: text }), [`SIDECAR_RESTART_MAX: "${text}" is not a whole number`]);
  }
});

Deno.test("readSettings() takes a variable that is set to nothing as not set", () => {
  const empty = Object.fromEntries(Object.values(SETTINGS).map(({ name }) => [name, ""]));
  assertEquals(readSettings(empty), readSettings({}));
});

Deno.test("readSettings() puts the state below the folder of confd, unless it is told where", () => {
  assertEquals(readSettings({ CONFD_CONFDIR: "/a/b" }).settings.state, "/a/b/.confd-sidecar");
  assertEquals(readSettings({ CONFD_CONFDIR: "/a/b", SIDECAR_STATE: "/c" }).settings.state, "/c");
});

Deno.test("readSettings() splits nodes at commas and not at spaces within them", () => {
  assertEquals(readSettings({ CONFD_NODE: " a:1 , b:2" }).settings.nodes, ["a:1", "b:2"]);
  assertEquals(problemsOf({ CONFD_NODE: "a:1,,b:2" }), [
    "CONFD_NODE: the value, of 8 characters, is not a list separated by commas, without empty items",
  ]);
  assertEquals(problemsOf({ CONFD_NODE: "a:1," }).length, 1);
});

Deno.test("readSettings() takes slashes off the ends of folders", () => {
  assertEquals(readSettings({ CONFD_CONFDIR: "/srv/confd//" }).settings.confdDir, "/srv/confd");
  assertEquals(readSettings({ CONFD_CONFDIR: "/" }).settings.confdDir, "/");
});

Deno.test("readSettings() wants absolute paths", () => {
  assertEquals(problemsOf({ CONFD_CONFDIR: "etc/confd", SIDECAR_STATE: "./state" }), [
    'CONFD_CONFDIR: "etc/confd" is not an absolute path',
    'SIDECAR_STATE: "./state" is not an absolute path',
  ]);
  assertEquals(problemsOf({ CONFD_CONFDIR: "/etc\0/confd" }).length, 1);
});

Deno.test("readSettings() names what is accepted for choices and durations", () => {
  assertEquals(problemsOf({ SIDECAR_LOG_LEVEL: "trace" }), [
    "SIDECAR_LOG_LEVEL: \"trace\" is not 'debug', 'info', 'warn' or 'error'",
  ]);
  assertEquals(problemsOf({ SIDECAR_SETTLE: "1 s" }), [
    'SIDECAR_SETTLE: "1 s" is not a duration such as 500ms, 1s, 2m or 1h30m (a bare number is seconds), at most 24 days',
  ]);
});

Deno.test("readSettings() asks whether a choice was meant that is near, or spelled in other letters", () => {
  const meant = (name: string, text: string) => /did you mean "(.*)"\?$/.exec(problemsOf({ [name]: text })[0])?.[1];
  assertEquals(meant("SIDECAR_LOG_LEVEL", "warning"), "warn");
  assertEquals(meant("SIDECAR_RESTART", "Never"), "never");
  assertEquals(meant("SIDECAR_RESTART", "onfailure"), "on-failure");
  assertEquals(meant("SIDECAR_LOG_FORMAT", "JSON"), "json");
  assertEquals(meant("SIDECAR_EMPTY", "HOLD"), "hold");
  assertEquals(meant("SIDECAR_EMPTY", "keep"), undefined);
});

Deno.test("readSettings() says what became of a value on its way", () => {
  const cases: [string, string, RegExp][] = [
    [
      "CONFD_BACKEND",
      "consul\r",
      /^CONFD_BACKEND: its value ends with a carriage return: it comes from a file with Win/,
    ],
    ["CONFD_NODE", "\ufeffa:1", /^CONFD_NODE: its value begins with a byte order mark/],
    ["SIDECAR_RELOAD", '"SIGHUP"', /characters, is not .*; the quotes around it are a part of it/],
    ["SIDECAR_SETTLE", " 1s", /; there are blanks around it$/],
  ];
  for (const [name, text, said] of cases) {
    const problems = problemsOf({ [name]: text });
    assertEquals(problems.length, 1, problems.join("\n"));
    assertMatch(problems[0], said);
  }
});

Deno.test("readSettings() says what is missing from a way to reload or to verify", () => {
  const cases: [string, string, string][] = [
    ["SIDECAR_VERIFY", "tcp:localhost", "; the port is missing"],
    ["SIDECAR_VERIFY", "tcp:[::1]", "; the port is missing"],
    ["SIDECAR_VERIFY", "tcp://localhost:80", "; no slashes come after 'tcp:'"],
    ["SIDECAR_VERIFY", "localhost:8080/x", "; did you mean 'tcp:' or 'http://' before it?"],
    ["SIDECAR_VERIFY", "none", "; to verify nothing, leave it unset"],
    ["SIDECAR_VERIFY", "curl -f localhost", "; did you mean 'exec:' before it?"],
    ["SIDECAR_RELOAD", "127.0.0.1:9090/-/reload", "; did you mean 'http://' before it?"],
    ["SIDECAR_RELOAD", "nginx -s reload", "; did you mean 'exec:' before it?"],
    ["SIDECAR_RELOAD", "Restart", '; did you mean "restart"?'],
    ["SIDECAR_RELOAD", "SIGHPU", '; did you mean "SIGHUP"?'],
  ];
  for (const [name, text, hint] of cases) {
    const [problem] = problemsOf({ [name]: text });
    assert(problem.endsWith(hint) && !problem.includes(text), `${text}: ${problem}`);
  }
});

Deno.test("readSettings() names the one bad rule, and the one bad signal", () => {
  const bad = (name: string, text: string) => / is not .*; (.*)$/.exec(problemsOf({ [name]: text })[0])?.[1];
  const rule = (text: string) => bad("SIDECAR_SIGNALS", `USR1=none,${text},X=Y`);
  assertEquals(
    rule("SIGTERM=none"),
    'the bad one is "SIGTERM=none": without SIGTERM the container could only be killed',
  );
  assertEquals(rule("HUP"), 'the bad one is "HUP": it is not of the form SIGNAL=SIGNAL');
  assertEquals(rule("HPU=TERM"), 'the bad one is "HPU=TERM": "HPU" is no signal');
  assertEquals(rule("HUP=None"), `the bad one is "HUP=None": "None" is neither a signal nor 'none'`);
  assertEquals(rule("SIGUSR1=HUP"), 'the bad one is "SIGUSR1=HUP": there is a rule for SIGUSR1 before it');
  assertEquals(rule("CHLD=HUP"), 'the bad one is "CHLD=HUP": the sidecar cannot receive SIGCHLD');
  assertEquals(bad("SIDECAR_STOP_ON", "SIGTERM,QIUT"), 'the bad one is "QIUT"');
  assertEquals(bad("SIDECAR_STOP_ON", "SIGQUIT"), "SIGTERM is missing");
});

Deno.test("readSettings() wants whole seconds for what is handed to confd in seconds", () => {
  const sentence = (text: string) =>
    `SIDECAR_CONFD_INTERVAL: "${text}" is not a duration in whole seconds, at least 1s`;
  for (const text of ["0", "500ms", "1s500ms", "1.5", "fast"]) {
    assertEquals(problemsOf({ SIDECAR_CONFD_INTERVAL: text }), [sentence(text)]);
  }
  assertEquals(readSettings({ SIDECAR_CONFD_INTERVAL: "1" }).settings.confdIntervalMs, 1000);
});

Deno.test("readSettings() never shows the value of a variable that may hold a secret", () => {
  const [problem, ...more] = problemsOf({ SIDECAR_CONFD_ARGS: "-auth-token 'hunter2" });
  assertEquals(more, []);
  assert(problem.startsWith("SIDECAR_CONFD_ARGS: "), problem);
  assert(!problem.includes("hunter2"), problem);
});

Deno.test("readSettings() reports all problems at once", () => {
  const problems = problemsOf({
    CONFD_CONFDIR: "x",
    SIDECAR_CONFD_ARGS: "'",
    SIDECAR_SETTLE: "soon",
    SIDECAR_LOG_FORMAT: "xml",
    SIDECAR_SETLE: "1s",
  });
  const names = problems.map((problem) => problem.split(":")[0]);
  assertEquals(names, ["CONFD_CONFDIR", "SIDECAR_CONFD_ARGS", "SIDECAR_SETTLE", "SIDECAR_LOG_FORMAT", "SIDECAR_SETLE"]);
});

Deno.test("readSettings() refuses names of its own that do not exist", () => {
  assertEquals(problemsOf({ SIDECAR_SETLE: "1s", SIDECAR_QUUX_FROBNICATE: "" }), [
    'SIDECAR_SETLE: there is no such setting; did you mean "SIDECAR_SETTLE"?',
    "SIDECAR_QUUX_FROBNICATE: there is no such setting",
  ]);
});

Deno.test("readSettings() leaves other names alone", () => {
  assertEquals(problemsOf({ CONFD_DEBOUNCE: "2s", SIDECARX: "1", sidecar_settle: "x", XSIDECAR_A: "1" }), []);
});

Deno.test("readSettings() refuses a settle limit shorter than the settle time", () => {
  assertEquals(problemsOf({ SIDECAR_SETTLE: "5s", SIDECAR_SETTLE_MAX: "2s" }), [
    "SIDECAR_SETTLE_MAX: 2s is shorter than SIDECAR_SETTLE, which is 5s: the longest wait cannot be shorter than " +
    "the quiet time",
  ]);
  assertEquals(problemsOf({ SIDECAR_SETTLE: "5s", SIDECAR_SETTLE_MAX: "5s" }), []);
});

Deno.test("readSettings() lets the settle limit that nobody set follow a longer settle time", () => {
  const { settings, problems } = readSettings({ SIDECAR_SETTLE: "30s" });
  assertEquals(problems, []);
  assertEquals(settings.settleMaxMs, 30_000);
});

Deno.test("readSettings() knows a signal that the user chose from the default", () => {
  const reload = (env: Record<string, string>) => readSettings(env).settings.reload;
  assertEquals(reload({}), { by: "signal", signal: "SIGHUP", explicit: false });
  assertEquals(reload({ SIDECAR_RELOAD: "SIGHUP" }), { by: "signal", signal: "SIGHUP", explicit: true });
  assertEquals(reload({ SIDECAR_RELOAD: "none" }), { by: "none" });
});
