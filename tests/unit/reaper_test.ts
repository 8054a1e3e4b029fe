import { Libc } from "../../lib/host/linux/libc.ts";
import { posixSpawn } from "../../lib/host/linux/posix_spawn.ts";
import { Reaper } from "../../lib/host/linux/reaper.ts";
import { assertEquals } from "../support/assert.ts";
import { until } from "../support/sidecar.ts";

/** Opened once: to open it in a test would be a leak. */
const libc = new Libc();
const reaper = new Reaper({ libc, isRuntimes: () => false });

function start(script: string): number {
  const args = ["sh", "-c", script];
  return posixSpawn(libc, { path: "/bin/sh", args, env: [], ignored: 0n, blocked: 0n, foreground: false });
}

/** Waits while something keeps the event loop alive: a signal's handler does not. */
async function held<T>(promise: Promise<T>): Promise<T> {
  const timer = setInterval(() => {}, 1000);
  try {
    return await promise;
  } finally {
    clearInterval(timer);
  }
}

Deno.test("Reaper.wait() tells how a real child ended: by itself, with its status, or by a signal", async () => {
  const scripts = ["exit 0", "exit 7", "exit 255", "kill -TERM $$", "kill -SEGV $$"];
  const endings = await held(Promise.all(scripts.map((script) => reaper.wait(start(script), () => {}))));
  assertEquals(endings, [
    { code: 0, signal: null },
    { code: 7, signal: null },
    { code: 255, signal: null },
    { code: 143, signal: "SIGTERM" },
    { code: 139, signal: "SIGSEGV" },
  ]);
});

Deno.test("Reaper.wait() tells of a signal that stops a child, before its end", async () => {
  const stops: number[] = [];
  const pid = start("kill -STOP $$; exit 3");
  const ended = reaper.wait(pid, (signal) => {
    stops.push(signal);
    Deno.kill(pid, "SIGCONT");
  });
  assertEquals(await held(ended), { code: 3, signal: null });
  assertEquals(stops, [19]);
});

Deno.test("Reaper counts children that nobody waits for", async () => {
  const before = reaper.orphans;
  start("exit 0");
  await until("it is reaped", () => reaper.orphans > before);
  assertEquals(reaper.orphans - before, 1);
});
