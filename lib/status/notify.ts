/**
 * What systemd is told of a run, in the protocol of sd_notify(3).
 *
 * READY at the first time that the service is ready. RELOADING when a change begins to be applied to the running service, and
 * READY again when that is over, however it ended: the service runs on. A SIGHUP asks for that pair too, whatever becomes of
 * it, since `Type=notify-reload` waits for it. STATUS is a line for `systemctl status`.
 *
 * Pure.
 * @module
 */
import type { Note } from "../core/notes.ts";
import type { State } from "../core/supervisor_state.ts";
import type { StatusDocument } from "./document.ts";
import { judge, obstacles } from "./verdict.ts";

/** How long a start that waits is to be left alone, in microseconds: it says so again every ten seconds. */
const EXTENSION_USEC = 30_000_000;
/** The longest status line, in characters. */
const LONGEST = 240;

/** What has been told. */
export interface Told {
  readonly ready: boolean;
  readonly reloading: boolean;
  readonly stopping: boolean;
  readonly status: string;
}

/** Before anything was told. */
export const NOTHING_TOLD: Told = { ready: false, reloading: false, stopping: false, status: "" };

/** A moment of the run. */
export interface Moment {
  readonly state: State;
  readonly notes: readonly Note[];
  /** With secrets: all of it is masked only when somebody asks, which takes its time. */
  readonly document: StatusDocument;
  readonly mask: (text: string) => string;
  /** CLOCK_MONOTONIC, in microseconds. */
  readonly monotonicUsec: () => bigint;
}

/** The messages to be sent now, and what has been told then. */
export function messagesOf(told: Told, { state, notes, document, mask, monotonicUsec }: Moment): [string[], Told] {
  const messages: string[] = [];
  const stopping = state.run.is !== "up";
  const ready = told.ready || document.ready;
  const reloading = ready && !stopping && isApplying(state);
  const hangup = notes.some((note) => note.is === "signalReceived" && note.signal === "SIGHUP" && note.use !== "stop");
  const status = statusOf(document, mask);
  if (stopping && !told.stopping) messages.push("STOPPING=1");
  if (!stopping && told.ready) {
    const begins = (reloading || hangup) && !told.reloading;
    if (begins) messages.push(`RELOADING=1\nMONOTONIC_USEC=${monotonicUsec()}`);
    if (!reloading && (begins || told.reloading)) messages.push("READY=1");
  }
  if (!stopping && ready && !told.ready) messages.push("READY=1");
  if (!ready && document.phase === "waiting" && notes.some(({ is }) => is === "waiting" || is === "confdStarted")) {
    messages.push(`EXTEND_TIMEOUT_USEC=${EXTENSION_USEC}`);
  }
  if (status !== told.status) messages.push(`STATUS=${status}`);
  return [messages, { ready, reloading: reloading && told.ready, stopping, status }];
}

/** A change is being applied to the service, which was started before. */
function isApplying({ rollout, service }: State): boolean {
  if (service.is === "stopping") return true;
  return rollout.target === "reload" && ["applying", "verifying", "restoring"].includes(rollout.stage.is);
}

function statusOf(document: StatusDocument, mask: (text: string) => string): string {
  const [worst] = obstacles(document);
  const { title, text } = worst ?? judge(document);
  const reason = worst?.quote ?? text;
  return mask(`${title}: ${reason}`).replaceAll(/\s+/g, " ").slice(0, LONGEST);
}
