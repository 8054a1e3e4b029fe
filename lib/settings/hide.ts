/**
 * Names of variables that the service does not get to see.
 *
 * Pure.
 * @module
 */
import type { Environment } from "./settings.ts";

/**
 * By these systemd is told of a service's state, sd_notify(3) and sd_watchdog_enabled(3). The sidecar does that: nothing that
 * it starts may speak in its name.
 */
export const OF_SYSTEMD: readonly string[] = ["NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC"];

/** Makes a test for names out of patterns in which `*` stands for any characters. */
export function nameMatcher(patterns: readonly string[]): (name: string) => boolean {
  const alternatives = patterns.map((pattern) => pattern.split("*").map(escape).join(".*"));
  const whole = new RegExp(`^(?:${alternatives.join("|")})$`, "s");
  return (name) => patterns.length > 0 && whole.test(name);
}

function escape(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

/** An environment without the variables that match. */
export function visibleEnvironment(env: Environment, patterns: readonly string[]): Environment {
  const isHidden = nameMatcher(patterns);
  return Object.fromEntries(Object.entries(env).filter(([name]) => !isHidden(name)));
}
