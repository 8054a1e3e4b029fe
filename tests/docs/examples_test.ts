/** What the pages say of the examples, held against the examples. */
import { assertEquals } from "../support/assert.ts";
import { codeSpans, exists, filesBelow, readText, relativeLinks, tableBelow } from "./pages.ts";

const SERVICES = filesBelow("examples").filter((path) => path.endsWith("/run.sh")).map((path) => path.split("/")[1]);
const SETTING = /^(?:export )?(SIDECAR_\w+)="?(.*?)"?$/gm;

/** What an example sets; a value that can be set from outside is its default. */
function settingsOf(service: string): Record<string, string> {
  const found = [...readText(`examples/${service}/run.sh`).matchAll(SETTING)];
  return Object.fromEntries(found.map(([, name, value]) => [name, value.replace(/^\$\{\w+=(.*)\}$/, "$1")]));
}

Deno.test("examples/README.md has every service, with its reload and its check", () => {
  const rows = tableBelow(readText("examples/README.md"), "Services");
  assertEquals(
    rows.map(([folder]) => relativeLinks(folder.replaceAll("`", ""))[0]).sort(),
    SERVICES.map((it) => `${it}/`),
  );
  for (const [folder, reload, check] of rows) {
    const { SIDECAR_RELOAD, SIDECAR_CHECK = "" } = settingsOf(
      relativeLinks(folder.replaceAll("`", ""))[0].slice(0, -1),
    );
    assertEquals(codeSpans(reload)[0], SIDECAR_RELOAD);
    assertEquals(SIDECAR_CHECK.startsWith(codeSpans(check)[0] ?? "no check"), SIDECAR_CHECK !== "", folder);
  }
});

Deno.test("examples: all say in the same way what every one of them needs", () => {
  const common = /^(here|export CONFD_CONFDIR|export CONFD_BACKEND|export SIDECAR_CONFD_ARGS)=.*$/gm;
  const said = SERVICES.map((service) => readText(`examples/${service}/run.sh`).match(common)!.join("\n"));
  assertEquals(said, SERVICES.map(() => said[0]));
  for (const service of SERVICES) assertEquals(exists(`examples/${service}/keys.yaml`), true);
});
