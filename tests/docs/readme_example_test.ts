/**
 * The README's example, run as it stands: bash puts its environment together, and a stand-in for Prometheus shows what
 * it gets to read.
 *
 * Touches: files and processes, through the support modules.
 * @module
 */
import { prepare } from "../../lib/prepare.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { ANY_CONFD, e2e, type Stage } from "../support/confds.ts";
import { service } from "../support/service.ts";
import { type Folder, Sidecar } from "../support/sidecar.ts";
import { fences, readText } from "./pages.ts";

const [EXAMPLE, CHANGE] = fences(readText("README.md"), "bash");
const BASH = hasBash() ? undefined : "no bash";

function hasBash(): boolean {
  try {
    return new Deno.Command("bash", { args: ["-c", ":"], stdin: "null" }).outputSync().success;
  } catch {
    return false;
  }
}

/** Runs a script of the README's in the folder; `confd-sidecar` is a program that tells what it is given. */
function bash(folder: Folder, script: string): { env: Record<string, string>; args: string[] } {
  const told = folder.at("told");
  folder.write("bin/confd-sidecar", `#!/bin/sh\n{ printf '%s\\0' "$@"; echo; env -0; } > '${told}'\n`, 0o755);
  const { success, stderr } = new Deno.Command("bash", {
    args: ["-euc", script],
    cwd: folder.path,
    env: { PATH: `${folder.at("bin")}:${Deno.env.get("PATH")}` },
    stdin: "null",
  }).outputSync();
  assert(success, new TextDecoder().decode(stderr));
  const [args, ...env] = exists(told) ? Deno.readTextFileSync(told).split("\0\n") : [""];
  const entries = env.join("\0\n").split("\0").filter((entry) => /^(CONFD|SIDECAR)_/.test(entry));
  return { args: args.split("\0"), env: Object.fromEntries(entries.map((entry) => entry.split(/=([\s\S]*)/, 2))) };
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** Programs of the example's names. */
function programs(folder: Folder, confd: string): string {
  const words = service(folder, { file: "prometheus.yml" });
  folder.write("bin/prometheus", `#!/bin/sh\nexec ${words.map((word) => `'${word}'`).join(" ")}\n`, 0o755);
  folder.write("bin/confd", `#!/bin/sh\nexec '${confd}' "$@"\n`, 0o755);
  return `${folder.at("bin")}:${Deno.env.get("PATH")}`;
}

e2e("README.md: the example is nothing that the program would refuse", ({ folder }) => {
  const { env, args } = bash(folder, EXAMPLE);
  const { problems, warnings } = prepare({ ...env, PATH: programs(folder, "/bin/true") }, args[0]);
  assertEquals({ problems, warnings }, { problems: [], warnings: [] });
  return Promise.resolve();
}, { reason: BASH });

e2e("README.md: the example renders, and the change reaches the service", async ({ folder }: Stage) => {
  const { env, args } = bash(folder, EXAMPLE);
  const path = programs(folder, ANY_CONFD.path(folder));
  await using sidecar = new Sidecar({ args, env: { ...env, PATH: path }, cwd: folder.path });
  await sidecar.stdout.next(/^start: scrape_configs: .* targets: \[localhost:9100\] /);
  bash(folder, CHANGE);
  await sidecar.stdout.next(/^HUP: scrape_configs: .* targets: \[localhost:9100, localhost:9101\] /);
  sidecar.signal("SIGTERM");
  assertEquals(await sidecar.status(), 0);
}, { parts: [ANY_CONFD.part], reason: BASH });
