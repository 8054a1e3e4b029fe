/**
 * A service that tells on standard output what it reads and which signals reach it.
 *
 * Prints `ready (pid: N)`, then `start: ` and the content of its file, and for each signal its name; for HUP the file's
 * content too. A dash script, since it has to start fast; its one sleep ends with it.
 *
 * Touches: the file that it is written to.
 * @module
 */
import type { Folder } from "./sidecar.ts";

const SCRIPT = `
# service.sh FILE [STATUS]: ends with STATUS at TERM, INT and QUIT; with 'ignore' it never does.
file=$1
status=\${2:-0}
content() { [ -e "$file" ] && tr '\\n' ' ' < "$file"; }
finish() {
  echo "$1"
  [ "$status" = ignore ] && return
  kill "$sleeper"
  exit "$status"
}
trap 'echo "HUP: $(content)"' HUP
for name in TERM INT QUIT; do trap "finish $name" "$name"; done
for name in USR1 USR2 CONT WINCH ALRM URG IO PWR TSTP TTIN TTOU; do trap "echo $name" "$name"; done
sleep 100000 &
sleeper=$!
echo "ready (pid: $$)"
echo "start: $(content)"
while :; do wait "$sleeper"; done
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
  const script = folder.at("service.sh");
  Deno.writeTextFileSync(script, SCRIPT);
  return ["dash", script, file, String(status)];
}
