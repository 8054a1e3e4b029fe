import type { HttpRequest, Outcome } from "../../lib/host/network/http.ts";
import { Otlp } from "../../lib/host/network/otlp.ts";
import { readTelemetry } from "../../lib/telemetry/settings.ts";
import { assertEquals } from "../support/assert.ts";
import { settled, TestClock } from "../support/clock.ts";

const OURS = { version: "1.0.0", host: "web-0" };

// Sending.

class Collector {
  readonly clock = new TestClock();
  readonly said: string[] = [];
  readonly requests: { request: HttpRequest; answer: (outcome: Outcome) => void }[] = [];
  readonly otlp: Otlp;

  constructor(env: Record<string, string> = { OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: "http://u:p@c/logs" }) {
    this.otlp = new Otlp({
      settings: readTelemetry(env, OURS),
      clock: this.clock,
      warn: (msg) => this.said.push(msg),
      inform: (msg) => this.said.push(msg),
      send: (request) => {
        const { promise, resolve } = Promise.withResolvers<Outcome>();
        this.requests.push({ request, answer: resolve });
        return promise;
      },
    });
  }

  /** The items of a request. */
  items(i: number): number[] {
    return JSON.parse(this.requests[i].request.body!).resourceLogs[0].scopeLogs[0].logRecords.map((
      { n }: { n: number },
    ) => n);
  }

  async answer(i: number, outcome: Outcome): Promise<void> {
    this.requests[i].answer(outcome);
    await settled();
  }
}

const OK = { status: 200 };
const numbered = (from: number, count: number) => Array.from({ length: count }, (_, i) => ({ n: from + i }));

Deno.test("Otlp sends what has come together every two seconds, one request at a time", async () => {
  const world = new Collector();
  world.otlp.push("logs", numbered(0, 2));
  world.otlp.push("traces", numbered(0, 2));
  await world.clock.advance(2000);
  assertEquals(world.requests.map(({ request }) => request.url), ["http://u:p@c/logs"], "nobody wants traces");
  assertEquals(world.requests[0].request.headers, { "Content-Type": "application/json" });
  assertEquals(world.items(0), [0, 1]);
  world.otlp.push("logs", numbered(2, 1));
  await world.clock.advance(2000);
  assertEquals(world.requests.length, 1);
  await world.answer(0, OK);
  assertEquals(world.items(1), [2]);
  await world.answer(1, OK);
  await world.clock.advance(10_000);
  assertEquals([world.requests.length, world.said], [2, []]);
});

Deno.test("Otlp tries again what may work later, less and less often, and says so once", async () => {
  const world = new Collector();
  world.otlp.push("logs", numbered(0, 1));
  await world.clock.advance(2000);
  await world.answer(0, { failure: "connection refused" });
  await world.clock.advance(2000);
  await world.answer(1, { status: 503 });
  await world.clock.advance(2000);
  await world.answer(2, { status: 429 });
  assertEquals(world.said, ["telemetry: logs cannot be sent to http://c/logs: connection refused"]);
  await world.clock.advance(2000);
  assertEquals(world.requests.length, 3, "four seconds have to pass");
  await world.clock.advance(4000);
  assertEquals(world.items(3), [0]);
  await world.answer(3, OK);
  assertEquals(world.said.slice(1), ["telemetry: logs are sent to http://c/logs again"]);
});

Deno.test("Otlp does not send again what is refused", async () => {
  const world = new Collector();
  world.otlp.push("logs", numbered(0, 1));
  await world.clock.advance(2000);
  await world.answer(0, { status: 400 });
  world.otlp.push("logs", numbered(1, 1));
  await world.clock.advance(4000);
  assertEquals(world.items(1), [1]);
  assertEquals(world.said, ["telemetry: logs cannot be sent to http://c/logs: it answered 400"]);
});

Deno.test("Otlp keeps the newest of more than it can send, and sends them in parts", async () => {
  const world = new Collector();
  world.otlp.push("logs", numbered(0, 2050));
  world.otlp.push("logs", numbered(2050, 1));
  await world.clock.advance(2000);
  assertEquals([world.items(0)[0], world.items(0).length], [3, 512]);
  await world.answer(0, OK);
  assertEquals(world.items(1)[0], 515);
  assertEquals(world.said, ["telemetry: more logs than can be sent: the oldest are dropped"]);
});

Deno.test("Otlp ends a request that takes too long, and at its own end all of them", async () => {
  const world = new Collector({ OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: "http://c/logs", OTEL_EXPORTER_OTLP_TIMEOUT: "500" });
  world.otlp.push("logs", numbered(0, 1));
  await world.clock.advance(2000);
  assertEquals(world.requests[0].request.signal.aborted, false);
  await world.clock.advance(500);
  assertEquals(world.requests[0].request.signal.aborted, true);
  await world.answer(0, { failure: "did not answer in time" });
  let closed = false;
  const closing = world.otlp.close(1000).then(() => closed = true);
  await settled();
  assertEquals(world.requests.length, 2, "it tries once more, although it is not yet time to");
  await world.clock.advance(400);
  assertEquals(closed, false);
  await world.clock.advance(600);
  await closing;
  assertEquals(world.requests[1].request.signal.aborted, true);
});

Deno.test("Otlp.close() sends what came while a request was under way, and waits for no more than that", async () => {
  const world = new Collector();
  world.otlp.push("logs", numbered(0, 1));
  await world.clock.advance(2000);
  world.otlp.push("logs", numbered(1, 1));
  const closing = world.otlp.close(1000);
  await world.answer(0, OK);
  assertEquals(world.items(1), [1]);
  await world.answer(1, OK);
  await closing;
});
