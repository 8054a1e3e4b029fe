/**
 * A run in OpenTelemetry: a trace for each rollout, the metrics, and the log. Loaded only where a collector is named.
 *
 * Touches: the clock, randomness; the network, through otlp.ts.
 * @module
 */
import { CLOCK } from "./host/clock.ts";
import { Otlp } from "./host/network/otlp.ts";
import type { KeptEntry, Logger } from "./host/output/logger.ts";
import { VERSION } from "./settings/version.ts";
import type { Environment } from "./settings/settings.ts";
import { logRecordOf, metricOf, spansOf } from "./telemetry/encode.ts";
import { readTelemetry } from "./telemetry/settings.ts";
import type { StatusBoard } from "./status_board.ts";

/** The longest that the end of a run is put off for what is still to be sent, in milliseconds. */
const END_MS = 1000;

/** What it works with. */
export interface TelemetryParts {
  env: Environment;
  board: StatusBoard;
  logger: Logger;
  /** What was logged before this was loaded. */
  early: readonly KeptEntry[];
  /** When the run began, in milliseconds since 1970. */
  startedAt: number;
}

/** Begins to send. */
export function sendTelemetry({ env, board, logger, early, startedAt }: TelemetryParts): void {
  const settings = readTelemetry(env, { version: VERSION, host: Deno.hostname() });
  // Its own lines are not sent: one that says that nothing can be sent would be the next that cannot.
  const quietly = (say: () => void) => {
    const tap = logger.tap;
    logger.tap = undefined;
    say();
    logger.tap = tap;
  };
  for (const msg of settings.warnings) quietly(() => logger.warn(msg));
  const otlp = new Otlp({
    settings,
    clock: CLOCK,
    warn: (msg) => quietly(() => logger.warn(msg)),
    inform: (msg) => quietly(() => logger.log({ level: "info", msg })),
  });
  const logged = ({ entry, at }: KeptEntry) => otlp.push("logs", [logRecordOf(entry, at)]);
  early.forEach(logged);
  logger.tap = otlp.takes("logs") ? logged : undefined;
  const measure = () => {
    const at = Date.now();
    otlp.push(
      "metrics",
      board.recorder.metrics.filter(({ samples }) => samples.length > 0).map((metric) =>
        metricOf(metric, { startedAt, at })
      ),
    );
  };
  let callOff = () => {};
  const again = () => {
    measure();
    callOff = CLOCK.after(settings.metricIntervalMs, again);
  };
  if (otlp.takes("metrics")) callOff = CLOCK.after(settings.metricIntervalMs, again);
  board.onRollout.push((record) => otlp.push("traces", spansOf(record, id)));
  board.onClose.push(async () => {
    callOff();
    logger.tap = undefined;
    if (otlp.takes("metrics")) measure();
    await otlp.close(END_MS);
  });
}

/** Random bytes in hexadecimal. */
function id(bytes: number): string {
  return crypto.getRandomValues(new Uint8Array(bytes)).toHex();
}
