/**
 * docs/from-reload-cmd.md: each row as it stands there. Before: confd itself with the command. After: the sidecar with what
 * stands beside it. Both have the same service, the same key and the same change.
 *
 * Touches: files, processes, the loopback network, through the support modules.
 * @module
 */
import { readText, tableBelow } from "../docs/pages.ts";
import { assertEquals } from "../support/assert.ts";
import { ANY_CONFD, e2e } from "../support/confds.ts";
import type { FileKeys } from "../support/keys.ts";
import type { Rendered } from "../support/scene.ts";
import { type Folder, until } from "../support/sidecar.ts";
import { textOf } from "../support/text_of.ts";
import { type First, missing, NO_NAMESPACES } from "./first.ts";
import { Ground } from "./ground.ts";
import { type Case, CASES } from "./reload_cmd_cases.ts";

const ROWS = tableBelow(readText("docs/from-reload-cmd.md"), "From confd's reload_cmd");
const NEEDS = { parts: [ANY_CONFD.part], reason: NO_NAMESPACES };

Deno.test("docs/from-reload-cmd.md: each row has a case", () => {
  const names = Object.keys(CASES);
  assertEquals(ROWS.map(([before]) => names.filter((name) => before.includes(name)).length), ROWS.map(() => 1));
  assertEquals(names.length, ROWS.length);
});

/** What is in a row, with the paths and ports of here. */
function readRow([before, after]: readonly string[], here: Record<string, string>) {
  const translated = (text: string) =>
    Object.entries(here).reduce((text, [there, here]) => text.replaceAll(there, here), text);
  const spans = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map(([, span]) => translated(span));
  return {
    line: spans(before)[0],
    settings: spans(after).filter((span) => span.startsWith("SIDECAR_")),
    table: spans(after).filter((span) => span.startsWith("reload = ")).map((span) => `[sidecar]\n${span}`).join(""),
  };
}

for (const [name, { parts, make, program = "sh" }] of Object.entries(CASES)) {
  const row = ROWS.find(([before]) => before.includes(name)) ?? ["", ""];
  const { line: command } = readRow(row, {});
  const checks = command.startsWith("check_cmd");
  const needs = { parts: [...NEEDS.parts, ...parts], reason: NEEDS.reason ?? missing(program) };
  const set = (folder: Folder) => {
    const it = make(folder);
    return { ground: new Ground(folder), it, ...readRow(row, it.here) };
  };

  e2e(`docs/from-reload-cmd.md: confd with ${command}`, async ({ folder }) => {
    const { ground, it, line } = set(folder);
    // A check alone loads nothing.
    ground.files(it.files, (i) => i > 0 ? "" : checks ? `${line}\nreload_cmd = "nginx -s reload"` : line);
    await using run = ground.confd(it.startedByReload ? ["true"] : it.service);
    await followsChange(it, ground.keys);
    if (checks) await refuses(it, ground.keys, () => says(run, "Config check failed"));
  }, needs);

  e2e(`docs/from-reload-cmd.md: the sidecar in place of ${command}`, async ({ folder }) => {
    const { ground, it, settings, table } = set(folder);
    ground.files(it.files, (i) => i === 0 ? table : "");
    await using run = ground.sidecar(it.service, settings);
    await followsChange(it, ground.keys);
    if (checks) await refuses(it, ground.keys, () => says(run, "the new configuration is refused"));
    assertEquals(run.stderr.all.filter((line) => line.includes("warning: conf.d/")), []);
  }, needs);

  if (!checks) continue;
  e2e("docs/from-reload-cmd.md: a check_cmd may stay", async ({ folder }) => {
    const { ground, it, line } = set(folder);
    ground.files(it.files, () => line);
    await using run = ground.sidecar(it.service);
    await followsChange(it, ground.keys);
    await refuses(it, ground.keys, () => says(run, "Config check failed"));
  }, needs);
}

/** The first value, and after a change the second one. */
async function followsChange({ shows }: Case, keys: FileKeys): Promise<void> {
  await until("it has loaded the first file", async () => await shows() === "one");
  await keys.put({ "/key": "two" });
  await until("it has loaded the change", async () => await shows() === "two");
}

/** A value that the check refuses leaves everything as it is; the next good one is taken. */
async function refuses({ shows }: Case, keys: FileKeys, said: () => boolean): Promise<void> {
  await keys.put({ "/key": 'it is " bad' });
  await until("the check has failed", said);
  assertEquals(await shows(), "two");
  await keys.put({ "/key": "three" });
  await until("the next change is loaded", async () => await shows() === "three");
}

function says({ stderr }: First, what: string): boolean {
  return stderr.all.some((line) => line.includes(what));
}

/** A service that writes down what its files hold at each SIGHUP, one line for each; empty while it has no handler yet. */
class Listener {
  readonly service = ["foo"];
  readonly files: Rendered[];
  readonly #told: string;

  constructor(folder: Folder, count: number) {
    this.files = Array.from({ length: count }, (_, i) => ({ name: `f${i}.conf`, template: '{{getv "/key"}}\n' }));
    this.#told = folder.at("told");
    Deno.mkdirSync(folder.at("out"));
    // Each line is one write. The loop is quick enough for two signals of one change to be two.
    const say = `say() { echo $(cat '${folder.at("out")}'/f*) >> '${this.#told}'; }\ntrap say HUP\n`;
    const loop = `echo ready > '${this.#told}'\nwhile :; do sleep 0.02; done\n`;
    folder.write("bin/foo", `#!/bin/bash\n${say}${loop}`, 0o755);
  }

  async ready(): Promise<void> {
    await until("the service has its handler", () => textOf(this.#told).startsWith("ready\n"));
  }

  get hangups(): string[] {
    return textOf(this.#told).split("\n").slice(1, -1);
  }
}

e2e(
  "docs/from-reload-cmd.md: ten files run reload_cmd ten times, before the service is there too",
  async ({ folder }) => {
    const ground = new Ground(folder);
    const { files } = new Listener(folder, 10);
    const seen = folder.at("seen");
    ground.files(files, () => `reload_cmd = "echo $(cat ${folder.at("out")}/f*) >> ${seen}"`);
    await using _run = ground.confd(["true"]);
    const times = () => textOf(seen).split("\n").length - 1;
    await until("all files are rendered, and no service is there", () => times() === 10);
    await ground.keys.put({ "/key": "two" });
    await until("all files are new", () => times() === 20);
    const mixed = textOf(seen).split("\n").slice(10, -1).filter((line) => line.includes("one"));
    assertEquals(mixed.length, 9, "all but the last saw old and new files");
  },
  NEEDS,
);

e2e("docs/from-reload-cmd.md: a reload_cmd that fails is not run again", async ({ folder }) => {
  const ground = new Ground(folder);
  const [failed, ran] = ["failed", "ran"].map((name) => folder.at(name));
  const times = (path: string) => textOf(path).length;
  const files = ["failing", "other"].map((name) => ({ name, template: `{{getv "/${name}"}}\n` }));
  Deno.mkdirSync(folder.at("out"));
  await ground.keys.put({ "/failing": "one", "/other": "one" });
  ground.files(files, (i) => `reload_cmd = "printf x >> ${i === 0 ? `${failed}; exit 1` : ran}"`);
  await using _run = ground.confd(["true"]);
  await until("both have run", () => times(failed) === 1 && times(ran) === 1);
  await ground.keys.put({ "/failing": "two" });
  await until("it has failed again", () => times(failed) === 2);
  // Each of these is a round in which it could be tried again.
  for (const [value, count] of [["two", 2], ["three", 3]] as const) {
    await ground.keys.put({ "/other": value });
    await until("the other one has run", () => times(ran) === count);
  }
  assertEquals(times(failed), 2);
}, NEEDS);

e2e("docs/from-reload-cmd.md: ten files are one reload by the sidecar", async ({ folder }) => {
  const ground = new Ground(folder);
  const listener = new Listener(folder, 10);
  ground.files(listener.files);
  await using _run = ground.sidecar(listener.service);
  await listener.ready();
  await ground.keys.put({ "/key": "two" });
  await until("it is reloaded", () => listener.hangups.length > 0);
  assertEquals(listener.hangups, [Array(10).fill("two").join(" ")]);
}, NEEDS);

for (const [setting, times] of [[undefined, 2], ["SIDECAR_RELOAD=none", 1]] as const) {
  const title = `docs/from-reload-cmd.md: a reload_cmd that stays, ${setting ?? "and no setting"}: ${times} reloads`;
  const needs = { ...NEEDS, reason: NEEDS.reason ?? missing("pkill") };
  e2e(title, async ({ folder }) => {
    const ground = new Ground(folder);
    const listener = new Listener(folder, 1);
    ground.files(listener.files, () => 'reload_cmd = "pkill -HUP -x foo"');
    await using run = ground.sidecar(listener.service, setting === undefined ? [] : [setting]);
    await listener.ready();
    await ground.keys.put({ "/key": "two" });
    await run.stderr.next(/reloading main program now|left to notice the change by itself/);
    await until("it is reloaded", () => listener.hangups.length >= times);
    assertEquals(listener.hangups, Array(times).fill("two"));
  }, needs);
}
