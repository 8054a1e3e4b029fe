/**
 * `deno task compile [--into=FOLDER] [ARCH...]`: the sidecar as one executable for each architecture, x86_64 and aarch64 by
 * default, in dist/.
 *
 * What is embedded is the bundle and nothing else: no npm package, no configuration file. Why it is compiled so:
 *
 * - All permissions: the runtime opens files below /proc for nothing less (docs/decisions/0026-all-permissions.md).
 * - No code cache: a compiled program would keep it in the temporary folder, where others could write it, too.
 *
 * `deno compile` puts the program behind a base runtime, which it downloads from dl.deno.land and keeps in DENO_DIR.
 * DENORT_BIN names one that is there already; it must be a `denort` of the target: the full `deno` in its place makes an
 * executable that starts an interactive prompt, so what can be run here is run.
 *
 * Touches: dist/, processes.
 * @module
 */
import { VERSION } from "../../lib/settings/version.ts";
import { ENGINE_FLAGS } from "./engine.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

interface Target {
  arch: string;
  triple: string;
  /** The name that images use. */
  alias: string;
  /** `e_machine` of its executables. */
  machine: number;
}

const TARGETS: readonly Target[] = [
  { arch: "x86_64", triple: "x86_64-unknown-linux-gnu", alias: "amd64", machine: 62 },
  { arch: "aarch64", triple: "aarch64-unknown-linux-gnu", alias: "arm64", machine: 183 },
];

function chosenTargets(words: readonly string[]): readonly Target[] {
  if (words.length === 0) return TARGETS;
  return words.map((word) => {
    const target = TARGETS.find(({ arch, alias }) => word === arch || word === alias);
    const known = TARGETS.map(({ arch, alias }) => `${arch} (${alias})`).join(", ");
    return target ?? fail(`Cannot compile for '${word}': known are ${known}`);
  });
}

function bundle(path: string): void {
  // Told to be quiet, it is so about everything but errors.
  const { success } = deno(["bundle", "--quiet", "--minify", `${ROOT}main.ts`, "-o", path]);
  if (!success) fail("The sources could not be bundled: see above");
}

function compile(target: Target, folder: string): void {
  const output = `${folder}/confd-sidecar-${target.arch}`;
  const { success } = deno([
    "compile",
    "--quiet",
    "--allow-all",
    "--no-config",
    "--no-lock",
    "--no-check",
    "--no-code-cache",
    ENGINE_FLAGS,
    "--target",
    target.triple,
    "--output",
    output,
    bundleIn(folder),
  ]);
  const problem = success ? problemOf(output, target) : "the base runtime is missing (see above)";
  if (problem === undefined) return console.log(output);
  if (success) Deno.removeSync(output);
  fail(
    `${output} could not be made: ${problem}.\n` +
      `Wanted is 'denort' ${Deno.version.deno} for ${target.triple}. It is downloaded from\n` +
      `  https://dl.deno.land/release/v${Deno.version.deno}/denort-${target.triple}.zip\n` +
      "Where that cannot be reached, fetch and unpack it elsewhere, and let DENORT_BIN name the file 'denort';\n" +
      `compile one architecture at a time then. ${bundleIn(folder)} runs without it, on an installed Deno:\n` +
      `  deno run --allow-all --no-config ${bundleIn(folder)} PROGRAM [ARG...]`,
  );
}

function bundleIn(folder: string): string {
  return `${folder}/confd-sidecar.js`;
}

/** What is wrong with an executable; undefined if nothing is. */
function problemOf(path: string, { arch, machine }: Target): string | undefined {
  const header = new Uint8Array(20);
  using file = Deno.openSync(path);
  file.readSync(header);
  const found = new DataView(header.buffer).getUint16(18, true);
  if (found !== machine) return `the base runtime is for another architecture (ELF machine ${found}, not ${machine})`;
  if (arch !== Deno.build.arch) return undefined;
  const { stdout } = new Deno.Command(path, { args: ["--version"], stdin: "null", stderr: "null" }).outputSync();
  const said = new TextDecoder().decode(stdout).trim();
  if (said === `confd-sidecar ${VERSION}`) return undefined;
  return `'--version' said '${said.split("\n")[0]}', so the base runtime is no 'denort'`;
}

function deno(args: readonly string[]): Deno.CommandOutput {
  return new Deno.Command(Deno.execPath(), { args: [...args], cwd: ROOT, stdout: "inherit", stderr: "inherit" })
    .outputSync();
}

function fail(why: string): never {
  console.error(why);
  Deno.exit(1);
}

const INTO = "--into=";
const folder = Deno.args.find((word) => word.startsWith(INTO))?.slice(INTO.length) ?? "dist";
const targets = chosenTargets(Deno.args.filter((word) => !word.startsWith(INTO)));
Deno.chdir(ROOT);
Deno.mkdirSync(folder, { recursive: true });
bundle(bundleIn(folder));
for (const target of targets) compile(target, folder);
