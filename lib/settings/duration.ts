/**
 * Durations as operators write them: `500ms`, `1s`, `2m`, `1h30m`; a bare number is seconds.
 *
 * Pure: text in, milliseconds out.
 * @module
 */

const UNIT_MS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** The longest duration that the runtime's timers can hold: 2^31 - 1 milliseconds, almost 25 days. */
export const LONGEST_MS = 2 ** 31 - 1;

/** What {@link parseDuration} accepts, for messages. */
export const DURATION_WANTED = "a duration such as 500ms, 1s, 2m or 1h30m (a bare number is seconds), at most 24 days";

/**
 * Reads a duration.
 *
 * @returns whole milliseconds from 0 to {@link LONGEST_MS}, or undefined if the text is no duration.
 */
export function parseDuration(text: string): number | undefined {
  const bare = /^\d+(\.\d+)?$/.test(text) ? `${text}s` : text;
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(bare)) return undefined;
  let total = 0;
  for (const [, amount, , unit] of bare.matchAll(/(\d+(\.\d+)?)(ms|s|m|h)/g)) {
    total += Number(amount) * UNIT_MS[unit];
  }
  const whole = Math.round(total);
  return whole <= LONGEST_MS ? whole : undefined;
}

/** Writes a duration as the log's sentences have it: `one second`, `2 seconds`, `500ms`, `1m30s`. */
export function inWords(ms: number): string {
  if (ms === 1000) return "one second";
  if (ms < 60_000 && ms % 1000 === 0) return `${ms / 1000} seconds`;
  return formatDuration(ms);
}

/** Writes a duration as {@link parseDuration} reads it, without units that are zero: `1h30m`, `500ms`, `0s`. */
export function formatDuration(ms: number): string {
  let rest = ms;
  let text = "";
  for (const unit of ["h", "m", "s", "ms"]) {
    const amount = Math.floor(rest / UNIT_MS[unit]);
    if (amount > 0) text += `${amount}${unit}`;
    rest -= amount * UNIT_MS[unit];
  }
  return text || "0s";
}
