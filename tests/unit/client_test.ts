/** The executable as its own client, with a stand-in for the sidecar behind the socket. */
import { ask } from "../../lib/client.ts";
import { readAll, writeAll } from "../../lib/host/network/connection.ts";
import type { Asking } from "../../lib/settings/client.ts";
import { assertEquals } from "../support/assert.ts";
import { Folder } from "../support/sidecar.ts";

const RELOAD: Asking = { is: "command", target: "/reload" };
const READY: Asking = { is: "healthcheck", path: "/readyz" };
const STATUS: Asking = { is: "status", json: true };

/** Asks somebody who gives this answer; what was asked, and the report. */
async function asked(asking: Asking, answer: string) {
  using folder = new Folder();
  const path = folder.at("s");
  using listener = Deno.listen({ transport: "unix", path });
  const served = (async () => {
    using connection = await listener.accept();
    const buffer = new Uint8Array(1024);
    const read = await connection.read(buffer);
    await writeAll(connection, new TextEncoder().encode(answer));
    return new TextDecoder().decode(buffer.subarray(0, read!));
  })();
  const report = await ask(asking, { SIDECAR_SOCKET: path });
  return { request: await served, ...report, errors: report.errors.map((line) => line.replace(path, "S")) };
}

function answer(status: number, body: string): string {
  return `HTTP/1.1 ${status} X\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

Deno.test("ask() gives a command, and says what came of it", async () => {
  const done = await asked(RELOAD, answer(200, '{"done":true,"says":"it was"}'));
  assertEquals(done.request, "POST /reload HTTP/1.1\r\nHost: localhost\r\n\r\n");
  assertEquals([done.status, done.out, done.errors], [0, ["it was"], []]);
  const not = await asked(RELOAD, answer(409, '{"done":false,"says":"not now"}'));
  assertEquals([not.status, not.out, not.errors], [1, [], ["confd-sidecar: not now"]]);
});

Deno.test("ask() passes on a refusal that is no JSON", async () => {
  for (const asking of [RELOAD, STATUS]) {
    const refused = await asked(asking, answer(500, "it broke\n"));
    assertEquals([refused.status, refused.errors], [1, ["confd-sidecar: it broke"]]);
  }
});

Deno.test("ask() asks for health, and for the status", async () => {
  const well = await asked(READY, answer(200, "ok\n"));
  assertEquals([well.request.split("\r\n")[0], well.status, well.out], ["GET /readyz HTTP/1.1", 0, ["ok"]]);
  const down = await asked(READY, answer(503, "not ready: service down\n"));
  assertEquals([down.status, down.errors], [1, ["confd-sidecar: not ready: service down"]]);
  const json = await asked(STATUS, answer(200, '{\n  "schema": 1\n}\n'));
  assertEquals([json.request.split(" ")[1], json.status, json.out], ["/status", 0, ['{\n  "schema": 1\n}']]);
});

Deno.test("ask() says when nobody answers, or somebody else", async () => {
  for (const [text, why] of [["", "nobody answers at S: the answer is not whole"], ["HTTP/1.1 200 OK\r\n", ""]]) {
    const { status, errors } = await asked(READY, text);
    assertEquals([status, errors], [69, [`confd-sidecar: ${why || "nobody answers at S: the answer is not whole"}`]]);
  }
  const other = await asked({ is: "status", json: false }, answer(200, "<html>"));
  assertEquals([other.status, other.errors], [69, ["confd-sidecar: what answers at S is no sidecar"]]);
  using folder = new Folder();
  const none = await ask(READY, { SIDECAR_SOCKET: folder.at("s") });
  assertEquals(none.status, 69);
  assertEquals((await ask(READY, { SIDECAR_SOCKET: "off" })).status, 69);
  assertEquals((await ask(READY, { SIDECAR_SOCKET: "relative" })).status, 69);
});

Deno.test("readAll() reads letters that come in pieces", async () => {
  using folder = new Folder();
  const path = folder.at("s");
  using listener = Deno.listen({ transport: "unix", path });
  const client = await Deno.connect({ transport: "unix", path });
  const server = await listener.accept();
  const all = readAll(client);
  for (const byte of new TextEncoder().encode("für €5")) await server.write(Uint8Array.of(byte));
  server.close();
  assertEquals(await all, "für €5");
  client.close();
});
