/**
 * Whether the service is ready, condition by condition.
 *
 * Ready is a service that runs on complete files and, where SIDECAR_VERIFY asks for it, has been well on them once. A
 * backend that is away, or a change that was refused, is a remark: the service goes on as before, and to take it out of a
 * load balancer for that would make an outage of it. With SIDECAR_READY=strict remarks count, but for a hold, and changes
 * on hold: an operator wanted it.
 *
 * Pure.
 * @module
 */
import { pending } from "../core/files.ts";
import { presentTrouble } from "../core/rollout_state.ts";
import type { State } from "../core/supervisor_state.ts";
import type { Condition } from "./document.ts";
import type { Tally } from "./tally.ts";

/** Every condition that applies. */
export function conditionsOf(state: State, tally: Tally): Condition[] {
  const conditions = [rendered(state), service(state), change(state, tally), confd(state), backend(tally)];
  if (state.options.verified) conditions.splice(2, 0, verified(state));
  if (tally.hold !== null) conditions.push(hold(tally.hold));
  if (state.run.is !== "up") conditions.push({ name: "stop", is: "no", says: "stopping" });
  return conditions;
}

/** True if the service is ready. */
export function isReady(conditions: readonly Condition[], ready: "running" | "strict"): boolean {
  return conditions.every(({ is, name }) =>
    is === "ok" || (is === "remark" && (ready === "running" || name === "hold"))
  );
}

/** What `/readyz?verbose` says: a line for each condition, and one for all. */
export function verboseReadiness(conditions: readonly Condition[], ready: boolean): string {
  const marks = { ok: "[+]", no: "[-]", remark: "[!]" };
  const lines = conditions.map(({ name, is, says }) => `${marks[is]}${name} ${says}`);
  return [...lines, ready ? "ready" : "not ready", ""].join("\n");
}

function rendered({ service, rollout }: State): Condition {
  const missing = service.is === "absent" && service.status === null ? pending(rollout.files) : [];
  if (missing.length === 0) return { name: "rendered", is: "ok", says: "ok" };
  const more = missing.length > 3 ? ` and ${missing.length - 3} more` : "";
  return { name: "rendered", is: "no", says: `waiting for ${missing.slice(0, 3).join(", ")}${more}` };
}

function service({ service }: State): Condition {
  const says = {
    running: "ok",
    stopping: "stopping",
    backingOff: "backing off",
    absent: service.is === "absent" && service.status !== null ? "ended" : "not started",
  }[service.is];
  return { name: "service", is: service.is === "running" ? "ok" : "no", says };
}

/** Before it was well for the first time, it is not ready; afterwards what is verified now does not count. */
function verified({ rollout: { wasWell, stage } }: State): Condition {
  if (!wasWell) return { name: "verified", is: "no", says: "not yet" };
  return { name: "verified", is: "ok", says: stage.is === "verifying" ? "ok before, being verified again" : "ok" };
}

const TROUBLE = { refused: "refused", rolledBack: "taken back", failed: "not loaded" };

function change({ rollout, options }: State, { pendingSince }: Tally): Condition {
  const trouble = presentTrouble(rollout, options);
  if (trouble !== null) return { name: "change", is: "remark", says: `${TROUBLE[trouble.kind]}: ${trouble.reason}` };
  if (pendingSince === null) return { name: "change", is: "ok", says: "ok" };
  // An operator wanted that.
  if (rollout.hold !== null) return { name: "change", is: "ok", says: "held" };
  return { name: "change", is: "remark", says: rollout.turn.is === "waiting" ? "waiting for its turn" : "pending" };
}

function confd({ confd }: State): Condition {
  if (confd.is === "running") return { name: "confd", is: "ok", says: "ok" };
  const says = confd.is === "backingOff" ? "backing off" : confd.is === "stopping" ? "restarting" : "not running";
  return { name: "confd", is: "remark", says };
}

function backend({ reachable, complaint }: Tally): Condition {
  if (reachable === false) {
    return { name: "backend", is: "remark", says: complaint === null ? "away" : `away: ${complaint}` };
  }
  return { name: "backend", is: "ok", says: reachable === null ? "not asked yet" : "ok" };
}

function hold({ until, reason }: NonNullable<Tally["hold"]>): Condition {
  const end = until === null ? "changes are held" : `changes are held until ${new Date(until).toISOString()}`;
  return { name: "hold", is: "remark", says: reason === null ? end : `${end}: ${reason}` };
}
