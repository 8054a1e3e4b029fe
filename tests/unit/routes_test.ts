/** What is answered to whom, word for word. */
import type { Condition, StatusDocument } from "../../lib/status/document.ts";
import { type Door, refusalOfRequest } from "../../lib/status/guard.ts";
import { route, type Source } from "../../lib/status/routes.ts";
import { assertEquals } from "../support/assert.ts";

const SOCKET: Door = { by: "socket" };
const LOOPBACK: Door = { by: "tcp", hostname: "127.0.0.1" };
const NETWORK: Door = { by: "tcp", hostname: "0.0.0.0" };

/** Asks a source that is ready but for `conditions`; the answer, and whether it was prepared for it. */
async function ask(
  method: string,
  target: string,
  { door = SOCKET, headers = {}, conditions = [] }: {
    door?: Door;
    headers?: Record<string, string>;
    conditions?: Condition[];
  } = {},
) {
  const { pathname, searchParams } = new URL(target, "http://x");
  let prepared = 0;
  const source: Source = {
    prepare: () => {
      prepared++;
      return Promise.resolve();
    },
    document: () => ({ ready: conditions.length === 0, conditions }) as unknown as StatusDocument,
    metrics: () => [{ name: "a", help: "A.", type: "gauge", samples: [{ labels: {}, value: 1 }] }],
    page: () => Promise.resolve({ body: "<p>", headers: {} }),
    give: () => Promise.resolve({ done: true, says: "done" }),
  };
  const asked = { method, path: pathname, query: searchParams, headers: new Map(Object.entries(headers)) };
  return { ...await route(asked, door, source), prepared };
}

Deno.test("route() answers probes without preparing anything", async () => {
  const text = "text/plain; charset=utf-8";
  for (const path of ["/livez", "/healthz", "/readyz"]) {
    const { status, type, body, prepared } = await ask("GET", path);
    assertEquals([status, type, body, prepared], [200, text, "ok\n", 0], path);
  }
  const conditions: Condition[] = [
    { name: "rendered", is: "ok", says: "ok" },
    { name: "service", is: "no", says: "down" },
    { name: "backend", is: "remark", says: "away" },
  ];
  assertEquals((await ask("GET", "/readyz", { conditions })).body, "not ready: service down; backend away\n");
});

Deno.test("route() prepares what documents and metrics need to know", async () => {
  const types = {
    "/metrics": "text/plain; version=0.0.4; charset=utf-8",
    "/status": "application/json",
    "/": "text/html; charset=utf-8",
  };
  for (const [path, type] of Object.entries(types)) {
    const answer = await ask("GET", path);
    assertEquals([answer.status, answer.type, answer.prepared], [200, type, 1], path);
  }
  assertEquals((await ask("GET", "/metrics")).body, "# HELP a A.\n# TYPE a gauge\na 1\n");
  assertEquals((await ask("GET", "/status")).body, '{\n  "ready": true,\n  "conditions": []\n}\n');
});

Deno.test("route() says why it does not do what is asked", async () => {
  const said = async (...asked: Parameters<typeof ask>) => {
    const { status, body } = await ask(...asked);
    return `${status} ${body}`;
  };
  assertEquals(
    await said("GET", "/x"),
    "404 there is no /x; there are /livez, /healthz, /readyz, /metrics, /status, /\n",
  );
  assertEquals(await said("POST", "/status"), "405 /status takes GET, HEAD\n");
  assertEquals(await said("GET", "/reload"), "405 /reload takes POST\n");
  assertEquals(
    await said("POST", "/reload", { door: NETWORK }),
    "403 commands are taken on the control socket alone\n",
  );
  assertEquals(
    await said("GET", "/livez", { door: LOOPBACK, headers: { host: "evil.example" } }),
    '403 this endpoint is for this machine alone, and is not known as "evil.example"\n',
  );
  assertEquals(
    await said("GET", "/livez", { headers: { origin: "http://a" } }),
    "403 the control socket is not for browsers\n",
  );
  const wrong = JSON.parse((await ask("POST", "/hold?for=soon")).body);
  assertEquals(wrong, { done: false, says: 'for: "soon" is not a duration such as 30m' });
  const long = JSON.parse((await ask("POST", `/hold?reason=${"x".repeat(201)}`)).body);
  assertEquals(long, { done: false, says: "reason: 201 characters are more than 200" });
  assertEquals((await ask("POST", `/hold?reason=${"x".repeat(200)}`)).status, 200);
});

Deno.test("refusalOfRequest() tells this machine's names from those that only look like them", () => {
  const refused = (hostname: string, host: string) =>
    refusalOfRequest({ method: "GET", headers: new Map([["host", host]]) }, { by: "tcp", hostname }) !== null;
  for (const host of ["x127.0.0.1", "127.0.0.1x", "a.10.11.12.13", "[::1].evil.example", "x[::1]", "localhost:x"]) {
    assertEquals(refused("127.0.0.1", host), true, host);
  }
  for (const host of ["127.10.11.12", "10.20.30.40:80", "[fe80::1]:9533"]) {
    assertEquals(refused("127.0.0.1", host), false, host);
  }
  assertEquals(refused("127.8.8.8", "evil.example"), true);
  assertEquals(refused("10.127.0.1", "web-0"), false, "an address of the network");
  assertEquals(refusalOfRequest({ method: "GET", headers: new Map() }, LOOPBACK), null, "a probe without a host");
});

Deno.test("refusalOfRequest() follows links to documents, and nothing else from elsewhere", () => {
  const from = (mode: string, dest: string) =>
    refusalOfRequest({
      method: "GET",
      headers: new Map([["host", "a"], ["sec-fetch-site", "cross-site"], ["sec-fetch-mode", mode], [
        "sec-fetch-dest",
        dest,
      ]]),
    }, NETWORK);
  assertEquals(from("navigate", "document"), null);
  const refusal = "pages of other sites are not served";
  assertEquals([from("no-cors", "document"), from("navigate", "iframe")], [refusal, refusal]);
  const headers = new Map([["host", "a"], ["origin", "null"]]);
  assertEquals(refusalOfRequest({ method: "GET", headers }, NETWORK), refusal);
});
