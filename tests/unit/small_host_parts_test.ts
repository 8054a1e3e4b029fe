import { concat } from "../../lib/host/output/bytes.ts";
import { Logger } from "../../lib/host/output/logger.ts";
import { Output } from "../../lib/host/output/output.ts";
import { nameOf, parentOf } from "../../lib/host/files/paths.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { addressOf } from "../../lib/host/linux/sd_notify.ts";

Deno.test("parentOf() and nameOf() take paths apart", () => {
  const cases: [string, string, string][] = [
    ["/a/b/c", "/a/b", "c"],
    ["/a", "/", "a"],
    ["/", "/", ""],
    ["/a/.b", "/a", ".b"],
  ];
  for (const [path, parent, name] of cases) assertEquals([parentOf(path), nameOf(path)], [parent, name], path);
});

Deno.test("concat() puts parts together, and makes no copy of a single one", () => {
  assertEquals([...concat([])], []);
  const one = new Uint8Array([1, 2]);
  assert(concat([one]) === one);
  assertEquals([...concat([one, new Uint8Array(), new Uint8Array([3])])], [1, 2, 3]);
});

class Memory extends Output {
  text = "";
  override write(bytes: Uint8Array): void {
    this.text += new TextDecoder().decode(bytes);
  }
}

Deno.test("Logger writes text of level info and above until it is told otherwise", () => {
  const output = new Memory();
  const logger = new Logger(output);
  logger.log({ level: "debug", msg: "hidden" });
  logger.log({ level: "info", msg: "shown" });
  assertMatch(output.text, /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d supervisor\[\d+\]: shown\n$/);
  assert(output.text.includes(`[${Deno.pid}]`));
});

Deno.test("Logger writes the level and the format that were chosen", () => {
  const output = new Memory();
  const logger = new Logger(output);
  logger.level = "debug";
  logger.format = "json";
  const earliest = Date.now();
  logger.log({ level: "debug", msg: "shown", fields: { dest: "/a" } });
  const { time, ...rest } = JSON.parse(output.text);
  assertEquals(rest, { level: "debug", pid: Deno.pid, msg: "shown", dest: "/a" });
  assert(Date.parse(time) >= earliest && Date.parse(time) <= Date.now(), time);
});

Deno.test("addressOf() knows paths and names in the abstract namespace", () => {
  assertEquals([...addressOf("/a")], [1, 0, 47, 97, 0]);
  assertEquals([...addressOf("@a")], [1, 0, 0, 97]);
});
