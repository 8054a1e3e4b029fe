/**
 * A service that tells on standard output what it reads and which signals reach it.
 *
 * Prints `ready (pid: N)`, then `start: ` and the content of its file, and for each signal its name; for HUP the file's
 * content too. It is a program of the runtime's, since shells lose signals that come close upon each other.
 *
 * Touches: the file that it is written to.
 * @module
 */
import type { Folder } from "./sidecar.ts";

const SCRIPT = `
// service.js FILE [STATUS]: ends with STATUS at TERM, INT and QUIT; with 'ignore' it never does.
const [file, status = "0"] = Deno.args;
const encoder = new TextEncoder();
function say(line) {
  Deno.stdout.writeSync(encoder.encode(line + "\\n"));
}
function content() {
  try {
    return Deno.readTextFileSync(file).replaceAll("\\n", " ");
  } catch {
    return "";
  }
}
function finish(name) {
  say(name);
  if (status !== "ignore") Deno.exit(Number(status));
}
Deno.addSignalListener("SIGHUP", () => say("HUP: " + content()));
for (const name of ["TERM", "INT", "QUIT"]) Deno.addSignalListener("SIG" + name, () => finish(name));
for (const name of ["USR1", "USR2", "CONT", "WINCH", "ALRM", "URG", "IO", "PWR", "TTIN", "TTOU", "TSTP"]) {
  Deno.addSignalListener("SIG" + name, () => say(name));
}
// Listeners alone do not keep the runtime running.
setInterval(() => {}, 2 ** 31 - 1);
say("ready (pid: " + Deno.pid + ")");
say("start: " + content());
`;

/** What the service does. */
export interface ServiceOptions {
  /** The file that it shows. @default "/dev/null" */
  file?: string;
  /** The status that it ends with when it is stopped, or `ignore`. @default 0 */
  status?: number | "ignore";
}

/** Writes the service into a folder and returns the words that start it. */
export function service(folder: Folder, { file = "/dev/null", status = 0 }: ServiceOptions = {}): string[] {
  const script = folder.at("service.js");
  Deno.writeTextFileSync(script, SCRIPT);
  return [Deno.execPath(), "run", "-A", "--quiet", "--no-config", script, file, String(status)];
}
