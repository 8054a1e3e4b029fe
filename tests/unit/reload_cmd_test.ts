import { type Beside, reloadCmdWarnings } from "../../lib/confd/reload_cmd.ts";
import { parseResource } from "../../lib/confd/resource.ts";
import { assertEquals } from "../support/assert.ts";

function warn(
  command: string,
  { staged = false, program = "/usr/sbin/nginx", reload }: Partial<Beside> = {},
): string[] {
  const text = `[template]\nsrc = "a"\ndest = "/a"\nkeys = ["/"]\nreload_cmd = ${JSON.stringify(command)}\n`;
  const { resource } = parseResource({ label: "x", file: "x.toml", text });
  return reloadCmdWarnings([resource!], {
    staged,
    program,
    reload: reload ?? { by: "signal", signal: "SIGHUP", explicit: false },
  });
}

Deno.test("reloadCmdWarnings() tells that none is run where files are staged", () => {
  assertEquals(warn("echo x >> /log", { staged: true }), [
    "x: its 'reload_cmd' is never run, since files are checked first: it would run before the new files are in place. Write " +
    'a table [sidecar] below [template] instead, with reload = "exec:COMMAND" in it, or "exec:sh -c \'COMMAND\'" where it ' +
    "needs a shell",
  ]);
});

Deno.test("reloadCmdWarnings() finds commands that may start the service", () => {
  const starting = [
    "nginx -s reload || nginx",
    "pidof nginx && nginx -s reload || nginx -c /etc/nginx/nginx.conf -g 'daemon on;'",
    "haproxy -f /etc/haproxy.cfg -D -sf $(cat /run/haproxy.pid)",
    "/etc/init.d/apache2 restart",
    "service nginx restart",
    "systemctl restart app",
    "sh -c 'nginx -s reload || exec nginx'",
    "start-stop-daemon --start --exec /bin/app",
    "/usr/sbin/nginx",
  ];
  for (const command of starting) {
    assertEquals(warn(command), [
      "x: its 'reload_cmd' may start the service itself, which then takes the port of the one that the sidecar starts: take " +
      "that out",
    ], command);
  }
  assertEquals(warn("/opt/app serve &", { program: "app" }).length, 1);
});

Deno.test("reloadCmdWarnings() has nothing against commands that only reload, check or do other work", () => {
  const harmless = [
    "nginx -s reload",
    "nginx -t && nginx -s reload",
    "haproxy -c -f /etc/haproxy.cfg",
    "service nginx reload",
    "kill -HUP $(cat /run/nginx.pid)",
    "kill -1 17",
    "pkill -HUP nginx",
    "echo nginx >> /log",
    "/usr/bin/notify.sh",
    "curl -X POST localhost/-/reload",
    "supervisorctl status",
    "",
  ];
  for (const command of harmless) assertEquals(warn(command), [], command);
});

Deno.test("reloadCmdWarnings() finds signals to process 1 beside our own reload", () => {
  for (const command of ["kill -HUP 1", "kill -s HUP 1", "echo x; kill 1", "/bin/kill -n 1 1", "kill -1 1"]) {
    assertEquals(warn(command).length, 1, command);
    assertEquals(warn(command, { reload: { by: "none" } }), [], command);
  }
});
