/**
 * Processes that stand still, as those of a paused container do.
 *
 * Touches: processes; /proc, reading.
 * @module
 */
import { until } from "./sidecar.ts";
import { statOf, threadsOf } from "./usage.ts";

/**
 * Stops a process, and waits until all of it stands still: its threads go on until the one that got the signal has had a
 * processor, and on a busy machine that takes its time.
 */
export async function standStill(pid: number): Promise<void> {
  Deno.kill(pid, "SIGSTOP");
  const stands = (thread: string) => statOf(`${pid}/task/${thread}`)[0] === "T";
  await until(`process ${pid} stands still`, () => threadsOf(pid).every(stands));
}
