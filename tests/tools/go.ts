/**
 * What every build by the Go tool chain has in common.
 *
 * Pure.
 * @module
 */
import { createHash } from "node:crypto";

/** How long one build may take. */
export const GO_TIMEOUT_MS = 15 * 60_000;

/** Small pinned builds: static, without traces of where they were made. */
export const GO_ENV = { CGO_ENABLED: "0", GOWORK: "off" };

/** Short, and another one for any other text. */
export function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
