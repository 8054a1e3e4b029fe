/** What is told of differences, and to whom. */
import { Differences } from "../../lib/host/files/differences.ts";
import { Logger } from "../../lib/host/output/logger.ts";
import { Output } from "../../lib/host/output/output.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { Folder } from "../support/sidecar.ts";

class Memory extends Output {
  text = "";
  override write(bytes: Uint8Array): void {
    this.text += new TextDecoder().decode(bytes);
  }
}

Deno.test("Differences tells others what changed without values, whatever the log shows", async () => {
  using folder = new Folder();
  const [plain, secret, same] = ["a.conf", "b.env", "c.conf"].map((name) => folder.at(name));
  for (const path of [plain, secret, same]) Deno.writeTextFileSync(path, "key = before\n");
  const output = new Memory();
  const differences = new Differences("full", new Logger(output), new Set([secret]));
  differences.remember([plain, secret, same]);
  for (const path of [plain, secret]) Deno.writeTextFileSync(path, "key = hunter22\n");
  const told = new Map<string, readonly string[]>();
  const tell = (path: string, lines: readonly string[]) => void told.set(path, lines);
  await differences.log(tell);
  assertEquals([...told.keys()], [plain, secret]);
  const all = [...told.values()].flat().join("\n");
  assert(all.includes("key") && !all.includes("hunter22") && !all.includes("before"), all);
  assertEquals(output.text.split("hunter22").length, 2, "the log shows the values of the one that is no secret");
  told.clear();
  await differences.log(tell);
  assertEquals(told.size, 0, "what was loaded is no difference any more");
});

Deno.test("Differences tells of refused files, which are elsewhere, and goes on to compare with what is loaded", async () => {
  using folder = new Folder();
  const [dest, staged] = [folder.at("a"), folder.at("staged")];
  Deno.writeTextFileSync(dest, "one\n");
  Deno.writeTextFileSync(staged, "two\n");
  const differences = new Differences("masked", new Logger(new Memory()));
  differences.remember([dest]);
  let told = 0;
  for (let i = 0; i < 2; i++) await differences.logRefused(new Map([[dest, staged]]), () => told++);
  assertEquals(told, 2);
  Deno.writeFileSync(dest, Uint8Array.of(255, 254));
  const lines: string[] = [];
  await differences.log((_, more) => void lines.push(...more));
  assert(lines.length === 1 && lines[0].includes("not compared"), lines.join());
});
