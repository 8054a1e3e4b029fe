/** mayBeSent(), on real processes that catch, ignore and block in various ways. */
import { mayBeSent, YOUNG_MS } from "../../lib/host/processes/readiness.ts";
import { assertEquals } from "../support/assert.ts";
import { until } from "../support/sidecar.ts";

/** A program that sleeps, started by `env` with some of its options; it is there when `env` has become it. */
async function sleeper(options: string[], look: (service: Parameters<typeof mayBeSent>[0]) => void | Promise<void>) {
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

Deno.test("mayBeSent() no: a young service would die of it", () =>
  sleeper([], (service) => assertEquals(mayBeSent(service, "SIGHUP"), false)));

Deno.test("mayBeSent() yes: an old one is sent it in any case", () =>
  sleeper(
    [],
    ({ bornMs, ...service }) => assertEquals(mayBeSent({ ...service, bornMs: bornMs - YOUNG_MS - 1 }, "SIGHUP"), true),
  ));

Deno.test("mayBeSent() yes: it is ignored", () =>
  sleeper(["--ignore-signal=HUP"], (service) => assertEquals(mayBeSent(service, "SIGHUP"), true)));

Deno.test("mayBeSent() yes: it is blocked, with some others", () =>
  sleeper(["--block-signal=HUP,TERM"], (service) => {
    assertEquals(mayBeSent(service, "SIGHUP"), true);
    assertEquals(mayBeSent(service, "SIGUSR1"), false);
  }));

Deno.test("mayBeSent() every signal is blocked: not at once, as shells do that for a moment, but if it lasts", () =>
  sleeper(["--block-signal"], async (service) => {
    assertEquals(mayBeSent(service, "SIGHUP"), false);
    await until("it lasts", () => mayBeSent(service, "SIGHUP"));
  }));
