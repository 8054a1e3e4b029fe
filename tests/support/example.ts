/**
 * A page's example, run by bash as it stands: what it would start the sidecar with.
 *
 * Touches: files and processes in the folder that it is given.
 * @module
 */
import { assert } from "./assert.ts";
import type { Folder } from "./sidecar.ts";

/** What the sidecar is started with. */
export interface Start {
  env: Record<string, string>;
  args: string[];
}

/** Why examples cannot be run here; undefined: they can. */
export const NO_BASH = hasBash() ? undefined : "no bash";

function hasBash(): boolean {
  try {
    return new Deno.Command("bash", { args: ["-c", ":"], stdin: "null" }).outputSync().success;
  } catch {
    return false;
  }
}

/**
 * Runs a script in the folder; `confd-sidecar` is a program that tells what it is given. The environment is all that the
 * script exports.
 */
export function runExample(folder: Folder, script: string): Start {
  const told = folder.at("told");
  folder.write("bin/confd-sidecar", `#!/bin/sh\n{ printf '%s\\0' "$@"; echo; env -0; } > '${told}'\n`, 0o755);
  const { success, stderr } = new Deno.Command("bash", {
    args: ["-euc", script],
    cwd: folder.path,
    env: { PATH: `${folder.at("bin")}:${Deno.env.get("PATH")}` },
    clearEnv: true,
    stdin: "null",
  }).outputSync();
  assert(success, new TextDecoder().decode(stderr));
  const [args, ...env] = exists(told) ? Deno.readTextFileSync(told).split("\0\n") : [""];
  const entries = env.join("\0\n").split("\0").filter((entry) => /^(?!PATH=|PWD=|OLDPWD=|SHLVL=|_=)\w+=/.test(entry));
  return { args: args.split("\0"), env: Object.fromEntries(entries.map((entry) => entry.split(/=([\s\S]*)/, 2))) };
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
