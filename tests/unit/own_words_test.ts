/** The words of a compiled executable, of which the runtime drops one. */
import { ownWords } from "../../lib/host/linux/proc.ts";
import { assertEquals } from "../support/assert.ts";
import { Folder } from "../support/sidecar.ts";

/** What the system has of the words. */
function cmdline(folder: Folder, ...words: string[]): string {
  return folder.write("cmdline", words.map((word) => `${word}\0`).join(""));
}

Deno.test("ownWords() puts back a first word that the runtime of a compiled executable has dropped", () => {
  using folder = new Folder();
  const self = "/bin/confd-sidecar";
  assertEquals(ownWords(["--version"], true, cmdline(folder, self, self, "--version")), [self, "--version"]);
  assertEquals(ownWords([], true, cmdline(folder, self, self)), [self]);
  assertEquals(ownWords(["a", ""], true, cmdline(folder, self, "a", "")), ["a", ""]);
});

Deno.test("ownWords() leaves words alone where none is missing, and where the runtime has words of its own", () => {
  using folder = new Folder();
  const file = cmdline(folder, "deno", "run", "main.ts", "a");
  assertEquals(ownWords(["a"], false, file), ["a"]);
  assertEquals(ownWords(["a"], true, file), ["a"]);
  assertEquals(ownWords(["a"], true, folder.at("none")), ["a"]);
});
