/** The sets that were in place, and the hold that outlives a run. */
import type { Contents } from "../../lib/core/files.ts";
import { contentsOf } from "../../lib/host/files/destinations.ts";
import { FileSet } from "../../lib/host/files/file_set.ts";
import { History } from "../../lib/host/files/history.ts";
import { LastGood } from "../../lib/host/files/last_good.ts";
import { readHold, writeHold } from "../../lib/host/files/hold_file.ts";
import { Logger } from "../../lib/host/output/logger.ts";
import { Output } from "../../lib/host/output/output.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { Folder } from "../support/sidecar.ts";

/** A history of two files, of which the second may be missing. */
class Sets {
  readonly dests: string[];
  readonly history: History;
  readonly #folder: Folder;

  constructor(folder: Folder) {
    this.#folder = folder;
    Deno.mkdirSync(folder.at("out"), { recursive: true });
    this.dests = ["a", "b"].map((name) => folder.at(`out/${name}`));
    this.history = this.open();
  }

  open(dests = this.dests): History {
    return new History({ state: this.#folder.at("state"), dests, optional: new Set([this.dests[1]]) });
  }

  /** Puts files in place as staging does, and tells the history. */
  async place(...words: string[]): Promise<Contents> {
    const sources = words.map((word, i) => {
      Deno.writeTextFileSync(this.dests[i], word);
      return { dest: this.dests[i], from: this.dests[i], mode: 0o640, uid: Deno.uid()!, gid: Deno.gid()! };
    });
    const set = new FileSet(this.#folder.at("state/publishing"));
    Deno.mkdirSync(this.#folder.at("state"), { recursive: true });
    await set.write(sources);
    const contents = await contentsOf(this.dests);
    await this.history.push(set, contents);
    return contents;
  }

  get inPlace(): string[] {
    return this.dests.map((dest) => {
      try {
        return Deno.readTextFileSync(dest);
      } catch {
        return "none";
      }
    });
  }
}

Deno.test("History goes back one set, and to the one before that, and then there is none", async () => {
  using folder = new Folder();
  const sets = new Sets(folder);
  assertEquals([sets.history.hasPresent, sets.history.hasBefore], [false, false]);
  for (const word of ["one", "two", "three", "four"]) await sets.place(word, "b");
  assertEquals([sets.history.hasPresent, sets.history.hasBefore], [true, true]);
  const contents = await sets.history.restoreBefore();
  assertEquals(sets.inPlace, ["three", "b"]);
  assertEquals(contents, await contentsOf(sets.dests));
  await sets.history.restoreBefore();
  assertEquals([sets.inPlace[0], sets.history.hasBefore], ["two", false], "three sets are kept");
  assertEquals(await sets.history.restoreBefore(), null);
  assertEquals(sets.inPlace[0], "two");
  await sets.place("five", "b");
  await sets.history.restoreBefore();
  assertEquals(sets.inPlace[0], "two");
});

Deno.test("History takes the same content once more for the same set", async () => {
  using folder = new Folder();
  const sets = new Sets(folder);
  await sets.place("one", "b");
  await sets.place("two", "b");
  await sets.place("two", "b");
  await sets.history.restoreBefore();
  assertEquals(sets.inPlace[0], "one");
});

Deno.test("History outlives a run, if the set has what is needed now", async () => {
  using folder = new Folder();
  const sets = new Sets(folder);
  await sets.place("one");
  Deno.removeSync(sets.dests[0]);
  const next = sets.open();
  assert(next.hasPresent, "the second file is one that the service does without");
  assertEquals([...(await next.restorePresent()).values()].map((content) => content === null), [false, true]);
  assertEquals(sets.inPlace, ["one", "none"]);
  assertEquals(sets.open([...sets.dests, folder.at("out/c")]).hasPresent, false);
});

Deno.test("History.restoreBefore() takes away what the set before did not have, and nothing of others", async () => {
  using folder = new Folder();
  const sets = new Sets(folder);
  await sets.place("one");
  await sets.place("two", "b");
  assertEquals([...(await sets.history.restoreBefore())!.values()].map((content) => content === null), [false, true]);
  assertEquals(sets.inPlace, ["one", "none"]);
  await sets.place("three");
  Deno.writeTextFileSync(sets.dests[1], "somebody's");
  await sets.history.restoreBefore();
  assertEquals(sets.inPlace, ["one", "somebody's"]);
});

Deno.test("LastGood takes away what was not there when it was kept, where files come by being published", async () => {
  using folder = new Folder();
  const sets = new Sets(folder);
  const logger = new Logger(new Output());
  const open = (staged: boolean) =>
    new LastGood({ state: folder.at("state"), dests: sets.dests, optional: new Set([sets.dests[1]]), staged, logger });
  await sets.place("one");
  await open(true).keep();
  for (const staged of [false, true]) {
    await sets.place("two", "b");
    await open(staged).restore();
    assertEquals(sets.inPlace, ["one", staged ? "none" : "b"]);
  }
});

Deno.test("History.returnTo() forgets what came after a set that is in place again", async () => {
  using folder = new Folder();
  const sets = new Sets(folder);
  await sets.place("zero", "b");
  const good = await sets.place("one", "b");
  await sets.place("bad", "b");
  await sets.history.returnTo(good);
  await sets.history.restoreBefore();
  assertEquals(sets.inPlace[0], "zero");
  const unknown = new Map([...good].map(([dest]) => [dest, null]));
  await sets.place("two", "b");
  await sets.history.returnTo(unknown);
  assert(sets.history.hasPresent, "files of nobody's change nothing");
});

Deno.test("a hold is kept until its time, and what is no hold is none", () => {
  using folder = new Folder();
  const state = folder.path;
  assertEquals(readHold(state, 0), undefined);
  const hold = { since: 1000, until: 5000, reason: "why" };
  writeHold(state, hold);
  assertEquals(Deno.statSync(folder.at("hold.json")).mode! & 0o777, 0o600);
  assertEquals(readHold(state, 4999), hold);
  assertEquals(readHold(state, 5000), undefined);
  writeHold(state, { ...hold, until: null, reason: null });
  assertEquals(readHold(state, 1e15), { since: 1000, until: null, reason: null });
  for (
    const wrong of [
      "",
      "[]",
      '{"since":"x","until":null,"reason":null}',
      '{"since":1,"until":"x","reason":null}',
      '{"since":1,"until":null,"reason":1}',
    ]
  ) {
    folder.write("hold.json", wrong);
    assertEquals(readHold(state, 0), undefined, wrong);
  }
  writeHold(state, undefined);
  writeHold(state, undefined);
  assertEquals([...Deno.readDirSync(state)].map(({ name }) => name), []);
});
