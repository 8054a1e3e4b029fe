/**
 * One run, from the command line to the exit status: prepares, writes, and then lets the core and the host work.
 *
 * Touches: everything, through the host's modules.
 * @module
 */
import type { Request } from "./confd/arguments.ts";
import { ignoredSentence, privateConfdFiles } from "./confd_files.ts";
import { CANNOT_CREATE, CONFIG, SOFTWARE } from "./core/exit_status.ts";
import { optionalDests } from "./confd/resource.ts";
import { queryDialect } from "./host/processes/query_confd.ts";
import { EarlySignals } from "./host/processes/early_signals.ts";
import { onFault } from "./host/faults.ts";
import { type KeptEntry, Logger } from "./host/output/logger.ts";
import { Output } from "./host/output/output.ts";
import { History } from "./host/files/history.ts";
import { unwritableFolders } from "./host/files/access.ts";
import { exists } from "./host/files/disk.ts";
import { SpawnError } from "./host/processes/processes.ts";
import { endLeft, RunRecord } from "./host/processes/run_record.ts";
import { Staging } from "./host/files/staging.ts";
import type { Libc } from "./host/linux/libc.ts";
import { openSystem } from "./host/linux/system.ts";
import type { Entrance } from "./endpoint.ts";
import { judge } from "./judge.ts";
import { type Plan, prepare } from "./prepare.ts";
import { writeFiles } from "./write_files.ts";
import { OF_SYSTEMD, visibleEnvironment } from "./settings/hide.ts";
import { type Environment, isStaged } from "./settings/settings.ts";
import { SETTINGS, type Settings } from "./settings/table.ts";
import { wantsTelemetry } from "./telemetry/settings.ts";
import { cutOff, type Outside, type Service, supervise } from "./supervise.ts";

/** How long the last lines of the log may take to be written at the end, in milliseconds. */
const LAST_FLUSH_MS = 1000;

/** What a run is to do with what confd renders; undefined: put it in place. */
export type Preview = (copies: ReadonlyMap<string, string>) => Promise<void>;

/**
 * Runs a service under confd until it ends; without one, has its files rendered and ends. With a preview, nothing is put in
 * place. Returns the exit status.
 */
export async function run(service: Service | undefined, env: Environment, preview?: Preview): Promise<number> {
  const output = new Output();
  const logger = new Logger(output);
  const signals = new EarlySignals();
  const early: KeptEntry[] = [];
  if (service !== undefined && wantsTelemetry(env)) logger.tap = (kept) => early.push(kept);
  const outside: Outside = { logger, output, signals, early, abandon: () => Promise.resolve() };
  const { promise: fault, resolve } = Promise.withResolvers<number>();
  onFault((error) => {
    const [msg, ...more] = String((error as Error)?.stack ?? error).split("\n");
    logger.log({ level: "error", msg: `a fault of the sidecar itself, which ends everything: ${msg}`, more });
    outside.abandon().finally(() => resolve(SOFTWARE));
  });
  const status = await Promise.race([signals.early, fault, attempt({ service, env, preview }, outside)]);
  await output.flush(LAST_FLUSH_MS);
  return status;
}

interface Attempt {
  service?: Service;
  env: Environment;
  preview?: Preview;
}

/** Prepares, writes, supervises; each step only if those before it found nothing wrong. */
async function attempt({ service, env, preview }: Attempt, outside: Outside): Promise<number> {
  const { logger, signals } = outside;
  const { plan, notes, warnings, problems, status } = prepare(env, service?.program);
  const { settings } = plan;
  logger.level = settings.logLevel ?? logger.level;
  logger.format = settings.logFormat ?? logger.format;
  const refuse = (sentences: readonly string[], status: number) => {
    for (const msg of sentences) logger.log({ level: "error", msg });
    return status;
  };
  if (problems.length > 0) return refuse(problems, status);
  for (const msg of warnings) logger.log({ level: "warn", msg });
  for (const msg of notes) logger.log({ level: "info", msg });
  if (service !== undefined) {
    const command = [service.program, ...service.args];
    const msg = `main program and arguments to be run: [${command.join(" ")}]`;
    logger.log({ level: "info", msg, fields: { command } });
  }
  const query = queryDialect(settings.confdPath, { signal: signals.ended, onCutOff: cutOff(logger) })
    .catch((error) => error as SpawnError);
  // While confd answers, there is time to open the C library.
  const system = openSystem({ onSignal: (signal) => signals.receive(signal) });
  const opened = "warning" in system ? undefined : system;
  if ("warning" in system) logger.warn(system.warning);
  const asked = await query;
  if (asked instanceof SpawnError) return refuse([`CONFD_PATH: ${asked.message}`], asked.status);
  if ("problem" in asked) return refuse([`CONFD_PATH: ${asked.problem}`], CONFIG);
  const judged = await judge(plan, asked, { signal: signals.ended, onCutOff: cutOff(logger) });
  if (judged.problems.length > 0) return refuse(judged.problems, CONFIG);
  for (const msg of judged.warnings) logger.warn(msg);
  for (const msg of judged.notes) logger.log({ level: "info", msg });
  settings.backend = judged.backend;
  const confdFiles = privateConfdFiles(plan);
  if (confdFiles.ignored.length > 0) logger.log({ level: "warn", msg: ignoredSentence(plan, confdFiles.ignored) });
  if (env["NOTIFY_SOCKET"]) settings.envHide = [...settings.envHide, ...OF_SYSTEMD];
  const visible = visibleEnvironment(env, settings.envHide);
  const { history, staging } = stagingOf(plan, { service, visible, preview, libc: opened?.libc, logger });
  const closed = opened === undefined || preview !== undefined
    ? []
    : unwritableFolders(opened.libc, plan.resources.map(({ dest }) => dest));
  if (closed.length > 0) return refuse(closed, CANNOT_CREATE);
  // A folder that is not there yet is nobody's; it is made once everything else could be written.
  const early = exists(settings.state) ? RunRecord.open(settings.state) : undefined;
  if (early !== undefined && "holder" in early) return refuse([heldProblem(settings.state, early)], CANNOT_CREATE);
  if (early !== undefined) await endLeftovers(early, logger);
  const port = service === undefined ? undefined : await openPort(settings);
  if (port !== undefined && "problem" in port) return refuse([port.problem], CONFIG);
  const unwritten = await writeFiles(plan, {
    confdFiles: confdFiles.files,
    staging,
    preview: preview !== undefined,
    logger,
  });
  if (unwritten.length > 0) return refuse(unwritten, CANNOT_CREATE);
  const record = early ?? RunRecord.open(settings.state);
  if (record !== undefined && "holder" in record) return refuse([heldProblem(settings.state, record)], CANNOT_CREATE);
  const hasControl = service !== undefined && settings.socket !== "off";
  // One that the user asks for is there, or nothing is; the other is not waited for.
  const isAskedFor = hasControl && Boolean(env[SETTINGS.socket.name]);
  const control = isAskedFor ? await openSocket(settings) : undefined;
  if (control !== undefined && "problem" in control) return refuse([control.problem], CANNOT_CREATE);
  if (port !== undefined) {
    const msg = `listening at ${port.address} for probes, metrics and status`;
    logger.log({ level: "info", msg, fields: { address: port.address } });
  }
  const request: Request = {
    ...settings,
    confdDir: staging?.confdDir ?? settings.confdDir,
    dialect: asked.dialect,
    args: settings.confdArgs,
    intervalMs: settings.confdIntervalMs,
  };
  return await supervise(
    {
      plan,
      service,
      env,
      visible,
      request,
      confdFiles,
      confd: asked,
      system: opened,
      staging,
      history,
      record,
      entrances: [port, control].filter((entrance) => entrance !== undefined),
      openLater: hasControl && !isAskedFor && record !== undefined ? () => openByDefault(settings, logger) : undefined,
      preview: preview !== undefined,
    },
    outside,
  );
}

interface StagingParts extends Pick<Attempt, "service" | "preview"> {
  visible: Environment;
  libc?: Libc;
  logger: Logger;
}

/** Where files are checked before they are put in place, and the sets that were in place, where there are to be such. */
function stagingOf(
  { settings, resources }: Plan,
  { service, preview, visible, libc, logger }: StagingParts,
): { staging?: Staging; history?: History } {
  if (!isStaged(settings, resources) && preview === undefined) return {};
  const dests = resources.map(({ dest }) => dest);
  // Operators alone want the sets from before.
  const history = service !== undefined && settings.socket !== "off"
    ? new History({ ...settings, dests, optional: optionalDests(resources), libc })
    : undefined;
  return { history, staging: new Staging({ ...settings, resources, env: visible, libc, preview, history, logger }) };
}

/** Opens the port of the endpoint; undefined where none is wanted. */
async function openPort(settings: Settings): Promise<Entrance | { problem: string } | undefined> {
  return settings.listen === "off" ? undefined : (await import("./endpoint.ts")).openTcp(settings);
}

/** Opens the control socket. */
async function openSocket(settings: Settings): Promise<Entrance | { problem: string }> {
  return await (await import("./endpoint.ts")).openControl(settings);
}

/** Opens the control socket that is there by default, where that can be done. */
async function openByDefault(settings: Settings, logger: Logger): Promise<Entrance | undefined> {
  const opened = await openSocket(settings);
  if (!("problem" in opened)) return opened;
  logger.warn(`${opened.problem}: the run goes on without a control socket`);
  return undefined;
}

function heldProblem(state: string, { holder }: { holder: number | undefined }): string {
  const who = holder === undefined ? "another confd-sidecar" : `another confd-sidecar, process ${holder}`;
  return `SIDECAR_STATE: ${state} is in use by ${who}; give each its own SIDECAR_STATE and CONFD_CONFDIR`;
}

/** Ends what a run that was killed has left running. */
async function endLeftovers({ left }: RunRecord, logger: Logger): Promise<void> {
  for (const { child, pid } of left) {
    const name = child === "confd" ? "confd" : "main program";
    logger.warn(`${name} of an earlier run that was killed still runs, as process ${pid}: ending it`);
  }
  if (left.length > 0) await endLeft(left);
}
