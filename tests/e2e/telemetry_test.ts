/**
 * OpenTelemetry: a real collector that prints what it gets, and one that never answers.
 *
 * Touches: files, processes and the loopback network, through the support modules.
 * @module
 */
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { ANY_CONFD, e2e } from "../support/confds.ts";
import { FileKeys } from "../support/keys.ts";
import { freePort } from "../support/ports.ts";
import { type Lines, readLines } from "../support/lines.ts";
import { Scene } from "../support/scene.ts";
import { DEADLINE_MS, Folder, until } from "../support/sidecar.ts";
import { binaryOf } from "../tools/parts.ts";

/** OpenTelemetry's own collector. */
class Collector implements AsyncDisposable {
  readonly address = `127.0.0.1:${freePort()}`;
  readonly lines: Lines;
  readonly #process: Deno.ChildProcess;

  constructor() {
    this.#process = new Deno.Command(binaryOf("otel-collector"), {
      args: [this.address],
      stderr: "piped",
      stdout: "null",
    }).spawn();
    this.lines = readLines(this.#process.stderr, { deadlineMs: DEADLINE_MS });
  }

  /** All that it has printed. */
  get text(): string {
    return this.lines.all.join("\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#process.status;
    await this.lines.ended;
  }
}

e2e("a collector gets a trace for each rollout, the metrics and the log", async ({ folder }) => {
  await using collector = new Collector();
  await collector.lines.next("Everything is ready");
  const keys = new FileKeys(folder, { "/key": "one" });
  const scene = new Scene(folder, { confd: ANY_CONFD, keys });
  const check = folder.write("check.sh", '#!/bin/sh\n! grep -q bad "$1"\n', 0o755);
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://${collector.address}`,
    OTEL_SERVICE_NAME: "shop",
    OTEL_METRIC_EXPORT_INTERVAL: "500",
    SIDECAR_CHECK: `${check} ${scene.dest}`,
  };
  await using sidecar = scene.start({ env });
  await sidecar.stdout.next("start: value=one");
  await keys.put({ "/key": "two" });
  await sidecar.stdout.next("HUP: value=two");
  await keys.put({ "/key": "bad" });
  await sidecar.stderr.next("the new configuration is refused");
  sidecar.signal("SIGTERM");
  assertEquals(await sidecar.status(), 0);
  await until(
    "the last of it",
    () => collector.text.includes("ending with status") || collector.text.includes("main program ended"),
  );
  const { text } = collector;
  assertMatch(text, /service\.name: Str\(shop\)/);
  assertMatch(text, /Name +: confd_sidecar\.start/);
  assertEquals([...text.matchAll(/Name +: confd_sidecar\.rollout\n/g)].length, 2);
  for (const step of ["settle", "check", "publish", "start", "reload"]) {
    assertMatch(text, new RegExp(`Parent ID +: \\w{16}\\n[^#]*?Name +: ${step}\\n`), `a span '${step}'`);
  }
  assertMatch(text, /Status code +: Error\n +Status message +: ".*check\.sh" ended with status 1/);
  assertMatch(text, /Name: reloader_last_reload_successful\n/);
  assertMatch(text, /Name: confd_sidecar_rollout_duration_seconds\n[\s\S]*?DataType: Histogram/);
  assertMatch(text, /SeverityText: WARN\n[\s\S]*?Body: Str\(the new configuration is refused: /);
  assertMatch(text, /Body: Str\(starting main program now\)/);
  assertMatch(text, /Body: Str\(main program and arguments to be run: /, "what was logged before is there too");
}, { parts: ["otel-collector", ANY_CONFD.part] });

Deno.test("a collector that never answers does not delay the end by more than a second", async () => {
  using folder = new Folder();
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const scene = new Scene(folder, { confd: ANY_CONFD, keys: new FileKeys(folder, { "/key": "one" }) });
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${listener.addr.port}` };
  await using sidecar = scene.start({ env });
  await sidecar.stdout.next("start: value=one");
  const [accepted] = [await listener.accept()];
  sidecar.signal("SIGTERM");
  await sidecar.stdout.next("TERM");
  const begun = performance.now();
  assertEquals(await sidecar.status(), 0);
  // The runtime's own exporter takes ten.
  assert(performance.now() - begun < 5000, "it ends");
  accepted.close();
});

Deno.test("a collector that is not there is told of once, and an address that is none does not stop the run", async () => {
  using folder = new Folder();
  const keys = new FileKeys(folder, { "/key": "one" });
  const scene = new Scene(folder, { confd: ANY_CONFD, keys });
  const env = {
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `http://user:s3cret@127.0.0.1:${freePort()}/v1/traces`,
    OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: "collector:4318",
  };
  await using sidecar = scene.start({ env });
  await sidecar.stderr.next("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: it is no address");
  await sidecar.stderr.next(
    /telemetry: traces cannot be sent to http:\/\/127\.0\.0\.1:\d+\/v1\/traces: connection refused/,
  );
  await sidecar.stdout.next("start: value=one");
  await keys.put({ "/key": "two" });
  await sidecar.stdout.next("HUP: value=two");
  assert(!sidecar.stderr.all.some((line) => line.includes("s3cret")), "no password is shown");
});
