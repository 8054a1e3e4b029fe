/**
 * A socket such as systemd's, in a process of its own: the runtime has such sockets behind a flag alone. Prints each
 * datagram as a line, with line ends within it as `|`.
 *
 * Touches: one socket; processes; standard output.
 * @module
 */
import { type Lines, readLines } from "./lines.ts";
import { DEADLINE_MS } from "./sidecar.ts";

/** What was sent there. */
export interface Datagrams extends AsyncDisposable {
  readonly lines: Lines;
}

/** Opens one. Resolves once it is there. */
export async function openDatagrams(path: string): Promise<Datagrams> {
  const script = new URL(import.meta.url).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-lock", "--quiet", "--unstable-net", script, path],
    stdout: "piped",
    env: { DENO_NO_UPDATE_CHECK: "1" },
  }).spawn();
  const lines = readLines(child.stdout, { deadlineMs: DEADLINE_MS });
  await lines.next("open");
  return {
    lines,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await child.status;
      await lines.ended;
    },
  };
}

/** What the flag is for. */
interface DatagramSocket {
  receive(): Promise<[Uint8Array, unknown]>;
}

async function main(path: string): Promise<void> {
  const listen = (Deno as unknown as { listenDatagram: (options: unknown) => DatagramSocket }).listenDatagram;
  const socket = listen({ transport: "unixpacket", path });
  console.log("open");
  for (;;) {
    const [bytes] = await socket.receive();
    console.log(new TextDecoder().decode(bytes).replaceAll("\n", "|"));
  }
}

if (import.meta.main) await main(Deno.args[0]);
