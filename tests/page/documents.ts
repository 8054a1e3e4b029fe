/**
 * Documents of invented runs, as of one moment, for the page to show.
 *
 * Pure.
 * @module
 */
import type { RolloutRecord, StatusDocument, StepName, StepRecord } from "../../lib/status/document.ts";

/** The moment as of which they are. */
export const NOW_MS = Date.parse("2026-11-25T14:31:20Z");

const UPSTREAMS = "/etc/nginx/conf.d/upstreams.conf";
const MAPS = "/etc/nginx/conf.d/maps.conf";
const DIGESTS = [
  "8f3a6c0b1d9e47aa5b0c2f7716d3e8a94410be57c6d2f3987ab1e05c6f4d2390",
  "27d4b91ef6035c8840aa19d7e2c35f6b90817d3ec4a6b2f5081d7e93ab64c0f2",
  "e05c77a2419bd0336fd8c1b64e92a70f5d3b8e11c64a0f97d28e5b3aa7196c4d",
];

/** The time that lies some seconds before. */
export function before(seconds: number): string {
  return new Date(NOW_MS - seconds * 1000).toISOString();
}

/** A run in which all is well. */
export function wellDocument(changes: Partial<StatusDocument> = {}): StatusDocument {
  return {
    schema: 1,
    version: "1.0.0",
    phase: "running",
    since: before(1278),
    started: before(11_532),
    ready: true,
    conditions: [
      { name: "rendered", is: "ok", says: "ok" },
      { name: "service", is: "ok", says: "ok" },
      { name: "verified", is: "ok", says: "ok" },
      { name: "change", is: "ok", says: "ok" },
      { name: "confd", is: "ok", says: "ok" },
      { name: "backend", is: "ok", says: "ok" },
    ],
    service: { pid: 31, state: "running", started: before(11_529), starts: 1, lastExit: null },
    confd: {
      dialect: "classic",
      version: "0.30.0",
      pid: 14,
      state: "running",
      mode: "watch",
      starts: 1,
      backend: "etcdv3",
      reachable: true,
      lastAnswer: before(24),
      complaint: null,
    },
    config: {
      digest: "c41d0a97be5f",
      loaded: before(1279),
      verified: before(1278),
      pendingSince: null,
      destinations: [
        { path: UPSTREAMS, digest: DIGESTS[0], changed: before(1281), state: "current" },
        { path: MAPS, digest: DIGESTS[1], changed: before(4210), state: "current" },
      ],
    },
    trouble: null,
    rollouts: HISTORY,
    hold: null,
    fleet: null,
    counts: {
      changes: 5,
      changesTakenBack: 1,
      reloads: 3,
      failedReloads: 0,
      refusals: 0,
      rollbacks: 1,
      confdStale: 0,
      serviceKills: 0,
      orphansReaped: 2,
    },
    ...changes,
  };
}

/** The newest change was refused, and the service goes on with what it has. */
export function refusedDocument(): StatusDocument {
  const well = wellDocument();
  const reason = '"nginx -t -c /etc/nginx/nginx.conf" ended with status 1';
  return wellDocument({
    conditions: well.conditions.map((one) =>
      one.name === "change" ? { name: "change", is: "remark", says: `refused: ${reason}` } : one
    ),
    config: {
      ...well.config,
      pendingSince: before(187),
      destinations: [
        { ...well.config.destinations[0], digest: DIGESTS[2], changed: before(187), state: "refused" },
        well.config.destinations[1],
      ],
    },
    trouble: { kind: "refused", reason, since: before(185) },
    rollouts: [
      ...HISTORY,
      rollout(6, {
        at: before(187),
        outcome: "refused",
        steps: [step("settle", 1.0), step("check", 0.214, reason)],
        differences: [{
          path: UPSTREAMS,
          lines: ["@@ -2,3 +2,3 @@", " ***", "-  ***", "+  ***", " ***"],
        }],
      }),
    ],
    counts: { ...well.counts, changes: 6, refusals: 1 },
  });
}

/** The first rendering has not come: confd cannot read its backend. */
export function waitingDocument(): StatusDocument {
  const { confd, config, counts } = wellDocument();
  return wellDocument({
    phase: "waiting",
    since: before(41),
    started: before(41),
    ready: false,
    conditions: [
      { name: "rendered", is: "no", says: `waits for ${UPSTREAMS}` },
      { name: "service", is: "no", says: "not started" },
      { name: "backend", is: "remark", says: "away" },
    ],
    service: { pid: null, state: "notStarted", started: null, starts: 0, lastExit: null },
    confd: {
      ...confd,
      reachable: false,
      lastAnswer: null,
      complaint: "ERROR context deadline exceeded: dial tcp 10.4.0.7:2379: connect: connection refused",
    },
    config: {
      ...config,
      digest: null,
      loaded: null,
      verified: null,
      destinations: config.destinations.map((one) => ({ ...one, digest: null, changed: null, state: "missing" })),
    },
    rollouts: [],
    counts: { ...counts, changes: 0, changesTakenBack: 0, reloads: 0, rollbacks: 0, orphansReaped: 0 },
  });
}

/** A change is being verified, changes are on hold after it, and the backend is away: more than one thing at once. */
export function busyDocument(): StatusDocument {
  const well = wellDocument();
  return wellDocument({
    phase: "changing",
    since: before(4),
    conditions: well.conditions.map((one) =>
      one.name === "change" ? { name: "change", is: "remark", says: "being verified" } : one
    ),
    config: {
      ...well.config,
      pendingSince: before(5),
      destinations: [
        { ...well.config.destinations[0], changed: before(5), state: "pending" },
        well.config.destinations[1],
      ],
    },
    rollouts: [
      ...HISTORY,
      rollout(6, {
        at: before(5),
        outcome: "running",
        seconds: null,
        steps: [step("settle", 1), step("check", 0.2), step("publish", 0.004), step("reload", 0.012), {
          ...step("verify", 0),
          seconds: null,
          outcome: "running",
        }],
      }),
    ],
  });
}

/** Changes are on hold, and the backend is away. */
export function heldDocument(): StatusDocument {
  const { confd, conditions, config } = wellDocument();
  return wellDocument({
    conditions: [
      ...conditions.filter(({ name }) => name !== "backend" && name !== "change"),
      { name: "change", is: "remark", says: "pending" },
      { name: "backend", is: "remark", says: "away: ERROR dial tcp: i/o timeout" },
      { name: "hold", is: "remark", says: `changes are held until ${before(-1200)}: database migration, ask Ines` },
    ],
    config: {
      ...config,
      pendingSince: before(300),
      destinations: [{ ...config.destinations[0], changed: before(300), state: "pending" }, config.destinations[1]],
    },
    rollouts: [...HISTORY, rollout(6, { at: before(301), outcome: "held", steps: [step("settle", 1)] })],
    confd: { ...confd, reachable: false, lastAnswer: before(95), complaint: "ERROR dial tcp: i/o timeout" },
    hold: { since: before(600), until: before(-1200), reason: "database migration, ask Ines" },
  });
}

/** The service has ended, and is to be started again. */
export function downDocument(): StatusDocument {
  const { service, conditions } = wellDocument();
  return wellDocument({
    phase: "restarting",
    since: before(3),
    ready: false,
    conditions: conditions.map((one) =>
      one.name === "service" ? { name: "service", is: "no", says: "backing off" } : one
    ),
    service: {
      ...service,
      pid: null,
      state: "backingOff",
      starts: 3,
      lastExit: { at: before(3), code: 137, signal: "SIGKILL" },
    },
  });
}

function step(name: StepName, seconds: number, reason: string | null = null): StepRecord {
  return { name, at: before(0), seconds, outcome: reason === null ? "ok" : "failed", reason };
}

/** One change of the upstreams. */
export function rollout(id: number, changes: Partial<RolloutRecord>): RolloutRecord {
  const steps = changes.steps ?? [step("settle", 1), step("check", 0.198), step("publish", 0.004)];
  return {
    id,
    at: before(60),
    trigger: "change",
    destinations: [UPSTREAMS],
    steps,
    outcome: "verified",
    seconds: steps.reduce((sum, { seconds }) => sum + (seconds ?? 0), 0),
    differences: [],
    ...changes,
  };
}

const THROUGH = [step("settle", 1), step("check", 0.198), step("publish", 0.004), step("reload", 0.011)];

const HISTORY: readonly RolloutRecord[] = [
  rollout(1, {
    at: before(11_530),
    trigger: "start",
    destinations: [UPSTREAMS, MAPS],
    steps: [
      step("settle", 1),
      step("check", 0.231),
      step("publish", 0.006),
      step("start", 0.019),
      step("verify", 0.42),
    ],
  }),
  rollout(2, {
    at: before(9125),
    outcome: "rolledBack",
    steps: [
      ...THROUGH,
      step("verify", 30, "http://127.0.0.1:8080/healthz answered 502"),
      step("rollBack", 0.38),
    ],
  }),
  rollout(3, { at: before(7720), outcome: "takenBack", steps: [step("settle", 0.84)] }),
  rollout(4, { at: before(4210), destinations: [MAPS], steps: [...THROUGH, step("verify", 0.31)] }),
  rollout(5, {
    at: before(1281),
    steps: [
      step("settle", 1.42),
      step("check", 0.203),
      step("publish", 0.004),
      step("reload", 0.011),
      step("verify", 0.295),
    ],
    differences: [{
      path: UPSTREAMS,
      lines: ["@@ -2,3 +2,4 @@", " ***", "   ***", "+  ***", " ***"],
    }],
  }),
];
