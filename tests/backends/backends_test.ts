/**
 * Every backend of confd with every confd that has it, against the real server; and what docs/backends.md says of it.
 *
 * Touches: files, processes and the loopback network, through what it uses; docs/backends.md.
 * @module
 */
import { type Confd, CONFDS, e2e } from "../support/confds.ts";
import { Folder } from "../support/sidecar.ts";
import { part } from "../tools/parts.ts";
import { type Outcomes, travel } from "./journey.ts";
import { canRead, type ServerKind, SERVERS } from "./servers.ts";
import { hold } from "./table.ts";

for (const kind of SERVERS) {
  const confds = CONFDS.filter((confd) => canRead(confd, kind));
  // Those that are not here are named; one is enough for the test to make sense.
  const here = confds.filter((confd) => part(confd.part) !== undefined && confd.name === confd.part);
  const parts = here.length > 0 ? kind.parts : [...kind.parts, ...confds.map((confd) => confd.part)];
  e2e(`${kind.name}: rendered, changed, restarted, away`, async ({ folder }) => {
    hold(kind, new Map(await Promise.all(here.map((confd) => journey(kind, { outer: folder, confd })))));
  }, { parts });
}

/** The journeys of all confds go on at once: they are little else than waiting. */
async function journey(
  { make, seen = (value) => value, without = () => undefined }: ServerKind,
  { outer, confd }: { outer: Folder; confd: Confd },
): Promise<[string, Outcomes]> {
  using folder = new Folder(outer.path);
  await using server = make(folder, confd);
  return [confd.name, await travel({ folder, confd, server, seen, without: (part) => without(part, confd) })];
}
