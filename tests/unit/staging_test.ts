import { NOTHING_SAID } from "../../lib/confd/sidecar_table.ts";
import type { TemplateResource } from "../../lib/confd/resource.ts";
import { Logger } from "../../lib/host/output/logger.ts";
import { Output } from "../../lib/host/output/output.ts";
import { Staging, type StagingOptions } from "../../lib/host/files/staging.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { Folder } from "../support/sidecar.ts";

Deno.test("begin() links what lies beside destinations beside the staged files, but no destination", async () => {
  using folder = new Folder();
  for (const name of ["out/a.conf", "out/sub/b.conf", "out/types", "out/sub/x/y"]) folder.write(name, name);
  const dests = ["out/a.conf", "out/sub/b.conf", "fresh/c.conf"].map((name) => folder.at(name));
  const resources = dests.map((dest) => ({ dest, sidecar: NOTHING_SAID }) as TemplateResource);
  const staging = new Staging({
    state: folder.at("state"),
    confdDir: folder.at("confd"),
    resources,
    check: [],
    env: {},
    logger: new Logger(new Memory()),
  });
  await staging.begin();
  const at = (name: string) => staging.place(folder.at(name));
  assertEquals(Deno.readTextFileSync(at("out/types")), "out/types");
  assertEquals(Deno.readTextFileSync(at("out/sub/x/y")), "out/sub/x/y");
  assertEquals([...Deno.readDirSync(at("out/sub"))].map(({ name }) => name), ["x"]);
  assertEquals([...Deno.readDirSync(at("out"))].map(({ name }) => name).sort(), ["sub", "types"]);
  assertEquals([...Deno.readDirSync(at("fresh"))], []);
});

// Checks.

class Memory extends Output {
  text = "";
  override write(bytes: Uint8Array): void {
    this.text += new TextDecoder().decode(bytes);
  }
}

/** Staging for some destinations in the folder `out`, with a check that is a piece of shell. */
class Stage {
  readonly output = new Memory();
  readonly staging: Staging;
  readonly #folder: Folder;

  constructor(
    folder: Folder,
    { names, check, ...rest }: { names: string[]; check: string } & Pick<StagingOptions, "checkLimitMs">,
  ) {
    this.#folder = folder;
    Deno.mkdirSync(folder.at("out"), { recursive: true });
    const resources = names.map((name): TemplateResource => {
      const dest = folder.at(`out/${name}`);
      return {
        label: name,
        file: `${name}.toml`,
        text: "[template]\n",
        values: new Map(),
        src: name,
        dest,
        spelled: dest,
        hasMode: false,
        hasKeys: true,
        sidecar: NOTHING_SAID,
      };
    });
    const words = ["/bin/sh", "-c", check, "sh", ...resources.map(({ dest }) => dest)];
    const logger = new Logger(this.output);
    const env = { PATH: Deno.env.get("PATH")! };
    const own = { state: folder.at("state"), confdDir: folder.at("confd"), resources, check: words, env, logger };
    this.staging = new Staging({ ...own, ...rest });
  }

  static async open(...parts: ConstructorParameters<typeof Stage>): Promise<Stage> {
    const stage = new Stage(...parts);
    await stage.staging.begin();
    return stage;
  }

  /** Does what confd does. */
  render(name: string, content: string | Uint8Array): void {
    const path = this.staging.place(this.#folder.at(`out/${name}`));
    Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    if (typeof content === "string") Deno.writeTextFileSync(path, content);
    else Deno.writeFileSync(path, content);
  }

  /** Publishes; returns why not, or null. */
  async publish(): Promise<{ refused: boolean; reason: string } | null> {
    return (await this.staging.publish({ signal: new AbortController().signal })).failure;
  }

  /** What the check printed. */
  get printed(): string[] {
    return this.output.text.split("\n").filter(Boolean).map((line) => line.replace(/^.*?check: /, ""));
  }
}

Deno.test("Staging puts what passed in place, all of it, and keeps the mode that a file has", async () => {
  using folder = new Folder();
  const stage = await Stage.open(folder, { names: ["a", "b"], check: 'cat "$1" "$2"' });
  folder.write("out/a", "old\n", 0o604);
  stage.render("a", "new a\n");
  stage.render("b", "new b\n");
  assertEquals(await stage.publish(), null);
  assertEquals(stage.printed, ["new a", "new b"]);
  assertEquals(Deno.readTextFileSync(folder.at("out/a")), "new a\n");
  assertEquals(Deno.readTextFileSync(folder.at("out/b")), "new b\n");
  assertEquals(Deno.statSync(folder.at("out/a")).mode! & 0o777, 0o604);
  assertEquals([...Deno.readDirSync(folder.at("state"))].map(({ name }) => name).sort(), ["confd", "new"]);
});

Deno.test("Staging puts nothing in place that the check refuses", async () => {
  using folder = new Folder();
  const stage = await Stage.open(folder, { names: ["a"], check: "exit 3" });
  folder.write("out/a", "old\n");
  stage.render("a", "new\n");
  assertEquals(await stage.publish(), { refused: true, reason: '"/bin/sh" ended with status 3' });
  assertEquals(Deno.readTextFileSync(folder.at("out/a")), "old\n");
});

Deno.test("Staging kills a check at its limit, with what it started", async () => {
  using folder = new Folder();
  const stage = await Stage.open(folder, { names: ["a"], check: "sleep 1000 & echo begun; wait", checkLimitMs: 300 });
  folder.write("out/a", "old\n");
  stage.render("a", "new\n");
  assertEquals(await stage.publish(), { refused: true, reason: '"/bin/sh" was killed after 300ms' });
  assertEquals(stage.printed, ["begun"]);
  assertEquals(Deno.readTextFileSync(folder.at("out/a")), "old\n");
});

Deno.test("Staging tells a failure of the technical kind from a refusal", async () => {
  using folder = new Folder();
  const stage = await Stage.open(folder, { names: ["a", "b"], check: "true" });
  folder.write("out/a", "old\n");
  stage.render("a", "new\n");
  const missing = await stage.publish();
  assert(missing !== null && !missing.refused, "a staged file is missing");
  assertMatch(missing.reason, /No such file.*state\/new.*\/out\/b'/);
  stage.render("b", "new\n");
  Deno.renameSync(folder.at("out"), folder.at("away"));
  const gone = await stage.publish();
  assert(gone !== null && !gone.refused, "the destinations' folder is gone");
  assertMatch(gone.reason, /No such file.*\/out\/\.a/);
  Deno.renameSync(folder.at("away"), folder.at("out"));
  assertEquals(Deno.readTextFileSync(folder.at("out/a")), "old\n");
  assertEquals(await stage.publish(), null, "and it works again");
});

Deno.test("Staging tells a private folder that cannot be written to from a refusal", async () => {
  using folder = new Folder();
  const stage = await Stage.open(folder, { names: ["a"], check: "true" });
  stage.render("a", "new\n");
  folder.write("state/candidate.new", "a file in the way");
  Deno.renameSync(folder.at("state"), folder.at("away"));
  folder.write("state", "a file in the way");
  const failure = await stage.publish();
  assert(failure !== null && !failure.refused, JSON.stringify(failure));
});

Deno.test("Staging's check sees what lies beside destinations, and between their folders", async () => {
  using folder = new Folder();
  const check = 'cd "$(dirname "$1")" && cat beside deep/between deep/er/beside && cat "$(cat names)"';
  const stage = await Stage.open(folder, { names: ["a", "deep/er/b"], check });
  folder.write("out/beside", "1\n");
  folder.write("out/deep/between", "2\n");
  folder.write("out/deep/er/beside", "3\n");
  stage.render("a", "4\n");
  stage.render("deep/er/b", "5\n");
  folder.write("out/names", "deep/er/b");
  assertEquals(await stage.publish(), null);
  assertEquals(stage.printed, ["1", "2", "3", "5"]);
});

Deno.test("Staging moves paths in what the check sees, not in what is put in place, and no bytes that are not text", async () => {
  using folder = new Folder();
  const stage = await Stage.open(folder, {
    names: ["a", "b", "c"],
    check: 'cat "$(cat "$1")"; cat "$2" "$3" | od -An -tx1',
  });
  const latin1 = new Uint8Array([0xe9, 0xff, 0x0a]);
  const withMark = new Uint8Array([0xef, 0xbb, 0xbf, 0x41, 0x0a]);
  stage.render("a", folder.at("out/b"));
  stage.render("b", latin1);
  stage.render("c", withMark);
  assertEquals(await stage.publish(), null);
  assert(stage.printed.at(-1)!.trim() === "e9 ff 0a ef bb bf 41 0a", stage.printed.join("\n"));
  assertEquals(Deno.readTextFileSync(folder.at("out/a")), folder.at("out/b"));
  assertEquals(Deno.readFileSync(folder.at("out/b")), latin1);
  assertEquals(Deno.readFileSync(folder.at("out/c")), withMark);
});

Deno.test("Staging.begin() ends what a crash left, but for what is no destination any more", async () => {
  using folder = new Folder();
  const members = ["out/a", "gone/b"].map((name) => ({
    dest: folder.at(name),
    mode: 0o600,
    uid: Deno.uid(),
    gid: Deno.gid(),
  }));
  folder.write("state/publishing/0", "new\n");
  folder.write("state/publishing/1", "new\n");
  folder.write("state/publishing/files.json", JSON.stringify(members));
  await Stage.open(folder, { names: ["a"], check: "true" });
  assertEquals(Deno.readTextFileSync(folder.at("out/a")), "new\n");
});
