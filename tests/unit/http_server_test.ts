/** The server behind probes and commands, over a real loopback listener and a clock of the test's own. */
import { exchange } from "../support/asking.ts";
import { HttpServer, type Listener, parseHead, type Response } from "../../lib/host/network/http_server.ts";
import { openPort, openSocket, removeSocket } from "../../lib/host/network/listeners.ts";
import { usage } from "../../lib/host/linux/usage.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { settled, TestClock } from "../support/clock.ts";
import { Folder, until } from "../support/sidecar.ts";

const OK: Response = { status: 200, type: "text/plain", body: "well" };

class Served implements AsyncDisposable {
  readonly clock = new TestClock();
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly server: HttpServer;
  readonly asked: string[] = [];

  constructor(handler: (path: string) => Response | Promise<Response> = () => OK, listener?: Listener) {
    this.server = new HttpServer({
      listener: listener ?? this.#listener,
      handler: ({ method, path, query }) => {
        this.asked.push(`${method} ${path} ${query}`);
        return handler(path);
      },
      clock: this.clock,
    });
  }

  connect(): Promise<Deno.Conn> {
    return Deno.connect({ hostname: "127.0.0.1", port: (this.#listener.addr as Deno.NetAddr).port });
  }

  async send(text: string) {
    return await exchange(await this.connect(), text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.close();
  }
}

/** True once the other side has closed a connection. */
async function isClosed(connection: Deno.Conn): Promise<boolean> {
  try {
    return await connection.read(new Uint8Array(1)) === null;
  } catch {
    return true;
  }
}

Deno.test("HttpServer answers a request, a HEAD without its body, and closes", async () => {
  await using served = new Served();
  const { status, headers, body } = await served.send("GET /a?b=c HTTP/1.1\r\nHost: x\r\n\r\n");
  assertEquals([status, body, served.asked], [200, "well", ["GET /a b=c"]]);
  assertMatch(
    headers,
    /^HTTP\/1\.1 200 OK\r\nContent-Type: text\/plain\r\nContent-Length: 4\r\nCache-Control: no-store\r\n/,
  );
  assertMatch(headers, /X-Content-Type-Options: nosniff\r\nConnection: close$/);
  const head = await served.send("HEAD / HTTP/1.0\n\n");
  assertEquals([head.status, head.body], [200, ""]);
  assertMatch(head.headers, /Content-Length: 4/);
});

Deno.test("HttpServer refuses what is no request, and one whose head is too long", async () => {
  await using served = new Served();
  for (
    const text of [
      "nonsense\r\n\r\n",
      "get / HTTP/1.1\r\n\r\n",
      "GET / HTTP/2\r\n\r\n",
      "GET / HTTP/1.1\r\nno header\r\n\r\n",
    ]
  ) {
    assertEquals((await served.send(text)).status, 400, text);
  }
  assertEquals((await served.send(`GET / HTTP/1.1\r\nA: ${"x".repeat(8192)}`)).status, 400);
  assertEquals(served.asked, []);
});

Deno.test("HttpServer says that a handler has failed", async () => {
  await using served = new Served(() => {
    throw new Error("it broke");
  });
  assertEquals(await served.send("GET / HTTP/1.1\r\n\r\n").then(({ status, body }) => [status, body]), [
    500,
    "it broke\n",
  ]);
});

Deno.test("HttpServer gives a client ten seconds for its request", async () => {
  await using served = new Served();
  using slow = await served.connect();
  await slow.write(new TextEncoder().encode("GET / HTTP/1.1\r\n"));
  const closed = isClosed(slow);
  assertEquals((await served.send("GET / HTTP/1.1\r\n\r\n")).status, 200, "others are served meanwhile");
  await served.clock.advance(9999);
  assertEquals(await Promise.race([closed, settled().then(() => "open")]), "open");
  await served.clock.advance(1);
  assertEquals(await closed, true);
});

Deno.test("HttpServer gives a client ten seconds to take its answer, and as long as it takes to make it", async () => {
  const { promise, resolve } = Promise.withResolvers<Response>();
  await using served = new Served(() => promise);
  using silent = await served.connect();
  await silent.write(new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n"));
  await until("the request", () => served.asked.length === 1);
  await served.clock.advance(60_000);
  // More than the buffers of both sides hold.
  resolve({ ...OK, body: "x".repeat(50_000_000) });
  await settled();
  await until("the limit to be armed", async () => {
    await served.clock.advance(10_000);
    return await Promise.race([isDone(silent), settled().then(() => false)]);
  });
});

/** Reads what has come, to its end. */
async function isDone(connection: Deno.Conn): Promise<boolean> {
  const buffer = new Uint8Array(1 << 20);
  try {
    for (let read = await connection.read(buffer); read !== null; read = await connection.read(buffer));
  } catch {
    // Reset.
  }
  return true;
}

Deno.test("HttpServer keeps 128 connections, and drops the oldest for another", async () => {
  await using served = new Served();
  const open: Deno.Conn[] = [];
  for (let i = 0; i < 128; i++) open.push(await served.connect());
  assertEquals((await served.send("GET / HTTP/1.1\r\n\r\n")).status, 200);
  assertEquals(await isClosed(open[0]), true, "the oldest is gone");
  await open[127].write(new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n"));
  const buffer = new Uint8Array(12);
  await open[127].read(buffer);
  assertEquals(new TextDecoder().decode(buffer), "HTTP/1.1 200");
  open.forEach((connection) => connection.close());
});

Deno.test("HttpServer goes on when a connection cannot be taken", async () => {
  let refused = 0;
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const flaky = {
    accept: () => refused++ < 2 ? Promise.reject(new Error("EMFILE")) : listener.accept(),
    close: () => listener.close(),
  };
  const clock = new TestClock();
  const server = new HttpServer({ listener: flaky, handler: () => OK, clock });
  await clock.advance(400);
  const connection = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
  assertEquals((await exchange(connection, "GET / HTTP/1.1\r\n\r\n")).status, 200);
  await server.close();
});

Deno.test("parseHead() reads targets in both forms, and headers in any case", () => {
  const head = parseHead("POST http://a/hold?for=1 HTTP/1.1\r\nHOST:  x \r\nX-Y:");
  assertEquals([head?.path, head?.query.get("for"), head?.headers.get("host"), head?.headers.get("x-y")], [
    "/hold",
    "1",
    "x",
    "",
  ]);
  assertEquals(parseHead("GET http://[ HTTP/1.1"), undefined);
});

// Listeners.

Deno.test("openPort() says why it cannot listen", () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  assertEquals(openPort({ hostname: "127.0.0.1", port }), {
    problem: `cannot listen at 127.0.0.1:${port}: the address is in use`,
  });
  const opened = openPort({ hostname: "127.0.0.1", port: 0 });
  assert("listener" in opened);
  assertMatch(opened.address, /^127\.0\.0\.1:\d{2,5}$/);
  opened.listener.close();
});

Deno.test("openSocket() opens a socket for its owner alone, whatever the umask", async () => {
  using folder = new Folder();
  const before = Deno.umask(0);
  try {
    const opened = await openSocket(folder.at("s"));
    assert("listener" in opened);
    assertEquals(Deno.lstatSync(folder.at("s")).mode! & 0o777, 0o600);
    assertEquals(Deno.umask(0), 0, "the umask is what it was");
    assertEquals(await openSocket(folder.at("s")), { problem: `${folder.at("s")} is in use by another process` });
    opened.listener.close();
    const again = await openSocket(folder.at("s"));
    assert("listener" in again, "what is left behind is taken over");
    again.listener.close();
    removeSocket(folder.at("s"));
    removeSocket(folder.at("s"));
    folder.write("file", "x");
    assertEquals(await openSocket(folder.at("file")), {
      problem: `${folder.at("file")} is there already, and is no socket`,
    });
    assertEquals(await openSocket(folder.at("none/s")), {
      problem: `cannot listen at ${folder.at("none/s")}: its folder is not there`,
    });
  } finally {
    Deno.umask(before);
  }
});

Deno.test("usage() does not depend on the size of a page, and is undefined where /proc does not tell", () => {
  using folder = new Folder();
  // 64 KiB a page, as arm64 kernels may have: 300 pages are 19,200 KiB.
  const fields = Array.from({ length: 50 }, (_, i) => ({ 11: 150, 12: 50, 20: 99_000_000, 21: 300 })[i] ?? 0);
  folder.write("stat", `7 (a b) c) ${fields.join(" ").replace(/^0/, "S")}\n`);
  folder.write("status", "Name:\ta b) c\nVmHWM:\t   20000 kB\nVmRSS:\t   19200 kB\n");
  assertEquals(usage(folder.path), undefined);
  folder.write("limits", "Max open files            1024                 4096                 files\n");
  for (const name of ["0", "1", "2", "9"]) folder.write(`fd/${name}`, "");
  assertEquals(usage(folder.path), {
    cpuSeconds: 2,
    residentBytes: 19_200 * 1024,
    virtualBytes: 99_000_000,
    openFiles: 3,
    openFilesLimit: 1024,
  });
});

Deno.test("usage() reads what this process uses", () => {
  const { cpuSeconds, residentBytes, virtualBytes, openFiles, openFilesLimit } = usage()!;
  assert(cpuSeconds > 0 && cpuSeconds < 3600, `${cpuSeconds}`);
  const resident = Number(/VmRSS:\s+(\d+)/.exec(Deno.readTextFileSync("/proc/self/status"))![1]) * 1024;
  assert(Math.abs(residentBytes - resident) < 50e6, `${residentBytes} is near ${resident}`);
  assert(virtualBytes > residentBytes);
  assert(openFiles > 2 && openFiles < openFilesLimit!, `${openFiles} of ${openFilesLimit}`);
});
