/** Programs run to their end, whoever holds what they print. */
import { queryDialect, runDryRun } from "../../lib/host/processes/query_confd.ts";
import { runCommand } from "../../lib/host/processes/command.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { Folder, until } from "../support/sidecar.ts";
import { find } from "../support/survivors.ts";

const ENV = { PATH: Deno.env.get("PATH") ?? "/usr/bin:/bin" };
const never = () => new AbortController().signal;

/** A program that ends at once and leaves one behind, in a session of its own, that holds its outputs. */
function leavesBehind(folder: Folder, words = "echo said", status = 0): string {
  const up = folder.at("up");
  const left = `setsid sh -c ': > ${up}; exec sleep 100000.${Deno.pid}' &`;
  // It is out of the group before the program ends.
  const script = ["#!/bin/sh", words, left, `while ! test -e ${up}; do sleep 0.01; done`, `exit ${status}`, ""];
  return folder.write("leaves.sh", script.join("\n"), 0o755);
}

async function reap(): Promise<void> {
  const left = () => find(`sleep 100000.${Deno.pid}`, /^sleep /);
  for (const pid of left()) Deno.kill(pid, "SIGKILL");
  await until("nothing is left", () => left().length === 0);
}

async function run(words: string[], limitMs = 0): Promise<{ failure: string | null; lines: string[] }> {
  const lines: string[] = [];
  const onLine = (line: string) => lines.push(line);
  const failure = await runCommand(words, { env: ENV, limitMs, signal: never(), onLine });
  return { failure, lines };
}

Deno.test("runCommand() does not wait for what holds a command's output, and says what was cut off", async () => {
  using folder = new Folder();
  const { failure, lines } = await run([leavesBehind(folder)]);
  assertEquals(failure, null);
  assertEquals(lines, ["said", "... and what it left running still holds its output, which is cut off here"]);
  await reap();
});

Deno.test("runCommand() honours its limit whatever is left behind", async () => {
  using folder = new Folder();
  const { failure } = await run([leavesBehind(folder, "sleep 100000 & wait")], 200);
  assertEquals(failure, `"${folder.at("leaves.sh")}" was killed after 200ms`);
  await reap();
});

Deno.test("runCommand() is ended early by its signal, even one that was given before", async () => {
  const options = { env: ENV, limitMs: 0, onLine: () => {} };
  assertEquals(
    await runCommand(["sleep", "100000"], { ...options, signal: AbortSignal.abort() }),
    '"sleep" was ended early',
  );
});

Deno.test("runCommand() keeps the order in which lines come on the two outputs", async () => {
  using folder = new Folder();
  const gate = folder.at("gate");
  const wait = (n: number) => `while ! test -e ${gate}.${n}; do sleep 0.01; done`;
  const script = folder.write(
    "both.sh",
    `#!/bin/sh\necho one; touch ${gate}.0\n${wait(1)}\necho two >&2; touch ${gate}.2\n${wait(3)}\necho three\n`,
    0o755,
  );
  const open = async (seen: number, next: number) => {
    await until("it has printed", () => folderHas(`${gate}.${seen}`));
    // What it has printed is read before it prints on.
    await until("it is read", () => true);
    Deno.writeTextFileSync(`${gate}.${next}`, "");
  };
  const opening = open(0, 1).then(() => open(2, 3));
  const { lines } = await run([script]);
  await opening;
  assertEquals(lines, ["one", "two", "three"]);
});

function folderHas(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

Deno.test("runCommand() tells every way in which a command can fail", async () => {
  assertEquals((await run(["sh", "-c", "exit 3"])).failure, '"sh" ended with status 3');
  assertEquals((await run(["sh", "-c", "kill -TERM $$"])).failure, '"sh" was killed by SIGTERM');
  assert((await run(["/nonexistent/x"])).failure!.startsWith('"/nonexistent/x" cannot be started: '));
});

Deno.test("runCommand() shows the beginning of very long output", async () => {
  const { lines } = await run(["sh", "-c", "yes | head -c 100000"]);
  assertEquals(lines.at(-1), "... and more");
  assert(lines.join("\n").length < 20_000);
});

Deno.test("queryDialect() does not wait for what holds confd's output", async () => {
  using folder = new Folder();
  const cut: string[] = [];
  const help = "echo 'Usage: confd <command> [flags]'";
  const program = leavesBehind(folder, help);
  assertEquals(await queryDialect(program, { signal: never(), onCutOff: (name) => cut.push(name) }), {
    dialect: "fork",
    early: false,
  });
  assertEquals(cut, [program]);
  await reap();
});

Deno.test("runDryRun() does not wait for what holds confd's output", async () => {
  using folder = new Folder();
  const cut: string[] = [];
  const program = leavesBehind(folder, "echo said");
  const printed = await runDryRun({ program, args: [], env: ENV }, {
    signal: never(),
    onCutOff: (name) => cut.push(name),
  });
  assertEquals([printed, cut], ["said\n", [program]]);
  await reap();
});
