/**
 * The examples in which the file that changed says what to do: examples/haproxy_map, nginx_tls and environment.
 *
 * Touches: files, processes and the loopback network, through the support modules.
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import { exchange } from "../support/asking.ts";
import { e2e } from "../support/confds.ts";
import { freePort } from "../support/ports.ts";
import { Folder, until } from "../support/sidecar.ts";
import { binaryOf } from "../tools/parts.ts";
import { exampleTest, play, type Played, stopWell } from "./example.ts";
import { familyIs } from "./family.ts";
import { Load } from "./load.ts";
import { Answering, answers, Traffic } from "./traffic.ts";

/** The process that the sidecar has started. */
function mainProcess({ sidecar }: Played, name: string): number {
  const children = Deno.readTextFileSync(`/proc/${sidecar.pid}/task/${sidecar.pid}/children`).trim().split(" ");
  const found = children.find((pid) => Deno.readTextFileSync(`/proc/${pid}/comm`).trim() === name);
  assert(found !== undefined, `${name} is among the children`);
  return Number(found);
}

exampleTest(
  "examples/haproxy_map: the map changes within the worker, the configuration with a new one",
  async ({ folder }) => {
    await using blue = new Answering("blue");
    await using green = new Answering("green");
    const [port, admin] = [freePort(), freePort()];
    await using played = await play(folder, {
      example: "haproxy_map",
      programs: ["haproxy"],
      env: { HAPROXY_PORT: `${port}`, HAPROXY_ADMIN_PORT: `${admin}` },
      keys: { "/blue": blue.address, "/green": green.address },
    });
    const { keys, sidecar } = played;
    const url = `http://127.0.0.1:${port}/`;
    const host = "green.example.com";
    await hostAnswers(port, host, "green");
    const workers = () => worker(mainProcess(played, "haproxy"));
    const first = workers();
    await using traffic = new Traffic(url);
    await keys.put({ "/hosts/green.example.com": "blue", "/hosts/new.example.com": "green" });
    await hostAnswers(port, host, "blue");
    await hostAnswers(port, "new.example.com", "green");
    assertEquals(workers(), first, "it is the same worker");
    await keys.put({ "/blue": green.address });
    await hostAnswers(port, host, "green");
    await until("another worker", () => workers() !== first);
    // What it knows is what the file says.
    await hostAnswers(port, "new.example.com", "green");
    assertEquals(traffic.others("blue", "green"), [], "no request fails");
    await stopWell(sidecar, [143, 0]);
  },
  ["haproxy"],
);

/** Waits until requests for a host are answered with a word. */
async function hostAnswers(port: number, host: string, word: string): Promise<void> {
  await until(`${host} answers '${word}'`, async () => {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port }).catch(() => undefined);
    if (connection === undefined) return false;
    const head = `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
    return (await exchange(connection, head)).body.includes(word);
  });
}

/** The newest child of HAProxy's master. */
function worker(master: number): string {
  return Deno.readTextFileSync(`/proc/${master}/task/${master}/children`).trim().split(" ").at(-1)!;
}

exampleTest(
  "examples/nginx_tls: a certificate is reloaded, another number of workers is a restart",
  async ({ folder }) => {
    const port = freePort();
    await using played = await play(folder, {
      example: "nginx_tls",
      programs: ["nginx"],
      env: { NGINX_PORT: `${port}` },
    });
    const { keys, sidecar } = played;
    await until("the first certificate", () => subjectAt(port) === "first.example.com");
    await familyIs(sidecar.pid, ["confd", "nginx", "nginx", "nginx"]);
    const master = mainProcess(played, "nginx");
    await keys.put({ "/certificate": certificate(folder, "second.example.com") });
    await until("the second certificate", () => subjectAt(port) === "second.example.com");
    assertEquals(mainProcess(played, "nginx"), master, "it was reloaded");
    await keys.put({ "/workers": "3" });
    await sidecar.stderr.next("starting main program again");
    await familyIs(sidecar.pid, ["confd", "nginx", "nginx", "nginx", "nginx"]);
    await until("the certificate", () => subjectAt(port) === "second.example.com");
    assert(mainProcess(played, "nginx") !== master, "it was started anew");
    await keys.put({ "/certificate": "no certificate" });
    await sidecar.stderr.next("the new configuration is refused");
    assertEquals(subjectAt(port), "second.example.com");
    await stopWell(sidecar);
  },
  ["nginx", "openssl"],
);

/** The name in the certificate that a server shows. */
function subjectAt(port: number): string | undefined {
  const { stdout } = new Deno.Command(binaryOf("openssl"), {
    args: ["s_client", "-connect", `127.0.0.1:${port}`],
    stdin: "null",
    stderr: "null",
  }).outputSync();
  return /subject=CN ?= ?(\S+)/.exec(new TextDecoder().decode(stdout))?.[1];
}

/** A certificate and its key. */
function certificate(folder: Folder, name: string): string {
  const [key, cert] = [folder.at(`${name}.key`), folder.at(`${name}.pem`)];
  const words = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", `/CN=${name}`];
  const made = new Deno.Command(binaryOf("openssl"), {
    args: ["req", "-x509", ...words, "-keyout", key, "-out", cert],
    stderr: "null",
  }).outputSync();
  assert(made.success, "openssl makes a certificate");
  return Deno.readTextFileSync(cert) + Deno.readTextFileSync(key);
}

e2e("examples/environment: two behind HAProxy are started anew without a lost request", async ({ folder }) => {
  using other = new Folder();
  const [front, ...ports] = [freePort(), freePort(), freePort()];
  const start = (folder: Folder, port: number) =>
    play(folder, {
      example: "environment",
      programs: [],
      env: { PORT: `${port}`, DENO: Deno.execPath(), SIDECAR_SPLAY: "3s" },
    });
  await using one = await start(folder, ports[0]);
  await using two = await start(other, ports[1]);
  const config = folder.write(
    "front.cfg",
    `defaults
  mode http
  timeout connect 1s
  timeout client 30s
  timeout server 30s
  retries 6
  option redispatch
  retry-on all-retryable-errors
frontend web
  bind 127.0.0.1:${front}
  default_backend services
backend services
  server one 127.0.0.1:${ports[0]}
  server two 127.0.0.1:${ports[1]}
`,
  );
  const haproxy = new Deno.Command(binaryOf("haproxy"), { args: ["-db", "-f", config], stdout: "null", stderr: "null" })
    .spawn();
  try {
    const urls = ports.map((port) => `http://127.0.0.1:${port}/`);
    for (const url of urls) await answers(url, "Hello, world!");
    const front_ = `http://127.0.0.1:${front}/`;
    await answers(front_, "Hello, world!");
    await using load = new Load(front_);
    for (const { keys } of [one, two]) await keys.put({ "/greeting": "Good-bye" });
    for (const url of urls) await answers(url, "Good-bye, world!");
    const { requests, failures } = await load.end();
    assertEquals(failures, {}, `of ${requests} requests`);
    for (const { sidecar } of [one, two]) {
      const stops = sidecar.stderr.all.filter((line) =>
        line.includes("stopping main program with SIGTERM, to start it again")
      );
      assertEquals(stops.length, 1);
    }
  } finally {
    haproxy.kill("SIGKILL");
    await haproxy.status;
  }
}, { parts: ["haproxy", "wrk", "confd-fork-0.30"] });
