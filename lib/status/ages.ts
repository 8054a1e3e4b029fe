/**
 * Times and durations as a person reads them: `3 min ago`, `in 2 h`, `1.2s`.
 *
 * Pure.
 * @module
 */
import { formatDuration } from "../settings/duration.ts";

const UNITS = [["day", 86_400], ["h", 3600], ["min", 60], ["s", 1]] as const;

/** How long ago, or how soon, a time is: `3 min ago`, `in 2 h`, `now`. */
export function age(at: string, nowMs: number): string {
  const seconds = Math.round((nowMs - Date.parse(at)) / 1000);
  const length = Math.abs(seconds);
  const [unit, size] = UNITS.find(([, size]) => length >= size) ?? ["s", 1];
  const amount = Math.floor(length / size);
  if (amount === 0) return "now";
  const said = `${amount} ${unit === "day" && amount > 1 ? "days" : unit}`;
  return seconds > 0 ? `${said} ago` : `in ${said}`;
}

/** The time of day in UTC, with the day where that is another than now: `14:23:46`, `2026-11-25 14:23:46`. */
export function clock(at: string, nowMs: number): string {
  const full = fullTime(at);
  const today = fullTime(new Date(nowMs).toISOString()).slice(0, 10);
  return full.startsWith(today) ? full.slice(11, 19) : full.slice(0, 19);
}

/** A time in full: `2026-11-25 14:23:46 UTC`. */
export function fullTime(at: string): string {
  return `${at.slice(0, 19).replace("T", " ")} UTC`;
}

/** A duration, as precise as is of use: `12ms`, `1.2s`, `1m15s`. */
export function length(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)}ms`;
  if (seconds < 10) return `${seconds.toFixed(1)}s`;
  return formatDuration(Math.round(seconds) * 1000);
}
