/**
 * One run, from the command line to the exit status: prepares, writes, and then lets the core and the host work.
 *
 * Touches: everything, through the host's modules.
 * @module
 */
import { dialectProblems } from "./confd/backends.ts";
import { INQUIRY_KEYS, overridingKeys, withoutKeys } from "./confd/confd_toml.ts";
import { followArguments, inquiryArguments, type Request } from "./confd/arguments.ts";
import { confdEnvironment, inquiryEnvironment } from "./confd/environment.ts";
import { findHints, findInSync } from "./confd/log_lines.ts";
import { drive } from "./core/drive.ts";
import { CANNOT_CREATE, CONFIG, signalName, statusOfSignal } from "./core/exit_status.ts";
import type { Event } from "./core/protocol.ts";
import { initialState } from "./core/supervisor.ts";
import { askDialect, askOnce } from "./host/ask_confd.ts";
import { Watcher } from "./host/destinations.ts";
import { Host } from "./host/host.ts";
import { Logger } from "./host/logger.ts";
import { Output } from "./host/output.ts";
import { nameOf, parentOf } from "./host/paths.ts";
import { openLibc } from "./host/libc.ts";
import { children, signalMasks } from "./host/proc.ts";
import { type Command, isRuntimes, SpawnError } from "./host/processes.ts";
import { type File, provision } from "./host/provision.ts";
import { Relay } from "./host/relay.ts";
import { Reaper } from "./host/reaper.ts";
import { type ServiceOptions, startService } from "./host/service.ts";
import { listen } from "./host/signals.ts";
import { tell } from "./log/story.ts";
import { type Plan, prepare } from "./prepare.ts";
import { nameMatcher } from "./settings/hide.ts";
import type { Environment } from "./settings/settings.ts";

/** How long the last lines of the log may take to be written at the end, in milliseconds. */
const LAST_FLUSH_MS = 1000;

/** SIGPIPE, which the runtime ignores at its start: what it was before cannot be known. */
const RUNTIMES_OWN = 1n << 12n;

/** What is to be run. */
export interface Service {
  program: string;
  args: string[];
}

/** Runs a service under confd until it ends; returns the exit status. */
export async function run(service: Service, env: Environment): Promise<number> {
  const output = new Output();
  const logger = new Logger(output);
  const signals = listenEarly();
  const status = await Promise.race([signals.early, attempt(service, env, { logger, output, signals })]);
  await output.flush(LAST_FLUSH_MS);
  return status;
}

interface Outside {
  logger: Logger;
  output: Output;
  signals: ReturnType<typeof listenEarly>;
}

/**
 * Listens before there is a supervisor: as PID 1, a signal without a handler would simply be lost. Until signals are
 * handed over, TERM and INT end the run and the others are nobody's.
 */
function listenEarly() {
  const ignored = signalMasks("self")?.ignored ?? 0n;
  const ended = new AbortController();
  const { promise: early, resolve } = Promise.withResolvers<number>();
  let onSignal = (signal: string) => {
    if (signal !== "SIGTERM" && signal !== "SIGINT") return;
    ended.abort();
    resolve(statusOfSignal(signal));
  };
  listen((signal) => onSignal(signal));
  const handOver = (to: (signal: string) => void) => {
    onSignal = to;
  };
  return { early, ended: ended.signal, handOver, ignored: ignored & ~RUNTIMES_OWN };
}

/** Prepares, writes, supervises; each step only if those before it found nothing wrong. */
async function attempt(service: Service, env: Environment, outside: Outside): Promise<number> {
  const { logger, signals } = outside;
  const { plan, warnings, problems, status } = prepare(env, service.program);
  const { settings } = plan;
  logger.level = settings.logLevel ?? logger.level;
  logger.format = settings.logFormat ?? logger.format;
  const refuse = (sentences: readonly string[], status: number) => {
    for (const msg of sentences) logger.log({ level: "error", msg });
    return status;
  };
  if (problems.length > 0) return refuse(problems, status);
  for (const msg of warnings) logger.log({ level: "warn", msg });
  const command = [service.program, ...service.args];
  logger.log({
    level: "info",
    msg: `main program and arguments to be run: [${command.join(" ")}]`,
    fields: { command },
  });
  const asked = await askDialect(settings.confdPath, signals.ended).catch((error) => error as SpawnError);
  if (asked instanceof SpawnError) return refuse([`CONFD_PATH: ${asked.message}`], asked.status);
  if (typeof asked === "object") return refuse([`CONFD_PATH: ${asked.problem}`], CONFIG);
  const wrong = dialectProblems(settings.backend, asked);
  if (wrong.length > 0) return refuse(wrong, CONFIG);
  const confdFiles = privateConfdFiles(plan);
  if (confdFiles.ignored.length > 0) logger.log({ level: "warn", msg: ignoredSentence(plan, confdFiles.ignored) });
  const unwritten = writeFiles(plan, confdFiles.files, logger);
  if (unwritten.length > 0) return refuse(unwritten, CANNOT_CREATE);
  const request: Request = {
    ...settings,
    dialect: asked,
    args: settings.confdArgs,
    intervalMs: settings.confdIntervalMs,
  };
  return await supervise(plan, { service, env, outside, request, confdFiles });
}

/** What confd reads instead of its own settings file, where that contradicts us. */
interface ConfdFiles {
  files: File[];
  /** The keys that confd does not get to see. */
  ignored: string[];
  /** Paths of the private copies; undefined: confd reads its own file. */
  follow?: string;
  inquiry?: string;
}

function privateConfdFiles({ settings, confdToml }: Plan): ConfdFiles {
  const result: ConfdFiles = { files: [], ignored: [] };
  if (confdToml === undefined) return result;
  const copy = (name: string, keys: readonly string[]) => {
    const path = `${settings.state}/${name}`;
    result.files.push({ path, content: withoutKeys(confdToml, keys) });
    return path;
  };
  result.ignored = overridingKeys(confdToml.keys, settings.nodes);
  if (result.ignored.length > 0) result.follow = copy("confd.toml", result.ignored);
  const misleading = confdToml.keys.filter((key) => INQUIRY_KEYS.includes(key));
  const hidden = [...result.ignored, ...misleading];
  result.inquiry = misleading.length > 0 ? copy("confd-inquiry.toml", hidden) : result.follow;
  return result;
}

function ignoredSentence({ configFile }: Plan, keys: readonly string[]): string {
  return `${configFile} sets ${
    keys.map((key) => `'${key}'`).join(", ")
  }, which the sidecar decides: confd is given a ` +
    "copy without";
}

/** Writes confd's files and makes the folders of destinations; returns what went wrong. */
function writeFiles({ settings, files, resources }: Plan, confdFiles: readonly File[], logger: Logger): string[] {
  const { confdDir, state } = settings;
  const wanted = files.map(({ folder, name, content }) => ({ path: `${confdDir}/${folder}/${name}`, content }));
  const folders = resources.map(({ dest }) => parentOf(dest));
  const guarded = new Set(wanted.flatMap(({ path }) => [confdDir, parentOf(path)]));
  if (confdFiles.length > 0) guarded.add(state);
  const done = provision({ files: [...wanted, ...confdFiles], folders, guarded: [...guarded] });
  if ("problems" in done) return done.problems;
  for (const path of done.written) {
    if (confdFiles.some((file) => file.path === path)) continue;
    const kind = parentOf(path).endsWith("/conf.d") ? "conf.d" : "template";
    logger.log({ level: "info", msg: `creating / updating confd ${kind} file ${nameOf(path)}`, fields: { path } });
  }
  return [];
}

interface Supervision {
  service: Service;
  env: Environment;
  outside: Outside;
  request: Request;
  confdFiles: ConfdFiles;
}

/** Puts core and host together and lets them work until the end. */
async function supervise(plan: Plan, { service, env, outside, request, confdFiles }: Supervision): Promise<number> {
  const { settings, resources } = plan;
  const { logger, output, signals } = outside;
  const { promise: ended, resolve: onExit } = Promise.withResolvers<number>();
  const bySpelling = new Map(resources.map(({ spelled, dest }) => [spelled, dest]));
  let post: (event: Event) => void = () => {};
  const watcher = new Watcher({
    onChange: (dest, digest) => post({ type: "destinationChanged", dest, digest }),
    onTouched: (dest) => post({ type: "destinationRendered", dest }),
    onPolling: (reason) =>
      logger.log({
        level: "warn",
        msg: `files cannot be watched (${reason}): they are looked at every second instead`,
      }),
  });
  const relay = new Relay({
    output,
    onLines: (text) => {
      for (const { dest: spelled, state } of findHints(text)) {
        const dest = bySpelling.get(spelled);
        if (dest === undefined) continue;
        const looked = watcher.check(dest);
        // What changed is told before that it was rendered.
        if (state !== "outOfSync") looked.then(() => post({ type: "destinationRendered", dest }));
      }
    },
    onDropped: (bytes) =>
      logger.log({ level: "warn", msg: `${bytes} bytes of what confd printed were dropped: nobody read them` }),
  });
  const inquire = async (signal: AbortSignal) => {
    const args = inquiryArguments({ ...request, configFile: confdFiles.inquiry });
    const said = await askOnce(confdCommand(settings.confdPath, args, inquiryEnvironment(env)), signal);
    return findInSync(request.dialect, said, [...bySpelling.keys()]).map((spelled) => bySpelling.get(spelled)!);
  };
  const followed = followArguments({ ...request, configFile: confdFiles.follow });
  const confd = confdCommand(settings.confdPath, followed, confdEnvironment(env));
  const system = openSystem(logger);
  const isHidden = nameMatcher(settings.envHide);
  const host = new Host({
    confd,
    startService: () => startService({ ...service, env, isHidden, ignored: signals.ignored, system }),
    leftBehind: () => system === undefined ? [] : children().filter(({ pid }) => !isRuntimes(pid)),
    relay,
    inquire,
    onExit,
  }, (event) => post(event));
  const onDisk = await watcher.open(resources.map(({ dest }) => dest));
  post = drive(initialState(settings, onDisk), {
    perform: (effect) => host.perform(effect),
    observe: (transition) => tell(transition, () => relay.tail()).forEach((entry) => logger.log(entry)),
  });
  signals.handOver((signal) => post({ type: "signalReceived", signal }));
  post({ type: "begun" });
  const status = await ended;
  watcher.close();
  return status;
}

/** The C library, and the reaper that works with it; undefined, and a warning, where it cannot be opened. */
function openSystem(logger: Logger): ServiceOptions["system"] {
  const { libc, ...rest } = openLibc();
  if (libc === undefined) {
    const reason = "reason" in rest ? rest.reason : "";
    const msg = `the C library cannot be opened (${reason}): orphans are not reaped, and main program gets an ` +
      "environment without what is not UTF-8, a raised limit of open files, and no terminal to itself";
    logger.log({ level: "warn", msg });
    return undefined;
  }
  const reaper = new Reaper({ libc, isRuntimes, signalName });
  if (Deno.pid !== 1) reaper.becomeSubreaper();
  return { libc, reaper };
}

function confdCommand(program: string, args: readonly string[], env: Environment): Command {
  return { program, args, env, streams: "pipe", ownGroup: true };
}
