/**
 * What runs below a process.
 *
 * Touches: /proc, reading.
 * @module
 */
import { until } from "../support/sidecar.ts";

interface Process {
  pid: number;
  parent: number;
  /** Its name; that of a zombie says so. */
  name: string;
}

/** The names of all processes below one, in order. */
export function family(pid: number): string[] {
  const all = [...Deno.readDirSync("/proc")].filter(({ name }) => /^\d+$/.test(name)).flatMap(({ name }) => read(name));
  const below = (parent: number): Process[] =>
    all.filter((one) => one.parent === parent).flatMap((one) => [one, ...below(one.pid)]);
  return below(pid).map(({ name }) => name).sort();
}

/** Waits until the processes below one are these: those of before a reload have gone, and no zombie is left of them. */
export async function familyIs(pid: number, wanted: readonly string[]): Promise<void> {
  await until(() => `the processes ${wanted}, and not ${family(pid)}`, () => `${family(pid)}` === `${wanted}`);
}

function read(pid: string): Process[] {
  try {
    const [, name, state, parent] = /\((.*)\) (\S) (\d+)/s.exec(Deno.readTextFileSync(`/proc/${pid}/stat`))!;
    return [{ pid: Number(pid), parent: Number(parent), name: state === "Z" ? `${name} (zombie)` : name }];
  } catch {
    // It ended meanwhile.
    return [];
  }
}
