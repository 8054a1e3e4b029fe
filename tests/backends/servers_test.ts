/** Every server answers every confd that has a backend for it, with the secrets that it asks for, before and after. */
import { assert, assertEquals, assertMatch } from "../support/assert.ts";
import { type Confd, CONFDS, e2e } from "../support/confds.ts";
import type { Folder } from "../support/sidecar.ts";
import { confdCommand, rendered } from "./direct.ts";
import type { Server } from "./server.ts";
import { canRead, type ServerKind, SERVERS } from "./servers.ts";

for (const kind of SERVERS) {
  for (const confd of CONFDS.filter((confd) => canRead(confd, kind))) {
    e2e(`${kind.name} answers [${confd.name}]`, ({ folder }) => answers(folder, confd, kind), {
      parts: [confd.part, ...kind.parts],
    });
  }
}

async function answers(folder: Folder, confd: Confd, kind: ServerKind): Promise<void> {
  await using server = kind.make(folder, confd);
  await server.start();
  await server.put({ "/key": "one" });
  const one = await read(folder, confd, server);
  await server.stop();
  await server.start();
  assert(await read(folder, confd, server) === one);
  await server.put({ "/key": "two" });
  assert(await read(folder, confd, server) !== one);
}

/** What confd renders of it, once; a status that is not 0 tells all that it said. */
async function read(folder: Folder, confd: Confd, server: Server): Promise<string> {
  const once = confdCommand(confd, { folder, server, mode: ["--onetime"] });
  const { code, stdout, stderr } = await once.output();
  const said = [stderr, stdout].map((bytes) => new TextDecoder().decode(bytes)).join("");
  assertEquals(code, 0, said);
  const text = Deno.readTextFileSync(rendered(folder));
  assertMatch(text, /^value=./, said);
  return text;
}
