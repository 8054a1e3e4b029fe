import { shownSettings } from "../../lib/settings/shown.ts";
import { SETTINGS } from "../../lib/settings/table.ts";
import { assert, assertEquals } from "../support/assert.ts";

const value = (env: Record<string, string>, name: string) => {
  const line = shownSettings(env).find((line) => line.startsWith(`${name} `))!;
  return line.slice(name.length).trim().replace(/ {2,}/, " | ");
};

Deno.test("shownSettings() has every setting with its value and where that comes from", () => {
  const lines = shownSettings({ SIDECAR_SETTLE: "500ms", CONFD_CONFDIR: "/srv/confd" });
  assertEquals(lines.map((line) => line.split(" ")[0]), Object.values(SETTINGS).map(({ name }) => name));
  assertEquals(value({ SIDECAR_SETTLE: "500ms" }, "SIDECAR_SETTLE"), "500ms | environment");
  assertEquals(value({}, "SIDECAR_SETTLE"), "1s | default");
  assertEquals(value({ CONFD_CONFDIR: "/srv/confd" }, "SIDECAR_STATE"), "/srv/confd/.confd-sidecar | default");
  assertEquals(value({}, "SIDECAR_CHECK"), "none | default");
  assertEquals(value({}, "SIDECAR_STOP_SIGNAL"), "SIGTERM | default");
});

Deno.test("shownSettings() shows of commands, addresses, nodes and flags what cannot be a secret", () => {
  const cases: [string, string, string][] = [
    ["SIDECAR_CHECK", "promtool check --token=hunter2", "promtool ... (2 more words)"],
    ["SIDECAR_CHECK", "promtool hunter2", "promtool ... (1 more word)"],
    ["SIDECAR_CHECK", "promtool", "promtool"],
    ["SIDECAR_RELOAD", "exec:curl hunter2", "exec:curl ... (1 more word)"],
    ["SIDECAR_RELOAD", "http://adm:hunter2@h:1/x?t=hunter2", "http://h:1/x"],
    ["SIDECAR_RELOAD", "SIGUSR1", "SIGUSR1"],
    ["SIDECAR_VERIFY", "https://adm:hunter2@h/x", "https://h/x"],
    ["SIDECAR_VERIFY", "tcp:h:1", "tcp:h:1"],
    ["CONFD_NODE", "u:hunter2@a:1, http://u:hunter2@b:2/x?hunter2", "a:1,http://b:2/x"],
    ["CONFD_NODE", "a:1?password=hunter2", "a:1"],
    ["SIDECAR_CONFD_ARGS", "--file=/hunter2 --password hunter2 --watch=false", "--file=*** --password *** --watch=***"],
  ];
  for (const [name, text, shown] of cases) assertEquals(value({ [name]: text }, name), `${shown} | environment`, text);
  const planted = Object.fromEntries(cases.map(([name, text]) => [name, text]));
  assert(!shownSettings(planted).join("\n").includes("hunter2"));
});
