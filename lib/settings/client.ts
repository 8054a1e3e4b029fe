/**
 * What the executable may ask of the sidecar that runs beside it, from the command line: `--status`, `--reload` and others.
 *
 * Pure.
 * @module
 */
import { DURATION_WANTED, parseDuration } from "./duration.ts";

/** A question, or a command. */
export type Asking =
  | { readonly is: "status" | "fleet"; readonly json: boolean }
  | { readonly is: "healthcheck"; readonly path: "/livez" | "/readyz" }
  | { readonly is: "command"; readonly target: string };

const HOLD = "--hold";

/** The options that ask, each as it is written without a value. */
export const ASKING_OPTIONS = [
  "--status",
  "--healthcheck",
  "--reload",
  "--restart",
  HOLD,
  "--release",
  "--rollback",
  "--fleet-status",
];

/** What an option and the words behind it ask for; a text: what is wrong with them; undefined: it is another option. */
export function parseAsking([word, ...rest]: readonly string[]): Asking | string | undefined {
  const [option, value] = word.split(/=(.*)/s);
  if (!ASKING_OPTIONS.includes(option)) return undefined;
  const [reason, ...more] = option === HOLD ? rest : [undefined, ...rest];
  if (more.length > 0) {
    return `nothing may follow ${option}${option === HOLD ? " but a reason, in one word or quotes" : ""}`;
  }
  switch (option) {
    case "--status":
    case "--fleet-status":
      if (value !== undefined && value !== "json") return `${option}=${value}: it is ${option} or ${option}=json`;
      return { is: option === "--status" ? "status" : "fleet", json: value === "json" };
    case "--healthcheck":
      if (value !== undefined && !["live", "ready"].includes(value)) {
        return `--healthcheck=${value}: it is --healthcheck, --healthcheck=live or --healthcheck=ready`;
      }
      return { is: "healthcheck", path: value === "live" ? "/livez" : "/readyz" };
    case HOLD:
      return parseHold(value, reason);
    default:
      if (value !== undefined) return `${option} takes no value`;
      return { is: "command", target: `/${option.slice(2)}` };
  }
}

function parseHold(length: string | undefined, reason: string | undefined): Asking | string {
  if (length !== undefined && !parseDuration(length)) {
    return `--hold=${length}: ${JSON.stringify(length)} is not ${DURATION_WANTED}`;
  }
  const query = new URLSearchParams({ ...(length && { for: length }), ...(reason && { reason }) });
  return { is: "command", target: `/hold${query.size > 0 ? `?${query}` : ""}` };
}
