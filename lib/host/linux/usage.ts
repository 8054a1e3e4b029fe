/**
 * What this process uses of the machine.
 *
 * Touches: /proc, reading.
 * @module
 */
import type { Usage } from "../../status/view.ts";

/** Clock ticks a second, and the size of a page, on the machines that the runtime is made for: sysconf(3). */
const [TICKS, PAGE_BYTES] = [100, 4096];

/** Undefined where /proc does not tell. */
export function usage(): Usage | undefined {
  try {
    // The name of the program stands in parentheses, and may hold anything: proc_pid_stat(5).
    const stat = Deno.readTextFileSync("/proc/self/stat");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ").map(Number);
    const [userTicks, systemTicks, virtualBytes, residentPages] = [fields[11], fields[12], fields[20], fields[21]];
    const limit = /^Max open files\s+(\d+)/m.exec(Deno.readTextFileSync("/proc/self/limits"))?.[1];
    return {
      cpuSeconds: (userTicks + systemTicks) / TICKS,
      residentBytes: residentPages * PAGE_BYTES,
      virtualBytes,
      openFiles: [...Deno.readDirSync("/proc/self/fd")].length - 1,
      openFilesLimit: limit === undefined ? null : Number(limit),
    };
  } catch {
    return undefined;
  }
}
