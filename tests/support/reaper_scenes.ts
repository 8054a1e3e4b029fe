/**
 * What a reaper makes of real children, as a program of its own: it takes every dead child of its process, and tests that
 * run side by side share one.
 *
 * Prints one JSON object: the endings of five children, the stops and the ending of one more, and how many orphans it
 * counted.
 *
 * Touches: processes; standard output.
 * @module
 */
import { Libc } from "../../lib/host/linux/libc.ts";
import { posixSpawn } from "../../lib/host/linux/posix_spawn.ts";
import { Reaper } from "../../lib/host/linux/reaper.ts";
import { until } from "./sidecar.ts";

const libc = new Libc();
const reaper = new Reaper({ libc, isRuntimes: () => false });

function start(script: string): number {
  const args = ["sh", "-c", script];
  return posixSpawn(libc, { path: "/bin/sh", args, env: [], ignored: 0n, blocked: 0n, foreground: false });
}

// A signal's handler does not keep the event loop alive.
const timer = setInterval(() => {}, 1000);
const scripts = ["exit 0", "exit 7", "exit 255", "kill -TERM $$", "kill -SEGV $$"];
const endings = await Promise.all(scripts.map((script) => reaper.wait(start(script), () => {})));
const stops: number[] = [];
const pid = start("kill -STOP $$; exit 3");
const ended = await reaper.wait(pid, (signal) => {
  stops.push(signal);
  Deno.kill(pid, "SIGCONT");
});
start("exit 0");
await until("an orphan is reaped", () => reaper.orphans > 0);
console.log(JSON.stringify({ endings, stops, ended, orphans: reaper.orphans }));
clearInterval(timer);
Deno.exit(0);
