/** fateOf(), on real processes that catch, ignore and block in various ways. */
import { fateOf, YOUNG_MS } from "../../lib/host/processes/readiness.ts";
import { assertEquals } from "../support/assert.ts";
import { until } from "../support/sidecar.ts";

/** A program that sleeps, started by `env` with some of its options; it is there when `env` has become it. */
async function sleeper(options: string[], look: (service: Parameters<typeof fateOf>[0]) => void | Promise<void>) {
  const child = new Deno.Command("env", { args: [...options, "sleep", "100000"] }).spawn();
  const { pid } = child;
  try {
    await until("it sleeps", () => Deno.readTextFileSync(`/proc/${pid}/comm`) === "sleep\n");
    const nothing = () => {};
    await look({ pid, bornMs: performance.now(), exited: new Promise(nothing), signal: nothing, signalGroup: nothing });
  } finally {
    child.kill("SIGKILL");
    await child.status;
  }
}

Deno.test("fateOf() a young service would die of it", () =>
  sleeper([], (service) => assertEquals(fateOf(service, "SIGHUP"), "diesYoung")));

Deno.test("fateOf() an old one would die of it too", () =>
  sleeper(
    [],
    ({ bornMs, ...service }) => assertEquals(fateOf({ ...service, bornMs: bornMs - YOUNG_MS - 1 }, "SIGHUP"), "dies"),
  ));

Deno.test("fateOf() it survives what it ignores", () =>
  sleeper(["--ignore-signal=HUP"], (service) => assertEquals(fateOf(service, "SIGHUP"), "survives")));

Deno.test("fateOf() it survives what it blocks, with some others", () =>
  sleeper(["--block-signal=HUP,TERM"], (service) => {
    assertEquals(fateOf(service, "SIGHUP"), "survives");
    assertEquals(fateOf(service, "SIGUSR1"), "diesYoung");
  }));

Deno.test("fateOf() every signal is blocked: not at once, as shells do that for a moment, but if it lasts", () =>
  sleeper(["--block-signal"], async (service) => {
    assertEquals(fateOf(service, "SIGHUP"), "diesYoung");
    await until("it lasts", () => fateOf(service, "SIGHUP") === "survives");
  }));
