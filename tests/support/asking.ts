/**
 * Asking a sidecar from outside: over its port, over its control socket, and with the executable as its own client.
 *
 * Touches: the network; processes.
 * @module
 */
import { readAll, writeAll } from "../../lib/host/network/connection.ts";
import type { StatusDocument } from "../../lib/status/document.ts";
import type { Scene } from "./scene.ts";
import { bareEnvironment, commandUnderTest, type Sidecar, until } from "./sidecar.ts";

/** An answer. */
export interface Reply {
  status: number;
  headers: string;
  body: string;
}

/** Sends a request as it stands, and reads what comes until the other side ends. */
export async function exchange(connection: Deno.Conn, text: string): Promise<Reply> {
  try {
    await writeAll(connection, new TextEncoder().encode(text));
    const [head, ...body] = (await readAll(connection)).split("\r\n\r\n");
    return { status: Number(head.split(" ")[1]), headers: head, body: body.join("\r\n\r\n") };
  } finally {
    connection.close();
  }
}

/** The port that a sidecar says it listens at. */
export async function portOf(sidecar: Sidecar): Promise<number> {
  const line = await sidecar.stderr.next("listening at ");
  return Number(/:(\d+) for probes/.exec(line)![1]);
}

/** GET over TCP. */
export async function get(port: number, path: string, headers = "Host: localhost"): Promise<Reply> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  return await exchange(connection, `GET ${path} HTTP/1.1\r\n${headers}\r\n\r\n`);
}

/** The control socket of a scene. */
export function socketOf(scene: Scene): string {
  return `${scene.confdDir}/.confd-sidecar/control.sock`;
}

/** A request over the control socket. */
export async function overSocket(scene: Scene, method: string, target: string): Promise<Reply> {
  return await exchange(await connect(scene), `${method} ${target} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
}

/** The socket comes a moment after the start of the service. */
async function connect(scene: Scene): Promise<Deno.Conn> {
  let connection: Deno.Conn | undefined;
  await until("the control socket", async () => {
    connection = await Deno.connect({ transport: "unix", path: socketOf(scene) }).catch(() => undefined);
    return connection !== undefined;
  });
  return connection!;
}

/** What `/status` says now. */
export async function statusOf(scene: Scene): Promise<StatusDocument> {
  return JSON.parse((await overSocket(scene, "GET", "/status")).body);
}

/** Waits until the status is as wanted. */
export async function untilStatus(
  scene: Scene,
  what: string,
  holds: (document: StatusDocument) => boolean,
): Promise<StatusDocument> {
  let document!: StatusDocument;
  const named = () => `${what}, and not ${JSON.stringify(document, undefined, 2)}:\nthat`;
  await until(named, async () => holds(document = await statusOf(scene)));
  return document;
}

/** Runs the executable with an option of the client. */
export async function client(
  scene: Pick<Scene, "env">,
  ...args: string[]
): Promise<{ code: number; out: string; err: string }> {
  const [program, ...words] = [...commandUnderTest(), ...args];
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args: words,
    env: { ...bareEnvironment(), ...scene.env },
    clearEnv: true,
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  return { code, out: text(stdout), err: text(stderr) };
}
