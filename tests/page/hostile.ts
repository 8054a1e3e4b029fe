/**
 * A document in which everything that others may choose tries to break out of the page, and is long besides.
 *
 * Pure.
 * @module
 */
import type { StatusDocument } from "../../lib/status/document.ts";
import { before, refusedDocument, rollout } from "./documents.ts";

const HURT = `"'><script>hurt(1)</script><img src=x onerror="hurt(2)"><b onclick=hurt(3)>&lt;</main>`;
const LONG = `${HURT}${"x".repeat(400)}`;

/** The document. */
export function hostileDocument(): StatusDocument {
  const document = refusedDocument();
  return {
    ...document,
    version: HURT,
    conditions: [{ name: "change", is: "remark", says: LONG }],
    confd: { ...document.confd, dialect: HURT, version: LONG, backend: LONG, complaint: LONG, reachable: false },
    config: {
      ...document.config,
      digest: HURT,
      destinations: document.config.destinations.map((one) => ({ ...one, path: `/${LONG}`, digest: HURT })),
    },
    trouble: { kind: "failed", reason: LONG, since: before(9) },
    hold: { since: before(9), until: null, reason: LONG },
    rollouts: [rollout(1, {
      destinations: [LONG, HURT],
      steps: [{ name: "check", at: before(1), seconds: 1, outcome: "failed", reason: LONG }],
      differences: [{ path: LONG, lines: [`+${LONG}`, `-${LONG}`, LONG] }],
    })],
  };
}
