/**
 * Makes the stand-ins for confd and the service: compiled where there is a C compiler, else scripts for `/bin/sh`.
 *
 * Touches: the file system, below the folder that it is given; the C compiler.
 * @module
 */

/** The programs, and how they were made. */
export interface StandIns {
  confd: string;
  service: string;
  kind: "compiled C" | "shell scripts";
}

const CONFD = `#!/bin/sh
if [ "$1" = --help ]; then
  printf 'Usage of %s:\\n  -confdir string\\n' "$0" >&2
  exit 2
fi
cd "\${0%/*}" || exit 1
echo "rendered by $$" >out/.conf.new
mv out/.conf.new out/conf
echo "2026-01-01T00:00:00Z host confd[1]: INFO Target config $PWD/out/conf has been updated" >&2
[ ! -e flood ] || cat flood >&2
exec cat <>lines >&2
`;

// A script cannot wait for a signal alone: it reads from a FIFO that nobody writes to.
const SERVICE = `#!/bin/sh
cd "\${0%/*}" || exit 1
trap 'printf h' HUP
printf s
mkfifo hold
while :; do read -r _ <>hold; done
`;

/** Makes both stand-ins in a folder. */
export async function makeStandIns(folder: string): Promise<StandIns> {
  const made = { confd: `${folder}/confd`, service: `${folder}/service` };
  if (await compile(made.confd)) {
    await Deno.link(made.confd, made.service);
    return { ...made, kind: "compiled C" };
  }
  await Deno.writeTextFile(made.confd, CONFD, { mode: 0o755 });
  await Deno.writeTextFile(made.service, SERVICE, { mode: 0o755 });
  return { ...made, kind: "shell scripts" };
}

async function compile(program: string): Promise<boolean> {
  const source = new URL("stand_in.c", import.meta.url).pathname;
  for (const more of [["-static"], []]) {
    try {
      const cc = new Deno.Command("cc", {
        args: ["-O2", ...more, "-o", program, source],
        stdout: "null",
        stderr: "null",
      });
      if ((await cc.output()).success) return true;
    } catch {
      // There is no compiler.
    }
  }
  return false;
}
