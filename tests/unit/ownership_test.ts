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

Deno.test({
  name: `ownershipProblems() does not believe other users' files where others may write${
    Deno.uid() === 0 ? "" : " (skipped: not root)"
  }`,
  ignore: Deno.uid() !== 0,
  fn: () => {
    using folder = new Folder();
    const planted = folder.write("conf.d/planted.toml", "");
    folder.write("conf.d/own.toml", "");
    const path = folder.at("conf.d");
    Deno.chownSync(planted, 65534, 65534);
    assertEquals(ownershipProblems({ path, variable: "V", shared: true }), []);
    Deno.chmodSync(path, 0o777);
    const problems = ownershipProblems({ path, variable: "V", shared: true });
    assertEquals(problems.map((problem) => problem.split(",")[0]), [`V: ${planted} belongs to user 65534`]);
  },
});
