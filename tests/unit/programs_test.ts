import { findProgram } from "../../lib/host/processes/programs.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { Folder } from "../support/sidecar.ts";

function setUp() {
  const folder = new Folder();
  folder.write("bin/good", "#!/bin/sh\n", 0o755);
  folder.write("bin/plain", "x", 0o644);
  folder.write("more/good", "#!/bin/sh\n", 0o755);
  folder.write("more/plain", "#!/bin/sh\n", 0o755);
  Deno.mkdirSync(folder.at("bin/folder"));
  return folder;
}

Deno.test("findProgram() looks in the folders of PATH, in their order", () => {
  using folder = setUp();
  const [bin, more] = [folder.at("bin"), folder.at("more")];
  assertEquals(findProgram("good", `${bin}:${more}`), `${bin}/good`);
  assertEquals(findProgram("good", `${more}:${bin}`), `${more}/good`);
  assertEquals(findProgram("good", `/nonexistent:${bin}`), `${bin}/good`);
});

Deno.test("findProgram() passes over what cannot be executed, as execvp does", () => {
  using folder = setUp();
  assertEquals(findProgram("plain", `${folder.at("bin")}:${folder.at("more")}`), folder.at("more/plain"));
});

Deno.test("findProgram() says 126 where all that was found cannot be executed", () => {
  using folder = setUp();
  const bin = folder.at("bin");
  assertEquals(findProgram("plain", `/nonexistent:${bin}`), {
    problem: `"${bin}/plain" is not executable`,
    status: 126,
  });
  assertEquals(findProgram("folder", bin), { problem: `"${bin}/folder" is a folder and no program`, status: 126 });
});

Deno.test("findProgram() says 127 where nothing was found, and where it looked", () => {
  using folder = setUp();
  assertEquals(findProgram("absent", `${folder.at("bin")}:/nonexistent`), {
    problem: `"absent" is in no folder of PATH (${folder.at("bin")}:/nonexistent)`,
    status: 127,
  });
});

Deno.test("findProgram() names the first few folders, and what has become of the name", () => {
  const said = (name: string, path: string) => (findProgram(name, path) as { problem: string }).problem;
  assertEquals(said("absent", "/1:/2:/3:/4:/5:/6"), '"absent" is in no folder of PATH (/1:/2:/3:/4 and 2 more)');
  const hint = (name: string) => said(name, "/1").split("(/1)")[1];
  assertEquals(hint("absent -t"), "; are the program and its arguments in one pair of quotes?");
  assertEquals(hint("'absent'"), "; the quotes around it are a part of it, as an environment file keeps them");
});

Deno.test("findProgram() takes a name with a slash for a path, whatever PATH is", () => {
  using folder = setUp();
  assertEquals(findProgram(folder.at("bin/good"), "/nonexistent"), folder.at("bin/good"));
  const cases: [string, string, number][] = [
    ["bin/absent", "does not exist", 127],
    ["bin/plain", "is not executable", 126],
    ["bin/folder", "is a folder and no program", 126],
  ];
  for (const [name, why, status] of cases) {
    const path = folder.at(name);
    assertEquals(findProgram(path, undefined), { problem: `${JSON.stringify(path)} ${why}`, status });
  }
});

Deno.test("findProgram() follows symbolic links", () => {
  using folder = setUp();
  Deno.symlinkSync(folder.at("bin/good"), folder.at("bin/link"));
  Deno.symlinkSync(folder.at("nowhere"), folder.at("bin/dangling"));
  assertEquals(findProgram("link", folder.at("bin")), folder.at("bin/link"));
  const dangling = findProgram("dangling", folder.at("bin"));
  assert(typeof dangling === "object" && dangling.status === 127);
});

Deno.test("findProgram() looks in the usual folders where there is no PATH, and here where a part is empty", () => {
  assert(typeof findProgram("sh", undefined) === "string");
  const found = findProgram("no-such-program", ":/nonexistent");
  assert(typeof found === "object" && found.problem.endsWith("(.:/nonexistent)"));
});
