/**
 * A headless Chromium, unpacked from Debian packages together with its libraries and with fonts of its own, without
 * installing any of it. Its own fonts make a page look the same on every machine.
 *
 * Touches: processes (apt-get, dpkg, ldd, chromium), the network through them; writes only where it is told to.
 * @module
 */
import { findInPath, type Outcome, runQuietly } from "./commands.ts";
import { bringLibraries, hasDebianTools, unpackDebian, type Unpacked } from "./debian.ts";
import { failure, type Made, type Recipe } from "./recipe.ts";

const PACKAGE = "chromium-headless-shell";
/** What the program reads from its own folder. */
const DATA_PACKAGE = "chromium-common";
const DATA = ["icudtl.dat", "snapshot_blob.bin", "v8_context_snapshot.bin"];
const FONTS: Record<string, RegExp> = {
  "fonts-inter": /\/Inter-(Regular|Medium|SemiBold|Bold)\.otf$/,
  "fonts-dejavu-core": /\/DejaVuSansMono(-Bold)?\.ttf$/,
};

/** Beside the fonts that it shows, for it finds them by its own place. */
const FONTS_CONF = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <dir prefix="relative">fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
  <alias><family>monospace</family><prefer><family>DejaVu Sans Mono</family></prefer></alias>
  <alias><family>sans-serif</family><prefer><family>Inter</family></prefer></alias>
  <alias><family>system-ui</family><prefer><family>Inter</family></prefer></alias>
</fontconfig>
`;

const SCRIPT = `#!/bin/sh
self=$(readlink -f "$0")
home=\${self%/*}/../lib/chromium
export LD_LIBRARY_PATH="$home" FONTCONFIG_FILE="$home/fonts.conf"
exec "$home/${PACKAGE}" "$@"
`;

const PROOF = "<p>It works";

/** The recipe of this part. */
export function chromiumRecipe(): Recipe {
  const installed = findInPath("chromium");
  return {
    name: "chromium",
    version: "",
    stamp: `debian ${PACKAGE}`,
    how: `unpacked from Debian's package ${PACKAGE} with fonts of its own, not installed`,
    advice: "Where it cannot be unpacked, the chromium of PATH is used.",
    required: false,
    go: false,
    async make(folder) {
      const made = hasDebianTools() ? await take(folder) : NO_TOOLS;
      if ("path" in made || installed === undefined) return made;
      await Deno.symlink(installed, `${folder}/link`);
      return { path: `${folder}/link` };
    },
  };
}

const NO_TOOLS: Made = { tried: "to find apt-get and dpkg-deb", problem: "they are not there" };

async function take(folder: string): Promise<Made> {
  // Proven where it will stand: the script finds what goes with it from its own place.
  const home = `${folder}/lib/chromium`;
  const path = `${folder}/bin/chromium`;
  await Deno.mkdir(`${home}/fonts`, { recursive: true });
  await Deno.mkdir(`${folder}/bin`);
  const [program, data, ...fonts] = await unpackAll([PACKAGE, DATA_PACKAGE, ...Object.keys(FONTS)], folder);
  const failed = [program, data, ...fonts].find(({ failed }) => failed)?.failed ??
    await bringLibraries(program.depends ?? [], { path: `${program.root}/usr/lib/chromium/${PACKAGE}`, folder, home });
  if (failed) return failure(failed);
  moveAll(`${program.root}/usr/lib/chromium`, { to: home, wanted: /./ });
  for (const name of DATA) Deno.renameSync(`${data.root}/usr/lib/chromium/${name}`, `${home}/${name}`);
  for (const [i, wanted] of Object.values(FONTS).entries()) moveAll(fonts[i].root!, { to: `${home}/fonts`, wanted });
  await Deno.writeTextFile(`${home}/fonts.conf`, FONTS_CONF);
  await Deno.writeTextFile(path, SCRIPT, { mode: 0o755 });
  const shown = await showPage(path, folder);
  return shown.ok && shown.text.includes(PROOF) ? { path, version: program.version, home } : failure(shown);
}

/** It counts only if it can show a page: data that is missing is better seen now. */
function showPage(path: string, folder: string): Promise<Outcome> {
  const args = ["--headless", "--no-sandbox", "--disable-gpu", `--user-data-dir=${folder}/profile`, "--dump-dom"];
  return runQuietly([path, ...args, `data:text/html,${PROOF}`], { env: { HOME: folder }, timeoutMs: 60_000 });
}

async function unpackAll(names: readonly string[], folder: string): Promise<Unpacked[]> {
  const all: Unpacked[] = [];
  for (const name of names) {
    const own = `${folder}/packages/${name}`;
    await Deno.mkdir(own, { recursive: true });
    all.push(await unpackDebian(name, own));
  }
  return all;
}

/** Moves files from wherever below a folder they are. */
function moveAll(from: string, { to, wanted }: { to: string; wanted: RegExp }): void {
  for (const { name, isDirectory } of Deno.readDirSync(from)) {
    const path = `${from}/${name}`;
    if (isDirectory) moveAll(path, { to, wanted });
    else if (wanted.test(path)) Deno.renameSync(path, `${to}/${name}`);
  }
}
