/**
 * `deno task demo [--once]`: the whole of it on one machine, with a real confd and nothing to install.
 *
 * confd reads keys from a file, renders the settings of a small HTTP service, and the sidecar reloads that service when
 * they change. Edit the keys file and watch; Ctrl-C ends it and leaves nothing behind. With `--once` the demo edits the
 * file itself, sees that the service answers anew, stops everything, and ends with 0 only if all of that happened.
 *
 * Touches: a temporary folder, processes, the greeter over HTTP, standard output, signals.
 * @module
 */
import { fileURLToPath } from "node:url";
import { missing, part } from "../tests/tools/parts.ts";
import { keysFile, type Places, placesIn, sidecarEnvironment } from "./demo_files.ts";
import { type RunningSidecar, startSidecar } from "./demo_sidecar.ts";

const GREETER = fileURLToPath(new URL("greeter/greeter.ts", import.meta.url));
/** How long each thing that is waited for may take. */
const DEADLINE_MS = 30_000;
const POLL_MS = 50;

/** What a scene has to work with. */
interface Stage {
  places: Places;
  sidecar: RunningSidecar;
  /** Aborted at Ctrl-C and when the sidecar has ended. */
  over: AbortSignal;
  /** Aborted at Ctrl-C. */
  interrupted: AbortSignal;
}

async function main(args: readonly string[]): Promise<number> {
  const once = args.length === 1 && args[0] === "--once";
  if (args.length > 0 && !once) {
    console.error(`demo: '${args.join(" ")}' is not understood: there is only --once`);
    return 64;
  }
  const name = (["confd-fork", "confd-fork-0.30"] as const).find(part);
  if (name === undefined) {
    console.error(`demo: no confd: ${missing("confd-fork-0.30")}`);
    return 69;
  }
  const interrupted = listenForCtrlC();
  const folder = await Deno.makeTempDir({ prefix: "confd-sidecar-demo-" });
  const places = placesIn(folder);
  try {
    await Deno.writeTextFile(places.keys, keysFile("Hello", "world"));
    introduce({ once, confd: name, places });
    const sidecar = startSidecar({
      command: [Deno.execPath(), "run", "--quiet", `--allow-read=${folder}`, "--allow-net", GREETER, places.settings],
      env: sidecarEnvironment(part(name)!, places),
      onLine: (line) => console.log(dim(`  | ${line}`)),
    });
    try {
      const over = AbortSignal.any([interrupted, sidecar.ended]);
      await (once ? playTheStory : letTheUserPlay)({ places, sidecar, over, interrupted });
    } finally {
      await sidecar.stop();
    }
    return 0;
  } catch (error) {
    console.error(`\ndemo: ${(error as Error).message}`);
    return 1;
  } finally {
    await Deno.remove(folder, { recursive: true });
    console.log(`Removed ${folder}.`);
  }
}

function listenForCtrlC(): AbortSignal {
  const interrupted = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    Deno.addSignalListener(signal, () => interrupted.abort(new Error(`ended by ${signal}`)));
  }
  return interrupted.signal;
}

function introduce({ once, confd, places }: { once: boolean; confd: string; places: Places }): void {
  console.log(`
${bold(`confd-sidecar: the demo${once ? ", which plays by itself" : ""}`)}

  keys file   ${places.keys}
      |       ${confd} reads it and renders
  settings    ${places.settings}
      |       confd-sidecar sends SIGHUP when they have changed
  service     a small HTTP server, examples/greeter
`);
}

/** Shows what the service says, now and after each reload, until Ctrl-C. */
async function letTheUserPlay({ places, sidecar, over, interrupted }: Stage): Promise<void> {
  const url = await waitForUrl({ sidecar, over });
  console.log(`
${bold(`The service is up: ${url}`)}
  it says     ${await ask(url)}

  Now edit    ${places.keys}
  and save it, for instance with:

      sed -i 's/world/everyone/' ${places.keys}

  The service takes it over a second later. Ctrl-C ends the demo.
`);
  let reloads = 0;
  while (!over.aborted) {
    await pause(over);
    const seen = reloadsIn(sidecar);
    if (seen === reloads) continue;
    reloads = seen;
    console.log(`\n${bold("Reloaded")}: ${url} says: ${await ask(url)}\n`);
  }
  // The sidecar that ended by itself is a failure; Ctrl-C is how this is meant to end.
  if (!interrupted.aborted) throw over.reason;
  console.log("\nStopping ...");
}

/** Plays all by itself; throws at the first part that does not happen. */
async function playTheStory({ places, sidecar, over }: Stage): Promise<void> {
  const url = await waitForUrl({ sidecar, over });
  await waitFor(`${url} says "Hello, world!"`, { over, probe: async () => await ask(url) === "Hello, world!" });
  step(1, `The service is up, with what confd rendered: ${url} says: ${await ask(url)}`);
  await Deno.writeTextFile(places.keys, keysFile("Good morning", "everyone"));
  step(2, `The keys file has been edited: now 'Good morning' and 'everyone'`);
  const expected = "Good morning, everyone!";
  await waitFor(`${url} says "${expected}"`, { over, probe: async () => await ask(url) === expected });
  await waitFor("the service's word that it reloaded", { over, probe: () => reloadsIn(sidecar) > 0 });
  step(3, `The same service has reloaded: ${url} says: ${expected}`);
  const status = await sidecar.stop();
  if (status !== 0) throw new Error(`the sidecar ended with status ${status}; wanted is the service's, which is 0`);
  if (!sidecar.lines.includes("greeter: SIGTERM, goodbye")) throw new Error("the service was not told to stop");
  step(4, "Told to stop, the service, confd and the sidecar have ended, with status 0");
}

async function waitForUrl({ sidecar, over }: Pick<Stage, "sidecar" | "over">): Promise<string> {
  const find = () => sidecar.lines.map((line) => /^greeter: listening on (\S+)/.exec(line)?.[1]).find(Boolean);
  await waitFor("the service to listen", { over, probe: () => find() !== undefined });
  return find()!;
}

function reloadsIn({ lines }: RunningSidecar): number {
  return lines.filter((line) => line.startsWith("greeter: reloaded")).length;
}

async function ask(url: string): Promise<string> {
  const response = await fetch(url, { signal: AbortSignal.timeout(DEADLINE_MS) });
  return (await response.text()).trim();
}

/** Waits until something is so; throws when it is over before, or takes too long. */
async function waitFor(
  what: string,
  { over, probe }: { over: AbortSignal; probe: () => boolean | Promise<boolean> },
): Promise<void> {
  const deadline = AbortSignal.timeout(DEADLINE_MS);
  while (!await probe()) {
    if (deadline.aborted) throw new Error(`waited ${DEADLINE_MS / 1000} seconds in vain: ${what}`);
    await pause(over);
    over.throwIfAborted();
  }
}

function pause(over: AbortSignal): Promise<void> {
  if (over.aborted) return Promise.resolve();
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = () => {
    clearTimeout(timer);
    over.removeEventListener("abort", end);
    resolve();
  };
  const timer = setTimeout(end, POLL_MS);
  over.addEventListener("abort", end);
  return promise;
}

function step(n: number, text: string): void {
  console.log(`\n${bold(`${n}/4  ${text}`)}\n`);
}

function styled(code: string, text: string): string {
  return Deno.stdout.isTerminal() && !Deno.noColor ? `\x1b[${code}m${text}\x1b[0m` : text;
}

function bold(text: string): string {
  return styled("1", text);
}

function dim(text: string): string {
  return styled("2", text);
}

Deno.exit(await main(Deno.args));
