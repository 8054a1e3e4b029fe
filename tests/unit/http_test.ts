/** Requests to a service, as it may answer them. */
import { request } from "../../lib/host/network/http.ts";
import { assert, assertEquals } from "../support/assert.ts";

const never = () => new AbortController().signal;

/** A server that answers every connection with `answer`, and keeps what it was asked. */
function serve(answer: string, port = 0): { url: string; asked: string[]; [Symbol.dispose](): void } {
  const listener = Deno.listen({ port, hostname: "127.0.0.1" });
  const asked: string[] = [];
  (async () => {
    for await (const connection of listener) {
      const buffer = new Uint8Array(4096);
      const length = await connection.read(buffer) ?? 0;
      asked.push(new TextDecoder().decode(buffer.subarray(0, length)));
      await connection.write(new TextEncoder().encode(answer)).catch(() => {});
      connection.close();
    }
  })();
  const url = `127.0.0.1:${(listener.addr as Deno.NetAddr).port}`;
  return { url, asked, [Symbol.dispose]: () => listener.close() };
}

async function ask(url: string, method: "GET" | "POST" = "POST"): Promise<string | null> {
  return await request({ method, url, signal: never() });
}

Deno.test("request() takes 2xx for success, and names every other status", async () => {
  for (const [status, failure] of [[200, null], [204, null], [401, "answered 401"], [503, "answered 503"]] as const) {
    using server = serve(`HTTP/1.1 ${status} X\r\nContent-Length: 0\r\n\r\n`);
    const said = await ask(`http://${server.url}/x?token=s3cret`);
    assertEquals(said, failure === null ? null : `http://${server.url}/x ${failure}`);
  }
});

Deno.test("request() asks for what the address says, and shows no secret of it", async () => {
  using server = serve("HTTP/1.1 401 No\r\n\r\n");
  const said = await ask(`http://adm:s3cret@${server.url}/a/b?token=s3cret2`);
  assert(server.asked[0].startsWith("POST /a/b?token=s3cret2 HTTP/1.1\r\n"));
  assert(server.asked[0].includes(`Authorization: Basic ${btoa("adm:s3cret")}\r\n`));
  assert(!said!.includes("s3cret"), said!);
});

Deno.test("request() follows no redirect", async () => {
  using other = serve("HTTP/1.1 200 OK\r\n\r\n");
  using server = serve(`HTTP/1.1 301 Moved\r\nLocation: http://${other.url}/ok\r\n\r\n`);
  assertEquals(
    await ask(`http://${server.url}/x`),
    `http://${server.url}/x answered 301, a redirect, which is not followed`,
  );
  assertEquals(other.asked, []);
});

Deno.test("request() asks no proxy", async () => {
  using proxy = serve("HTTP/1.1 200 OK\r\n\r\n");
  const before = Deno.env.get("http_proxy");
  Deno.env.set("http_proxy", `http://${proxy.url}`);
  try {
    const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
    const { port } = listener.addr as Deno.NetAddr;
    listener.close();
    assertEquals(await ask(`http://127.0.0.1:${port}/x`), `http://127.0.0.1:${port}/x: connection refused`);
    assertEquals(proxy.asked, []);
  } finally {
    if (before === undefined) Deno.env.delete("http_proxy");
    else Deno.env.set("http_proxy", before);
  }
});

Deno.test("request() says what is wrong: an unknown name, no HTTP, no answer at all", async () => {
  assertEquals(
    await ask("http://no-such-host.invalid/x"),
    "http://no-such-host.invalid/x: no host of that name is known",
  );
  using talker = serve("SSH-2.0-x\r\n\r\n");
  assertEquals(await ask(`http://${talker.url}/`), `http://${talker.url}/: no HTTP answer`);
  using silent = serve("");
  assertEquals(
    await ask(`http://${silent.url}/`),
    `http://${silent.url}/: the connection was closed without an answer`,
  );
});

Deno.test("request() passes over what goes before a final answer", async () => {
  using server = serve("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\n");
  assertEquals(await ask(`http://${server.url}/`, "GET"), null);
});

Deno.test("request() ends when nobody waits for it any more", async () => {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const { port } = listener.addr as Deno.NetAddr;
  const accepted = listener.accept();
  const controller = new AbortController();
  const answer = request({ method: "GET", url: `http://127.0.0.1:${port}/`, signal: controller.signal });
  const connection = await accepted;
  controller.abort();
  assertEquals(await answer, `http://127.0.0.1:${port}/ did not answer in time`);
  connection.close();
  listener.close();
});
