/**
 * examples/redis: a service that cannot reload is started anew, keeps what is stored, and never stays on a bad
 * configuration.
 *
 * Touches: files, processes and the loopback network, through the support modules.
 * @module
 */
import { assertEquals } from "../support/assert.ts";
import { eachConfd } from "../support/confds.ts";
import { freePort } from "../support/ports.ts";
import { type Folder, until } from "../support/sidecar.ts";
import { type ExampleOptions, exampleTest, play, type Played, stopWell } from "./example.ts";
import { goesLive } from "./scenarios.ts";

const PROGRAMS = ["redis-server"] as const;

/** The example at work. */
interface Redis extends Played {
  /** What Redis answers to a command; nothing while it does not answer. */
  ask(...words: string[]): Promise<string>;
}

async function start(folder: Folder, rest: Partial<ExampleOptions> = {}): Promise<Redis> {
  const port = freePort();
  const env = { REDIS_PORT: `${port}`, ...rest.env };
  const played = await play(folder, { ...rest, example: "redis", programs: PROGRAMS, env });
  return { ...played, ask: (...words) => ask(port, words).catch(() => "") };
}

/** One short command, one short answer: both fit into a packet. */
async function ask(port: number, words: readonly string[]): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(new TextEncoder().encode(`${words.join(" ")}\r\n`));
  const buffer = new Uint8Array(1024);
  const length = await connection.read(buffer) ?? 0;
  // Arrays and strings are told with their lengths, which are no matter here.
  return new TextDecoder().decode(buffer.subarray(0, length)).split("\r\n").filter((line) => !/^([*$]\d|$)/.test(line))
    .join(" ");
}

async function hasMemory({ ask }: Redis, bytes: number): Promise<void> {
  await until(`Redis has ${bytes} bytes`, async () => await ask("CONFIG GET maxmemory") === `maxmemory ${bytes}`);
}

eachConfd("examples/redis: a change goes live, with as many processes as before", async ({ folder, confd }) => {
  await using redis = await start(folder, { confd });
  await hasMemory(redis, 64 * 2 ** 20);
  assertEquals(await redis.ask("SET word kept"), "+OK");
  await goesLive(redis, {
    processes: ["redis-server"],
    keys: { "/memory": "32mb" },
    shows: () => hasMemory(redis, 32 * 2 ** 20),
  });
  assertEquals(await redis.ask("GET word"), "kept");
  await stopWell(redis.sidecar);
}, { parts: PROGRAMS, steadyKeys: true });

exampleTest("examples/redis: a configuration on which it does not start is taken back", async ({ folder }) => {
  await using redis = await start(folder);
  const { keys, sidecar } = redis;
  await sidecar.stderr.next("verified: main program is well on its configuration");
  await keys.put({ "/memory": "much" });
  await sidecar.stderr.next("main program died before it was verified: the new configuration is taken back");
  await sidecar.stderr.next("verified: main program is well on the last good configuration");
  await hasMemory(redis, 64 * 2 ** 20);
  await keys.put({ "/memory": "32mb" });
  await hasMemory(redis, 32 * 2 ** 20);
  await stopWell(sidecar);
}, PROGRAMS);
