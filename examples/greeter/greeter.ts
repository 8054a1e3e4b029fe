/**
 * A small HTTP service as many are: it reads a file of settings when it starts and again at SIGHUP, and ends at SIGTERM.
 * It knows nothing of confd or the sidecar.
 *
 *     deno run --allow-read --allow-net greeter.ts FILE
 *
 * The file has lines `greeting = ...` and `name = ...`.
 *
 * Touches: its file, a port of the system's choice, signals, standard output.
 * @module
 */

interface Settings {
  greeting: string;
  name: string;
}

/** Reads the settings; throws if there is one that is missing. */
function readSettings(path: string): Settings {
  const lines = Deno.readTextFileSync(path).split("\n").map((line) => /^(\w+) *= *(.+)$/.exec(line.trim()));
  const values = Object.fromEntries(lines.flatMap((match) => match === null ? [] : [[match[1], match[2]]]));
  const { greeting, name } = values;
  if (!greeting || !name) throw new Error(`${path} must set both 'greeting' and 'name'`);
  return { greeting, name };
}

function sentence({ greeting, name }: Settings): string {
  return `${greeting}, ${name}!`;
}

async function serve(path: string): Promise<void> {
  let settings = readSettings(path);
  const stopping = new AbortController();
  // Before anything else is up: a SIGHUP that nobody listens to ends a program.
  Deno.addSignalListener("SIGHUP", () => {
    try {
      settings = readSettings(path);
      console.log(`greeter: reloaded, and says "${sentence(settings)}"`);
    } catch (error) {
      console.log(`greeter: not reloaded, the old settings stay: ${(error as Error).message}`);
    }
  });
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    Deno.addSignalListener(signal, () => {
      console.log(`greeter: ${signal}, goodbye`);
      stopping.abort();
    });
  }
  const server = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    signal: stopping.signal,
    onListen: ({ hostname, port }) => console.log(`greeter: listening on http://${hostname}:${port}/`),
  }, () => new Response(`${sentence(settings)}\n`));
  await server.finished;
}

const [path] = Deno.args;
if (path === undefined) {
  console.error("greeter: the path of its settings is wanted");
  Deno.exit(64);
}
try {
  await serve(path);
} catch (error) {
  console.error(`greeter: ${(error as Error).message}`);
  Deno.exit(1);
}
Deno.exit(0);
