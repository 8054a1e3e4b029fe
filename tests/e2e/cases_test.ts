/**
 * Small inputs that went wrong once, as their users met them.
 *
 * Touches: files and processes, through the support modules.
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import { ANY_CONFD, e2e } from "../support/confds.ts";
import { makeCertificates } from "../backends/certificates.ts";
import { fakeConfd, NO_KEYS } from "../support/fake_confd.ts";
import { FileKeys } from "../support/keys.ts";
import { CONF, destination, type Rendered, resource, Scene, type SceneStart } from "../support/scene.ts";
import type { Folder, Sidecar } from "../support/sidecar.ts";

function start(folder: Folder, options: SceneStart, values: Record<string, string> = { "/key": "one" }): Sidecar {
  return new Scene(folder, { confd: ANY_CONFD, keys: new FileKeys(folder, values) }).start(options);
}

e2e("a variable that is not UTF-8 is named, and nothing is started", async ({ folder }) => {
  const script = 'SIDECAR_CHECK=$(printf "false # \\351"); export SIDECAR_CHECK; exec "$@"';
  await using sidecar = start(folder, { prefix: ["sh", "-c", script, "sh"] });
  await sidecar.stderr.next("SIDECAR_CHECK: its value is not valid UTF-8");
  assertEquals(await sidecar.status(), 78);
  assertEquals(sidecar.stdout.all, []);
});

e2e("a destination that is a FIFO is refused", async ({ folder }) => {
  const fifo = folder.at("out/service.conf");
  Deno.mkdirSync(folder.at("out"));
  await new Deno.Command("mkfifo", { args: [fifo] }).output();
  await using sidecar = start(folder, { env: { SIDECAR_VERIFY: "exec:true" } });
  await sidecar.stderr.next(`'dest' ${fifo} is not a regular file`);
  assertEquals(await sidecar.status(), 78);
});

e2e("a state folder that others may write to is refused", async ({ folder }) => {
  const state = folder.at("state");
  Deno.mkdirSync(state);
  Deno.chmodSync(state, 0o777);
  await using sidecar = start(folder, { env: { SIDECAR_STATE: state, SIDECAR_VERIFY: "exec:true" } });
  await sidecar.stderr.next(`SIDECAR_STATE: others may write to ${state}`);
  assertEquals(await sidecar.status(), 78);
});

e2e("what is staged in a state folder that everybody may read is private all the same", async ({ folder }) => {
  const state = folder.at("state");
  Deno.mkdirSync(state);
  Deno.chmodSync(state, 0o755);
  await using sidecar = start(folder, { env: { SIDECAR_STATE: state, SIDECAR_VERIFY: "exec:true" } });
  await sidecar.stdout.next("start: value=one");
  for (const name of ["new", "confd"]) assertEquals(Deno.statSync(`${state}/${name}`).mode! & 0o777, 0o700, name);
});

e2e("SIGQUIT ends a wait, as an image's STOPSIGNAL may be", async ({ folder }) => {
  await using sidecar = start(folder, {}, {});
  await sidecar.stderr.next("main program waits for confd");
  sidecar.signal("SIGQUIT");
  assertEquals(await sidecar.status(), 131);
});

e2e("a service that quits at a SIGQUIT is not started again", async ({ folder }) => {
  await using sidecar = start(folder, { env: { SIDECAR_RESTART: "always" }, service: { status: 8 } });
  await sidecar.stdout.next("start: value=one");
  sidecar.signal("SIGQUIT");
  await sidecar.stdout.next("QUIT");
  sidecar.signal("SIGTERM");
  assertEquals(await sidecar.status(), 8);
  assertEquals(sidecar.stdout.all.filter((line) => line.startsWith("start")).length, 1);
});

e2e("SIDECAR_STOP_ON names another signal that stops", async ({ folder }) => {
  await using sidecar = start(folder, { env: { SIDECAR_STOP_ON: "SIGTERM,SIGUSR2", SIDECAR_STOP_SIGNAL: "SIGTERM" } });
  await sidecar.stdout.next("start: value=one");
  sidecar.signal("SIGUSR2");
  await sidecar.stderr.next("stopping main program with SIGTERM");
  assertEquals(await sidecar.status(), 0);
});

e2e("what is waited for has its reason", async ({ folder }) => {
  await using sidecar = start(folder, {}, {});
  await sidecar.stderr.next(/main program waits for confd to render .* \(.*key does not exist: \/key.*\)/);
  sidecar.signal("SIGTERM");
  assertEquals(await sidecar.status(), 143);
});

e2e("an empty variable for a template counts as not set", async ({ folder }) => {
  await using sidecar = start(folder, { env: { CONFD_TEMPLATE_2: "", CONFD_NODES: "a" } });
  await sidecar.stderr.next(
    "warning: CONFD_NODES is a variable of neither the sidecar nor confd; did you mean CONFD_NODE?",
  );
  await sidecar.stdout.next("start: value=one");
});

e2e("a Service that is called 'sidecar' in Kubernetes does no harm", async ({ folder }) => {
  const env = { SIDECAR_SERVICE_HOST: "10.0.0.1", SIDECAR_SERVICE_PORT: "80", SIDECAR_PORT_80_TCP_PROTO: "tcp" };
  await using sidecar = start(folder, { env });
  await sidecar.stderr.next("set enableServiceLinks: false");
  await sidecar.stdout.next("start: value=one");
});

e2e("SIGHUP makes a reload that is none by a signal", async ({ folder }) => {
  const command = folder.write("reload.sh", "#!/bin/sh\necho reloaded\n", 0o755);
  await using sidecar = start(folder, { env: { SIDECAR_RELOAD: `exec:${command}` } });
  await sidecar.stdout.next("start: value=one");
  sidecar.signal("SIGHUP");
  await sidecar.stderr.next("SIGHUP received: reloading main program as SIDECAR_RELOAD says");
  await sidecar.stderr.next("reload: reloaded");
  await sidecar.stderr.next("main program was reloaded by its command");
});

e2e("no secret of a setting is in the log", async ({ folder }) => {
  const secret = "s3cr3t";
  const address = `http://admin:${secret}@127.0.0.1:1/x?token=${secret}`;
  const env = {
    SIDECAR_RELOAD: address,
    SIDECAR_VERIFY: address,
    SIDECAR_VERIFY_TIMEOUT: "1s",
    SIDECAR_LOG_LEVEL: "debug",
    SIDECAR_DIFF: "masked",
    OTHER: secret,
  };
  await using sidecar = start(folder, { env });
  await sidecar.stderr.next("http://127.0.0.1:1/x: connection refused");
  assertEquals(await sidecar.status(), 69);
  assert(!sidecar.stderr.all.some((line) => line.includes(secret)), sidecar.stderr.all.join("\n"));
});

e2e(
  "a staged check_cmd sees what lies beside the destination, and new files of other resources",
  async ({ folder }) => {
    folder.write("out/types", "types");
    const second: Rendered = { name: "zz.conf", template: "zz" };
    const beside = "test -s $(dirname {{.src}})/types";
    const other = `test -s ${destination(folder, CONF)}`;
    const env = {
      SIDECAR_VERIFY: "exec:true",
      CONFD_CONFDFILE_1: `a.toml\n${resource(folder, CONF)}check_cmd = "${beside}"\nreload_cmd = "echo x"\n`,
      CONFD_CONFDFILE_2: `b.toml\n${resource(folder, second)}check_cmd = "${other}"\n`,
      CONFD_TEMPLATE_2: "zz.conf.tmpl\nzz\n",
    };
    await using sidecar = start(folder, { env });
    await sidecar.stdout.next("start: value=one");
    assertEquals(Deno.readTextFileSync(destination(folder, second)), "zz\n");
    assert(!sidecar.stderr.all.some((line) => line.includes("restarting confd")), "each check passes at the first try");
  },
);

e2e(
  "what is left in conf.d, and what a reload_cmd and a template would do, is said before the start",
  async (stage) => {
    const { folder } = stage;
    folder.write("confd.d/conf.d/old.toml", resource(folder, { name: "old", template: "" }));
    folder.write("confd.d/templates/old.tmpl", "{{ datetime }}");
    const env = {
      CONFD_CONFDFILE_1: `a.toml\n${resource(folder, CONF)}reload_cmd = "nginx -s reload || nginx; kill -HUP 1"\n`,
      SIDECAR_CONFD_INTERVAL: "1h",
    };
    await using sidecar = start(folder, { env, confdArgs: "-watch=false" });
    await sidecar.stderr.next("warning: CONFD_CONFDFILE_1 (a.toml): its 'reload_cmd' may start the service itself");
    await sidecar.stderr.next("its 'reload_cmd' sends a signal to process 1");
    await sidecar.stderr.next("warning: conf.d/old.toml: its template has 'datetime' in it, and confd polls");
    await sidecar.stderr.next("conf.d/ has template resources that no variable names: old.toml");
    await sidecar.stderr.next("main program and arguments to be run");
  },
);

e2e("a reload_cmd that is not run, since files are staged, is said before the start", async ({ folder }) => {
  const env = {
    CONFD_CONFDFILE_1: `a.toml\n${resource(folder, CONF)}reload_cmd = "echo x >> ${folder.at("ran")}"\n`,
    SIDECAR_VERIFY: "exec:true",
  };
  await using sidecar = start(folder, { env });
  await sidecar.stderr.next("warning: CONFD_CONFDFILE_1 (a.toml): its 'reload_cmd' is never run");
  await sidecar.stdout.next("start: value=one");
});

e2e("a user who may not give files away is told so", async ({ folder }) => {
  const env = { CONFD_CONFDFILE_1: `a.toml\n${resource(folder, CONF)}uid = 65534\n` };
  await using sidecar = start(folder, { env, prefix: ["setpriv", "--bounding-set=-chown"] });
  await sidecar.stderr.next(
    "the file is to belong to user 65534, and this process may not give it away: it will belong to",
  );
  await sidecar.stdout.next("start: value=one");
}, { reason: Deno.uid() === 0 ? undefined : "only root can give rights up" });

for (const variable of ["SSL_CERT_FILE", "DENO_CERT"]) {
  e2e(`an authority of one's own is trusted for https by way of ${variable}, and not without`, async ({ folder }) => {
    const { authority, certificate, key } = makeCertificates(folder);
    const asked: string[] = [];
    await using server = Deno.serve({
      port: 0,
      hostname: "127.0.0.1",
      cert: Deno.readTextFileSync(certificate),
      key: Deno.readTextFileSync(key),
      onListen: () => {},
    }, ({ method, url }) => {
      asked.push(`${method} ${new URL(url).pathname}`);
      return new Response();
    });
    const address = `https://127.0.0.1:${server.addr.port}`;
    const env = {
      SIDECAR_VERIFY: `${address}/ready`,
      SIDECAR_VERIFY_TIMEOUT: "2s",
      SIDECAR_RELOAD: `${address}/reload`,
    };
    {
      await using sidecar = start(folder, { env: { ...env, [variable]: authority } });
      await sidecar.stdout.next("start: value=one");
      sidecar.signal("SIGHUP");
      await sidecar.stderr.next("main program was reloaded");
      assert(asked.includes("POST /reload") && asked.includes("GET /ready"), asked.join());
    }
    await using sidecar = start(folder, { env });
    await sidecar.stderr.next(`${address}/ready: its certificate is not accepted`);
  }, { parts: ["openssl"] });
}

e2e("a file that confd updates and nobody follows is told of, once", async ({ folder }) => {
  const late = folder.at("out/late.conf");
  const confd = fakeConfd(`
render "${folder.at("out/service.conf")}" "value=one"
echo "2026-11-22T15:15:29Z h confd[1]: INFO Target config ${late} has been updated" >&2
echo "2026-11-22T15:15:29Z h confd[1]: INFO Target config ${late} has been updated" >&2
wait_for -e "${late}.never"`);
  await using sidecar = new Scene(folder, { confd, keys: NO_KEYS }).start({});
  await sidecar.stderr.next(`warning: confd has updated ${late}, but no template resource named it at the start`);
  await sidecar.stdout.next("start: value=one");
  assertEquals(sidecar.stderr.all.filter((line) => line.includes("but no template resource")).length, 1);
});
