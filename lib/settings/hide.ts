/**
 * Names of variables that the service does not get to see.
 *
 * Pure.
 * @module
 */
import type { Environment } from "./settings.ts";

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
