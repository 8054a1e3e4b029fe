/**
 * The record of a run in its private folder: a locked file, for one run at a time, which says what the run has started. A
 * run that was killed leaves it behind, and with it the way to what it left running.
 *
 * Touches: one file; processes that an earlier run has left, through processes.ts.
 * @module
 */
import type { ChildName } from "../../core/protocol.ts";
import { CLOCK } from "../clock.ts";
import { startTimeOf } from "../linux/proc.ts";
import { send } from "./processes.ts";

const FILE = "run.json";
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
/** How long what an earlier run has left may take to end at SIGTERM, and how often to look, in milliseconds. */
const END_MS = { limit: 2000, look: 20 };

/** A process that cannot be taken for a later one with the same number. */
interface Known {
  pid: number;
  /** Clock ticks after the machine's start, as in proc_pid_stat(5). */
  started: string;
}

type Started = Partial<Record<ChildName | "sidecar", Known>>;

interface Content extends Started {
  /** Where process numbers mean something: the machine's start, and the namespace. */
  place: string;
}

/** What an earlier run has left running. */
export interface Left extends Known {
  child: ChildName;
}

/** The record of this run. */
export class RunRecord {
  readonly #file: Deno.FsFile;
  readonly #started: Started = {};
  /** What an earlier run has left running. */
  readonly left: readonly Left[];

  private constructor(file: Deno.FsFile, left: readonly Left[]) {
    this.#file = file;
    this.left = left;
    this.#note("sidecar", Deno.pid);
  }

  /** Takes the folder for this run; undefined where there is none and none can be made; or who has it, if that is known. */
  static open(folder: string): RunRecord | { holder: number | undefined } | undefined {
    let file: Deno.FsFile;
    try {
      Deno.mkdirSync(folder, { recursive: true, mode: FOLDER_MODE });
      if (!Deno.lstatSync(folder).isDirectory) return undefined;
      file = Deno.openSync(`${folder}/${FILE}`, { read: true, write: true, create: true, mode: FILE_MODE });
    } catch {
      return undefined;
    }
    const before = read(`${folder}/${FILE}`);
    if (!file.tryLockSync(true)) {
      file.close();
      return { holder: before?.place === place() ? before.sidecar?.pid : undefined };
    }
    return new RunRecord(file, before === undefined ? [] : leftOf(before));
  }

  /** A child has been started. */
  note(child: ChildName, pid: number): void {
    this.#note(child, pid);
  }

  #note(name: ChildName | "sidecar", pid: number): void {
    const started = startTimeOf(pid);
    if (started === undefined) delete this.#started[name];
    else this.#started[name] = { pid, started };
    const content: Content = { place: place(), ...this.#started };
    try {
      this.#file.truncateSync();
      this.#file.seekSync(0, Deno.SeekMode.Start);
      this.#file.writeSync(new TextEncoder().encode(`${JSON.stringify(content)}\n`));
    } catch {
      // A full disk: then a crash leaves no record, which is no reason not to run.
    }
  }
}

/** Ends what an earlier run has left: its whole group is asked, and killed when it takes too long. */
export async function endLeft(left: readonly Left[]): Promise<void> {
  for (const { pid } of left) send(-pid, "SIGTERM");
  const deadline = CLOCK.now() + END_MS.limit;
  while (left.some(isThere) && CLOCK.now() < deadline) await CLOCK.sleep(END_MS.look);
  for (const { pid } of left) send(-pid, "SIGKILL");
}

function leftOf(content: Content): Left[] {
  if (content.place !== place()) return [];
  return (["confd", "service"] as const).flatMap((child) => {
    const known = content[child];
    return known !== undefined && isThere(known) ? [{ child, ...known }] : [];
  });
}

function isThere({ pid, started }: Known): boolean {
  return startTimeOf(pid) === started;
}

function place(): string {
  try {
    return `${Deno.readTextFileSync("/proc/sys/kernel/random/boot_id").trim()} ${
      Deno.readLinkSync("/proc/self/ns/pid")
    }`;
  } catch {
    return "";
  }
}

/** What the file holds; undefined where it is not ours, or not whole. */
function read(path: string): Content | undefined {
  try {
    const content = JSON.parse(Deno.readTextFileSync(path));
    return typeof content.place === "string" && content.place !== "" ? content : undefined;
  } catch {
    return undefined;
  }
}
