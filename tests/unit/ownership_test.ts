import { ownershipProblems } from "../../lib/host/files/ownership.ts";
import { assertEquals } from "../support/assert.ts";
import { Folder } from "../support/sidecar.ts";

const problems = (path: string, shared = false) => ownershipProblems({ path, variable: "SIDECAR_STATE", shared });

Deno.test("ownershipProblems() has none with a folder of our own, nor with one that is not there", () => {
  using folder = new Folder();
  assertEquals(problems(folder.path), []);
  assertEquals(problems(folder.at("missing")), []);
});

Deno.test("ownershipProblems() refuses a folder that others may write to, unless that is usual", () => {
  using folder = new Folder();
  Deno.chmodSync(folder.path, 0o777);
  assertEquals(problems(folder.path)[0].startsWith(`SIDECAR_STATE: others may write to ${folder.path}, `), true);
  assertEquals(problems(folder.path, true), []);
});

Deno.test({
  name: "ownershipProblems() refuses a folder of another user's",
  ignore: Deno.uid() !== 0,
  fn() {
    using folder = new Folder();
    Deno.chownSync(folder.path, 12_345, 12_345);
    assertEquals(problems(folder.path)[0].startsWith(`SIDECAR_STATE: ${folder.path} belongs to user 12345, `), true);
  },
});

Deno.test("ownershipProblems() refuses what is no folder", () => {
  using folder = new Folder();
  const file = folder.write("x", "");
  assertEquals(problems(file), [`SIDECAR_STATE: ${file} is not a folder`]);
});
