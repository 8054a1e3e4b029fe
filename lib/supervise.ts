/**
 * Core and host put together: everything that a run needs after its files are written.
 *
 * Touches: everything, through the host's modules.
 * @module
 */
import { followArguments, inquiryArguments, type Request } from "./confd/arguments.ts";
import { confdEnvironment, inquiryEnvironment } from "./confd/environment.ts";
import { findHints, findInSync } from "./confd/log_lines.ts";
import type { TemplateResource } from "./confd/resource.ts";
import type { ConfdFiles } from "./confd_files.ts";
import { drive, type Transition } from "./core/drive.ts";
import type { Event } from "./core/protocol.ts";
import { initialState } from "./core/state.ts";
import { askOnce } from "./host/ask_confd.ts";
import { Watcher } from "./host/destinations.ts";
import { Differences } from "./host/differences.ts";
import type { EarlySignals } from "./host/early_signals.ts";
import { Host } from "./host/host.ts";
import { LastGood } from "./host/last_good.ts";
import type { Logger } from "./host/logger.ts";
import type { Output } from "./host/output.ts";
import { children } from "./host/proc.ts";
import { type Command, isRuntimes } from "./host/processes.ts";
import { Relay } from "./host/relay.ts";
import { reload } from "./host/reload.ts";
import { openFilesAreUnknown, startService } from "./host/service.ts";
import type { System } from "./host/system.ts";
import { tell } from "./log/story.ts";
import type { Plan } from "./prepare.ts";
import { nameMatcher } from "./settings/hide.ts";
import type { Environment } from "./settings/settings.ts";

/** What is to be run. */
export interface Service {
  program: string;
  args: string[];
}

/** What a run has from its beginning. */
export interface Outside {
  logger: Logger;
  output: Output;
  signals: EarlySignals;
  /** Ends what a run has started, at once. A run that has started something puts its own here. */
  abandon: () => Promise<void>;
}

/** What is known once everything is prepared and written. */
export interface Supervision {
  plan: Plan;
  service: Service;
  env: Environment;
  request: Request;
  confdFiles: ConfdFiles;
  /** Undefined where the C library cannot be opened. */
  system?: System;
}

/** Supervises until the end; returns the exit status. */
export async function supervise(supervision: Supervision, outside: Outside): Promise<number> {
  const { logger, output, signals } = outside;
  const { plan, service, env, request, confdFiles, system } = supervision;
  const { settings, resources } = plan;
  const dests = resources.map(({ dest }) => dest);
  const { promise: ended, resolve: onExit } = Promise.withResolvers<number>();
  let post: (event: Event) => void = () => {};
  const watcher = new Watcher({
    libc: system?.libc,
    onChange: (dest, digest) => post({ type: "destinationChanged", dest, digest }),
    onTouched: (dest) => post({ type: "destinationRendered", dest }),
    onPolling: (reason) => warn(logger, `files cannot be watched (${reason}): they are looked at every second instead`),
  });
  const relay = new Relay({
    output,
    onLines: (text) => followHints(text, { resources, watcher, post: (event) => post(event) }),
    onDropped: (bytes) => warn(logger, `${bytes} bytes of what confd printed were dropped: nobody read them`),
  });
  if (openFilesAreUnknown()) {
    const msg = "main program gets the sidecar's own limit of open files: what it was before the runtime raised it " +
      "cannot be known, since the process that started the sidecar cannot be seen";
    logger.log({ level: "debug", msg });
  }
  const isHidden = nameMatcher(settings.envHide);
  const visible = Object.fromEntries(Object.entries(env).filter(([name]) => !isHidden(name)));
  const lastGood = new LastGood(settings.state);
  const followed = followArguments({ ...request, configFile: confdFiles.follow });
  const host = new Host({
    confd: confdCommand(settings.confdPath, followed, confdEnvironment(env)),
    startService: () => startService({ ...service, env, isHidden, ignored: signals.ignored, system }),
    leftBehind: () => system === undefined ? [] : children().filter(({ pid }) => !isRuntimes(pid)),
    reload: (running, signal) =>
      reload(running, { way: settings.reload, limitMs: settings.reloadTimeoutMs, env: visible, logger, signal }),
    relay,
    inquire: (signal) => inquire(supervision, signal),
    keep: () => attempt(logger, "the last good files cannot be kept", () => lastGood.keep(dests)),
    restore: async () => {
      const done = attempt(logger, "the last good files cannot be put in place", () => lastGood.restore(dests));
      return done ? await watcher.digests() : null;
    },
    onExit,
  }, (event) => post(event));
  outside.abandon = () => host.abandon();
  const onDisk = await watcher.open(dests);
  const differences = settings.diff === "none" ? undefined : new Differences(settings.diff, logger);
  post = drive(initialState(settings, onDisk, lastGood.has(dests)), {
    perform: (effect) => host.perform(effect),
    observe: (transition) => {
      for (const entry of tell(transition, () => relay.tail())) logger.log(entry);
      if (differences !== undefined) follow(differences, transition);
    },
  });
  signals.handOver((signal) => post({ type: "signalReceived", signal }));
  post({ type: "begun" });
  const status = await ended;
  await watcher.close();
  return status;
}

interface HintParts {
  resources: readonly TemplateResource[];
  watcher: Watcher;
  post: (event: Event) => void;
}

/** Takes confd's lines as hints that it is time to look. */
function followHints(text: string, { resources, watcher, post }: HintParts): void {
  for (const { dest: spelled, state } of findHints(text)) {
    const dest = resources.find((resource) => resource.spelled === spelled)?.dest;
    if (dest === undefined) continue;
    const looked = watcher.check(dest);
    // What changed is told before that it was rendered.
    if (state !== "outOfSync") looked.then(() => post({ type: "destinationRendered", dest }));
  }
}

/** Asks confd which destinations are in sync. */
async function inquire({ plan, env, request, confdFiles }: Supervision, signal: AbortSignal): Promise<string[]> {
  const args = inquiryArguments({ ...request, configFile: confdFiles.inquiry });
  const said = await askOnce(confdCommand(plan.settings.confdPath, args, inquiryEnvironment(env)), signal);
  const inSync = findInSync(request.dialect, said, plan.resources.map(({ spelled }) => spelled));
  return plan.resources.filter(({ spelled }) => inSync.includes(spelled)).map(({ dest }) => dest);
}

/** The service loads its files when it is started and when it is reloaded. */
function follow(differences: Differences, { after, effects }: Transition): void {
  for (const effect of effects) {
    if (effect.type === "spawn" && effect.child === "service") differences.remember(after.destinations.keys());
    if (effect.type === "reload") differences.tell();
  }
}

/** True if it worked; otherwise a warning says what did not. */
function attempt(logger: Logger, failure: string, act: () => void): boolean {
  try {
    act();
    return true;
  } catch (error) {
    warn(logger, `${failure}: ${(error as Error).message}`);
    return false;
  }
}

function warn(logger: Logger, msg: string): void {
  logger.log({ level: "warn", msg });
}

function confdCommand(program: string, args: readonly string[], env: Environment): Command {
  return { program, args, env, streams: "pipe", ownGroup: true };
}
