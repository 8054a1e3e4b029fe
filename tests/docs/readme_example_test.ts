/**
 * The README's example, run as it stands: bash puts its environment together, and a stand-in for Prometheus shows what
 * it gets to read.
 *
 * Touches: files and processes, through the support modules.
 * @module
 */
import { prepare } from "../../lib/prepare.ts";
import { assertEquals } from "../support/assert.ts";
import { ANY_CONFD, e2e, type Stage } from "../support/confds.ts";
import { NO_BASH, runExample } from "../support/example.ts";
import { service } from "../support/service.ts";
import { type Folder, Sidecar } from "../support/sidecar.ts";
import { fences, readText } from "./pages.ts";

const [EXAMPLE, CHANGE] = fences(readText("README.md"), "bash");

const [LOG] = fences(readText("README.md"), "text");

/** What a line of the sidecar's own says, without time and process number; none of confd's. */
function ownWords(line: string): string[] {
  return /^[\d/]+ [\d:]+ supervisor\[\d+\]: (.*)$/.exec(line)?.slice(1) ?? [];
}

/** Programs of the example's names. */
function programs(folder: Folder, confd: string): string {
  const words = service(folder, { file: "prometheus.yml" });
  folder.write("bin/prometheus", `#!/bin/sh\nexec ${words.map((word) => `'${word}'`).join(" ")}\n`, 0o755);
  folder.write("bin/confd", `#!/bin/sh\nexec '${confd}' "$@"\n`, 0o755);
  return `${folder.at("bin")}:${Deno.env.get("PATH")}`;
}

e2e("README.md: the example is nothing that the program would refuse", ({ folder }) => {
  const { env, args } = runExample(folder, EXAMPLE);
  const { problems, warnings } = prepare({ ...env, PATH: programs(folder, "/bin/true") }, args[0]);
  assertEquals({ problems, warnings }, { problems: [], warnings: [] });
  return Promise.resolve();
}, { reason: NO_BASH });

e2e("README.md: the example renders, and the change reaches the service", async ({ folder }: Stage) => {
  const { env, args } = runExample(folder, EXAMPLE);
  const path = programs(folder, ANY_CONFD.path(folder));
  await using sidecar = new Sidecar({ args, env: { ...env, PATH: path }, cwd: folder.path });
  await sidecar.stdout.next(/^start: scrape_configs: .* targets: \[localhost:9100\] /);
  runExample(folder, CHANGE);
  await sidecar.stdout.next(/^HUP: scrape_configs: .* targets: \[localhost:9100, localhost:9101\] /);
  await sidecar.stderr.next("reloading main program now");
  const said = sidecar.stderr.all.map((line) => line.replaceAll(folder.path, "/srv")).flatMap(ownWords);
  assertEquals(said, LOG.split("\n").flatMap(ownWords), "the log is as the README has it");
  sidecar.signal("SIGTERM");
  assertEquals(await sidecar.status(), 0);
}, { parts: [ANY_CONFD.part], reason: NO_BASH });
