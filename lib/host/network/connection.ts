/**
 * What every user of a connection needs.
 *
 * Touches: connections that it is given.
 * @module
 */

/** Writes all of it. */
export async function writeAll(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) done += await connection.write(bytes.subarray(done));
}

/** Reads until the other side has no more to say. */
export async function readAll(connection: Deno.Conn): Promise<string> {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(65_536);
  let text = "";
  for (let read = await connection.read(buffer); read !== null; read = await connection.read(buffer)) {
    text += decoder.decode(buffer.subarray(0, read), { stream: true });
  }
  return text + decoder.decode();
}

/** Closes it, whether or not it is closed already. */
export function close(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // It is.
  }
}
