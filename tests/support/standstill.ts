/**
 * Processes that stand still, as those of a paused container do.
 *
 * Touches: processes; /proc, reading.
 * @module
 */
import { until } from "./sidecar.ts";

/**
 * Stops a process, and waits until all of it stands still: its threads go on until the one that got the signal has had a
 * processor, and on a busy machine that takes its time.
 */
export async function standStill(pid: number): Promise<void> {
  Deno.kill(pid, "SIGSTOP");
  await until(`process ${pid} stands still`, () => statesOf(pid).every((state) => state === "T"));
}

/** The state of each thread, proc_pid_stat(5). */
function statesOf(pid: number): string[] {
  return [...Deno.readDirSync(`/proc/${pid}/task`)].map(({ name }) => {
    const stat = Deno.readTextFileSync(`/proc/${pid}/task/${name}/stat`);
    return stat.slice(stat.lastIndexOf(")") + 2)[0];
  });
}
