/**
 * Programs that need more than libraries: they are unpacked from Debian packages with all the data that they read, into a
 * folder of their own, without installing any of it.
 *
 * Touches: processes (apt-get, dpkg-deb, ldd, cp), the network through them; writes only where it is told to.
 * @module
 */
import { findInPath, isExecutable, runQuietly } from "./commands.ts";
import { bringLibraries, hasDebianTools, unpackDebian } from "./debian.ts";
import { digest } from "./go.ts";
import type { PartName } from "./parts.ts";
import { failure, type Made, proven, type Recipe } from "./recipe.ts";

interface Tree {
  name: PartName;
  /** Unpacked over one another; the first one has the program, in one of {@link FOLDERS}. */
  packages: readonly [string, ...string[]];
  /** Tells it where its data are, if it does not find them from its own place. `$home` is the folder of it all. */
  tells?: string;
  /** A file of ours in that folder. */
  file?: readonly [name: string, text: string];
  /** A symbolic link of ours in it. */
  link?: readonly [name: string, target: string];
}

/** Where programs are: systems differ in it. */
const FOLDERS = ["usr/bin", "bin"];

/** Then it goes on with the user's own files. */
const ZSHENV = `module_path=($ZDOTDIR/usr/lib/*/zsh/*(/))
fpath=($ZDOTDIR/usr/share/zsh/functions/**/*(/))
ZDOTDIR=$USER_ZDOTDIR
`;

const TREES: readonly Tree[] = [
  {
    name: "rpm",
    packages: ["rpm", "rpm-common"],
    tells: 'export RPM_CONFIGDIR="$home/usr/lib/rpm"',
  },
  {
    name: "groff",
    packages: ["groff-base"],
    tells: `export GROFF_BIN_PATH="$home/usr/bin"
export GROFF_FONT_PATH="$home/usr/share/groff/current/font" GROFF_TMAC_PATH="$home/usr/share/groff/current/tmac"`,
  },
  {
    name: "zsh",
    packages: ["zsh", "zsh-common"],
    // It takes the places of its modules from no variable of the environment.
    tells: 'export USER_ZDOTDIR="${ZDOTDIR:-$HOME}" ZDOTDIR="$home"',
    file: [".zshenv", ZSHENV],
  },
  {
    name: "fish",
    packages: ["fish", "fish-common"],
    // It finds its data from its own place if its settings are beside them.
    link: ["usr/etc", "../etc"],
  },
];

/** The recipes of these parts. */
export function debianTreeRecipes(): Recipe[] {
  return TREES.map((tree) => {
    const { name, packages } = tree;
    const inPath = hasDebianTools() ? undefined : findInPath(name);
    return {
      name,
      version: "",
      stamp: inPath ? `link ${inPath}` : `debian ${packages.join(" ")} ${digest(JSON.stringify(tree))}`,
      how: inPath ? `linked to ${inPath}` : `unpacked from Debian's ${namesOf(packages)}, not installed`,
      advice: `Where there is no apt, the ${name} of PATH is used.`,
      required: false,
      go: false,
      async make(folder) {
        if (hasDebianTools()) return await take(tree, folder);
        if (inPath === undefined) return { tried: "to find apt-get", problem: `there is none, and no ${name} in PATH` };
        await Deno.symlink(inPath, `${folder}/link`);
        return { path: `${folder}/link` };
      },
    };
  });
}

function namesOf(packages: readonly string[]): string {
  return `${packages.length === 1 ? "package" : "packages"} ${packages.join(" and ")}`;
}

async function take(tree: Tree, folder: string): Promise<Made> {
  const { name, packages, file, link } = tree;
  // Proven where it will stand: it finds what goes with it from its own place.
  const [home, path] = [`${folder}/lib/${name}`, `${folder}/bin/${name}`];
  await Deno.mkdir(`${home}/libraries`, { recursive: true });
  await Deno.mkdir(`${folder}/bin`);
  let version: string | undefined;
  const needed: string[] = [];
  for (const one of packages) {
    const own = `${folder}/packages/${one}`;
    await Deno.mkdir(own, { recursive: true });
    const unpacked = await unpackDebian(one, own);
    if (unpacked.failed) return failure(unpacked.failed);
    const copied = await runQuietly(["cp", "-a", `${unpacked.root}/.`, home], { timeoutMs: 60_000 });
    if (!copied.ok) return failure(copied);
    version ??= unpacked.version;
    needed.push(...unpacked.depends ?? []);
  }
  const program = FOLDERS.map((folder) => `${folder}/${name}`).find((path) => isExecutable(`${home}/${path}`));
  if (program === undefined) return { tried: `to find ${name} in ${packages[0]}`, problem: "it is not there" };
  const places = { path: `${home}/${program}`, folder: `${folder}/packages`, home: `${home}/libraries` };
  const failed = await bringLibraries(needed, places);
  if (failed) return failure(failed);
  if (file) await Deno.writeTextFile(`${home}/${file[0]}`, file[1]);
  if (link) await Deno.symlink(link[1], `${home}/${link[0]}`);
  await Deno.writeTextFile(path, scriptOf(tree, program), { mode: 0o755 });
  const made = await proven(path, { flag: "--version" });
  return "problem" in made ? made : { ...made, version, home };
}

function scriptOf({ name, tells = "" }: Tree, program: string): string {
  return `#!/bin/sh
self=$(readlink -f "$0")
home=\${self%/*}/../lib/${name}
export LD_LIBRARY_PATH="$home/libraries"
${tells}
exec "$home/${program}" "$@"
`;
}
