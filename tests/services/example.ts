/**
 * A folder of examples/, copied and run as it stands: `run.sh` starts the sidecar, which starts a real confd and a real
 * service.
 *
 * Touches: files and processes, through the support modules.
 * @module
 */
import { filesBelow, readText, ROOT } from "../docs/pages.ts";
import { assert } from "../support/assert.ts";
import { ANY_CONFD, type Confd, e2e, type Stage } from "../support/confds.ts";
import { Etcd } from "../support/etcd.ts";
import { FileKeys, type Keys } from "../support/keys.ts";
import { commandUnderTest, type Folder, Sidecar } from "../support/sidecar.ts";
import { binaryOf, type PartName } from "../tools/parts.ts";

/** How an example is run. */
export interface ExampleOptions {
  /** The name of its folder. */
  example: string;
  /** Programs that it runs. */
  programs: readonly PartName[];
  /** Variables that it offers, or settings that it leaves alone. */
  env?: Record<string, string>;
  /** Keys other than those that it comes with. */
  keys?: Record<string, string>;
  /** @default ANY_CONFD */
  confd?: Confd;
  /** Makes a variation of `run.sh`. */
  edit?: (script: string) => string;
}

/** An example at work. */
export interface Played extends AsyncDisposable {
  /** The path of a file in its folder. */
  at(name: string): string;
  keys: Keys;
  sidecar: Sidecar;
}

/** How long the examples' changes settle here. */
export const SETTLE = "50ms";

/** Registers a test of an example. */
export function exampleTest(name: string, body: (stage: Stage) => Promise<void>, parts: readonly PartName[]): void {
  e2e(name, body, { parts: [ANY_CONFD.part, ...parts] });
}

/** Copies an example and starts it. */
export async function play(folder: Folder, options: ExampleOptions): Promise<Played> {
  const { example, env = {}, edit = (script) => script } = options;
  const at = (name: string) => folder.at(`example/${name}`);
  copy(folder, example);
  Deno.writeTextFileSync(at("run.sh"), edit(Deno.readTextFileSync(at("run.sh"))));
  const keys = await bringKeys(folder, options);
  const sidecar = new Sidecar({
    command: [at("run.sh")],
    args: [],
    cwd: folder.path,
    env: { PATH: programs(folder, options), SIDECAR_SETTLE: SETTLE, ...keys.own, ...env },
  });
  const dispose = async () => {
    await sidecar[Symbol.asyncDispose]();
    await keys[Symbol.asyncDispose]();
  };
  return { at, keys, sidecar, [Symbol.asyncDispose]: dispose };
}

/** How often the service was reloaded so far. */
export function reloads({ stderr }: Sidecar): number {
  return stderr.all.filter((line) => line.endsWith("reloading main program now")).length;
}

/** Ends the run in the example's own way, with a status that the service has for it. */
export async function stopWell(sidecar: Sidecar, wanted: readonly number[] = [0]): Promise<void> {
  sidecar.signal("SIGTERM");
  const status = await sidecar.status();
  assert(wanted.includes(status), `status ${status}\n${sidecar.stderr.all.join("\n")}`);
}

/** The keys of an example, by path. */
export function keysOf(example: string): Record<string, string> {
  const keys: Record<string, string> = {};
  let parent = "";
  for (const line of readText(`examples/${example}/keys.yaml`).trimEnd().split("\n")) {
    const [, indent, name, text] = /^( *)([^\s:]+): ?(.*)$/.exec(line)!;
    if (indent === "") parent = "";
    if (text === "") parent = `/${name}`;
    else keys[`${parent}/${name}`] = text.startsWith('"') ? JSON.parse(text) : text;
  }
  return keys;
}

/** What git would not see is not part of the example. */
function copy(folder: Folder, example: string): void {
  const paths = filesBelow(`examples/${example}`).filter((path) => !MADE.test(path));
  for (const path of paths) {
    const name = path.replace(`examples/${example}/`, "example/");
    folder.write(name, readText(path), Deno.statSync(ROOT + path).mode!);
  }
}

/** What an example makes where it is run, see .gitignore. */
const MADE = /^examples\/[\w-]+\/(confd|data|etc\/(?!mime\.types$|errors\/))/;

/** The example's own file of keys; or an etcd with the same keys, for a confd whose `file` backend panics. */
async function bringKeys(
  folder: Folder,
  { example, confd = ANY_CONFD, keys }: ExampleOptions,
): Promise<Keys & AsyncDisposable & { own: Record<string, string> }> {
  const all = { ...keysOf(example), ...keys };
  if (!confd.panics) {
    const kept = new FileKeys(folder, all, { file: "example/keys.yaml", keep: keys === undefined });
    return Object.assign(kept, { own: {}, [Symbol.asyncDispose]: () => Promise.resolve() });
  }
  const etcd = await new Etcd(folder, confd.etcd).start();
  await etcd.put(all);
  return Object.assign(etcd, { own: { ...etcd.env, SIDECAR_CONFD_ARGS: "" } });
}

/** A PATH on which the example finds what it calls. */
function programs(folder: Folder, { programs, confd = ANY_CONFD }: ExampleOptions): string {
  const words = commandUnderTest().map((word) => `'${word}'`).join(" ");
  folder.write("bin/confd-sidecar", `#!/bin/sh\nexec ${words} "$@"\n`, 0o755);
  Deno.symlinkSync(confd.path(folder), folder.at("bin/confd"));
  for (const name of programs) Deno.symlinkSync(binaryOf(name), folder.at(`bin/${name}`));
  return `${folder.at("bin")}:${Deno.env.get("PATH")}`;
}
