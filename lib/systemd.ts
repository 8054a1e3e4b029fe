/**
 * A run under systemd: tells it when the service is ready, reloads and stops. Loaded only where `NOTIFY_SOCKET` is set.
 *
 * Touches: the socket of systemd, through sd_notify.ts.
 * @module
 */
import type { Transition } from "./core/drive.ts";
import { CLOCK } from "./host/clock.ts";
import type { Libc } from "./host/linux/libc.ts";
import { SdNotify } from "./host/linux/sd_notify.ts";
import type { Environment } from "./settings/settings.ts";
import type { StatusDocument } from "./status/document.ts";
import { messagesOf, NOTHING_TOLD } from "./status/notify.ts";

/** What it works with. */
export interface SystemdParts {
  env: Environment;
  libc: Libc;
  /** With secrets. */
  document: () => StatusDocument;
  mask: (text: string) => string;
  onFailure: (reason: string) => void;
}

/** Follows a run. */
export interface Systemd {
  observe: (transition: Transition) => void;
  close: () => void;
}

/** Begins to tell systemd. Throws where there can be no socket. */
export function followForSystemd({ env, libc, document, mask, onFailure }: SystemdParts): Systemd {
  const socket = env["NOTIFY_SOCKET"];
  const notify = new SdNotify({ libc, socket, clock: CLOCK, watchdogMs: watchdogMs(env), onFailure });
  let told = NOTHING_TOLD;
  return {
    observe: ({ state, notes, effects }) => {
      // Of a file among many nothing is told.
      if (notes.every(({ is }) => is === "changed") && (notes.length > 0 || effects.length === 0)) return;
      const monotonicUsec = () => notify.monotonicUsec();
      const [messages, next] = messagesOf(told, { state, notes, document: document(), mask, monotonicUsec });
      messages.forEach((message) => notify.send(message));
      told = next;
    },
    close: () => notify.close(),
  };
}

/** sd_watchdog_enabled(3). */
function watchdogMs(env: Environment): number | undefined {
  const [usec, pid] = [Number(env["WATCHDOG_USEC"]), env["WATCHDOG_PID"]];
  if (!(usec > 0) || (pid && Number(pid) !== Deno.pid)) return undefined;
  return usec / 1000;
}
