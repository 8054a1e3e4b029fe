/**
 * Where the sidecar can be reached: a TCP port, and a Unix socket that its own user alone may open.
 *
 * Touches: the network; the socket's file.
 * @module
 */
import { authorityOf, type Listen } from "../../settings/listen.ts";
import type { Listener } from "./http_server.ts";

/** Its owner alone. */
const NOT_FOR_OTHERS = 0o177;

/** A listener and its address, or why there is none. */
export type Opened = { listener: Listener; address: string } | { problem: string };

/** Listens at a TCP port. */
export function openPort(listen: Listen): Opened {
  try {
    const listener = Deno.listen(listen);
    const { port } = listener.addr as Deno.NetAddr;
    return { listener, address: authorityOf({ ...listen, port }) };
  } catch (error) {
    return { problem: `cannot listen at ${authorityOf(listen)}: ${causeOf(error as Error)}` };
  }
}

/** Listens at a Unix socket. What a run that was killed has left in its place is removed. */
export async function openSocket(path: string): Promise<Opened> {
  const problem = await clear(path);
  if (problem !== undefined) return { problem };
  // Nobody else can open it, not even for a moment.
  const before = Deno.umask(NOT_FOR_OTHERS);
  try {
    return { listener: Deno.listen({ transport: "unix", path }), address: path };
  } catch (error) {
    return { problem: `cannot listen at ${path}: ${causeOf(error as Error)}` };
  } finally {
    Deno.umask(before);
  }
}

/** Why a path cannot be used. */
async function clear(path: string): Promise<string | undefined> {
  let info: Deno.FileInfo;
  try {
    info = Deno.lstatSync(path);
  } catch {
    return undefined;
  }
  if (!info.isSocket) return `${path} is there already, and is no socket`;
  try {
    (await Deno.connect({ transport: "unix", path })).close();
    return `${path} is in use by another process`;
  } catch {
    removeSocket(path);
    return undefined;
  }
}

/** Removes the file of a socket. */
export function removeSocket(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // It is gone, or the folder is read-only by now.
  }
}

function causeOf(error: Error): string {
  if (error instanceof Deno.errors.AddrInUse) return "the address is in use";
  if (error instanceof Deno.errors.PermissionDenied) return "permission denied";
  if (error instanceof Deno.errors.NotFound) return "its folder is not there";
  return error.message.replace(/ \(os error \d+\)$/, "");
}
