/**
 * confd-sidecar: brings confd and a containerised service together.
 *
 * Command line and environment in, exit status out.
 *
 * Touches: standard output and error, for the help; the exit status, which is set here and nowhere else.
 * @module
 */
import { SOFTWARE, USAGE } from "./lib/core/exit_status.ts";
import { ownWords, unreadableArgument } from "./lib/host/linux/proc.ts";
import { checkConfig, printConfig, type Report } from "./lib/inspect.ts";
import { preview } from "./lib/preview.ts";
import { run } from "./lib/run.ts";
import { parseCommandLine, USAGE_LINE } from "./lib/settings/command_line.ts";
import { VERSION } from "./lib/settings/version.ts";

async function main(argv: readonly string[]): Promise<number> {
  const unreadable = unreadableArgument(argv.length);
  if (unreadable !== undefined) {
    const problem = `argument ${unreadable} is not valid UTF-8, and could not be passed on as it is`;
    return await print(Deno.stderr, `confd-sidecar: ${problem}\n`, USAGE);
  }
  const command = parseCommandLine(argv);
  switch (command.mode) {
    case "run":
      return await run(command, Deno.env.toObject());
    case "once":
      return await run(undefined, Deno.env.toObject());
    case "dryRun": {
      const said = await preview(Deno.env.toObject(), (line) => print(Deno.stdout, `${line}\n`, 0));
      return typeof said === "number" ? said : await report(said);
    }
    case "ask":
      return await report(await (await import("./lib/client.ts")).ask(command.asking, Deno.env.toObject()));
    case "help":
      return await print(Deno.stdout, (await import("./lib/settings/help.ts")).helpText(), 0);
    case "version":
      return await print(Deno.stdout, `confd-sidecar ${VERSION}\n`, 0);
    case "checkConfig":
      return await report(await checkConfig(command.program, Deno.env.toObject()));
    case "printConfig":
      return await report(printConfig(Deno.env.toObject()));
    case "misuse":
      return await print(Deno.stderr, await misuse(command), USAGE);
  }
}

async function report({ out, errors, status }: Report): Promise<number> {
  const lines = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join("");
  await print(Deno.stderr, lines(errors), status);
  return await print(Deno.stdout, lines(out), status);
}

/** What was wrong, and how it is right; in three lines unless there is nothing to go by. */
async function misuse({ problem, needsHelp }: { problem: string; needsHelp?: boolean }): Promise<string> {
  const help = needsHelp
    ? `\n${(await import("./lib/settings/help.ts")).helpText()}`
    : `${USAGE_LINE}\n'confd-sidecar --help' says more\n`;
  return `confd-sidecar: ${problem}\n${help}`;
}

async function print(to: typeof Deno.stdout | typeof Deno.stderr, text: string, status: number): Promise<number> {
  const bytes = new TextEncoder().encode(text);
  try {
    for (let done = 0; done < bytes.length;) done += await to.write(bytes.subarray(done));
  } catch {
    // Nobody reads: the status says the same.
  }
  return status;
}

// A run that has nothing left to wait for would end with 0, whatever it was about: that is a fault.
Deno.exitCode = SOFTWARE;
// Not from the top level: an error that is thrown has to find the places of all functions that are running, and for the
// body of this module that means to read all of its text again.
queueMicrotask(() => main(ownWords(Deno.args, Deno.build.standalone)).then(Deno.exit));
