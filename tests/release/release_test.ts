/**
 * A release, as far as it can be made here: twice the same, with one version everywhere, and a man page that is one.
 *
 * Touches: temporary folders, processes.
 * @module
 */
import { ASKING_OPTIONS } from "../../lib/settings/client.ts";
import { VERSION } from "../../lib/settings/version.ts";
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { Folder } from "../support/sidecar.ts";
import { binaryOf, needs } from "../tools/parts.ts";
import { newestRelease } from "../tools/release/change_log.ts";
import { manPage } from "../tools/release/man_page.ts";
import { contentsOf, copySources, makeRelease, ROOT, run } from "./made.ts";

const RELEASE = { version: VERSION, date: "2026-11-25", notes: "" };

Deno.test({
  ...needs("two releases made in different folders are the same to the byte", "nfpm"),
  fn: () => {
    using folder = new Folder();
    const first = folder.at("first");
    makeRelease(first);
    // The same sources at another place, and made at another time.
    const copy = folder.at("a/copy/elsewhere");
    copySources(copy);
    const second = folder.at("second");
    makeRelease(second, copy);
    const [one, two] = [contentsOf(first), contentsOf(second)];
    assertEquals(Object.keys(one), Object.keys(two));
    assert(Object.keys(one).length >= 11, `all of it is there: ${Object.keys(one)}`);
    for (const [name, content] of Object.entries(one)) assert(content === two[name], `${name} is the same`);
    const sums = Deno.readTextFileSync(`${first}/SHA256SUMS`);
    assertMatch(run(["sha256sum", "-c", "SHA256SUMS"], { cwd: first }), /^(\S+: OK\n)+$/);
    assertEquals(sums.trim().split("\n").length, Object.keys(one).length - 1);
    const bill = JSON.parse(Deno.readTextFileSync(`${first}/confd-sidecar.cdx.json`));
    assertEquals(bill.components.map(({ name }: { name: string }) => name).sort(), ["deno", "diff", "smol-toml"]);
  },
});

Deno.test("the man page has every option", () => {
  const page = manPage(RELEASE);
  for (const option of ASKING_OPTIONS) assert(page.includes(option.replaceAll("-", "\\-")), `${option} is there`);
  assert(page.startsWith(`.TH CONFD-SIDECAR 1 2026-11-25 "confd-sidecar ${VERSION}"`), page.slice(0, 80));
});

Deno.test({
  ...needs("the man page is one that groff formats without a warning", "groff"),
  fn: () => {
    using folder = new Folder();
    const file = folder.write("confd-sidecar.1", manPage(RELEASE));
    const { stdout, stderr } = new Deno.Command(binaryOf("groff"), { args: ["-man", "-ww", "-Tutf8", "-P-cbou", file] })
      .outputSync();
    assertEquals(new TextDecoder().decode(stderr), "");
    const text = new TextDecoder().decode(stdout);
    assertMatch(text, /SIDECAR_FLEET_TIMEOUT\s+the longest wait for a turn/);
    assertMatch(text, /^ +export CONFD_BACKEND=file SIDECAR_CONFD_ARGS=--file=/m);
  },
});

Deno.test("the version stands in one place: deno.json, the image and the change log have the same", () => {
  const { version } = JSON.parse(Deno.readTextFileSync(`${ROOT}deno.json`));
  const [, label] = /image\.version="([^"]+)"/.exec(Deno.readTextFileSync(`${ROOT}Dockerfile`))!;
  const log = newestRelease(Deno.readTextFileSync(`${ROOT}CHANGELOG.md`));
  assertEquals([version, label, log.version], [VERSION, VERSION, VERSION]);
  assert(log.notes.startsWith("The first release."), "its notes begin after the heading");
});
