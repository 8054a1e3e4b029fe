/**
 * Trouble: why the newest configuration is not in force, for as long as that is so, and how often the log says it again.
 *
 * Pure.
 * @module
 */
import { type Countdown, countdown } from "./turn.ts";

/** How often the log says that the newest configuration is not in force, in milliseconds. */
const REMINDER_MS = 5 * 60_000;

/** Why the newest configuration is not in force. */
export interface Trouble {
  readonly kind: "refused" | "rolledBack" | "failed";
  readonly reason: string;
  /** True if another member of the fleet had it, and nothing was tried here. */
  readonly elsewhere: boolean;
  readonly reminder: Countdown;
  /** How often that was said again. */
  readonly reminders: number;
}

/** There is trouble, perhaps as before: then its reminders go on. */
export function inTrouble(before: Trouble | null, kind: Trouble["kind"], reason: string): Trouble {
  if (before?.kind === kind) return { ...before, reason, elsewhere: false };
  return { kind, reason, elsewhere: false, reminder: countdown(REMINDER_MS), reminders: 0 };
}

/** It was said again. */
export function reminded(trouble: Trouble): Trouble {
  return { ...trouble, reminder: countdown(REMINDER_MS), reminders: trouble.reminders + 1 };
}

/** For how long there has been trouble when it was last said again, in milliseconds. */
export function lastsMs({ reminders }: Trouble): number {
  return reminders * REMINDER_MS;
}
