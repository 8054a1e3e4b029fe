/**
 * Ports for servers that a test starts, and for nobody.
 *
 * A port that the system chooses (port 0), and that is closed again, is one that it gives to connections as well: until the
 * server is there, a connection of a load test may have taken it, and whoever tries to connect to it may reach himself. So
 * these lie outside of that range. They are free for UDP too, as a name server wants it, and no other test is given one
 * meanwhile: a file in the system's folder for temporary files stands for each until the end of the test's module.
 *
 * Touches: files, the loopback network, /proc.
 * @module
 */
import { textOf } from "./text_of.ts";

/** Below are those of servers that machines have, and some that browsers refuse. */
const FIRST = 10_100;
const LAST = 65_535;
const CLAIM = `${Deno.env.get("TMPDIR") ?? "/tmp"}/sidecar-test-port-`;

const claims: string[] = [];
addEventListener("unload", () => claims.forEach((path) => Deno.removeSync(path)));

/** A port at which nothing listens, and at which a server may. */
export function freePort(): number {
  const [first, last] = rangeOfConnections(Deno.readTextFileSync("/proc/sys/net/ipv4/ip_local_port_range"));
  const ports = portsOutside(first, last);
  // Without IPv6 there is no udp6.
  const datagrams = new Set(["udp", "udp6"].flatMap((name) => boundPorts(textOf(`/proc/net/${name}`))));
  for (let tries = 0; tries < 1000; tries++) {
    const port = ports[Math.floor(Math.random() * ports.length)];
    if (!datagrams.has(port) && claim(port) && canListen(port)) return port;
  }
  throw new Error(`none of ${ports.length} ports is free`);
}

/** The first and the last port that the system gives to connections. */
export function rangeOfConnections(text: string): [number, number] {
  const [first, last] = text.trim().split(/\s+/).map(Number);
  return [first, last];
}

/** The ports that it does not give to them; or all of them, where it gives every one. */
export function portsOutside(first: number, last: number): number[] {
  const all = Array.from({ length: LAST - FIRST + 1 }, (_, i) => FIRST + i);
  const outside = all.filter((port) => port < first || port > last);
  return outside.length > 0 ? outside : all;
}

/** The ports of a table of sockets such as /proc/net/udp. */
export function boundPorts(table: string): number[] {
  return [...table.matchAll(/^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) /gm)].map(([, port]) => parseInt(port, 16));
}

function canListen(port: number): boolean {
  try {
    Deno.listen({ hostname: "0.0.0.0", port }).close();
    return true;
  } catch {
    return false;
  }
}

function claim(port: number): boolean {
  const path = `${CLAIM}${port}`;
  try {
    Deno.openSync(path, { createNew: true, write: true }).close();
    claims.push(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return false;
    throw error;
  }
}
