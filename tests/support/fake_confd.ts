/**
 * A confd that does what a test says: for what no real one does on demand.
 *
 * It answers `--help` as the classic confd does, and then runs a piece of shell.
 *
 * Touches: the file that it is written to.
 * @module
 */
import type { Confd } from "./confds.ts";

/** What the sidecar needs to know of it: a backend that needs nothing. */
export const NO_KEYS = { env: { CONFD_BACKEND: "etcd" } };

/**
 * A confd that runs a piece of shell. There, `render FILE TEXT` writes as confd does, and `wait_for CONDITION` waits for
 * what test(1) can say.
 */
export function fakeConfd(script: string): Confd {
  const path: Confd["path"] = (folder) =>
    folder.write(
      "fake-confd",
      `#!/bin/sh
if [ "$1" = --help ]; then
  printf 'Usage of confd:\\n  -confdir string\\n' >&2
  exit 0
fi
# An dryRun: nothing is known to be in sync.
case "$*" in *onetime*) exit 0 ;; esac
render() { printf '%s\\n' "$2" > "$1.new" && mv "$1.new" "$1"; }
wait_for() { while ! test "$@"; do sleep 0.02; done; }
${script}
`,
      0o755,
    );
  return { name: "a confd of the test's own", part: "confd-classic", panics: false, etcd: "etcd", path };
}
