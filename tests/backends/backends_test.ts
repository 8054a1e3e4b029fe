/**
 * Every backend of confd with every confd that has it, against the real server; and what docs/backends.md says of it.
 *
 * Touches: files, processes and the loopback network, through what it uses; docs/backends.md.
 * @module
 */
import { type Confd, CONFDS, e2e } from "../support/confds.ts";
import { Folder } from "../support/sidecar.ts";
import { part } from "../tools/parts.ts";
import { travel } from "./journey.ts";
import { canRead, type ServerKind, SERVERS } from "./servers.ts";
import { hold, type Journey } from "./table.ts";

/** A stand-in has no row of its own. */
const REAL = CONFDS.filter(({ name, part }) => name === part);
const HERE = REAL.filter((confd) => part(confd.part) !== undefined);
/** Those that are made of the same server go on at once. */
const FAMILIES = Object.entries(Object.groupBy(SERVERS, ({ parts }) => parts[0] ?? "no server"));

for (const [family, kinds = []] of FAMILIES) {
  const parts = new Set(kinds.flatMap((kind) => kind.parts));
  e2e(`${family}: rendered, changed, restarted, silent, away`, async ({ folder }) => {
    const journeys = kinds.flatMap((kind) =>
      HERE.filter((confd) => canRead(confd, kind)).map((confd) => journey(kind, { outer: folder, confd }))
    );
    hold(await Promise.all(journeys));
  }, { parts: [...parts] });
}

// A confd that is not here is left out above: that must be said, and its rows stay as they are.
for (const confd of REAL.filter((confd) => !HERE.includes(confd))) {
  const kinds = SERVERS.filter((kind) => canRead(confd, kind)).map(({ name }) => name);
  e2e(`the journeys of ${kinds.join("; ")} [${confd.name}]`, () => Promise.resolve(), { parts: [confd.part] });
}

/** All journeys of a family go on at once: they are little else than waiting. */
async function journey(
  { name, make, seen = (value) => value, without = () => undefined }: ServerKind,
  { outer, confd }: { outer: Folder; confd: Confd },
): Promise<Journey> {
  using folder = new Folder(outer.path);
  await using server = make(folder, confd);
  const outcomes = await travel({ folder, confd, server, seen, without });
  return { kind: name, confd: confd.name, outcomes };
}
