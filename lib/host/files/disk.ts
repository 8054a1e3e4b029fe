/**
 * Deeds of the file system that several modules need.
 *
 * Touches: the file system.
 * @module
 */
import type { Libc } from "../linux/libc.ts";

/** What we write is for nobody else, until somebody gives it another mode. */
const FILE_MODE = 0o600;
/** How much of a file is in memory while it is copied, in bytes. */
const PIECE = 1 << 18;
/** So many files are synced one by one; for more, their whole file system is, once. */
const FEW = 16;

/** True if something of that name is there, a symbolic link that leads nowhere included. */
export function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Takes away what is there, with all that is in it. That it cannot be shows in what follows. */
export function remove(path: string): void {
  try {
    Deno.removeSync(path, { recursive: true });
  } catch {
    // It is not there, which is what was wanted.
  }
}

/** Takes a file away, and no folder that holds something. That it cannot be shows in what is there then. */
export function removeFile(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // It is not there, or is a mount of its own.
  }
}

/** Writes a file that is not there yet. A link that somebody planted in its place is not followed. */
export function writeNew(path: string, content: Uint8Array): void {
  using file = Deno.openSync(path, { write: true, createNew: true, mode: FILE_MODE });
  for (let done = 0; done < content.length;) done += file.writeSync(content.subarray(done));
}

/** Copies a file to where there is none yet. */
export async function copyNew(from: string, to: string): Promise<void> {
  await copy(from, to, { write: true, createNew: true, mode: FILE_MODE });
}

/** Copies a file into one that is there, and brings that to the disk. */
export async function copyInto(from: string, to: string): Promise<void> {
  await copy(from, to, { write: true, truncate: true });
  await syncFile(to);
}

/** Other events come between one file and the next, and between the pieces of a large one. */
async function copy(from: string, to: string, options: Deno.OpenOptions): Promise<void> {
  const { size, isFile } = await Deno.stat(from);
  if (!isFile) throw new Error(`${from} is not a regular file`);
  using source = Deno.openSync(from);
  using target = Deno.openSync(to, options);
  const buffer = new Uint8Array(Math.min(PIECE, size + 1));
  for (let read = source.readSync(buffer); read !== null; read = await source.read(buffer)) {
    for (let done = 0; done < read;) done += target.writeSync(buffer.subarray(done, read));
    if (read < buffer.length) break;
  }
}

/**
 * Brings the content of files to the disk. A whole file system holds what others have written too, so a few files do not
 * make it wait; a thousand syncs, one after another, would take longer.
 */
export async function flush(paths: readonly string[], libc?: Libc): Promise<void> {
  if (libc === undefined || paths.length <= FEW) {
    for (const path of paths) await syncFile(path);
    return;
  }
  const byDevice = new Map<number, string>();
  for (const path of paths) byDevice.set(Deno.lstatSync(path).dev, path);
  for (const path of byDevice.values()) await libc.syncFileSystem(path);
}

/** Brings the names in a folder to the disk. */
export async function syncFolder(folder: string): Promise<void> {
  try {
    await syncFile(folder);
  } catch {
    // Some file systems, and folders that may be written but not read, do not have that.
  }
}

async function syncFile(path: string): Promise<void> {
  using file = await Deno.open(path);
  await file.sync();
}
