import type { StatusDocument } from "../../lib/status/document.ts";
import { judge, obstacles, type Verdict } from "../../lib/status/verdict.ts";
import {
  before,
  busyDocument,
  downDocument,
  heldDocument,
  refusedDocument,
  waitingDocument,
  wellDocument,
} from "../page/documents.ts";
import { assertEquals } from "../support/assert.ts";

function verdict(document: StatusDocument): Verdict {
  const { level, title, text } = judge(document);
  return { level, title, text };
}

const well = wellDocument();
const waiting = waitingDocument();

/** Some documents, and what is said of each first. */
const CASES: Record<string, [StatusDocument, Verdict["level"], title: string, text: string]> = {
  well: [well, "well", "All is well", "The service runs on the newest configuration, and it was verified."],
  "well, and nothing verifies it": [
    wellDocument({ config: { ...well.config, verified: null } }),
    "well",
    "All is well",
    "The service runs on the newest configuration.",
  ],
  refused: [
    refusedDocument(),
    "trouble",
    "The newest configuration was refused",
    "The service goes on with what it has loaded.",
  ],
  "refused at the start": [
    { ...waiting, confd: well.confd, trouble: { kind: "refused", reason: "no", since: before(1) } },
    "trouble",
    "The newest configuration was refused",
    "The service has not been started: it waits for one that can go live.",
  ],
  "waiting for a backend": [
    waiting,
    "trouble",
    "The backend etcdv3 does not answer",
    "The service starts once confd can render.",
  ],
  "waiting for files": [
    { ...waiting, confd: { ...well.confd, reachable: null } },
    "busy",
    "Waiting for the first configuration",
    "confd has yet to render /etc/nginx/conf.d/upstreams.conf, /etc/nginx/conf.d/maps.conf.",
  ],
  "about to start": [
    { ...waiting, confd: well.confd, config: { ...well.config, loaded: null } },
    "busy",
    "The service is about to start",
    "The newest configuration is being worked on.",
  ],
  changing: [busyDocument(), "busy", "A change is on its way", "The newest configuration is being verified."],
  "on hold, and the backend is away": [
    heldDocument(),
    "notice",
    "The backend etcdv3 does not answer",
    "The service goes on, and what changes meanwhile comes later.",
  ],
  down: [downDocument(), "trouble", "The service is down", "It ended with SIGKILL, and is started again."],
  "restarted to be reloaded": [
    wellDocument({ phase: "restarting", ready: false, service: { ...well.service, state: "stopping" } }),
    "busy",
    "The service is being restarted",
    "The newest configuration is being worked on.",
  ],
  stopping: [
    { ...downDocument(), phase: "stopping" },
    "busy",
    "Stopping",
    "The service was told to end, and the sidecar ends with it.",
  ],
  "not ready": [
    wellDocument({ ready: false, conditions: [{ name: "change", is: "no", says: "pending" }] }),
    "notice",
    "Not ready",
    "change: pending.",
  ],
  "an empty file": [
    wellDocument({ config: { ...well.config, destinations: [{ ...well.config.destinations[0], state: "empty" }] } }),
    "notice",
    "A file has nothing in it",
    "/etc/nginx/conf.d/upstreams.conf has no content: the newest configuration is incomplete. " +
    "The service goes on with what it has loaded.",
  ],
  "confd is down": [
    wellDocument({ confd: { ...well.confd, state: "backingOff" } }),
    "notice",
    "confd is down",
    "It has ended, and is started again. Until then changes do not arrive.",
  ],
};

for (const [name, [document, level, title, text]] of Object.entries(CASES)) {
  Deno.test(`judge() ${name}`, () => assertEquals(verdict(document), { level, title, text }));
}

Deno.test("obstacles() has the worst first, each with its reason and its times", () => {
  const held = heldDocument();
  const all = obstacles({ ...held, trouble: { kind: "rolledBack", reason: "answered 502", since: before(5) } });
  assertEquals(all.map(({ title, quote, since, until }) => [title, quote, since, until]), [
    ["The newest configuration was rolled back", "answered 502", before(5), null],
    ["The backend etcdv3 does not answer", "ERROR dial tcp: i/o timeout", before(95), null],
    ["Changes are on hold", "database migration, ask Ines", before(600), before(-1200)],
  ]);
});
