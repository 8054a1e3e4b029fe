/**
 * A release made by a test, and how it is looked at.
 *
 * Touches: files below the folders that it is given, processes.
 * @module
 */
import { bareEnvironment } from "../support/sidecar.ts";

/** The folder of the sources. */
export const ROOT = new URL("../../", import.meta.url).pathname;

/** How a program is run. */
export interface RunOptions {
  env?: Record<string, string>;
  cwd?: string;
}

/** Runs a program; returns what it printed. Throws where it ends badly. */
export function run([program, ...args]: readonly string[], { env, cwd }: RunOptions = {}): string {
  const { success, stdout, stderr } = new Deno.Command(program, {
    args,
    env: { ...bareEnvironment(), ...env },
    clearEnv: true,
    cwd,
    stdin: "null",
  }).outputSync();
  const text = new TextDecoder().decode(stdout);
  if (!success) throw new Error(`${program} ${args.join(" ")}: ${text}${new TextDecoder().decode(stderr)}`);
  return text;
}

/** Whether there is a program of that name. */
export function isHere(program: string): boolean {
  return new Deno.Command("sh", { args: ["-c", `command -v ${program}`], stdout: "null" }).outputSync().success;
}

/** Makes a release in the folder `dist`. `root`: where the sources are. */
export function makeRelease(dist: string, root = ROOT): string {
  const script = ["run", "-A", "--no-check", "--no-lock", "tests/tools/release/release.ts"];
  return run([Deno.execPath(), ...script, dist], { cwd: root });
}

/** What releases are made from. */
const SOURCES = [
  "deno.json",
  "deno.lock",
  "main.ts",
  "lib",
  "tests",
  "examples",
  "CHANGELOG.md",
  "LICENSE",
  ".ci",
  "Dockerfile",
];

/** Copies the sources into a folder, which is made. What setup has brought is there as well. */
export function copySources(folder: string): void {
  Deno.mkdirSync(folder, { recursive: true });
  run(["cp", "-R", ...SOURCES.map((name) => ROOT + name), folder]);
  Deno.symlinkSync(`${ROOT}.tools`, `${folder}/.tools`);
}

/** All that is below a folder: each file with what is in it, and each folder, whose path ends with a `/`. */
export function contentsOf(folder: string, below = ""): Record<string, string> {
  return Object.fromEntries(
    [...Deno.readDirSync(`${folder}/${below}`)].flatMap(({ name, isDirectory, isSymlink }) => {
      const path = `${below}${name}`;
      if (isDirectory) return [[`${path}/`, ""], ...Object.entries(contentsOf(folder, `${path}/`))];
      return [[path, isSymlink ? Deno.readLinkSync(`${folder}/${path}`) : readBase64(`${folder}/${path}`)]];
    }).sort(),
  );
}

function readBase64(path: string): string {
  return Deno.readFileSync(path).toBase64();
}
