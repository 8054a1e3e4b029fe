/** Ports that tests choose. */
import { createSocket } from "node:dgram";
import { assert, assertEquals } from "../support/assert.ts";
import { boundPorts, freePort, portsOutside, rangeOfConnections } from "../support/ports.ts";

Deno.test("freePort() gives each port once, and none that a connection may be given", () => {
  const [first, last] = rangeOfConnections(Deno.readTextFileSync("/proc/sys/net/ipv4/ip_local_port_range"));
  const ports = Array.from({ length: 100 }, freePort);
  assertEquals(new Set(ports).size, 100);
  if (portsOutside(first, last).length < 50_000) {
    assertEquals(ports.filter((port) => port >= first && port <= last), []);
  }
});

Deno.test("portsOutside() leaves out the range of connections, unless that is all", () => {
  assertEquals(rangeOfConnections("32768\t60999\n"), [32_768, 60_999]);
  const ports = portsOutside(32_768, 60_999);
  assertEquals([ports[0], ports.at(-1), ports.includes(32_767), ports.includes(61_000)], [10_100, 65_535, true, true]);
  assertEquals([ports.includes(32_768), ports.includes(60_999)], [false, false]);
  assertEquals(portsOutside(1024, 65_535).length, 55_436);
});

Deno.test("boundPorts() sees sockets for datagrams, which no listener for connections meets", async () => {
  assertEquals(
    boundPorts(
      "   sl  local_address rem_address   st tx_queue rx_queue\n" +
        "  312: 0100007F:14E9 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 1 2 0\n" +
        " 4000: 00000000000000000000000001000000:0035 00000000000000000000000000000000:0000 07 0:0 0:0 0 0 0 1 2 0\n",
    ),
    [5353, 53],
  );
  const socket = createSocket("udp4");
  const { promise: bound, resolve } = Promise.withResolvers<void>();
  const port = freePort();
  socket.bind(port, "127.0.0.1", resolve);
  await bound;
  try {
    assert(boundPorts(Deno.readTextFileSync("/proc/net/udp")).includes(port), `${port} is taken`);
  } finally {
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    socket.close(resolve);
    await closed;
  }
});
