/**
 * moto's server, which answers as the interfaces of AWS do: from pinned Python packages, in a folder of its own.
 *
 * Touches: processes (python3, pip), the network through them; writes only where it is told to.
 * @module
 */
import { fileURLToPath } from "node:url";
import { findInPath, type Outcome, runQuietly } from "./commands.ts";
import { digest } from "./go.ts";
import { failure, type Made, proven, type Recipe } from "./recipe.ts";

const REQUIREMENTS = fileURLToPath(new URL("moto-server/requirements.txt", import.meta.url));
const TIMEOUT_MS = 5 * 60_000;

const SCRIPT = `#!/bin/sh
self=$(readlink -f "$0")
export PYTHONPATH="\${self%/*}/../lib/moto-server" PYTHONDONTWRITEBYTECODE=1
exec python3 -m moto.server "$@"
`;

/** The recipe of this part. */
export function motoRecipe(): Recipe {
  const requirements = Deno.readTextFileSync(REQUIREMENTS);
  const version = /^moto==(.+)$/m.exec(requirements)?.[1] ?? "";
  return {
    name: "moto-server",
    version,
    stamp: `python ${digest(requirements)}`,
    how: "pinned Python packages, not installed",
    advice: "It needs python3 with pip or venv.",
    required: false,
    go: false,
    make,
  };
}

async function make(folder: string): Promise<Made> {
  if (findInPath("python3") === undefined) return { tried: "to find python3", problem: "there is none in PATH" };
  const pip = await findPip(folder);
  if (!Array.isArray(pip)) return failure(pip);
  // Proven where it will stand: the script finds what goes with it from its own place.
  const home = `${folder}/lib/moto-server`;
  const path = `${folder}/bin/moto-server`;
  await Deno.mkdir(`${folder}/bin`);
  const words = ["install", "--quiet", "--only-binary", ":all:", "--target", home, "--requirement", REQUIREMENTS];
  const [program, ...first] = pip;
  const installed = await runQuietly([program, ...first, ...words], { timeoutMs: TIMEOUT_MS });
  if (!installed.ok) return failure(installed);
  await Deno.writeTextFile(path, SCRIPT, { mode: 0o755 });
  const made = await proven(path, { flag: "--help" });
  return "problem" in made ? made : { ...made, home };
}

/** The words that start pip: Python's own, or that of a throwaway environment, which Debian's has in another package. */
async function findPip(folder: string): Promise<[string, ...string[]] | Outcome> {
  const own: [string, ...string[]] = ["python3", "-m", "pip"];
  if ((await runQuietly([...own, "--version"], { timeoutMs: 30_000 })).ok) return own;
  const made = await runQuietly(["python3", "-m", "venv", `${folder}/venv`], { timeoutMs: TIMEOUT_MS });
  return made.ok ? [`${folder}/venv/bin/python3`, "-m", "pip"] : made;
}
