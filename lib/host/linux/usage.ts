/**
 * What this process uses of the machine.
 *
 * Touches: /proc, reading.
 * @module
 */
import type { Usage } from "../../status/view.ts";

/** Clock ticks a second: what /proc counts in, whatever the kernel's own clock, on every machine of the runtime. */
const TICKS = 100;

/** Undefined where /proc does not tell. `proc` is the folder of the process. */
export function usage(proc = "/proc/self"): Usage | undefined {
  const read = (name: string) => Deno.readTextFileSync(`${proc}/${name}`);
  try {
    // The name of the program stands in parentheses, and may hold anything: proc_pid_stat(5).
    const stat = read("stat");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ").map(Number);
    const [userTicks, systemTicks, virtualBytes] = [fields[11], fields[12], fields[20]];
    // Not from stat: there it is in pages, whose size is the kernel's choice.
    const residentKib = /^VmRSS:\s+(\d+) kB$/m.exec(read("status"))![1];
    const limit = /^Max open files\s+(\d+)/m.exec(read("limits"))?.[1];
    return {
      cpuSeconds: (userTicks + systemTicks) / TICKS,
      residentBytes: Number(residentKib) * 1024,
      virtualBytes,
      openFiles: [...Deno.readDirSync(`${proc}/fd`)].length - 1,
      openFilesLimit: limit === undefined ? null : Number(limit),
    };
  } catch {
    return undefined;
  }
}
