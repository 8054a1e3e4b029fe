/**
 * A dry run: a second confd says what it would render, and writes nothing.
 *
 * Touches: processes, through query_confd.ts.
 * @module
 */
import { dryRunArguments, type Request } from "./confd/arguments.ts";
import { dryRunEnvironment } from "./confd/environment.ts";
import { reasonsIn } from "./confd/faults.ts";
import { readDryRun } from "./confd/log_lines.ts";
import type { TemplateResource } from "./confd/resource.ts";
import type { DryRunResult } from "./core/protocol.ts";
import type { Destinations } from "./destinations.ts";
import { type QueryOptions, runDryRun } from "./host/processes/query_confd.ts";
import type { Environment } from "./settings/settings.ts";

/** What a dry run is about. */
export interface DryRunRequest {
  confdPath: string;
  /** With the settings file that is right for a dry run. */
  request: Request;
  env: Environment;
  resources: readonly TemplateResource[];
  destinations: Destinations;
}

/** Has a second confd say what it would render. */
export async function dryRun(
  { confdPath, request, env, resources, destinations }: DryRunRequest,
  options: QueryOptions,
): Promise<DryRunResult> {
  const command = { program: confdPath, args: dryRunArguments(request), env: dryRunEnvironment(env) };
  const printed = await runDryRun(command, options);
  const result = readDryRun(request.dialect, printed, destinations.logged);
  const destOf = (name: string) => destinations.byLogged(name)!.dest;
  return {
    ...result,
    reasons: reasonsIn(printed, resources),
    inSync: result.inSync.map(destOf),
    outOfSync: new Map([...result.outOfSync].map(([name, wanted]) => [destOf(name), wanted])),
  };
}
