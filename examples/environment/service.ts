/**
 * A service as many are: it reads its environment once, when it starts. At SIGTERM it takes no more connections, and ends
 * when it has answered those that it has.
 *
 * Touches: its environment, a port, signals.
 * @module
 */
const { GREETING, NAME, PORT } = Deno.env.toObject();
const headers = { connection: "close" };
const server = Deno.serve(
  { hostname: "127.0.0.1", port: Number(PORT), onListen: () => {} },
  () => new Response(`${GREETING}, ${NAME}!\n`, { headers }),
);
Deno.addSignalListener("SIGTERM", () => server.shutdown());
await server.finished;
Deno.exit(0);
